-- Writes down that a person asked for a case; asked for again, the last word counts.
-- Grain: one row. Key: case_id. Binds: case_id, brand_id, subject_key, reason, url, actor, now.
-- Reads: hand_opened. Read by: Desk.open_case.
insert into hand_opened (
    case_id, brand_id, subject_key, reason, url, actor, opened_at, updated_at
)
values ($case_id, $brand_id, $subject_key, $reason, $url, $actor, $now, $now)
on conflict (case_id) do update set
    reason = excluded.reason,
    url = coalesce(excluded.url, hand_opened.url),
    actor = excluded.actor,
    updated_at = excluded.updated_at;
