-- One word a thing: a slot is a moment of the chain, a node has a number; what is kept for who waits is a backfill reservation.
alter table gpu_nodes rename column slot to node_number;
alter table gpu_promises rename to backfill_reservations;

drop view gpu_holds;
create view gpu_holds as
select lease_id, reservation_id, node_number, gpus,
  exists (select 1 from released_leases where lease_id = hold.lease_id) as released
from gpu_nodes,
  lateral unnest(string_to_array(holds, ' ')) as part,
  lateral (
    select split_part(part, ':', 1) as lease_id, split_part(part, ':', 2) as reservation_id,
      split_part(part, ':', 3)::bigint as gpus
  ) hold
where holds <> '';

-- As before, but for the column's name.
create or replace function commit_holds(
  writer bigint, slots integer[], before bigint[], after bigint[], holders text[]
) returns void language plpgsql
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set jit = off as $$
declare
  changed integer;
begin
  -- A new writer must wait for this group to end before it can raise the token.
  perform 1 from allocation_writer where one and token = writer for share;
  if not found then
    raise exception 'another control plane has become the writer' using errcode = 'IOF01';
  end if;
  update gpu_nodes set held = wanted.held, holds = wanted.holds
  from unnest(slots, before, after, holders) as wanted(node_number, was, held, holds)
  where gpu_nodes.node_number = wanted.node_number and gpu_nodes.held = wanted.was;
  get diagnostics changed = row_count;
  if changed <> cardinality(slots) then
    raise exception 'a node is unknown, or what is held of it is not what the writer knows'
      using errcode = 'exclusion_violation';
  end if;
end $$;
