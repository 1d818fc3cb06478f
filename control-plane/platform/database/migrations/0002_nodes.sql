create table enrolment_tokens (
  token_sha256 bytea primary key,
  account_id text not null references accounts (id),
  supplier_kind text not null,
  uses integer not null,
  used integer not null default 0 check (used >= 0 and used <= uses),
  expires_at_ms bigint not null
);

create table nodes (
  id text primary key,
  account_id text not null references accounts (id),
  wallet text not null,
  supplier_kind text not null,
  public_key bytea not null unique,
  state text not null,
  hardware jsonb,
  terms jsonb,
  readiness jsonb,
  agent_version text,
  -- its agent says that it holds leases that have not ended
  holds_leases boolean not null default false,
  enrolled_at_ms bigint not null,
  last_seen_at_ms bigint
);
create index nodes_of_account on nodes (account_id, id);
create index nodes_by_state on nodes (state);
