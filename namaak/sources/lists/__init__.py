"""How lists are read, whatever their format: for the source `files` and any that downloads lists.

Formats from the outside in: opening (gz, zip, limits), lines, tables, delimited, parquet;
then columns (which is what), facts (raw text to observations), pictures, batching; listing
puts them together. Pure but for opening and pictures.
May import: namaak.records, namaak.errors, namaak.sources.base, namaak.sources.hosts.
"""
