-- lists_in.sql: lists of more than invitations: people, organisations, groups, an agenda, attendance. The rules are in server/db/migrations/0025_imports_of_all.sql.

-- name: list_lists_in many
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at, jsonb_build_array(s.id) as _cursor
  from import_shown s
 where s.platform_id = platform_id() and s.kind = :register and (:after::jsonb is null or s.id < (:after::jsonb->>0)::uuid)
 order by s.id desc
 limit :limit::int + 1;

-- name: list_lists_in.list_kind one when html
select k.kind, k.kind = 'people' as is_people, k.kind = 'organisations' as is_organisations, k.kind = 'groups' as is_groups, k.kind = 'agenda' as is_agenda,
       k.kind = 'attendance' as is_attendance, array_to_string(case k.kind when 'organisations' then array_replace(k.fields, 'name', 'organisation_name') else k.fields end, ',') as columns
  from import_kinds() k where k.kind = :register;

-- name: create_list_in.made exec
select import_make(:register, null, :found_name, :found::jsonb, :found_rows::jsonb, :found_content::bytea);

-- name: create_list_in one
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = made_id();

-- name: list_meeting_lists_in.there exec
select meeting_ref(:meeting);

-- name: list_meeting_lists_in many
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at, jsonb_build_array(s.id) as _cursor
  from import_shown s
 where s.platform_id = platform_id() and s.kind = :part and s.meeting_id = meeting_ref(:meeting) and (:after::jsonb is null or s.id < (:after::jsonb->>0)::uuid)
 order by s.id desc
 limit :limit::int + 1;

-- name: list_meeting_lists_in.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_meeting_lists_in.list_kind one when html
select k.kind, k.kind = 'people' as is_people, k.kind = 'organisations' as is_organisations, k.kind = 'groups' as is_groups, k.kind = 'agenda' as is_agenda,
       k.kind = 'attendance' as is_attendance, array_to_string(case k.kind when 'organisations' then array_replace(k.fields, 'name', 'organisation_name') else k.fields end, ',') as columns
  from import_kinds() k where k.kind = :part;

-- name: create_meeting_list_in.made exec
select import_make(:part, meeting_ref(:meeting), :found_name, :found::jsonb, :found_rows::jsonb, :found_content::bytea);

-- name: create_meeting_list_in one
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = made_id();

-- name: read_import_template many
select null::text as name, null::text as organisation_name, null::text as first_name, null::text as last_name, null::text as sort_name, null::text as email, null::text as phone, null::text as position,
       null::text as organisation, null::text as language, null::text as note, null::text as external_id, null::text as id, null::text as short_name, null::text as kind,
       null::text as affiliation, null::text as parent, null::text as city, null::text as website, null::text as "group", null::text as description, null::text as title,
       null::text as date, null::text as start, null::text as "end", null::text as duration, null::text as abstract, null::text as speakers, null::text as "join",
       null::text as leave, null::text as state
 where false;

-- name: read_list_in.there exec
select import_of(array['people', 'organisations', 'groups', 'agenda', 'attendance'], :list::uuid);

-- name: read_list_in one
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at,
       s.state in ('reading', 'running', 'undoing') as _at_work, s.state = 'preview' as _preview, s.state in ('done', 'failed') as _can_undo,
       s.state = 'running' as _running, s.state = 'reading' as _reading, s.state = 'undoing' as _undoing, s.format <> 'xlsx' as _text, s.kind = 'attendance' as _attendance,
       (s.counts->>'new')::int + (s.counts->>'change')::int as _to_do
  from import_shown s where s.platform_id = platform_id() and s.id = :list::uuid;

-- name: read_list_in.meeting maybe when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status
  from import i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id where i.platform_id = platform_id() and i.id = :list::uuid;

-- name: read_list_in.list_kind one when html
select k.kind, k.kind = 'people' as is_people, k.kind = 'organisations' as is_organisations, k.kind = 'groups' as is_groups, k.kind = 'agenda' as is_agenda,
       k.kind = 'attendance' as is_attendance, array_to_string(case k.kind when 'organisations' then array_replace(k.fields, 'name', 'organisation_name') else k.fields end, ',') as columns
  from import_kinds() k where k.kind = (select i.kind from import i where i.platform_id = platform_id() and i.id = :list::uuid);

