-- Whether any tie between cases is another than before.
-- Grain: one row. Key: none.
-- Reads: staged_edges, campaign_edges. Read by: Campaigns.record_campaigns.
select
    exists (
        select * from staged_edges
        except
        select * from campaign_edges
    )
    or exists (
        select * from campaign_edges
        except
        select * from staged_edges
    ) as changed;
