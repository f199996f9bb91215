"""What a lookalike is: pure functions over names, images and profiles.

No I/O but the package's own data tables, no clock, no Prefect. Arrow in, matches out.
May import: namaak.records, namaak.brands.
"""
