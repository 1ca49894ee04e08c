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

-- ── Statistics ────────────────────────────────────────────────────────────────

-- When people were asked and first answered, and when they were reminded. They were asked when the invitation was mailed; where it was not, or again later, when it was made. Mails are
-- kept for ninety days after a meeting: of a reminder before that, the invitation knows the last one.
create function first_answers(of_meeting uuid)
returns table (invitation_id uuid, person_id uuid, asked_at timestamptz, answered_at timestamptz, response text, reminded_at timestamptz) language sql stable as $$
    with answers as materialized (
        select e.invitation_id, min(e.at) as at, (array_agg(e.to_response order by e.at, e.id))[1] as response from invitation_event e
         where e.platform_id = platform_id() and e.meeting_id = of_meeting and e.to_response is not null and e.to_response <> 'needs_action' group by e.invitation_id
    ), reminders as materialized (
        select o.invitation_id, min(o.sent_at) as at from outbox o
         where o.platform_id = platform_id() and o.meeting_id = of_meeting and o.kind = 'reminder' and o.state = 'sent' group by o.invitation_id
    )
    select i.id, i.person_id, case when i.sent_at <= coalesce(a.at, now()) then i.sent_at else i.created_at end, a.at, a.response, coalesce(r.at, i.reminded_at)
      from invitation i left join answers a on a.invitation_id = i.id left join reminders r on r.invitation_id = i.id
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null
$$;

-- One meeting, whole or by organisation or group. Answered: said anything but nothing; substitutes are invited people of their own. No-shows: had accepted, and did not come to a
-- meeting at which attendance was taken. Everything counts people, but for companions and what begins with `heads`: these count companions too. `on_time`: by the deadline, where
-- there is one. `answered_reminded`: answered after a reminder. Hours: until a quarter, half and three quarters of those who answered had done so.
drop function statistics_of(uuid, text);
create function statistics_of(of_meeting uuid, by_what text)
returns table (id uuid, name text, invited int, answered int, on_time int, accepted int, tentative int, declined int, delegated int, waitlisted int, companions int, heads_expected int,
               came int, heads_came int, remote int, excused int, no_shows int, walk_ins int, reminded int, answered_reminded int,
               quarter_hours float8, median_hours float8, three_quarters_hours float8, quorum int, quorum_present int) language sql stable as $$
    with along as materialized (
        select s.person_id, count(*) as heads from presence s
         where s.platform_id = platform_id() and s.meeting_id = of_meeting and s.companion_id is not null and s.agenda_item_id is null and s.state in ('present', 'remote') group by s.person_id
    ), people as materialized (
        select p.id as person_id, i.id as invitation_id, i.response, i.group_id, i.companions, a.state, p.organisation_id, coalesce(c.heads, 0) as came_along, f.asked_at, f.answered_at, f.reminded_at,
               case when f.answered_at >= f.asked_at then extract(epoch from f.answered_at - f.asked_at) / 3600 end as hours
          from (select * from invitation where platform_id = platform_id() and meeting_id = of_meeting and withdrawn_at is null) i
          full join (select * from attendance where platform_id = platform_id() and meeting_id = of_meeting) a on a.person_id = i.person_id
          join person p on p.platform_id = platform_id() and p.id = coalesce(i.person_id, a.person_id)
          left join first_answers(of_meeting) f on f.invitation_id = i.id
          left join along c on c.person_id = p.id
    ), taken as (select coalesce(bool_or(p.state in ('present', 'remote')), false) as yes from people p)
    select k.id, k.name, count(p.invitation_id)::int, (count(*) filter (where p.response <> 'needs_action'))::int,
           case when m.rsvp_closes_at is not null then (count(*) filter (where p.answered_at <= m.rsvp_closes_at))::int end, (count(*) filter (where p.response = 'accepted'))::int,
           (count(*) filter (where p.response = 'tentative'))::int, (count(*) filter (where p.response = 'declined'))::int, (count(*) filter (where p.response = 'delegated'))::int,
           (count(*) filter (where p.response = 'waitlisted'))::int, coalesce(sum(p.companions) filter (where p.response = 'accepted'), 0)::int,
           coalesce(sum(1 + p.companions) filter (where p.response = 'accepted'), 0)::int,
           (count(*) filter (where p.state in ('present', 'remote')))::int,
           ((count(*) filter (where p.state in ('present', 'remote'))) + coalesce(sum(p.came_along), 0))::int,
           (count(*) filter (where p.state = 'remote'))::int, (count(*) filter (where p.state = 'excused'))::int,
           (count(*) filter (where t.yes and p.response = 'accepted' and coalesce(p.state, 'absent') not in ('present', 'remote', 'excused')))::int,
           (count(*) filter (where p.person_id is not null and p.invitation_id is null and p.state in ('present', 'remote')))::int,
           count(p.reminded_at)::int, (count(*) filter (where p.answered_at > p.reminded_at))::int,
           round((percentile_cont(0.25) within group (order by p.hours))::numeric, 1)::float8, round((percentile_cont(0.5) within group (order by p.hours))::numeric, 1)::float8,
           round((percentile_cont(0.75) within group (order by p.hours))::numeric, 1)::float8,
           case when by_what = 'meeting' then m.quorum end,
           case when by_what = 'meeting' and m.quorum is not null and t.yes then (count(*) filter (where p.invitation_id is not null and p.state in ('present', 'remote')))::int end
      from meeting m cross join taken t left join people p on true
     cross join lateral (
        select null::uuid as id, null::text as name where by_what = 'meeting'
        union all select o.id, o.name from organisation o where by_what = 'organisation' and o.platform_id = platform_id() and o.id = p.organisation_id
        union all select g.id, g.name from contact_group g where by_what = 'group' and g.platform_id = platform_id() and g.id = p.group_id) k
     where m.platform_id = platform_id() and m.id = of_meeting
     group by k.id, k.name, m.id, m.rsvp_closes_at, m.quorum, t.yes
