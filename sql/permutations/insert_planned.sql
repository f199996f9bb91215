-- A name of the batch to come.
-- Grain: one row. Key: position. Read by: namaak/sources/permuting/memory.py.
insert into planned (position, host, fingerprint, state, planned_at)
values (:position, :host, :fingerprint, :state, :planned_at);
