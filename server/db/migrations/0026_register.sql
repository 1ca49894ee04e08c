-- 0026_register.sql: who came to what over a series or a year, and what the numbers of a meeting are.
--
-- Invited, answered and came are three facts. Of a meeting at which nobody was recorded as present, nothing is known about who stayed away: it has no no-shows and counts in no
-- percentage. Whoever sent a substitute is not counted for that meeting; the substitute is, and through them their organisation.

set local role narada_owner;
set local search_path = narada;

-- The meetings that a register is about: begun, and neither drafts nor cancelled. Without a series and without dates, those of the last twelve months.
create function register_meetings(of_series uuid, in_year int, from_day date, to_day date)
returns table (id uuid, slug text, title text, starts_at timestamptz, time_zone text, place int, taken boolean) language sql stable as $$
    select k.id, k.slug, k.title, k.starts_at, k.time_zone, (row_number() over (order by k.starts_at, k.id))::int,
           exists (select from attendance a where a.platform_id = k.platform_id and a.meeting_id = k.id and a.state in ('present', 'remote'))
      from (select m.* from meeting m
             where m.platform_id = platform_id() and m.status in ('published', 'held') and m.starts_at <= now()
               and (of_series is null or m.series_id = of_series)
               and (in_year is null or extract(year from m.starts_at at time zone m.time_zone) = in_year)
               and (from_day is null or (m.starts_at at time zone m.time_zone)::date >= from_day)
               and (to_day is null or (m.starts_at at time zone m.time_zone)::date <= to_day)
               and (coalesce(of_series::text, in_year::text, from_day::text, to_day::text) is not null or m.starts_at > now() - interval '12 months')
             order by m.starts_at desc, m.id desc limit 200) k
$$;

-- The people of one page, found by name one after the other: so that a page of fifty costs fifty, however many there are. NULL: all have to be looked at.
create function register_people(of_series uuid, in_year int, from_day date, to_day date, of_group uuid, of_organisation uuid, q text, after jsonb, most int) returns uuid[]
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
             or exists (select from attendance a where a.platform_id = p.platform_id and a.person_id = p.id and a.state in ('present', 'remote') and a.meeting_id = any (meetings)))
         order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id limit most + 1) end;
end
$$;

-- A row a person, or an organisation; of these people (NULL: of all). `states`: in the order of register_meetings(), null where they were not invited.
-- Whoever came came; who stayed away counts only if it was expected of them: not of who sent a substitute, or is not invited (any more). `unrecorded`: invited, and nothing is
-- recorded though attendance was taken; `not_taken`: it was not. Of the people of one organisation the one who was there most stands for it: the lowest rank.
create function register_rows(of_series uuid, in_year int, from_day date, to_day date, by_organisation boolean, of_group uuid, of_organisation uuid, of_people uuid[])
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
               case when s.state = 'present' then 1 when s.state = 'remote' then 2 when s.response is null then null when s.response = 'delegated' then 6
                    when s.state = 'excused' then 3 when s.state = 'absent' then 4 when k.taken then 5 else 7 end as rank
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

-- ── Statistics ────────────────────────────────────────────────────────────────

-- One meeting, whole or by organisation or group. Answered: said anything but nothing; substitutes are invited people of their own. No-shows: had accepted, and did not come to a
-- meeting at which attendance was taken.
create function statistics_of(of_meeting uuid, by_what text)
returns table (id uuid, name text, invited int, answered int, accepted int, tentative int, declined int, delegated int, waitlisted int, companions int, came int, remote int,
               excused int, no_shows int, walk_ins int, median_hours float8) language sql stable as $$
    with people as materialized (
        select coalesce(i.person_id, a.person_id) as person_id, i.id as invitation_id, i.response, i.group_id, i.companions, a.state, i.created_at, i.responded_at, p.organisation_id
          from (select * from invitation where platform_id = platform_id() and meeting_id = of_meeting and withdrawn_at is null) i
          full join (select * from attendance where platform_id = platform_id() and meeting_id = of_meeting) a on a.person_id = i.person_id
          join person p on p.platform_id = platform_id() and p.id = coalesce(i.person_id, a.person_id)
    ), taken as (select bool_or(p.state in ('present', 'remote')) as yes from people p
    ), first_answers as materialized (
        select e.invitation_id, min(e.at) as at from invitation_event e
         where e.platform_id = platform_id() and e.meeting_id = of_meeting and e.to_response is not null and e.to_response <> 'needs_action' group by e.invitation_id
    )
    select k.id, k.name, count(p.invitation_id)::int, (count(*) filter (where p.response <> 'needs_action'))::int, (count(*) filter (where p.response = 'accepted'))::int,
           (count(*) filter (where p.response = 'tentative'))::int, (count(*) filter (where p.response = 'declined'))::int, (count(*) filter (where p.response = 'delegated'))::int,
           (count(*) filter (where p.response = 'waitlisted'))::int, coalesce(sum(p.companions) filter (where p.response = 'accepted'), 0)::int,
           (count(*) filter (where p.state in ('present', 'remote')))::int, (count(*) filter (where p.state = 'remote'))::int, (count(*) filter (where p.state = 'excused'))::int,
           (count(*) filter (where t.yes and p.response = 'accepted' and coalesce(p.state, 'absent') not in ('present', 'remote', 'excused')))::int,
           (count(*) filter (where p.invitation_id is null and p.state in ('present', 'remote')))::int,
           round((percentile_cont(0.5) within group (order by extract(epoch from f.at - p.created_at)) filter (where f.at >= p.created_at) / 3600)::numeric, 1)::float8
      from people p cross join taken t left join first_answers f on f.invitation_id = p.invitation_id
     cross join lateral (
        select null::uuid as id, null::text as name where by_what = 'meeting'
        union all select o.id, o.name from organisation o where by_what = 'organisation' and o.platform_id = platform_id() and o.id = p.organisation_id
        union all select g.id, g.name from contact_group g where by_what = 'group' and g.platform_id = platform_id() and g.id = p.group_id) k
     group by k.id, k.name
$$;

-- How many had answered by the end of each day, from the first invitation to the meeting (or today). By what they answered first.
create function answers_by_day(of_meeting uuid) returns table (day date, answered int, accepted int) language sql stable as $$
    with it as (select m.starts_at, m.time_zone from meeting m where m.platform_id = platform_id() and m.id = of_meeting),
    first_answers as (
        select e.invitation_id, min(e.at) as at, (array_agg(e.to_response order by e.at))[1] as response
          from invitation_event e join invitation i on i.platform_id = e.platform_id and i.id = e.invitation_id and i.withdrawn_at is null
         where e.platform_id = platform_id() and e.meeting_id = of_meeting and e.to_response is not null and e.to_response <> 'needs_action'
         group by e.invitation_id
    ), span as (
        select greatest(least((select min(i.created_at) from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting), it.starts_at), it.starts_at - interval '365 days') as "from",
               least(it.starts_at, now()) as "to", it.time_zone from it
    )
    select d::date, (select count(*)::int from first_answers f where (f.at at time zone s.time_zone)::date <= d::date),
           (select count(*)::int from first_answers f where (f.at at time zone s.time_zone)::date <= d::date and f.response = 'accepted')
      from span s cross join generate_series((s."from" at time zone s.time_zone)::date, (s."to" at time zone s.time_zone)::date, interval '1 day') d
$$;

reset role;
