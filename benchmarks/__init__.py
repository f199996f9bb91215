"""Speed and quality, run by a person: `python -m benchmarks.NAME --help`.

Results are JSON lines on stdout, talk goes to stderr. Nothing here is part of the product.
May import: namaak, detectors. Nobody imports benchmarks, its tests aside.
"""
