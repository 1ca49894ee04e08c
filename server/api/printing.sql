-- printing.sql: what is printed of a meeting. What the statements rest on is in server/db/migrations/0024_printing.sql; paper is drawn by server/print/ from their rows.

-- ── The page with choices ─────────────────────────────────────────────────────

-- name: read_print one
select m.id, m.title, m.theme, m.starts_at, m.time_zone, m.status, m.slug, (select count(*)::int from paper_people(m.id, 'accepted', 'pl')) as expected,
       (select count(*)::int from certificate_shown c where c.platform_id = m.platform_id and c.meeting_id = m.id and c.holds) as came
  from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: read_print.meeting one
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: read_print.paper one
select s.funder_text, s.project_title, s.project_number, s.version from meeting_print_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);

-- What forms begin with.
-- name: read_print.usual one
select 10 as blank, 1 as start;

-- name: read_print.platform_paper one
select s.funder_text, s.project_title, s.project_number, s.has_logo_top, s.has_logo_bottom from platform_print_shown s where s.platform_id = platform_id();

-- ── Paper ─────────────────────────────────────────────────────────────────────

-- name: read_sign_in_sheet many
select p.name, p.position, p.organisation, case when coalesce(:email::bool, false) then p.email end as email
  from paper_people(meeting_ref(:meeting), coalesce(:who, 'accepted'), :language) p order by p.place;

-- name: read_sign_in_sheet.meeting one
select * from paper_meeting(meeting_ref(:meeting));

-- name: read_sign_in_sheet.print one
select * from paper(meeting_ref(:meeting));

-- One column for signatures a day, a week at most.
-- name: read_sign_in_sheet.days many
select d::date as day from meeting m, generate_series((m.starts_at at time zone m.time_zone)::date, (m.ends_at at time zone m.time_zone - interval '1 second')::date, interval '1 day') d
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) order by d limit 7;

-- name: read_sign_in_sheet.choices one
select coalesce(:blank::int, 10) as blank, :orientation::text as orientation, coalesce(:email::bool, false) as email;

-- name: read_badges many
select p.name, p.position, p.organisation, p.ticket_url from paper_people(meeting_ref(:meeting), coalesce(:who, 'accepted'), :language) p order by p.place;

-- name: read_badges.meeting one
select * from paper_meeting(meeting_ref(:meeting));

-- name: read_badges.choices one
select coalesce(:sheet, 'plain_90x55') as sheet, coalesce(:start::int, 1) as start;

-- name: read_name_cards many
select p.name, p.position, p.organisation from paper_people(meeting_ref(:meeting), coalesce(:who, 'accepted'), :language) p order by p.place;

-- name: read_name_cards.meeting one
select * from paper_meeting(meeting_ref(:meeting));

-- name: read_name_cards.choices one
select coalesce(:size, 'small') as size, case :size when 'large' then 'landscape' else 'portrait' end as orientation;

-- name: read_certificates many
select c.name, c.position, c.organisation, c.remote, c.language, c.certificate_url
  from certificate_shown c where c.platform_id = platform_id() and c.meeting_id = meeting_ref(:meeting) and c.holds
 order by case when :language = 'fi' then c.sort_name end collate "fi-x-icu", case when :language = 'en' then c.sort_name end collate "en-x-icu", c.sort_name collate "pl-x-icu", c.id;

-- name: read_certificates.meeting one
select * from paper_meeting(meeting_ref(:meeting));

-- name: read_certificates.print one
select * from paper(meeting_ref(:meeting));

-- name: read_certificate.there exec
select certificate_opened(c.id) from certificate_shown c where c.platform_id = platform_id() and c.meeting_id = meeting_ref(:meeting) and c.id = :attendance::uuid;

-- name: read_certificate one
select c.name, c.position, c.organisation, c.remote, c.language, c.certificate_url
  from certificate_shown c where c.platform_id = platform_id() and c.meeting_id = meeting_ref(:meeting) and c.id = :attendance::uuid;

-- name: read_certificate.meeting one
select * from paper_meeting(meeting_ref(:meeting));

-- name: read_certificate.print one
select * from paper(meeting_ref(:meeting));

-- The same numbers and charts as the page of statistics, and who was there.
-- name: read_report one
select s.*, percent_of(s.answered, s.invited) as answered_percent, percent_of(s.on_time, s.answered) as on_time_percent, percent_of(s.no_shows, s.accepted) as no_shows_percent,
       percent_of(s.heads_came, s.heads_expected) as heads_percent
  from statistics_of(meeting_ref(:meeting), 'meeting') s;

-- The bars of several charts one after the other, since a round trip holds only so many statements.
-- name: read_report.bars many
select 'people' as chart, b.key, b.people, b.note from people_bars(meeting_ref(:meeting)) with ordinality b (key, people, note, rank)
union all select 'responses', b.key, b.people, b.note from response_bars(meeting_ref(:meeting)) with ordinality b (key, people, note, rank)
union all select 'speed', b.key, b.people, b.note from speed_bars(meeting_ref(:meeting)) with ordinality b (key, people, note, rank);

