"""Zones: reading them, finding what is new in them, and getting them.

From the inside out: presentation (names and tokens of RFC 1035), tolerant (one record at a time),
reading (millions of lines), delegations (which owners are registrations), siphash and diffing
(what is new since yesterday), serials, snapshots (what is kept of an edition), comparing (whether
two editions may be compared), editions (a zone as batches), wire and transfer (AXFR), czds_api.
The sources `czds` and `axfr` put them together.
May import: namaak.durable, namaak.errors, namaak.fetch, namaak.records, namaak.sources.*.
"""
