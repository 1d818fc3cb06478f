-- What a cluster's rates and payments are in.
alter table clusters add column currency text not null default 'USDC' check (currency in ('USDC', 'SOL'));
