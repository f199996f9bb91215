-- What the scorecard of names weighed, and the series a case belongs to.
-- Grain: as before, one row per match, case, file and brand. Key: match_id; case_id; ...
-- Read by: rows_to_rank.sql, inbox, find_cases. Written by: insert_matches.sql, insert_cases.sql,
-- insert_loads.sql.
alter table matches add column kinds varchar[];
alter table matches add column evidence map(varchar, float);
alter table loads add column faint bigint default 0;
alter table cases add column series varchar;
alter table cases add column evidence double;

comment on column matches.kinds is 'The resemblance in the field''s words, as in keyboard-adjacent; null for pictures';
comment on column matches.evidence is 'What the scorecard of names weighed, feature to value; null for pictures';
comment on column loads.faint is 'Names too faintly like the brand to be kept as a match';
comment on column cases.evidence is 'What the signals add up to, natural-log odds; tells equal scores apart';
comment on column cases.series is 'The registrable label without digits and hyphens, which names of one campaign share; null when it has none';