$$;

-- ── What charts are made of: pages and paper show the same ────────────────────

create function short_day(day date, reader text, with_year boolean) returns text language sql immutable as $$
    select case reader when 'en' then to_char(day, 'FMDD Mon' || case when with_year then ' YY' else '' end)
                       when 'fi' then to_char(day, 'FMDD.FMMM.' || case when with_year then 'YY' else '' end)
                       else to_char(day, 'DD.MM' || case when with_year then '.YY' else '' end) end
$$;

create function percent_of(part int, whole int) returns text language sql immutable as $$ select round(100.0 * part / nullif(whole, 0))::text || '%' $$;

-- From the invitation to the day itself; the shares are of the invited.
create function people_bars(of_meeting uuid) returns table (key text, people int, note text) language sql stable as $$
    select k.key, k.people, percent_of(k.people, case when k.share then s.invited end)
      from statistics_of(of_meeting, 'meeting') s
     cross join lateral (values (1, 'invited', s.invited, false), (2, 'answered', s.answered, true), (3, 'accepted', s.accepted, true), (4, 'came', s.came, false),
                                (5, 'no_shows', s.no_shows, false), (6, 'walk_ins', s.walk_ins, false)) k (rank, key, people, share)
     order by k.rank
$$;

create function response_bars(of_meeting uuid) returns table (key text, people int, note text) language sql stable as $$
    select k.key, k.people, percent_of(k.people, s.invited)
      from statistics_of(of_meeting, 'meeting') s
     cross join lateral (values (1, 'accepted', s.accepted), (2, 'tentative', s.tentative), (3, 'declined', s.declined), (4, 'delegated', s.delegated),
                                (5, 'waitlisted', s.waitlisted), (6, 'needs_action', s.invited - s.answered)) k (rank, key, people)
     order by k.rank
$$;

create function speed_bars(of_meeting uuid) returns table (key text, people int, note text) language sql stable as $$
    with taken as (select f.answered_at - f.asked_at as time from first_answers(of_meeting) f),
    kinds (rank, key, under) as (values (1, 'within_hour', interval '1 hour'), (2, 'within_day', interval '1 day'), (3, 'within_three_days', interval '3 days'),
                                        (4, 'within_week', interval '7 days'), (5, 'later', interval '1000 years'), (6, 'unanswered', null)),
    placed as (select (select min(k.rank) from kinds k where t.time < k.under) as rank from taken t)
    select k.key, count(p)::int, percent_of(count(p)::int, (select count(*)::int from taken))
      from kinds k left join placed p on coalesce(p.rank, 6) = k.rank
     group by k.rank, k.key order by k.rank
$$;

-- The largest, and all others as one; `by_what` as of statistics_of().
create function part_bars(of_meeting uuid, by_what text) returns table (key text, label text, invited int, answered int, came int) language sql stable as $$
    with parts as materialized (
        select s.*, row_number() over (order by s.invited desc, s.came desc, s.name collate "pl-x-icu", s.id) as rank, count(*) over () as parts from statistics_of(of_meeting, by_what) s
    )
    select case when p.big is null then 'others' end, p.big, p.invited, p.answered, p.came
      from (select case when q.rank <= 12 or q.parts <= 13 then q.name end as big, case when q.rank <= 12 or q.parts <= 13 then q.rank end as rank,
                   sum(q.invited)::int as invited, sum(q.answered)::int as answered, sum(q.came)::int as came
              from parts q group by 1, 2) p
     order by p.rank
