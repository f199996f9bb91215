"""The fictional world of the examples: companies, host names, profiles, apps and pictures.

Every file here makes one sort of thing from a seeded random source that the caller passes.
May import: the standard library and Pillow; nothing of namaak, so that the examples test the
program instead of repeating it.
"""
