-- What a node's agent said of its terms last. `terms` are those in force: changed by the agent when it says something
-- else than before, or by the supplier through the API; whoever changed last counts.
alter table nodes add column reported_terms jsonb;
update nodes set reported_terms = terms;
