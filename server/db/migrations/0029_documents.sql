-- 0029_documents.sql: what is handed out at a meeting: presentations, the minutes, a map; and archives with them.
--
-- What is known of a document is apart from its bytes, so that lists and archives can be made of the one without touching the other. All that a meeting hands out together
-- is limited: it must go into one archive, and come in again. What is larger belongs where large files live; a message can bring a link to it.

set local role narada_owner;
set local search_path = narada;

create function document_room() returns bigint language sql immutable parallel safe as $$ select 10 * 1024 * 1024::bigint $$;
create function meeting_documents_room() returns bigint language sql immutable parallel safe as $$ select 24 * 1024 * 1024::bigint $$;

create table document (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    agenda_item_id uuid, -- NULL: the whole meeting
    title text not null,
    file_name text not null constraint document_name check (file_name !~ '[\u0001-\u001f\u007f/\\:*?"<>|]' and file_name <> ''),
    shown_to text not null default 'members' constraint document_shown_to check (shown_to in ('members', 'invitees', 'everybody')),
    rank int not null default 0,
    size bigint not null check (size between 1 and document_room()),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint document_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint document_item foreign key (platform_id, agenda_item_id) references agenda_item on delete set null (agenda_item_id)
);
create index document_of_meeting on document (platform_id, meeting_id);
create index document_of_item on document (platform_id, agenda_item_id) where agenda_item_id is not null;
create trigger touch before update on document for each row execute function touch();
select close_by_default('document');
grant select, insert, update, delete on document to narada_service;

create table document_content (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    document_id uuid not null,
    content bytea not null,
    primary key (platform_id, document_id),
    constraint document_content_of foreign key (platform_id, document_id) references document on delete cascade
);
alter table document_content alter content set storage external; -- most are packed already, and a piece can be read by itself
select close_by_default('document_content');
grant select, insert on document_content to narada_service;

