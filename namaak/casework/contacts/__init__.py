"""Whom to write to about a case, by which way, in which order, and what to try after that.

A file for each step: facts of a case, providers that they point to, contacts found in what was
answered or looked up, their order; and the ladder, which says who is next.
May import: namaak.casework.reading, namaak.platforms, namaak.records, namaak.fetch, namaak.errors,
detectors.suffixes.
"""
