"""When things happen: one thin file per Prefect flow. No detection, no parsing, no SQL.

May import: namaak, detectors. Nobody imports flows; `namaak run` starts `python -m flows.run`.
"""

import namaak  # noqa: F401 - sets up the process before numpy is loaded
