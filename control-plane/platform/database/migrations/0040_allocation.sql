-- Which GPU is held by which lease, in a form that one writer can change thousands of times a second: a row a lease, its
-- GPUs a set of bits (bit i is the GPU with index i). Before, it was a row a GPU.

-- Which GPUs of each node are held: the union of its rows in gpu_holds, kept by triggers. This is what makes it impossible
-- to hold a GPU twice: whoever writes a hold, a bit that is set can't be set again.
-- `slot` is a short name for the node: a key of four bytes.
create table gpu_nodes (
  slot integer generated always as identity primary key,
  node_id text not null unique references nodes (id),
  held bigint not null default 0
) with (fillfactor = 50);

insert into gpu_nodes (node_id) select id from nodes;

create function add_gpu_nodes() returns trigger language plpgsql as $$
begin
  insert into gpu_nodes (node_id) select id from enrolled;
  return null;
end $$;
create trigger nodes_are_gpu_nodes after insert on nodes
  referencing new table as enrolled for each statement execute function add_gpu_nodes();

-- A hold with `released` set has ended, but its GPUs are free only when the writer has taken the row away.
create table gpu_holds (
  lease_id text primary key,
  reservation_id text not null,
  slot integer not null,
  gpus bigint not null check (gpus <> 0),
  released boolean not null default false
);
create index gpu_holds_released on gpu_holds (lease_id) where released;

-- Nodes are found by their key, however large a group is: the plan is kept, and the first group may be a small one.
create function mark_gpus_held() returns trigger language plpgsql set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  asked integer;
  marked integer;
begin
  with wanted as materialized (
    select slot, bit_or(gpus) as gpus, sum(gpus) as total from added group by slot
  ), changed as (
    -- Sets of bits that do not overlap add up to their union.
    update gpu_nodes set held = held | wanted.gpus from wanted
    where gpu_nodes.slot = wanted.slot and held & wanted.gpus = 0 and wanted.total = wanted.gpus
    returning 1
  )
  select (select count(*) from wanted), (select count(*) from changed) into asked, marked;
  if asked <> marked then
    raise exception 'a GPU is held already, or its node is unknown' using errcode = 'exclusion_violation';
  end if;
  return null;
end $$;
create trigger gpu_holds_added after insert on gpu_holds
  referencing new table as added for each statement execute function mark_gpus_held();

create function mark_gpus_free() returns trigger language plpgsql set enable_hashjoin = off set enable_mergejoin = off as $$
begin
  update gpu_nodes set held = held & ~freed.gpus
  from (select slot, bit_or(gpus) as gpus from gone group by slot) freed
  where gpu_nodes.slot = freed.slot;
  return null;
end $$;
create trigger gpu_holds_gone after delete on gpu_holds
  referencing old table as gone for each statement execute function mark_gpus_free();

create function keep_gpus_held() returns trigger language plpgsql as $$
begin
  raise exception 'what a hold holds never changes: take it away and write another' using errcode = 'restrict_violation';
end $$;
create trigger gpu_holds_kept before update of lease_id, slot, gpus on gpu_holds
  for each statement execute function keep_gpus_held();
create trigger gpu_holds_not_truncated before truncate on gpu_holds
  for each statement execute function keep_gpus_held();

insert into gpu_holds (lease_id, reservation_id, slot, gpus)
select lease_id, min(reservation_id), slot, bit_or(1::bigint << gpu_index)
from held_gpus join gpu_nodes using (node_id)
where not held_gpus.released
group by lease_id, slot;
drop table held_gpus;

-- Who may write holds in groups. Each new writer raises the token; a group that carries another one fails whole.
create table allocation_writer (
  one boolean primary key default true check (one),
  token bigint not null
);
insert into allocation_writer (token) values (0);

-- One group of decisions, all or nothing: leases whose GPUs become free, then leases that hold GPUs. Answers which leases
-- that others had marked as released it took away besides.
create function commit_allocations(
  writer bigint, freed text[], leases text[], reservations text[], slots integer[], sets bigint[]
) returns text[] language plpgsql as $$
declare
  swept text[] := '{}';
begin
  -- A new writer must wait for this group to end before it can raise the token.
  perform 1 from allocation_writer where token = writer for share;
  if not found then
    raise exception 'another control plane has become the writer' using errcode = 'IOF01';
  end if;
  if exists (select 1 from gpu_holds where released) then
    with gone as (delete from gpu_holds where released returning lease_id)
    select coalesce(array_agg(lease_id), '{}') into swept from gone;
  end if;
  if cardinality(freed) > 0 then
    delete from gpu_holds where lease_id = any (freed);
  end if;
  if cardinality(leases) > 0 then
    insert into gpu_holds (lease_id, reservation_id, slot, gpus)
    select * from unnest(leases, reservations, slots, sets);
  end if;
  return swept;
end $$;
