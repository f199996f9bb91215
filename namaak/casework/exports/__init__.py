"""Cases for other programs: tables for anybody, STIX 2.1 and MISP for those that speak it.

May import: namaak.casework.reading, namaak.casework.notices.reading, namaak.records, namaak.errors.
"""

from namaak.casework.exports.tables import EXPORT_SCHEMA, write_cases

__all__ = ["EXPORT_SCHEMA", "write_cases"]
