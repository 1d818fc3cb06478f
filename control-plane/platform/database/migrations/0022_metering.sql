create table statements (
  lease_id text not null,
  sequence integer not null,
  at_ms bigint not null,
  gpus jsonb not null,
  peers_alive jsonb,
  previous text not null,
  hash text not null,
  signature text not null,
  received_at_ms bigint not null,
  primary key (lease_id, sequence)
);

create index statements_by_time on statements (lease_id, at_ms);

-- How far a lease has been counted; what was counted stays counted.
create table lease_meters (
  lease_id text primary key,
  cluster_id text not null,
  next_sequence integer not null default 0,
  last_hash text,
  last_at_ms bigint,
  counted_through integer not null default 0,
  counted_ms bigint not null default 0 check (counted_ms >= 0),
  -- The agent has said all it had to say about this lease.
  sealed boolean not null default false
);

create index lease_meters_of_cluster on lease_meters (cluster_id);

-- The newest signed reading of each escrow. A final one is never replaced.
create table readings (
  escrow text primary key,
  cluster_id text not null unique,
  meter text not null,
  reading text not null,
  signature text not null,
  -- The seconds it says, by lease index.
  seconds jsonb not null,
  final boolean not null,
  signed_at_ms bigint not null
);
