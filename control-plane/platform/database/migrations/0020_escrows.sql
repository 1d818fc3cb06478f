-- What the chain said about the escrow of a reservation: equal to it field by field (funded), or not (refused).
create table escrows (
  address text primary key,
  reservation_id text not null unique,
  cluster_id text not null unique,
  account_id text not null,
  engineer text not null,
  mint text not null,
  deposited numeric(20, 0) not null,
  fee_bps integer not null,
  minimum_seconds integer not null,
  opened_slot numeric(20, 0) not null,
  opened_at_ms bigint not null,
  -- The reservation's leases as they were compared with the chain's; their order is the escrow's table.
  leases jsonb not null,
  state text not null check (state in ('funded', 'refused')),
  reason text check ((state = 'refused') = (reason is not null)),
  seen_at_ms bigint not null,
  started_at_ms bigint check (started_at_ms is null or state = 'funded'),
  settled_at_ms bigint
);

create index escrows_to_start on escrows (seen_at_ms) where state = 'funded' and started_at_ms is null;
create index escrows_to_refund on escrows (seen_at_ms) where state = 'refused' and settled_at_ms is null;