-- What a browser is told it is follows from how it is called, never from what its sender said.
create function media_type_of(file_name text) returns text language sql immutable parallel safe as $$
    select coalesce((select t.media from (values
        ('pdf', 'application/pdf'), ('txt', 'text/plain; charset=utf-8'), ('csv', 'text/csv; charset=utf-8'), ('rtf', 'application/rtf'), ('zip', 'application/zip'), ('ics', 'text/calendar; charset=utf-8'),
        ('doc', 'application/msword'), ('xls', 'application/vnd.ms-excel'), ('ppt', 'application/vnd.ms-powerpoint'),
        ('docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'), ('xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
        ('pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'),
        ('odt', 'application/vnd.oasis.opendocument.text'), ('ods', 'application/vnd.oasis.opendocument.spreadsheet'), ('odp', 'application/vnd.oasis.opendocument.presentation'),
        ('png', 'image/png'), ('jpg', 'image/jpeg'), ('jpeg', 'image/jpeg'), ('gif', 'image/gif'), ('webp', 'image/webp'), ('mp3', 'audio/mpeg'), ('mp4', 'video/mp4')) t (suffix, media)
      where t.suffix = lower(substring(file_name from '\.([^.]+)$'))), 'application/octet-stream')
$$;

-- Its own people see all of a meeting's documents, an invitee what is for invitees, everybody what is for everybody.
create view document_shown with (security_invoker = true) as
select d.id, d.meeting_id, d.agenda_item_id, d.title, d.file_name, media_type_of(d.file_name) as media_type, d.shown_to, d.rank, d.size, d.sha256, d.version, d.created_at, d.updated_at
  from document d
 where d.platform_id = platform_id()
   and (caller_role() is not null or d.shown_to = 'everybody'
        or d.shown_to = 'invitees' and exists (select from invitation i where i.platform_id = d.platform_id and i.id = invitation_id() and i.meeting_id = d.meeting_id));
grant select on document_shown to narada_service;

-- In the order in which they are listed: those of the whole meeting, then those of each part of its programme.
create function documents_of(of_meeting uuid) returns table (id uuid, meeting_id uuid, agenda_item_id uuid, title text, file_name text, media_type text, shown_to text, rank int, size bigint, sha256 text,
    version bigint, created_at timestamptz, updated_at timestamptz, item_title text) language sql stable rows 20 as $$
    select d.id, d.meeting_id, d.agenda_item_id, d.title, d.file_name, d.media_type, d.shown_to, d.rank, d.size, d.sha256, d.version, d.created_at, d.updated_at, a.title
      from document_shown d left join agenda_item a on a.platform_id = platform_id() and a.id = d.agenda_item_id
     where d.meeting_id = of_meeting
     order by a.position nulls first, a.id, d.rank, d.created_at, d.id
$$;

-- A part of the programme that is another meeting's is none of this one's.
create function document_check(of_meeting uuid, item uuid) returns void language plpgsql stable as $$
begin
    if item is not null and not exists (select from agenda_item a where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.id = item) then
        perform refuse(422, 'There is no such item in this meeting''s programme.', 'no_such_item', 'agenda_item_id');
    end if;
end
$$;

-- Its bytes in pieces that can be read one after the other, whatever it holds altogether.
create function document_pieces(of_document uuid, of_size bigint) returns table (piece bytea) language sql stable rows 100 as $$
    select substring(c.content from at.first for 65536)
      from (select n as first from generate_series(1, of_size::int, 65536) n order by n) at
      join document_content c on c.platform_id = platform_id() and c.document_id = of_document
$$;

-- As people read it: "3,4 MB", "120 kB".
create function size_said(bytes bigint, language text) returns text language sql immutable parallel safe as $$
    select case when bytes >= 1000000 then translate(round(bytes / 1000000.0, 1)::text, '.', case when language like 'en%' then '.' else ',' end) || ' M'
                else greatest(1, round(bytes / 1000.0)) || ' k' end || case when language like 'fi%' then 't' else 'B' end
$$;

create function document_decoded(content text) returns bytea language plpgsql immutable as $$
begin
    return decode(content, 'base64');
exception when invalid_parameter_value then
    perform refuse(422, 'This is no base64.', 'not_base64', 'content');
end
$$;

-- The one way to put one there; it gives its id. Its name keeps what a name may have everywhere.
create function document_add(of_meeting uuid, item uuid, called text, named text, for_whom text, ranked int, bytes bytea) returns uuid language plpgsql volatile as $$
declare
    the_id uuid;
    the_name text := left(btrim(regexp_replace(coalesce(named, ''), '[\u0001-\u001f\u007f/\\:*?"<>|]+', ' ', 'g'), ' .'), 200);
begin
    if coalesce(length(bytes), 0) = 0 then
        perform refuse(422, 'Choose a file that is not empty.', 'document_empty', 'content');
    elsif length(bytes) > document_room() then
        perform refuse(413, 'A document has at most 10 MB.', 'document_too_large', 'content');
    elsif the_name = '' then
        perform refuse(422, 'The file needs a name.', 'required', 'file_name');
    elsif length(called) > 300 then
        perform refuse(422, 'A title has at most 300 characters.', 'too_long', 'title');
    end if;
    perform document_check(of_meeting, item);
    perform pg_advisory_xact_lock(hashtextextended('narada.documents ' || of_meeting, 0));
    if length(bytes) + (select coalesce(sum(d.size), 0) from document d where d.platform_id = platform_id() and d.meeting_id = of_meeting) > meeting_documents_room() then
        perform refuse(409, 'All documents of a meeting together have at most 24 MB.', 'documents_full', 'content');
    end if;
    insert into document (meeting_id, agenda_item_id, title, file_name, shown_to, rank, size, sha256)
    values (of_meeting, item, coalesce(nullif(btrim(called), ''), the_name), the_name, coalesce(for_whom, 'members'), coalesce(ranked, 0), length(bytes), encode(sha256(bytes), 'hex'))
    returning id into the_id;
    insert into document_content (document_id, content) values (the_id, bytes);
    return the_id;
end
$$;

-- ── Archives ──────────────────────────────────────────────────────────────────

-- A meeting's archive has its documents as files beside meeting.json, each called `documents/<id>`; `files` says what they must be.
create function archive_files(of_meeting uuid) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('name', 'documents/' || d.id, 'size', d.size, 'sha256', d.sha256) order by d.id), '[]')
      from document d where d.platform_id = platform_id() and d.meeting_id = of_meeting
