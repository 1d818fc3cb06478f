-- What a group of decisions costs the server.

-- Whoever visits a page that is fuller than the fillfactor says tidies it up first: at 50 that was at every visit.
alter table gpu_nodes set (fillfactor = 90);

-- Marks of release are looked for at every group. The plan is kept, and was made when the table of holds was small: it read
-- the whole table ever after, instead of the index of marks, which is mostly empty. Without scans of whole tables what a plan
-- seems to cost can be enough for it to be compiled, each time for longer than it runs.
create or replace function commit_allocations(
  writer bigint, freed text[], leases text[], reservations text[], slots integer[], sets bigint[]
) returns text[] language plpgsql set enable_seqscan = off set jit = off as $$
declare
  swept text[] := '{}';
begin
  -- A new writer must wait for this group to end before it can raise the token.
  perform 1 from allocation_writer where one and token = writer for share;
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
