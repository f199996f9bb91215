"""What Bluesky's network says of identities, for the three sources that read it.

An account is a DID for ever; its handle is a domain name that it may change at any time.
Specifications: atproto.com/specs/did and /handle, read 2026. May import: nothing of ours.
"""
