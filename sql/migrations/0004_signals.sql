-- Why each case ranks where it does.
-- Grain: one row per signal of a case. Key: (case_id, position).
-- Read by: case_detail, read_case. Written by: casebook/insert_signals.sql.
create table signals (
    case_id varchar not null,
    position integer not null,
    name varchar not null,
    says varchar not null,
    raw varchar not null,
    weight double not null,
    contribution double not null,
    detector varchar not null,
    primary key (case_id, position)
);

comment on table signals is 'Named, explained pieces of evidence as the ranking last weighed them';
comment on column signals.case_id is 'See cases';
comment on column signals.position is 'Order in which the ranking gave them, from 0';
comment on column signals.name is 'Stable name, as in name.same-label';
comment on column signals.says is 'One sentence for a person';
comment on column signals.raw is 'The value seen, as text';
comment on column signals.weight is 'Of this kind of evidence, natural-log odds';
comment on column signals.contribution is 'What it added to the score; negative speaks against';
comment on column signals.detector is 'Name and version of what saw it';
