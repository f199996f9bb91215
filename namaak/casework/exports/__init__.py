"""Cases for other programs: tables for anybody, STIX 2.1 and MISP for those that speak it.

May import: namaak.casework.reading, contacts.facts, notices.reading and evidence.material,
namaak.records, errors and visible.
"""

from namaak.casework.exports.tables import EXPORT_SCHEMA, write_cases

__all__ = ["EXPORT_SCHEMA", "write_cases"]
