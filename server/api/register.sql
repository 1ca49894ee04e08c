-- register.sql: who came to what, and the numbers of meetings. The rules are in 0026_register.sql.

-- name: list_series_register.there one
select s.id from series s where s.platform_id = platform_id() and s.id = :series::uuid;

-- name: list_register.columns many when csv,xlsx,pdf
-- name: list_series_register.columns many when csv,xlsx,pdf
select to_char(m.starts_at at time zone m.time_zone, 'YYYY-MM-DD') || ' ' || m.title as name from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m order by m.place;

-- name: list_register.print one when pdf
-- name: list_series_register.print one when pdf
select p.*, (select s.title from series s where s.platform_id = platform_id() and s.id = :series::uuid) as series from paper(null) p;

-- name: list_register.offered many when html
-- name: list_series_register.offered many when html
select c.name, c.name <> all (array['id', 'people']) as usual
  from unnest(array['id', 'name', 'organisation', 'people', 'came', 'present', 'remote', 'excused', 'absent', 'unrecorded', 'counted', 'percentage', 'last_seen', 'cells']) with ordinality c (name, rank) order by c.rank;

-- name: list_register.meetings many when html
-- name: list_series_register.meetings many when html
select m.slug, m.title, m.starts_at, m.time_zone, m.taken from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m order by m.place;

-- name: list_register.choices one when html
-- name: list_series_register.choices one when html
select :by = 'organisation' as by_organisation, :year as year, :from as "from", :to as "to", :below as below, :group as "group",
       (select s.title from series s where s.platform_id = platform_id() and s.id = :series::uuid) as series_title;

-- The states that are counted, in the order of their columns.
-- name: list_register.states many when html
-- name: list_series_register.states many when html
select s.state from unnest(array['present', 'remote', 'excused', 'absent']) with ordinality s (state, rank) order by s.rank;

-- name: list_register.groups many when html
-- name: list_series_register.groups many when html
select g.id, g.name, g.id = :group::uuid as selected from contact_group g where g.platform_id = platform_id() order by g.name collate "pl-x-icu", g.id limit 1000;

