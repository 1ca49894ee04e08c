-- register.sql: who came to what, and the numbers of meetings. The rules are in 0026_register.sql.

-- name: list_register.columns many when csv,xlsx,pdf
select to_char(m.starts_at at time zone m.time_zone, 'YYYY-MM-DD') || ' ' || m.title as name from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m order by m.place;

-- name: list_register.print one when pdf
select * from paper(null);

-- name: list_register.offered many when html
select c.name, c.name <> all (array['id', 'people']) as usual
  from unnest(array['id', 'name', 'organisation', 'people', 'came', 'present', 'remote', 'excused', 'absent', 'unrecorded', 'counted', 'percentage', 'last_seen', 'cells']) with ordinality c (name, rank) order by c.rank;

-- name: list_register.meetings many when html
select m.slug, m.title, m.starts_at, m.time_zone, m.taken from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m order by m.place;

-- name: list_register.choices one when html
select :by = 'organisation' as by_organisation, :year as year, :from as "from", :to as "to", :below as below, :group as "group",
       (select s.title from series s where s.platform_id = platform_id() and s.id = :series::uuid) as series_title;

-- name: list_register.groups many when html
select g.id, g.name, g.id = :group::uuid as selected from contact_group g where g.platform_id = platform_id() order by g.name collate "pl-x-icu", g.id limit 1000;

-- name: list_register many
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

-- name: list_series_register.there one
select s.id from series s where s.platform_id = platform_id() and s.id = :series::uuid;

-- name: list_series_register.columns many when csv,xlsx,pdf
select to_char(m.starts_at at time zone m.time_zone, 'YYYY-MM-DD') || ' ' || m.title as name from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m order by m.place;

-- name: list_series_register.print one when pdf
select * from paper(null);

-- name: list_series_register.offered many when html
select c.name, c.name <> all (array['id', 'people']) as usual
  from unnest(array['id', 'name', 'organisation', 'people', 'came', 'present', 'remote', 'excused', 'absent', 'unrecorded', 'counted', 'percentage', 'last_seen', 'cells']) with ordinality c (name, rank) order by c.rank;

-- name: list_series_register.meetings many when html
select m.slug, m.title, m.starts_at, m.time_zone, m.taken from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m order by m.place;

-- name: list_series_register.choices one when html
select :by = 'organisation' as by_organisation, :year as year, :from as "from", :to as "to", :below as below, :group as "group",
       (select s.title from series s where s.platform_id = platform_id() and s.id = :series::uuid) as series_title;

-- name: list_series_register.groups many when html
select g.id, g.name, g.id = :group::uuid as selected from contact_group g where g.platform_id = platform_id() order by g.name collate "pl-x-icu", g.id limit 1000;

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

-- name: list_meeting_statistics.there exec
select meeting_ref(:meeting);

-- name: list_meeting_statistics.print one when pdf
select * from paper(meeting_ref(:meeting));

