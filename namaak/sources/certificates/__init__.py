"""Certificate Transparency, without the network: what logs sign, how they hash, what they hold.

Pure functions over bytes that a log served; readers and the source of this name use them.
Specifications: RFC 6962, and the C2SP notes static-ct-api, tlog-checkpoint and signed-note.
"""
