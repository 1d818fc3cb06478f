create table quotes (
  id text primary key,
  account_id text not null references accounts (id),
  demand jsonb not null,
  leases jsonb not null,
  fee_bps integer not null,
  deposit numeric(20,0) not null,
  expires_at_ms bigint not null
);

create table reservations (
  id text primary key,
  account_id text not null references accounts (id),
  wallet text not null,
  quote_id text not null unique references quotes (id),
  cluster_id text not null unique,
  state text not null,
  reason text,
  escrow_address text not null unique,
  escrow_number numeric(20,0) not null,
  mint text not null,
  deposit numeric(20,0) not null,
  fee_bps integer not null,
  leases jsonb not null,
  created_at_ms bigint not null,
  expires_at_ms bigint not null,
  -- true when its escrow needs no more looks
  escrow_judged boolean not null default false
);
create index reservations_of_account on reservations (account_id, id);
create index reservations_held on reservations (expires_at_ms) where state = 'held';
create index reservations_unjudged on reservations (expires_at_ms) where not escrow_judged;
create index reservations_expired_of_wallet on reservations (wallet, expires_at_ms) where state = 'expired';

-- Which GPU is held by which lease. The index makes it impossible to hold one GPU twice.
create table held_gpus (
  node_id text not null references nodes (id),
  gpu_index integer not null,
  reservation_id text not null,
  lease_id text not null,
  released boolean not null default false,
  primary key (lease_id, gpu_index)
);
create unique index held_gpus_once on held_gpus (node_id, gpu_index) where not released;
create index held_gpus_of_reservation on held_gpus (reservation_id) where not released;