-- For each column a select: what it holds of all that it may hold.
-- name: read_list_in.fields many when html
select c.at as position, c.value->>'heading' as heading, (select string_agg(left(t, 60), ' · ') from jsonb_array_elements_text(c.value->'samples') t) as samples,
       (select jsonb_agg(jsonb_build_object('field', f.name, 'selected', f.name = c.value->>'field') order by f.rank)
          from unnest(array_prepend('ignore', k.fields)) with ordinality f (name, rank)) as choices
  from import_shown s join import_kinds() k on k.kind = s.kind cross join jsonb_array_elements(s.columns) with ordinality c (value, at)
 where s.platform_id = platform_id() and s.id = :list::uuid
 order by c.at;

-- name: read_list_in.outcomes many when html
select v.outcome, (s.counts->>v.outcome)::int as number
  from import_shown s cross join unnest(array['new', 'made', 'change', 'changed', 'same', 'taken_back', 'kept', 'duplicate', 'error']) with ordinality v (outcome, rank)
 where s.platform_id = platform_id() and s.id = :list::uuid and (s.counts->>v.outcome)::int > 0
 order by v.rank;

-- What is wrong first, then what changes, then how the rest begins.
-- name: read_list_in.shown many when html
(select r.rank as row, r.outcome, r.code, import_row_name(r) as name, import_row_changes(r) as changes, import_row_cells(r) as cells, r.outcome = 'error' as is_error
   from import_row r where r.platform_id = platform_id() and r.import_id = :list::uuid and r.outcome is not null and r.code is not null
  order by r.rank limit 50)
union all
(select r.rank, r.outcome, null, import_row_name(r), import_row_changes(r), null, false
   from import_row r where r.platform_id = platform_id() and r.import_id = :list::uuid and r.outcome in ('change', 'changed') and r.code is null
  order by r.rank limit 30)
union all
(select r.rank, r.outcome, null, import_row_name(r), null, null, false
   from import_row r where r.platform_id = platform_id() and r.import_id = :list::uuid and r.outcome not in ('change', 'changed') and r.code is null
  order by r.rank limit 20);

-- name: update_list_in.changed exec
select import_change(:list::uuid, import_of(array['people', 'organisations', 'groups', 'agenda', 'attendance'], :list::uuid), :if_match::bigint, :body::jsonb);

-- name: update_list_in one
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = :list::uuid;

-- name: delete_list_in one
select import_discard(:list::uuid, import_of(array['people', 'organisations', 'groups', 'agenda', 'attendance'], :list::uuid), :if_match::bigint) as id;

-- name: run_list_in.started exec
select import_start(:list::uuid, import_of(array['people', 'organisations', 'groups', 'agenda', 'attendance'], :list::uuid));

-- name: run_list_in one
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = :list::uuid;

-- name: undo_list_in.started exec
select import_undo(:list::uuid, import_of(array['people', 'organisations', 'groups', 'agenda', 'attendance'], :list::uuid));

-- name: undo_list_in one
select s.id, s.kind, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.walk_ins, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = :list::uuid;

-- name: list_list_in_rows.checked exec
select import_of(array['people', 'organisations', 'groups', 'agenda', 'attendance'], :list::uuid);

-- name: list_list_in_rows.there one when html
select i.id, i.file_name, i.format from import i where i.platform_id = platform_id() and i.id = :list::uuid;

-- name: list_list_in_rows many
select r.rank as row, r.outcome, r.code, import_row_name(r) as name, r.changes, r.written as says, r.target_id, import_row_cells(r) as _cells, import_row_changes(r) as _changes,
       r.outcome = 'error' as _is_error, jsonb_build_array(r.rank) as _cursor
  from import_row r
 where r.platform_id = platform_id() and r.import_id = :list::uuid and r.outcome is not null and (:outcome::text is null or r.outcome = :outcome)
   and (:after::jsonb is null or r.rank > (:after::jsonb->>0)::int)
 order by r.rank
 limit :limit::int + 1;

-- name: list_list_in_rows.meeting maybe when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status
  from import i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id where i.platform_id = platform_id() and i.id = :list::uuid;

-- name: list_list_in_rows.list_kind one when html
select k.kind, k.kind = 'people' as is_people, k.kind = 'organisations' as is_organisations, k.kind = 'groups' as is_groups, k.kind = 'agenda' as is_agenda,
       k.kind = 'attendance' as is_attendance, array_to_string(case k.kind when 'organisations' then array_replace(k.fields, 'name', 'organisation_name') else k.fields end, ',') as columns
  from import_kinds() k where k.kind = (select i.kind from import i where i.platform_id = platform_id() and i.id = :list::uuid);
