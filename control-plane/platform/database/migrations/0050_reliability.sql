-- What became of the time each node was hired for: sums over its leases, each added once.
create table node_history (
  node_id text primary key,
  leases integer not null,
  promised_seconds bigint not null check (promised_seconds >= 0),
  delivered_seconds bigint not null check (delivered_seconds between 0 and promised_seconds)
);

-- Whether a lease of a settled cluster is in its node's history.
alter table leases add column in_history boolean not null default false;
create index leases_to_history on leases (cluster_id) where not in_history;
