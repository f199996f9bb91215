"""namaak: finds what poses as a brand, ranks it as cases, keeps the evidence."""

__version__ = "0.1.0"