-- name: list_meeting_statistics.meeting one when html,pdf
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_meeting_statistics.offered many when html
select c.name, c.name <> 'id' as usual from unnest(array['of', 'id', 'name', 'invited', 'answered', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted', 'companions', 'came', 'remote', 'excused', 'no_shows', 'walk_ins', 'median_hours']) with ordinality c (name, rank) order by c.rank;

-- name: list_meeting_statistics.whole maybe when html
select s.*, round(100.0 * s.answered / nullif(s.invited, 0))::int as answered_percent, round(100.0 * s.came / nullif(s.accepted, 0))::int as came_percent
  from statistics_of(meeting_ref(:meeting), 'meeting') s;

-- name: list_meeting_statistics.days many when html
select d.day, d.answered, d.accepted from answers_by_day(meeting_ref(:meeting)) d order by d.day desc limit 60;

-- name: list_meeting_statistics many
select w.of, s.id, coalesce(s.name, m.title) as name, s.invited, s.answered, s.accepted, s.tentative, s.declined, s.delegated, s.waitlisted, s.companions, s.came, s.remote, s.excused, s.no_shows, s.walk_ins, s.median_hours, w.of = 'meeting' as _whole
  from meeting m
 cross join unnest(array['meeting', 'organisation', 'group']) with ordinality w (of, rank)
 cross join lateral statistics_of(m.id, w.of) s
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting)
 order by w.rank, coalesce(s.name, '') collate "pl-x-icu", s.id;

-- name: list_series_statistics.there one
select s.id from series s where s.platform_id = platform_id() and s.id = :series::uuid;

-- name: list_series_statistics.print one when pdf
select * from paper(null);

-- name: list_series_statistics.offered many when html
select c.name, c.name <> 'id' as usual from unnest(array['id', 'slug', 'title', 'starts_at', 'invited', 'answered', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted', 'companions', 'came', 'remote', 'excused', 'no_shows', 'walk_ins', 'median_hours']) with ordinality c (name, rank) order by c.rank;

-- name: list_series_statistics.choices one when html
select :year as year, :from as "from", :to as "to", (select s.title from series s where s.platform_id = platform_id() and s.id = :series::uuid) as series_title;

-- name: list_series_statistics many
select m.id, m.slug, m.title, m.starts_at, s.invited, s.answered, s.accepted, s.tentative, s.declined, s.delegated, s.waitlisted, s.companions, s.came, s.remote, s.excused, s.no_shows, s.walk_ins, s.median_hours, m.time_zone as _time_zone
  from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m cross join lateral statistics_of(m.id, 'meeting') s
 order by m.place;

-- name: list_statistics.print one when pdf
select * from paper(null);

-- name: list_statistics.offered many when html
select c.name, c.name <> 'id' as usual from unnest(array['id', 'slug', 'title', 'starts_at', 'invited', 'answered', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted', 'companions', 'came', 'remote', 'excused', 'no_shows', 'walk_ins', 'median_hours']) with ordinality c (name, rank) order by c.rank;

-- name: list_statistics.choices one when html
select :year as year, :from as "from", :to as "to", (select s.title from series s where s.platform_id = platform_id() and s.id = null::uuid) as series_title;

-- name: list_statistics many
select m.id, m.slug, m.title, m.starts_at, s.invited, s.answered, s.accepted, s.tentative, s.declined, s.delegated, s.waitlisted, s.companions, s.came, s.remote, s.excused, s.no_shows, s.walk_ins, s.median_hours, m.time_zone as _time_zone
  from register_meetings(null::uuid, :year::int, :from::date, :to::date) m cross join lateral statistics_of(m.id, 'meeting') s
 order by m.place;

-- name: chart_answers.there exec
select meeting_ref(:meeting);

-- name: chart_answers many
select to_char(d.day, 'DD.MM') as label, d.answered, d.accepted from answers_by_day(meeting_ref(:meeting)) d order by d.day;

-- name: chart_people.there exec
select meeting_ref(:meeting);

-- name: chart_people many
select k.name as label, k.people from statistics_of(meeting_ref(:meeting), 'meeting') s
 cross join lateral (values (1, 'invited', s.invited), (2, 'answered', s.answered), (3, 'accepted', s.accepted), (4, 'came', s.came), (5, 'no_shows', s.no_shows), (6, 'walk_ins', s.walk_ins)) k (rank, name, people)
 order by k.rank;

-- name: chart_series.there one
select s.id from series s where s.platform_id = platform_id() and s.id = :series::uuid;

-- name: chart_series many
select to_char(m.starts_at at time zone m.time_zone, 'DD.MM.YY') as label, s.invited, s.accepted, s.came
  from register_meetings(:series::uuid, :year::int, :from::date, :to::date) m cross join lateral statistics_of(m.id, 'meeting') s
 order by m.place;

-- name: chart_platform many
select to_char(m.starts_at at time zone m.time_zone, 'DD.MM.YY') as label, s.invited, s.accepted, s.came
  from register_meetings(null::uuid, :year::int, :from::date, :to::date) m cross join lateral statistics_of(m.id, 'meeting') s
 order by m.place;
