-- What offers are made of is read once and then only where it changed: each row says in which transaction it changed last.
-- A reader that remembers the oldest transaction still on its way (pg_snapshot_xmin) and asks for what changed in that one
-- or later misses nothing, in whatever order they commit.
create function mark_changed() returns trigger language plpgsql as $$
begin
  new.changed := pg_current_xact_id();
  return new;
end $$;

-- Not when a node was only heard of: that is most of what is written.
alter table nodes add column changed xid8 not null default pg_current_xact_id();
create index nodes_changed on nodes (changed);
create trigger nodes_changed before update on nodes for each row
  when ((old.wallet, old.supplier_kind, old.state, old.hardware, old.terms, old.readiness)
    is distinct from (new.wallet, new.supplier_kind, new.state, new.hardware, new.terms, new.readiness))
  execute function mark_changed();

alter table node_history add column changed xid8 not null default pg_current_xact_id();
create index node_history_changed on node_history (changed);
create trigger node_history_changed before update on node_history for each row execute function mark_changed();

-- How often nodes were taken away, which no row is left to say: then all are read anew.
create table nodes_gone (
  one boolean primary key default true check (one),
  times bigint not null
);
insert into nodes_gone (times) values (0);
create function count_nodes_gone() returns trigger language plpgsql as $$
begin
  update nodes_gone set times = times + 1;
  return null;
end $$;
create trigger nodes_are_gone after delete on nodes for each statement execute function count_nodes_gone();
create trigger nodes_are_truncated after truncate on nodes for each statement execute function count_nodes_gone();
