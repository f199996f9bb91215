"""namaak: finds what poses as a brand, ranks it as cases, keeps the evidence."""

import os

# Products of small matrices are what keypoints cost. Threads of the linear algebra library would
# wait for one another at each, for five to ten times the CPU; it reads this once, with numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
