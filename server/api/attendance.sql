-- attendance.sql: who came, and the lists that come of it.

-- Says that there is no such meeting: a list without rows would not come to ask.
-- name: list_attendance.there exec
select meeting_ref(:meeting);

-- name: list_attendance many
select a.id, a.meeting_id, a.person, a.state, a.arrived_at, a.left_at, a.recorded_as, a.note, a.version, a.created_at, a.updated_at,
       jsonb_build_array(a.sort_name, a.id) as _cursor
  from attendance_shown a
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting)
   and (:q::text is null or a.search like all (search_words(:q)))
   and (:state::text is null or a.state = :state)
   and (:after::jsonb is null or (a.sort_name collate "pl-x-icu", a.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by a.sort_name collate "pl-x-icu", a.id
 limit :limit::int + 1;

-- What a file may have as columns, and whether it usually has it.
-- name: list_attendance.offered many when html
select c.name, c.name <> all (array['id', 'created_at', 'updated_at']) as usual
  from unnest(array['id', 'name', 'position', 'organisation', 'email', 'state', 'arrived_at', 'left_at', 'recorded_as', 'note', 'created_at', 'updated_at']) with ordinality c (name, rank) order by c.rank;

-- name: list_attendance.sheet many when csv,xlsx,pdf
select a.id, p.name, p.position, o.name as organisation, p.email, a.state, a.arrived_at, a.left_at, a.recorded_as, a.note, a.created_at, a.updated_at
  from attendance a
  join person p on p.platform_id = a.platform_id and p.id = a.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting)
   and (:q::text is null or p.search || ' ' || coalesce(o.search, '') like all (search_words(:q)))
   and (:state::text is null or a.state = :state)
 order by coalesce(p.sort_name, p.name) collate "pl-x-icu", a.id;

-- name: list_attendance.head one when pdf
select * from paper_meeting(meeting_ref(:meeting));

-- name: list_attendance.print one when pdf
select * from paper(meeting_ref(:meeting));

-- name: list_attendance.meeting one when html,csv,xlsx,pdf
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_attendance.counts one when html
select count(*)::int as listed, (count(*) filter (where d.attended))::int as here, (count(*) filter (where d.recorded_as = 'walk_in'))::int as walk_ins,
       (count(*) filter (where d.response = 'accepted'))::int as accepted, (count(*) filter (where d.response = 'accepted' and not d.attended))::int as missing,
       (coalesce(sum(cardinality(d.companions)) filter (where d.response = 'accepted'), 0))::int as companions
  from attendees(meeting_ref(:meeting)) d;

-- name: list_attendance.quorum maybe when html
select m.quorum as needed, p.present, p.present >= m.quorum as reached
  from meeting m cross join lateral (select present_invited(m.id) as present) p
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) and m.quorum is not null;

-- name: create_attendance.made exec
select attend(meeting_ref(:meeting), :person::jsonb, :person_id::uuid, :state, :arrived_at::timestamptz, :note, :recorded_as);

-- name: create_attendance one
select a.id, a.meeting_id, a.person, a.state, a.arrived_at, a.left_at, a.recorded_as, a.note, a.version, a.created_at, a.updated_at
  from attendance_shown a
 where a.platform_id = platform_id() and a.id = made_id();

-- name: read_attendance one
select a.id, a.meeting_id, a.person, a.state, a.arrived_at, a.left_at, a.recorded_as, a.note, a.version, a.created_at, a.updated_at
  from attendance_shown a
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting) and a.id = :attendance::uuid;

-- name: read_attendance.certificate maybe when html
select c.id from certificate_shown c where c.platform_id = platform_id() and c.meeting_id = meeting_ref(:meeting) and c.id = :attendance::uuid and c.holds;

-- name: read_attendance.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: update_attendance.corrected exec
select case when (w.state, w.arrived_at, w.left_at, w.note) is distinct from (a.state, a.arrived_at, a.left_at, a.note)
       then attendance_correct(a.meeting_id, a.person_id, w.state, w.arrived_at, w.left_at, w.note,
                case when (w.state, w.arrived_at, w.left_at) is distinct from (a.state, a.arrived_at, a.left_at) then 'correction' else a.recorded_as end)::text end
  from attendance a
 cross join lateral (select case when :has_state::bool then :state else a.state end as state,
                            case when :has_arrived_at::bool then :arrived_at::timestamptz else a.arrived_at end as arrived_at,
                            case when :has_left_at::bool then :left_at::timestamptz else a.left_at end as left_at,
                            case when :has_note::bool then :note else a.note end as note) w
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting) and a.id = :attendance::uuid and check_version(a.version, :if_match::bigint);

-- name: update_attendance one
select a.id, a.meeting_id, a.person, a.state, a.arrived_at, a.left_at, a.recorded_as, a.note, a.version, a.created_at, a.updated_at
  from attendance_shown a
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting) and a.id = :attendance::uuid;

