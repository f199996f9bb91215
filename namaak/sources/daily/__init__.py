"""Lists that come anew every day: their addresses (addresses) and what is kept of them (keeping).

Used by the source `registrations`.
May import: namaak.durable, namaak.errors, namaak.sources.base.
"""
