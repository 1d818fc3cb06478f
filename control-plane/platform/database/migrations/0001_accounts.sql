create table accounts (
  id text primary key,
  wallet text not null unique,
  created_at_ms bigint not null
);

-- Sign-in messages that were given out; a row goes when it is used, so each can be used once.
create table sign_in_challenges (
  nonce text primary key,
  wallet text not null,
  message text not null,
  expires_at_ms bigint not null
);

-- Sign-in tokens (name is null) and API keys. Secrets are random: their SHA-256 is enough.
create table access_keys (
  id text primary key,
  account_id text not null references accounts (id),
  secret_sha256 bytea not null unique,
  name text,
  scopes jsonb not null,
  created_at_ms bigint not null,
  expires_at_ms bigint not null
);
create index access_keys_of_account on access_keys (account_id, id) where name is not null;

-- Answers to writes with an Idempotency-Key; status is null while the call runs.
create table idempotent_answers (
  account_id text not null,
  key text not null,
  endpoint text not null,
  request_sha256 text not null,
  status integer,
  answer jsonb,
  created_at_ms bigint not null,
  primary key (account_id, key)
);