$$;

-- How many had answered by the end of each day, from the first invitation to the meeting (or today). By what they answered first.
create or replace function answers_by_day(of_meeting uuid) returns table (day date, answered int, accepted int) language sql stable as $$
    with it as (select m.starts_at, m.time_zone from meeting m where m.platform_id = platform_id() and m.id = of_meeting),
    answers as materialized (
        select (f.answered_at at time zone it.time_zone)::date as day, count(*) as answered, count(*) filter (where f.response = 'accepted') as accepted
          from first_answers(of_meeting) f cross join it where f.answered_at is not null group by 1
    ), span as (
        select (greatest(least((select min(i.created_at) from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting), it.starts_at), it.starts_at - interval '365 days')
                at time zone it.time_zone)::date as "from", (least(it.starts_at, now()) at time zone it.time_zone)::date as "to" from it
    )
    select d::date, (coalesce(sum(a.answered) over (order by d), 0) + e.answered)::int, (coalesce(sum(a.accepted) over (order by d), 0) + e.accepted)::int
      from span s cross join generate_series(s."from", s."to", interval '1 day') d
      left join answers a on a.day = d::date
     cross join (select coalesce(sum(b.answered), 0) as answered, coalesce(sum(b.accepted), 0) as accepted from answers b, span where b.day < span."from") e
$$;

-- The deadline, and the days on which most were reminded: where they stand on that curve, and how many people were.
create function answer_marks(of_meeting uuid) returns table (key text, note text, place int) language sql stable as $$
    with span as (select min(d.day) as "from", max(d.day) as "to" from answers_by_day(of_meeting) d),
    reminders as (
        select (f.reminded_at at time zone m.time_zone)::date as day, count(*) as people from first_answers(of_meeting) f join meeting m on m.platform_id = platform_id() and m.id = of_meeting
         where f.reminded_at is not null group by 1 order by 2 desc, 1 limit 6
    )
    select k.key, k.note, k.day - s."from"
      from span s
     cross join lateral (select 'deadline' as key, null as note, (m.rsvp_closes_at at time zone m.time_zone)::date as day from meeting m where m.platform_id = platform_id() and m.id = of_meeting
                         union all select 'reminder', r.people::text, r.day from reminders r) k
     where k.day between s."from" and s."to"
     order by k.day, k.key
$$;

-- Meeting by meeting, the latest `most`.
create function trend_points(of_series uuid, in_year int, from_day date, to_day date, reader text, most int) returns table (label text, invited int, accepted int, came int) language sql stable as $$
    select short_day((m.starts_at at time zone m.time_zone)::date, reader, true), s.invited, s.accepted, s.came
      from (select r.*, count(*) over () as meetings from register_meetings(of_series, in_year, from_day, to_day) r) m
     cross join lateral statistics_of(m.id, 'meeting') s
     where m.place > m.meetings - most
     order by m.place
$$;

-- The meetings of a time together, in which nobody is counted twice: a person who came to five is five times `came`, and once in `people_came`.
create function statistics_summary(of_series uuid, in_year int, from_day date, to_day date)
returns table (meetings int, meetings_taken int, invited int, answered int, accepted int, came int, heads_came int, no_shows int, people_invited int, people_came int, organisations_came int)
language sql stable as $$
    with meetings as materialized (select m.id, m.taken from register_meetings(of_series, in_year, from_day, to_day) m),
    sums as (select count(*)::int as meetings, (count(*) filter (where m.taken))::int as taken, coalesce(sum(s.invited), 0)::int as invited, coalesce(sum(s.answered), 0)::int as answered,
                    coalesce(sum(s.accepted), 0)::int as accepted, coalesce(sum(s.came), 0)::int as came, coalesce(sum(s.heads_came), 0)::int as heads, coalesce(sum(s.no_shows), 0)::int as no_shows
               from meetings m cross join lateral statistics_of(m.id, 'meeting') s)
    select s.meetings, s.taken, s.invited, s.answered, s.accepted, s.came, s.heads, s.no_shows,
           (select count(distinct i.person_id)::int from invitation i where i.platform_id = platform_id() and i.withdrawn_at is null and i.meeting_id in (select m.id from meetings m)),
           c.people, c.organisations
      from sums s
     cross join (select count(distinct a.person_id)::int as people, count(distinct p.organisation_id)::int as organisations
                   from attendance a join person p on p.platform_id = a.platform_id and p.id = a.person_id
                  where a.platform_id = platform_id() and a.state in ('present', 'remote') and a.meeting_id in (select m.id from meetings m)) c
$$;

-- What a report counted in its own way.
drop function report_parts(uuid, boolean);
drop function report_counts(uuid);

reset role;
