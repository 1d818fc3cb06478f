-- What is held of a node stands in the node's row: a group of decisions writes each node that it changes once. Before, it was
-- a row a hold beside the row of the node, kept the same by triggers: more than twice the work.

-- Who holds what: `LEASE:RESERVATION:GPUS` each, spaces between; GPUS is a set of bits as a bigint. No two share a GPU, and
-- together they are `held`. The writer alone changes it (commit_holds).
alter table gpu_nodes add column holds text not null default '';
update gpu_nodes set holds = written.holds
from (
  select slot, string_agg(lease_id || ':' || reservation_id || ':' || gpus, ' ' order by lease_id) as holds
  from gpu_holds group by slot
) written
where gpu_nodes.slot = written.slot;

-- Leases that have ended: what they hold is offered again at once, and is free when the writer has swept it away.
create table released_leases (lease_id text primary key);
insert into released_leases select lease_id from gpu_holds where released;

drop table gpu_holds;
drop function mark_gpus_held, mark_gpus_free, keep_gpus_held, commit_allocations;

-- A row a hold, for those who read.
create view gpu_holds as
select lease_id, reservation_id, slot, gpus, exists (select 1 from released_leases where lease_id = hold.lease_id) as released
from gpu_nodes,
  lateral unnest(string_to_array(holds, ' ')) as part,
  lateral (
    select split_part(part, ':', 1) as lease_id, split_part(part, ':', 2) as reservation_id,
      split_part(part, ':', 3)::bigint as gpus
  ) hold
where holds <> '';

-- One group of decisions, all or nothing: of each node what was held before, what is held from now on, and by whom. A node that
-- is not as the writer left it fails the whole group, and so does a token that is not the last one. Nodes are found by their
-- key, however large a group is: the plan is kept, and the first group may be a small one. What a plan without other ways
-- seems to cost can be enough for it to be compiled, each time for longer than it runs.
create function commit_holds(
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
  from unnest(slots, before, after, holders) as wanted(slot, was, held, holds)
  where gpu_nodes.slot = wanted.slot and gpu_nodes.held = wanted.was;
  get diagnostics changed = row_count;
  if changed <> cardinality(slots) then
    raise exception 'a node is unknown, or what is held of it is not what the writer knows'
      using errcode = 'exclusion_violation';
  end if;
end $$;
