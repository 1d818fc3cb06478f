-- The newest price that was taken from a price account: an older one is never taken again. Unix seconds.
create table oracle_prices (
  account text primary key,
  publish_time bigint not null
);

-- At which price of SOL a quote's rates were turned into lamports; null in other currencies.
alter table quotes add column sol_price jsonb;
