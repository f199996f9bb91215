"""What the source `permutations` keeps between runs, apart from the asking itself.

May import: namaak.errors, namaak.resolving, namaak.sqlfiles.
"""