$$;

create or replace function archive_parts() returns table (rank int, part text, of_table text, without text[], refers jsonb, has_meeting boolean, may_be_known boolean) language sql immutable parallel safe as $$
    values (1, 'organisations', 'organisation', array['search', 'version'], '{"parent_id": "organisations"}'::jsonb, false, true),
           (2, 'venues', 'venue', array['search', 'version'], '{}', false, true),
           (3, 'series', 'series', array['search', 'version'], '{"host_organisation_id": "organisations"}', false, true),
           (4, 'people', 'person', array['search', 'version'], '{"organisation_id": "organisations"}', false, true),
           (5, 'groups', 'contact_group', array['search', 'version'], '{}', false, true),
           (6, 'group_members', 'group_member', array[]::text[], '{"group_id": "groups", "person_id": "people", "organisation_id": "organisations"}', false, false),
           (7, 'meeting', 'meeting', array['search', 'version'], '{"venue_id": "venues", "host_organisation_id": "organisations", "series_id": "series"}', false, false),
           (8, 'meeting_groups', 'meeting_group', array['version'], '{"group_id": "groups"}', true, false),
           (9, 'initiatives', 'initiative', array['search', 'version'], '{"lead_organisation_id": "organisations"}', false, true),
           (10, 'initiative_partners', 'initiative_partner', array[]::text[], '{"initiative_id": "initiatives", "organisation_id": "organisations"}', false, false),
           (11, 'agenda', 'agenda_item', array['version'], '{}', true, false),
           (12, 'initiative_items', 'initiative_item', array[]::text[], '{"initiative_id": "initiatives", "agenda_item_id": "agenda"}', false, false),
           (13, 'speakers', 'speaker', array['version'], '{"agenda_item_id": "agenda", "person_id": "people", "organisation_id": "organisations"}', true, false),
           (14, 'questions', 'question', array['version'], '{}', true, false),
           (15, 'question_wordings', 'question_wording', array[]::text[], '{"question_id": "questions"}', false, false),
           (16, 'question_groups', 'question_group', array[]::text[], '{"question_id": "questions", "group_id": "groups"}', false, false),
           (17, 'invitations', 'invitation', array['version', 'link_version'],
                '{"person_id": "people", "group_id": "groups", "delegated_to": "invitations", "delegated_from": "invitations"}', true, false),
           (18, 'companions', 'companion', array[]::text[], '{"invitation_id": "invitations"}', false, false),
           (19, 'agenda_choices', 'agenda_choice', array[]::text[], '{"invitation_id": "invitations", "agenda_item_id": "agenda"}', false, false),
           (20, 'answers', 'answer', array['given', 'version'], '{"invitation_id": "invitations", "question_id": "questions"}', false, false),
           -- A companion, and what is undone, need not be there any more.
           (21, 'attendance_actions', 'attendance_action', array['transaction', 'device'],
                '{"person_id": "people", "agenda_item_id": "agenda", "companion_id": "", "undoes": ""}', true, false),
           (22, 'attendance', 'attendance', array['version'], '{"person_id": "people"}', true, false),
           (23, 'presence', 'presence', array[]::text[], '{"person_id": "people", "agenda_item_id": "agenda", "companion_id": ""}', true, false),
           (24, 'messages', 'message', array[]::text[], '{}', true, false),
           (25, 'history', 'invitation_event', array[]::text[], '{"invitation_id": "invitations"}', true, false),
           (26, 'documents', 'document', array['version'], '{"agenda_item_id": "agenda"}', true, false)
