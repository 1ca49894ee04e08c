-- 0032_statistics_mended.sql: whoever is excused stands in the register, and what a report to a funder says of a meeting.

set local role narada_owner;
set local search_path = narada;

-- ── The register ──────────────────────────────────────────────────────────────

-- The people of one page, found by name one after the other: so that a page of fifty costs fifty, however many there are. NULL: all have to be looked at.
create or replace function register_people(of_series uuid, in_year int, from_day date, to_day date, of_group uuid, of_organisation uuid, q text, after jsonb, most int) returns uuid[]
language plpgsql stable as $$
declare
    meetings uuid[] := array(select m.id from register_meetings(of_series, in_year, from_day, to_day) m);
begin
    return case when most is not null then array(
        select p.id from person p
         where p.platform_id = platform_id()
           and (of_organisation is null or p.organisation_id = of_organisation)
           and (of_group is null or exists (select from group_member g where g.platform_id = p.platform_id and g.group_id = of_group
                                              and (g.person_id = p.id or g.organisation_id = p.organisation_id)))
           and (q is null or p.search || ' ' || coalesce((select o.search from organisation o where o.platform_id = p.platform_id and o.id = p.organisation_id), '') like all (search_words(q)))
           and (after is null or (coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id) > (after->>0, (after->>1)::uuid))
           and (exists (select from invitation i where i.platform_id = p.platform_id and i.person_id = p.id and i.withdrawn_at is null and i.meeting_id = any (meetings))
             or exists (select from attendance a where a.platform_id = p.platform_id and a.person_id = p.id and a.state in ('present', 'remote', 'excused') and a.meeting_id = any (meetings)))
         order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id limit most + 1) end;
end
$$;

-- A row a person, or an organisation; of these people (NULL: of all). `states`: in the order of register_meetings(), null where they were not invited.
-- Whoever came came; who stayed away counts only if it was expected of them: not of who sent a substitute, or is not invited (any more). Whom somebody excused was expected, invited or not. `unrecorded`: invited, and nothing is
-- recorded though attendance was taken; `not_taken`: it was not. Of the people of one organisation the one who was there most stands for it: the lowest rank.
create or replace function register_rows(of_series uuid, in_year int, from_day date, to_day date, by_organisation boolean, of_group uuid, of_organisation uuid, of_people uuid[])
returns table (id uuid, name text, sort_name text, organisation text, people int, came int, present int, remote int, excused int, absent int, unrecorded int, counted int,
               percentage float8, last_seen timestamptz, states text[], search text) language plpgsql stable as $$
#variable_conflict use_column
declare
    ranked constant text[] := array['present', 'remote', 'excused', 'absent', 'unrecorded', 'delegated', 'not_taken'];
    meetings uuid[];
    begun timestamptz[];
    known boolean[];
begin
    select array_agg(m.id order by m.place), array_agg(m.starts_at order by m.place), array_agg(m.taken order by m.place) into meetings, begun, known
      from register_meetings(of_series, in_year, from_day, to_day) m;
    return query
    with said as materialized (
        select coalesce(i.person_id, a.person_id) as person_id, coalesce(i.meeting_id, a.meeting_id) as meeting_id, i.response, a.state
          from (select i.person_id, i.meeting_id, i.response from invitation i
                 where i.platform_id = platform_id() and i.meeting_id = any (meetings) and i.withdrawn_at is null and (of_people is null or i.person_id = any (of_people))) i
          full join (select a.person_id, a.meeting_id, a.state from attendance a
                 where a.platform_id = platform_id() and a.meeting_id = any (meetings) and (of_people is null or a.person_id = any (of_people))) a
            on a.meeting_id = i.meeting_id and a.person_id = i.person_id
    ), facts as materialized (
        select s.person_id, k.place::int as place,
               case when s.state = 'present' then 1 when s.state = 'remote' then 2 when s.response = 'delegated' then 6 when s.state = 'excused' then 3
                    when s.response is null then null when s.state = 'absent' then 4 when k.taken then 5 else 7 end as rank
          from said s join unnest(meetings, known) with ordinality k (id, taken, place) on k.id = s.meeting_id
    ), whose as materialized (
        select p.id as person_id, case when by_organisation then p.organisation_id else p.id end as id from person p
         where p.platform_id = platform_id() and (of_people is null or p.id = any (of_people))
           and (of_organisation is null or p.organisation_id = of_organisation)
           and (of_group is null or exists (select from group_member g where g.platform_id = p.platform_id and g.group_id = of_group
                                              and (g.person_id = p.id or g.organisation_id = p.organisation_id)))
           and (not by_organisation or p.organisation_id is not null)
    ), cells as materialized (
        select w.id, f.place, min(f.rank) as rank from facts f join whose w on w.person_id = f.person_id where f.rank is not null group by w.id, f.place
    ), sums as materialized (
        select c.id, count(*) filter (where c.rank = 1)::int as present, count(*) filter (where c.rank = 2)::int as remote, count(*) filter (where c.rank = 3)::int as excused,
               count(*) filter (where c.rank = 4)::int as absent, count(*) filter (where c.rank = 5)::int as unrecorded, count(*) filter (where c.rank <= 5)::int as counted,
               max(c.place) filter (where c.rank <= 2) as seen
          from cells c group by c.id
    ), wide as materialized (
        select s.id, array_agg(ranked[c.rank] order by n.place) as states
          from sums s cross join generate_series(1, cardinality(meetings)) n (place) left join cells c on c.id = s.id and c.place = n.place
         group by s.id
    ), heads as materialized (
        select w.id, count(distinct f.person_id)::int as people from facts f join whose w on w.person_id = f.person_id where by_organisation and f.rank is not null group by w.id
    )
    select s.id, case when by_organisation then o.name else p.name end, case when by_organisation then o.name else coalesce(p.sort_name, p.name) end, o.name, coalesce(h.people, 1),
           s.present + s.remote, s.present, s.remote, s.excused, s.absent, s.unrecorded, s.counted,
           case when s.counted > 0 then round(100.0 * (s.present + s.remote) / s.counted, 1)::float8 end, begun[s.seen], w.states,
           case when by_organisation then '' else p.search end || ' ' || coalesce(o.search, '')
      from sums s
      join wide w on w.id = s.id
      left join heads h on h.id = s.id
      left join person p on not by_organisation and p.platform_id = platform_id() and p.id = s.id
      left join organisation o on o.platform_id = platform_id() and o.id = case when by_organisation then s.id else p.organisation_id end;
end
$$;

reset role;
