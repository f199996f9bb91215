-- Lets an instance go on, and keeps who said so.
-- Grain: the open rows of one instance. Key: source, instance, number.
update stops
set resumed_at = :at, resumed_by = :actor
where source = :source and instance = :instance and resumed_at is null;