$$;

create or replace function archive_of(of_meeting uuid) returns jsonb language sql stable set timezone = 'UTC' set enable_nestloop = off as $$
    select jsonb_build_object('format', 'narada-meeting', 'version', 1, 'made_at', to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'files', archive_files(of_meeting),
               'platform', (select jsonb_build_object('name', p.name, 'language', p.language, 'time_zone', p.time_zone) from platform p where p.id = platform_id()))
        || jsonb_build_object('meeting', (select r from archive_rows('meeting', of_meeting) r))
        || (select jsonb_object_agg(a.part, (select coalesce(jsonb_agg(r), '[]') from archive_rows(a.part, of_meeting) r)) from archive_parts() a where a.part <> 'meeting')
$$;

create or replace function archive_check(doc jsonb) returns void language plpgsql stable as $$
declare
    p record;
    stranger text;
begin
    if jsonb_typeof(doc) <> 'object' or doc->>'format' is distinct from 'narada-meeting' then
        perform refuse(422, 'The archive is not one of a meeting: its "format" is not "narada-meeting".', 'archive_not_ours', 'file');
    elsif doc->'version' is distinct from '1' then
        perform refuse(422, 'The archive is of a version that is not known here: ' || coalesce(doc->>'version', 'none') || '.', 'archive_version', 'file');
    end if;
    select k into stranger from jsonb_object_keys(doc) k
     where k not in ('format', 'version', 'made_at', 'files', 'platform') and k not in (select a.part from archive_parts() a) limit 1;
    if stranger is not null then
        perform archive_refuse(left(stranger, 100), 'is not known.');
    elsif jsonb_typeof(doc->'platform'->'name') is distinct from 'string' or length(doc->'platform'->>'name') > 200 then
        perform archive_refuse('platform.name', 'is missing.');
    elsif jsonb_typeof(doc->'files') is distinct from 'array' then
        perform archive_refuse('files', 'must be a list.');
    elsif jsonb_typeof(doc->'meeting') is distinct from 'object' then
        perform archive_refuse('meeting', 'is missing.');
    end if;
    for p in select * from archive_parts() a order by a.rank loop
        if not doc ? p.part then
            perform archive_refuse(p.part, 'is missing.');
        end if;
        perform archive_check_part(p, case when p.part = 'meeting' then jsonb_build_array(doc->'meeting') else doc->p.part end);
        select case when p.part = 'meeting' then 'meeting' else p.part || '[' || e.at - 1 || ']' end into stranger
          from jsonb_array_elements(case when p.part = 'meeting' then jsonb_build_array(doc->'meeting') else doc->p.part end) with ordinality e (one, at)
         where not e.one ? 'id' and exists (select from pg_attribute a where a.attrelid = p.of_table::regclass and a.attname = 'id') limit 1;
        if stranger is not null then
            perform archive_refuse(stranger || '.id', 'is missing.');
        end if;
    end loop;
    if not exists (select from pg_timezone_names z where z.name = doc->'meeting'->>'time_zone') then
        perform archive_refuse('meeting.time_zone', 'is no time zone.');
    end if;
    perform archive_check_references(doc);
    select 'files[' || e.at - 1 || ']' into stranger from jsonb_array_elements(doc->'files') with ordinality e (one, at)
     where not exists (select from jsonb_array_elements(doc->'documents') d (one) where e.one->>'name' = 'documents/' || (d.one->>'id')) limit 1;
    if stranger is not null then
        perform archive_refuse(stranger, 'belongs to no document.');
    end if;
end
$$;

-- `files` has the bytes by name, in base64. What a document says of itself must be true of its file.
create function archive_put_files(documents jsonb, ids jsonb, files jsonb) returns void language plpgsql volatile as $$
declare
    d record;
    bytes bytea;
