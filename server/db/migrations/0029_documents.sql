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
    file_name text not null,
    audience text not null default 'members' constraint document_audience check (audience in ('members', 'invitees', 'everybody')),
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
select d.id, d.meeting_id, d.agenda_item_id, d.title, d.file_name, media_type_of(d.file_name) as media_type, d.audience, d.rank, d.size, d.sha256, d.version, d.created_at, d.updated_at
  from document d
 where d.platform_id = platform_id()
   and (caller_role() is not null or d.audience = 'everybody'
        or d.audience = 'invitees' and exists (select from invitation i where i.platform_id = d.platform_id and i.id = invitation_id() and i.meeting_id = d.meeting_id));
grant select on document_shown to narada_service;

-- In the order in which they are listed: those of the whole meeting, then those of each part of its programme.
create function documents_of(of_meeting uuid) returns table (id uuid, meeting_id uuid, agenda_item_id uuid, title text, file_name text, media_type text, audience text, rank int, size bigint, sha256 text,
    version bigint, created_at timestamptz, updated_at timestamptz, item_title text) language sql stable rows 20 as $$
    select d.id, d.meeting_id, d.agenda_item_id, d.title, d.file_name, d.media_type, d.audience, d.rank, d.size, d.sha256, d.version, d.created_at, d.updated_at, a.title
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
    insert into document (meeting_id, agenda_item_id, title, file_name, audience, rank, size, sha256)
    values (of_meeting, item, coalesce(nullif(btrim(called), ''), the_name), the_name, coalesce(for_whom, 'members'), coalesce(ranked, 0), length(bytes), encode(sha256(bytes), 'hex'))
    returning id into the_id;
    insert into document_content (document_id, content) values (the_id, bytes);
    return the_id;
end
$$;

reset role;
