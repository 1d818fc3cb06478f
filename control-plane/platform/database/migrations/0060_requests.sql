-- Demands that wait until they can be met. Oldest first by queued_at_ms; a request whose hold lapsed is queued anew.
create table requests (
  id text primary key,
  account_id text not null references accounts (id),
  wallet text not null,
  demand jsonb not null,
  gpu_model text not null,
  leases_per_escrow integer not null,
  wait_until_ms bigint not null,
  state text not null check (state in ('waiting', 'held', 'fulfilled', 'expired', 'cancelled')),
  reason text,
  created_at_ms bigint not null,
  queued_at_ms bigint not null,
  -- Holds that were not funded in time, or whose escrows were refused.
  lapses integer not null default 0,
  -- The quote that is booked for it; written before it is booked, so that a booking is found again after a crash.
  quote_id text,
  reservation_id text check (state <> 'held' or reservation_id is not null),
  -- Its booking was refused for its wallet's sake: not tried again before.
  try_after_ms bigint not null default 0,
  -- What was last told of its waiting.
  told_at_ms bigint,
  position integer,
  waits_for jsonb,
  earliest_ms bigint
);
create index requests_open on requests (queued_at_ms, id) where state in ('waiting', 'held');
create index requests_of_account on requests (account_id, created_at_ms desc, id);

create table request_events (
  id bigint generated always as identity primary key,
  request_id text not null references requests (id),
  at_ms bigint not null,
  event text not null,
  detail text,
  reservation_id text
);
create index request_events_of_request on request_events (request_id, id);

-- GPUs kept for a request from a time on: whoever else takes them must be gone by then.
create table gpu_promises (
  node_id text not null,
  request_id text not null,
  gpus bigint not null check (gpus <> 0),
  from_ms bigint not null,
  primary key (node_id, request_id)
);
