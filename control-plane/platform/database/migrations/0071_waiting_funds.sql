-- How often a waiting request was refused for its wallet's sake, one time after the other; and when its wallet last showed
-- an hour's price (null: not since it was refused). Nothing is promised to whom that was not seen of lately.
alter table requests add column refusals integer not null default 0;
alter table requests add column funds_seen_at_ms bigint;
