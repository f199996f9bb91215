"""Profiles and apps as platforms show them: what every source of accounts shares.

A platform is asked questions (search for a name, look up handles, look again at what is a case
already), page by page and round after round; what differs between platforms is one file each in
the package above. May import: namaak.brands, namaak.errors, namaak.fetch, namaak.records,
namaak.platforms, namaak.sources.base.
"""
