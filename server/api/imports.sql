-- imports.sql: inviting by a list that was uploaded or pasted. The rules are in server/db/migrations/0012_imports.sql.

-- name: list_imports.there exec
select meeting_ref(:meeting);

-- name: list_imports many
select s.id, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at, jsonb_build_array(s.id) as _cursor
  from import_shown s
 where s.platform_id = platform_id() and s.kind = 'invitations' and s.meeting_id = meeting_ref(:meeting) and (:after::jsonb is null or s.id < (:after::jsonb->>0)::uuid)
 order by s.id desc
 limit :limit::int + 1;

-- name: list_imports.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: create_import.made exec
select import_make('invitations', meeting_ref(:meeting), :found_name, :found::jsonb, :found_rows::jsonb, :found_content::bytea);

-- name: create_import one
select s.id, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = made_id();

-- name: read_import one
select s.id, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at,
       s.state in ('reading', 'running', 'undoing') as _at_work, s.state = 'preview' as _preview, s.state in ('done', 'failed') as _can_undo,
       s.state = 'running' as _running, s.state = 'reading' as _reading, s.state = 'undoing' as _undoing, s.format <> 'xlsx' as _text,
       (s.counts->>'new')::int + (s.counts->>'matched')::int as _to_invite, (s.counts->>'error')::int > 0 as _has_errors
  from import_shown s where s.platform_id = platform_id() and s.kind = 'invitations' and s.meeting_id = meeting_ref(:meeting) and s.id = :import::uuid;

-- name: read_import.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status, m.status = 'draft' as is_draft from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- For each column a select: what it holds of all that it may hold.
-- name: read_import.fields many when html
select c.at as position, c.value->>'heading' as heading, (select string_agg(left(t, 60), ' · ') from jsonb_array_elements_text(c.value->'samples') t) as samples,
       (select jsonb_agg(jsonb_build_object('field', f.name, 'selected', f.name = c.value->>'field') order by f.rank)
          from unnest(array['ignore', 'name', 'first_name', 'last_name', 'email', 'phone', 'position', 'organisation', 'language', 'note']) with ordinality f (name, rank)) as choices
  from import_shown s cross join jsonb_array_elements(s.columns) with ordinality c (value, at)
 where s.platform_id = platform_id() and s.kind = 'invitations' and s.meeting_id = meeting_ref(:meeting) and s.id = :import::uuid
 order by c.at;

-- name: read_import.outcomes many when html
select v.outcome, (s.counts->>v.outcome)::int as number
  from import_shown s cross join unnest(array['invited', 'new', 'matched', 'already_invited', 'withdrawn', 'duplicate', 'error']) with ordinality v (outcome, rank)
 where s.platform_id = platform_id() and s.kind = 'invitations' and s.meeting_id = meeting_ref(:meeting) and s.id = :import::uuid and (s.counts->>v.outcome)::int > 0
 order by v.rank;

-- What is wrong first, then how the rest begins.
-- name: read_import.shown many when html
(select r.rank as row, r.outcome, r.code, r.written->>'name' as name, r.written->>'email' as email, r.written->>'organisation' as organisation,
        (select string_agg(c, ' · ') from jsonb_array_elements_text(r.cells) c where c <> '') as cells, r.outcome = 'error' as is_error
   from import_row r join import i on i.platform_id = r.platform_id and i.id = r.import_id
  where r.platform_id = platform_id() and i.kind = 'invitations' and i.meeting_id = meeting_ref(:meeting) and r.import_id = :import::uuid and r.outcome is not null and r.code is not null
  order by r.rank limit 50)
union all
(select r.rank, r.outcome, null, r.written->>'name', r.written->>'email', r.written->>'organisation', null, false
   from import_row r join import i on i.platform_id = r.platform_id and i.id = r.import_id
  where r.platform_id = platform_id() and i.kind = 'invitations' and i.meeting_id = meeting_ref(:meeting) and r.import_id = :import::uuid and r.outcome is not null and r.code is null
  order by r.rank limit 20);

-- name: update_import.there exec
select import_of(array['invitations'], :import::uuid);

-- name: update_import.changed exec
select import_change(:import::uuid, meeting_ref(:meeting), :if_match::bigint, :body::jsonb);

-- name: update_import one
select s.id, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = :import::uuid;

-- name: delete_import.there exec
select import_of(array['invitations'], :import::uuid);

-- name: delete_import one
select import_discard(:import::uuid, meeting_ref(:meeting), :if_match::bigint) as id;

-- name: run_import.there exec
select import_of(array['invitations'], :import::uuid);

-- name: run_import.started exec
select import_start(:import::uuid, meeting_ref(:meeting));

-- name: run_import one
select s.id, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = :import::uuid;

-- name: undo_import.there exec
select import_of(array['invitations'], :import::uuid);

-- name: undo_import.started exec
select import_undo(:import::uuid, meeting_ref(:meeting));

-- name: undo_import one
select s.id, s.meeting_id, s.state, s.format, s.file_name, s.encoding, s.separator, s.sheet, s.hidden_rows, s.with_header, s.columns, s.counts, s.handled, s.problem,
       s.created_at, s.started_at, s.finished_at, s.expires_at, s.version, s.updated_at
  from import_shown s where s.platform_id = platform_id() and s.id = :import::uuid;

-- name: list_import_rows.there one
select i.id, i.file_name, i.format from import i where i.platform_id = platform_id() and i.kind = 'invitations' and i.meeting_id = meeting_ref(:meeting) and i.id = :import::uuid;

-- name: list_import_rows many
select r.rank as row, r.outcome, r.code, r.written->>'name' as name, r.written->>'email' as email, r.written->>'phone' as phone, r.written->>'position' as "position",
       r.written->>'organisation' as organisation, r.written->>'language' as language, r.written->>'note' as note, r.person_id, r.invitation_id,
       (select string_agg(c, ' · ') from jsonb_array_elements_text(r.cells) c where c <> '') as _cells, jsonb_build_array(r.rank) as _cursor
  from import_row r
 where r.platform_id = platform_id() and r.import_id = :import::uuid and r.outcome is not null and (:outcome::text is null or r.outcome = :outcome)
   and (:after::jsonb is null or r.rank > (:after::jsonb->>0)::int)
 order by r.rank
 limit :limit::int + 1;

-- name: list_import_rows.meeting one when html,csv,xlsx
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);
