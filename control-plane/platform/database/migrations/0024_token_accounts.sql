-- Token accounts that the payer has made for others: never a second one for the same wallet and mint, or a wallet that
-- closes its account again and again would live on our rent.
create table token_accounts_made (
  wallet text not null,
  mint text not null,
  -- The transaction that makes it, written before that is sent.
  signature text not null,
  landed boolean not null default false,
  primary key (wallet, mint)
);
