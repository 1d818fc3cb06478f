create table settlements (
  escrow text primary key,
  cluster_id text not null unique,
  state text not null check (state in ('open', 'settling', 'settled')),
  deposited numeric(20, 0) not null,
  fee numeric(20, 0) not null default 0,
  refunded numeric(20, 0) not null default 0,
  refund_signature text,
  -- The transaction that was about to be sent when this row was last written.
  intended_signature text,
  last_paid_at_ms bigint not null,
  attempts integer not null default 0,
  retry_at_ms bigint not null default 0,
  settled_at_ms bigint check ((state = 'settled') = (settled_at_ms is not null))
);

create table payouts (
  escrow text not null references settlements (escrow),
  lease_index integer not null,
  lease_id text not null,
  supplier text not null,
  seconds integer not null,
  paid numeric(20, 0) not null,
  fee numeric(20, 0) not null,
  signature text,
  primary key (escrow, lease_index)
);
