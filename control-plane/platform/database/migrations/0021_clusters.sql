create table clusters (
  id text primary key,
  account_id text not null,
  escrow text not null unique,
  state text not null check (state in ('forming', 'ready', 'degraded', 'stopping', 'closed', 'failed')),
  reason text,
  -- Ray's token authentication, one a cluster.
  ray_token text not null,
  created_at_ms bigint not null,
  ready_at_ms bigint,
  -- Settled and done, whichever way it ended.
  closed_at_ms bigint
);

create index clusters_of_account on clusters (account_id, created_at_ms desc, id);
create index clusters_alive on clusters (id) where closed_at_ms is null;

create table leases (
  id text primary key,
  cluster_id text not null references clusters (id),
  -- Its place in the escrow's table.
  index integer not null,
  node_id text not null,
  role text not null check (role in ('head', 'worker')),
  -- What was agreed: a quoted lease of the protocol.
  agreed jsonb not null,
  max_seconds integer not null check (max_seconds > 0),
  phase text not null check (phase in ('assigned', 'preparing', 'joined', 'ended')),
  reason text check ((phase = 'ended') = (reason is not null)),
  delivered_seconds integer not null default 0 check (delivered_seconds between 0 and max_seconds),
  assigned_at_ms bigint not null,
  joined_at_ms bigint,
  stop_asked_at_ms bigint,
  stop_reason text check ((stop_asked_at_ms is null) = (stop_reason is null)),
  ended_at_ms bigint check ((phase = 'ended') = (ended_at_ms is not null)),
  -- The agent itself has said that it ended; an agent that has not is still told to stop it.
  acknowledged boolean not null default false,
  unique (cluster_id, index)
);

create unique index leases_one_head on leases (cluster_id) where role = 'head';
create index leases_held_by_node on leases (node_id) where not acknowledged;

create table cluster_events (
  id bigserial primary key,
  cluster_id text not null references clusters (id),
  at_ms bigint not null,
  event text not null,
  detail text
);

create index cluster_events_of_cluster on cluster_events (cluster_id, id);

-- Since when this control plane has been watching without a break: silence before that is nobody's fault but ours.
create table cluster_watch (
  one boolean primary key default true check (one),
  since_ms bigint not null,
  last_ms bigint not null
);