-- name: delete_attendance one
select a.id, attendance_undo(a.meeting_id, a.person_id)::text as _undone
  from attendance a
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting) and a.id = :attendance::uuid and check_version(a.version, :if_match::bigint);

-- name: list_attendees.there exec
select meeting_ref(:meeting);

-- The columns of a file over which the cells in `_answers` are spread.
-- name: list_attendees.columns many when csv,xlsx
select c.name from answer_columns(meeting_ref(:meeting)) c order by c.rank;

-- A row for each head: an invitee, and below them whoever they bring along.
-- name: list_attendees many
with columns as materialized (
    select * from answer_columns(meeting_ref(:meeting)) where :limit::int is null
)
select d.head as name, case when r = 0 then d.position end as position, d.organisation, case when r = 0 then d.email end as email, case when r = 0 then d.groups end as groups,
       d.response, d.responded_at, d.attended and r = 0 as attended, case when r = 0 then d.arrived_at end as arrived_at, case when r = 0 then d.note end as note,
       d.mode, case when r > 0 then d.name end as companion_of, l.titles as agenda_items,
       d.person_id as _person_id, d.invitation_id as _invitation_id, d.attendance_id as _attendance_id, case when r = 0 then d.state end as _state,
       d.response in ('accepted', 'tentative', 'waitlisted') as _comes,
       case when r = 0 and exists (select from columns) then (
           select jsonb_agg(answer_cell(a) order by c.rank) from columns c
             left join answer a on a.platform_id = platform_id() and a.invitation_id = d.invitation_id and a.question_id = c.question_id and a.wording = any (c.wordings)) end as _answers,
       case when :limit::int is not null then jsonb_build_array(d.sort_name, d.person_id, r) end as _cursor
  from (select a.*, unnest(array_prepend(a.name, a.companions)) as head, generate_series(0, coalesce(cardinality(a.companions), 0)) as r
          from attendees(meeting_ref(:meeting)) a) d
  left join choices_listed(meeting_ref(:meeting)) l on l.invitation_id = d.invitation_id
 where (:q::text is null or d.search like all (search_words(:q)) or r > 0 and fold(d.head) like all (search_words(:q)))
   and (:response::text is null or d.response = :response)
   and (:attended::bool is null or (d.attended and r = 0) = :attended::bool)
   and (:after::jsonb is null or (d.sort_name collate "pl-x-icu", d.person_id, r) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid, (:after::jsonb->>2)::int))
 order by d.sort_name collate "pl-x-icu", d.person_id, r
 limit :limit::int + 1;

-- Cards of the people alone: of companions no more is known than a name.
-- name: list_attendees.card many when vcf
select p.id, p.name, p.sort_name, p.position, d.organisation, p.email, p.phone, p.updated_at
  from attendees(meeting_ref(:meeting)) d
  join person p on p.platform_id = platform_id() and p.id = d.person_id
 where (:q::text is null or d.search like all (search_words(:q)))
   and (:response::text is null or d.response = :response)
   and (:attended::bool is null or d.attended = :attended::bool)
 order by d.sort_name collate "pl-x-icu", d.person_id;

-- name: list_attendees.head one when pdf
select * from paper_meeting(meeting_ref(:meeting));

-- name: list_attendees.print one when pdf
select * from paper(meeting_ref(:meeting));

-- name: list_attendees.meeting one when html,csv,xlsx,vcf,pdf
select m.id, m.slug, m.title, m.theme, m.starts_at, m.ends_at, m.time_zone, m.status, m.format = 'hybrid' as is_hybrid from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- What a file may have as columns, and whether it usually has it.
-- name: list_attendees.offered many when html
select c.name, true as usual
  from unnest(array['name', 'position', 'organisation', 'email', 'groups', 'response', 'responded_at', 'attended', 'arrived_at', 'note', 'mode', 'companion_of', 'agenda_items', 'answers']) with ordinality c (name, rank) order by c.rank;

-- name: list_attendees.counts one when html
select (count(*) + coalesce(sum(cardinality(d.companions)), 0))::int as listed, (count(*) filter (where d.attended))::int as came, (count(*) filter (where d.response = 'accepted'))::int as accepted,
       (coalesce(sum(cardinality(d.companions)), 0))::int as companions, (count(*) filter (where d.invitation_id is null))::int as uninvited
  from attendees(meeting_ref(:meeting)) d;

-- name: list_attendees.answers many when html
select v.response, v.response = :response as selected
  from unnest(array['needs_action', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted']) with ordinality v (response, rank) order by v.rank;

-- name: list_attendees.came many when html
select v.value, v.value = 'true' as is_true, v.value = :attended as selected from unnest(array['true', 'false']) with ordinality v (value, rank) order by v.rank;