-- name: list_register many
-- name: list_series_register many
select r.id, r.name, r.organisation, r.people, r.came, r.present, r.remote, r.excused, r.absent, r.unrecorded, r.counted, r.percentage, r.last_seen, to_json(r.states) as cells,
       case when :limit::int is not null then (select json_agg(json_build_object('state', s) order by n) from unnest(r.states) with ordinality o (s, n)) end as _marks,
       case when :language in ('pl', 'fi') then replace(r.percentage::text, '.', ',') else r.percentage::text end as _percentage, jsonb_build_array(r.sort_name, r.id) as _cursor
  from register_rows(:series::uuid, :year::int, :from::date, :to::date, :by = 'organisation', :group::uuid, :organisation::uuid,
         register_people(:series::uuid, :year::int, :from::date, :to::date, :group::uuid, :organisation::uuid, :q, :after::jsonb, case when :by = 'person' and :below::int is null then :limit::int end)) r
 where (:q::text is null or r.search like all (search_words(:q)))
   and (:below::int is null or r.percentage < :below::int)
   and (:after::jsonb is null or (r.sort_name collate "pl-x-icu", r.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by r.sort_name collate "pl-x-icu", r.id
 limit :limit::int + 1;

-- name: list_register_meetings many
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.taken from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m order by m.place;

-- ── Statistics ────────────────────────────────────────────────────────────────

-- name: list_meeting_statistics.there exec
select meeting_ref(:meeting);

-- name: list_meeting_statistics.print one when pdf
select * from paper(meeting_ref(:meeting));

-- name: list_meeting_statistics.meeting one when html,pdf
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status, m.series_id from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_meeting_statistics.offered many when html
select c.name, c.name <> all (array['id', 'slug']) as usual
  from unnest(array['of', 'id', 'name', 'invited', 'answered', 'on_time', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted', 'companions', 'heads_expected', 'came', 'heads_came', 'remote', 'excused', 'no_shows', 'walk_ins', 'reminded', 'answered_reminded', 'quarter_hours', 'median_hours', 'three_quarters_hours', 'quorum', 'quorum_present']) with ordinality c (name, rank) order by c.rank;

-- What the page says of the whole, with shares; `any`: somebody was invited or came.
-- name: list_meeting_statistics.whole one when html
select s.*, s.invited + s.came > 0 as "any", percent_of(s.answered, s.invited) as answered_percent, percent_of(s.on_time, s.answered) as on_time_percent,
       percent_of(s.no_shows, s.accepted) as no_shows_percent, percent_of(s.heads_came, s.heads_expected) as heads_percent, s.quorum_present is not null as quorum_known, s.quorum_present >= s.quorum as quorum_reached,
       case when :language in ('pl', 'fi') then replace(s.quarter_hours::text, '.', ',') else s.quarter_hours::text end as quarter,
       case when :language in ('pl', 'fi') then replace(s.median_hours::text, '.', ',') else s.median_hours::text end as median,
       case when :language in ('pl', 'fi') then replace(s.three_quarters_hours::text, '.', ',') else s.three_quarters_hours::text end as three_quarters,
       m.rsvp_closes_at, m.time_zone
  from meeting m cross join lateral statistics_of(m.id, 'meeting') s where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_meeting_statistics.people many when html
select * from people_bars(meeting_ref(:meeting));

-- name: list_meeting_statistics.responses many when html
select * from response_bars(meeting_ref(:meeting));

-- name: list_meeting_statistics.speed many when html
select * from speed_bars(meeting_ref(:meeting));

-- name: list_meeting_statistics.organisations maybe when html
select true as there from part_bars(meeting_ref(:meeting), 'organisation') limit 1;

-- name: list_meeting_statistics.groups maybe when html
select true as there from part_bars(meeting_ref(:meeting), 'group') limit 1;

-- name: list_meeting_statistics.days many when html
select d.day, d.answered, d.accepted from answers_by_day(meeting_ref(:meeting)) d order by d.day desc limit 60;

-- name: list_meeting_statistics many
select w.of, s.id, coalesce(s.name, m.title) as name, s.invited, s.answered, s.on_time, s.accepted, s.tentative, s.declined, s.delegated, s.waitlisted, s.companions, s.heads_expected, s.came, s.heads_came, s.remote, s.excused, s.no_shows, s.walk_ins, s.reminded, s.answered_reminded,
       s.quarter_hours, s.median_hours, s.three_quarters_hours, s.quorum, s.quorum_present, w.of = 'meeting' as _whole
  from meeting m
 cross join unnest(array['meeting', 'organisation', 'group']) with ordinality w (of, rank)
 cross join lateral statistics_of(m.id, w.of) s
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting)
 order by w.rank, coalesce(s.name, '') collate "pl-x-icu", s.id;

-- Of a series, or of the platform.
-- name: list_series_statistics.there one
-- name: chart_series.there one
select s.id from series s where s.platform_id = platform_id() and s.id = :series::uuid;

-- name: list_series_statistics.print one when pdf
select p.*, (select s.title from series s where s.platform_id = platform_id() and s.id = :series::uuid) as series from paper(null) p;

-- name: list_statistics.print one when pdf
select * from paper(null);

-- name: list_series_statistics.offered many when html
-- name: list_statistics.offered many when html
select c.name, c.name <> all (array['id', 'slug']) as usual
  from unnest(array['id', 'slug', 'title', 'starts_at', 'invited', 'answered', 'on_time', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted', 'companions', 'heads_expected', 'came', 'heads_came', 'remote', 'excused', 'no_shows', 'walk_ins', 'reminded', 'answered_reminded', 'quarter_hours', 'median_hours', 'three_quarters_hours', 'quorum', 'quorum_present']) with ordinality c (name, rank) order by c.rank;

-- name: list_series_statistics.choices one when html
select :year as year, :from as "from", :to as "to", (select s.title from series s where s.platform_id = platform_id() and s.id = :series::uuid) as series_title;

-- name: list_statistics.choices one when html
select :year as year, :from as "from", :to as "to", null as series_title;

-- name: list_series_statistics.summary one when html
-- name: read_statistics_summary one
select * from statistics_summary(:series::uuid, :year::int, :from::date, :to::date);

-- name: list_statistics.summary one when html
select * from statistics_summary(null, :year::int, :from::date, :to::date);

-- name: list_series_statistics many
select m.id, m.slug, m.title, m.starts_at, s.invited, s.answered, s.on_time, s.accepted, s.tentative, s.declined, s.delegated, s.waitlisted, s.companions, s.heads_expected, s.came, s.heads_came, s.remote, s.excused, s.no_shows, s.walk_ins, s.reminded, s.answered_reminded,
       s.quarter_hours, s.median_hours, s.three_quarters_hours, s.quorum, s.quorum_present, m.time_zone as _time_zone, s.quorum_present is not null as _quorum_known
  from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m cross join lateral statistics_of(m.id, 'meeting') s
 order by m.place;

-- name: list_statistics many
select m.id, m.slug, m.title, m.starts_at, s.invited, s.answered, s.on_time, s.accepted, s.tentative, s.declined, s.delegated, s.waitlisted, s.companions, s.heads_expected, s.came, s.heads_came, s.remote, s.excused, s.no_shows, s.walk_ins, s.reminded, s.answered_reminded,
       s.quarter_hours, s.median_hours, s.three_quarters_hours, s.quorum, s.quorum_present, m.time_zone as _time_zone, s.quorum_present is not null as _quorum_known
  from register_meetings(null::uuid, :year::int, :from::date, :to::date) m cross join lateral statistics_of(m.id, 'meeting') s
 order by m.place;

-- ── Charts ────────────────────────────────────────────────────────────────────
-- The part `picture` says what kind of chart it is, the part `events` what is marked along a curve.

-- name: chart_answers.there exec
-- name: chart_people.there exec
-- name: chart_responses.there exec
-- name: chart_speed.there exec
-- name: chart_organisations.there exec
-- name: chart_groups.there exec
select meeting_ref(:meeting);

-- name: chart_people.picture one
-- name: chart_responses.picture one
-- name: chart_speed.picture one
-- name: chart_organisations.picture one
-- name: chart_groups.picture one
select false as curve, coalesce(:narrow::bool, false) as narrow;

-- name: chart_answers.picture one
-- name: chart_series.picture one
-- name: chart_platform.picture one
select true as curve, coalesce(:narrow::bool, false) as narrow;

-- name: chart_people many
select * from people_bars(meeting_ref(:meeting));

-- name: chart_responses many
select * from response_bars(meeting_ref(:meeting));

-- name: chart_speed many
select * from speed_bars(meeting_ref(:meeting));

-- name: chart_organisations many
select * from part_bars(meeting_ref(:meeting), 'organisation');

-- name: chart_groups many
select * from part_bars(meeting_ref(:meeting), 'group');

-- name: chart_answers.events many
select * from answer_marks(meeting_ref(:meeting));

-- name: chart_answers many
select short_day(d.day, :language, false) as label, d.answered, d.accepted from answers_by_day(meeting_ref(:meeting)) d order by d.day;

-- name: chart_series many
select * from trend_points(:series::uuid, :year::int, :from::date, :to::date, :language, 200);

-- name: chart_platform many
select * from trend_points(null, :year::int, :from::date, :to::date, :language, 200);
