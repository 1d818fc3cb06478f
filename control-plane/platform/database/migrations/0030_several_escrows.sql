-- A cluster with more leases than one escrow's table holds has several escrows, which share its leases in their order.
alter table reservations add column escrows jsonb;
update reservations set escrows = jsonb_build_array(jsonb_build_object(
  'address', escrow_address,
  'number', escrow_number::text,
  'deposit', deposit::text,
  'firstLease', 0,
  'leaseCount', jsonb_array_length(leases)
));
alter table reservations alter column escrows set not null;
alter table reservations drop column escrow_address, drop column escrow_number;

-- What an escrow's row has is its own part of the reservation's leases.
alter table escrows add column position integer not null default 0 check (position >= 0);
alter table escrows alter column position drop default;
alter table escrows drop constraint escrows_reservation_id_key;
alter table escrows drop constraint escrows_cluster_id_key;
alter table escrows add constraint escrows_once unique (reservation_id, position);
create index escrows_of_cluster on escrows (cluster_id, position);

-- The index of a lease is its place in the cluster; its place in its escrow's table is another one.
alter table leases add column escrow text;
alter table leases add column escrow_index integer check (escrow_index >= 0);
update leases set escrow = clusters.escrow, escrow_index = index
  from clusters where clusters.id = leases.cluster_id;
alter table leases alter column escrow set not null;
alter table leases alter column escrow_index set not null;
alter table leases add constraint leases_once_in_escrow unique (escrow, escrow_index);
alter table clusters drop column escrow;

alter table readings drop constraint readings_cluster_id_key;
create index readings_of_cluster on readings (cluster_id);
alter table settlements drop constraint settlements_cluster_id_key;
create index settlements_of_cluster on settlements (cluster_id);