-- name: read_report.part_bars many
select 'organisations' as chart, b.key, b.label, b.invited, b.answered, b.came from part_bars(meeting_ref(:meeting), 'organisation') b
union all select 'groups', b.key, b.label, b.invited, b.answered, b.came from part_bars(meeting_ref(:meeting), 'group') b;

-- name: read_report.answers many
select short_day(d.day, :language, false) as label, d.answered, d.accepted from answers_by_day(meeting_ref(:meeting)) d order by d.day;

-- name: read_report.marks many
select * from answer_marks(meeting_ref(:meeting));

-- The meetings of the series up to this one.
-- name: read_report.trend many
select t.* from meeting m cross join lateral trend_points(m.series_id, null, null, (m.starts_at at time zone m.time_zone)::date, :language, 15) t
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) and m.series_id is not null;

-- name: read_report.meeting one
select * from paper_meeting(meeting_ref(:meeting));

-- name: read_report.print one
select * from paper(meeting_ref(:meeting));

-- name: read_report.organisations many
select s.name, s.invited, s.answered, s.accepted, s.declined, s.came, s.no_shows from statistics_of(meeting_ref(:meeting), 'organisation') s
 order by case when :language = 'fi' then s.name end collate "fi-x-icu", case when :language = 'en' then s.name end collate "en-x-icu", s.name collate "pl-x-icu", s.id;

-- name: read_report.groups many
select s.name, s.invited, s.answered, s.accepted, s.declined, s.came, s.no_shows from statistics_of(meeting_ref(:meeting), 'group') s
 order by case when :language = 'fi' then s.name end collate "fi-x-icu", case when :language = 'en' then s.name end collate "en-x-icu", s.name collate "pl-x-icu", s.id;

-- name: read_report.present many
select d.name, d.position, d.organisation, d.state, d.arrived_at from attendees(meeting_ref(:meeting)) d where d.attended
 order by case when :language = 'fi' then d.sort_name end collate "fi-x-icu", case when :language = 'en' then d.sort_name end collate "en-x-icu", d.sort_name collate "pl-x-icu", d.person_id;

-- ── Is a certificate true? ────────────────────────────────────────────────────

-- name: verify_certificate.opened exec
select certificate_opened(:attendance::uuid);

-- name: verify_certificate one
select c.name, c.organisation, c.state, json_build_object('title', c.title, 'theme', c.theme, 'starts_at', c.starts_at, 'ends_at', c.ends_at, 'time_zone', c.time_zone, 'language', c.meeting_language) as meeting,
       f.name as issued_by, c.remote as _remote
  from certificate_shown c join platform f on f.id = c.platform_id
 where c.platform_id = platform_id() and c.id = :attendance::uuid;

-- ── How paper looks ───────────────────────────────────────────────────────────

-- name: read_print_settings one
select s.funder_text, s.project_title, s.project_number, s.has_logo_top, s.has_logo_bottom, s.version, s.logo_top_src as _logo_top_src, s.logo_bottom_src as _logo_bottom_src
  from platform_print_shown s where s.platform_id = platform_id();

-- name: update_print_settings.locked exec
select from platform p where p.id = platform_id() for no key update;

-- name: update_print_settings.checked one
select check_version(s.version, :if_match::bigint) from platform_print_shown s where s.platform_id = platform_id();

-- name: update_print_settings.set exec
insert into platform_print as s (funder_text, project_title, project_number) values (:funder_text, :project_title, :project_number)
    on conflict (platform_id) do update
   set funder_text = case when :has_funder_text::bool then :funder_text else s.funder_text end,
       project_title = case when :has_project_title::bool then :project_title else s.project_title end,
       project_number = case when :has_project_number::bool then :project_number else s.project_number end;

-- name: update_print_settings one
select s.funder_text, s.project_title, s.project_number, s.has_logo_top, s.has_logo_bottom, s.version from platform_print_shown s where s.platform_id = platform_id();

-- name: set_print_logo.set exec
select set_print_logo(:strip, :logo::bytea);

-- name: set_print_logo one
select s.funder_text, s.project_title, s.project_number, s.has_logo_top, s.has_logo_bottom, s.version from platform_print_shown s where s.platform_id = platform_id();

-- name: delete_print_logo exec
select set_print_logo(:strip, null);

-- name: read_meeting_print one
select s.funder_text, s.project_title, s.project_number, s.version from meeting_print_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);

-- name: update_meeting_print.locked exec
select from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) for no key update;

-- name: update_meeting_print.checked one
select check_version(s.version, :if_match::bigint) from meeting_print_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);

-- name: update_meeting_print.set exec
insert into meeting_print as s (meeting_id, funder_text, project_title, project_number) values (meeting_ref(:meeting), :funder_text, :project_title, :project_number)
    on conflict (platform_id, meeting_id) do update
   set funder_text = case when :has_funder_text::bool then :funder_text else s.funder_text end,
       project_title = case when :has_project_title::bool then :project_title else s.project_title end,
       project_number = case when :has_project_number::bool then :project_number else s.project_number end;

-- name: update_meeting_print one
select s.funder_text, s.project_title, s.project_number, s.version from meeting_print_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);
