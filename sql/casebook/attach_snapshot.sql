-- Opens the published casebook read-only under its own name. `attach` takes no bound values in
-- DuckDB 1.5, so the reader puts the quoted path in the place of :path.
-- Grain: none. Key: none.
-- Read by: namaak/casework/reading.py.
attach :path as casebook (read_only);
use casebook;