begin
    for d in select e.at - 1 as place, e.one->>'id' as id, (e.one->>'size')::bigint as size, e.one->>'sha256' as sha256 from jsonb_array_elements(documents) with ordinality e (one, at) loop
        bytes := decode(files->>('documents/' || d.id), 'base64');
        if bytes is null then
            perform archive_refuse('documents[' || d.place || ']', 'its file is missing.');
        elsif length(bytes) <> d.size or encode(sha256(bytes), 'hex') is distinct from d.sha256 then
            perform archive_refuse('documents[' || d.place || ']', 'its file is not the one that was put in.');
        end if;
        insert into document_content (document_id, content) values (archive_id(ids, d.id::uuid), bytes);
    end loop;
    if (select coalesce(sum((e.one->>'size')::bigint), 0) from jsonb_array_elements(documents) e (one)) > meeting_documents_room() then
        perform refuse(409, 'All documents of a meeting together have at most 24 MB.', 'documents_full', 'file');
    end if;
end
$$;

drop function archive_take(text);
create function archive_take(document text, files jsonb) returns void language plpgsql volatile set timezone = 'UTC' as $$
declare
    doc jsonb;
    ids jsonb := '{}';
    known jsonb := '{}';
    counts_made jsonb := '{}';
    counts_known jsonb := '{}';
    found jsonb;
    things jsonb;
    the_meeting uuid;
    p record;
begin
    begin
        doc := document::jsonb;
        doc := case when jsonb_typeof(doc) = 'object' then '{"documents": []}'::jsonb || doc else doc end; -- the first archives had none
    exception when others then
        perform refuse(422, 'The archive''s document can not be read as JSON.', 'archive_broken', 'file');
    end;
    perform archive_check(doc);
    the_meeting := (doc->'meeting'->>'id')::uuid;
    perform pg_advisory_xact_lock(hashtextextended('narada.archive ' || platform_id(), 0));
    if exists (select from meeting m where m.platform_id = platform_id() and (m.id = the_meeting or m.external_id = doc->'meeting'->>'external_id')) then
        perform refuse(409, 'The meeting of this archive is here already.', 'archive_already_there', 'file');
    end if;
    perform watch_groups(false);
    for p in select * from archive_parts() a order by a.rank loop
        things := case when p.part = 'meeting' then jsonb_build_array(doc->'meeting') else doc->p.part end;
        if p.may_be_known then
            found := archive_known(p.part, things);
            known := known || found;
            counts_known := counts_known || jsonb_build_object(p.part, (select count(*) from jsonb_object_keys(found)));
            things := (select coalesce(jsonb_agg(e.one), '[]') from jsonb_array_elements(things) e (one) where not found ? (e.one->>'id'));
            ids := ids || found;
        elsif p.part in ('group_members', 'initiative_partners') then -- what is known keeps its own
            things := (select coalesce(jsonb_agg(e.one), '[]') from jsonb_array_elements(things) e (one) where not known ? coalesce(e.one->>'group_id', e.one->>'initiative_id'));
        elsif p.part = 'meeting' and exists (select from meeting m where m.platform_id = platform_id() and m.slug = doc->'meeting'->>'slug') then
            things := jsonb_build_array(doc->'meeting' || jsonb_build_object('slug',
                meeting_slug(doc->'meeting'->>'title', (doc->'meeting'->>'starts_at')::timestamptz, doc->'meeting'->>'time_zone')));
        elsif p.part = 'history' then
            perform archive_quieten(the_meeting);
        end if;
        ids := ids || archive_renumbered(p, things);
        if things <> '[]' then
            perform archive_put(p, things, ids, the_meeting);
        end if;
        if p.part = 'meeting' then
            insert into archive_taken (meeting_id, from_platform) values (the_meeting, doc->'platform'->>'name');
        end if;
        counts_made := counts_made || jsonb_build_object(p.part, jsonb_array_length(things));
    end loop;
    perform archive_put_files(doc->'documents', ids, files);
    perform archive_close(the_meeting, counts_made, counts_known);
    perform keep_made(the_meeting);
end
$$;

reset role;
