-- When a lease that was hired at the interruptible price ends because its supplier takes the node back.
alter table leases add column reclaim_at_ms bigint;
