-- The transactions that were sent for an escrow: what they did accounts for it, whatever strangers have sent besides.
create table announced_transactions (
  escrow text not null references settlements (escrow),
  signature text not null,
  announced_at_ms bigint not null,
  primary key (escrow, signature)
);

-- How far back a closed escrow's transactions have been read where ours alone do not account for it.
create table history_cursors (
  escrow text primary key references settlements (escrow),
  -- The oldest transaction that was read.
  before text,
  received numeric(40, 0) not null,
  complete boolean not null
);

-- Those that took something out of it, newest first.
create table history_payments (
  escrow text not null references history_cursors (escrow) on delete cascade,
  position integer not null,
  signature text not null,
  -- By how much each wallet has more of the escrow's currency, in base units.
  changes jsonb not null,
  primary key (escrow, position)
);
