"""Lists that come anew every day.

As the watch file names them (tables), their addresses (addresses), how they are brought here
(fetching), what is kept of them (keeping), and their rows (reading).
Used by the source `registrations`.
May import: namaak.durable, namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""
