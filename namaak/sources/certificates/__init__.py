"""Certificate Transparency, as it is read from logs: how they are served, and which there are.

What is only computed (hashes, heads, leaves, names) lies in namaak.transparency.
"""
