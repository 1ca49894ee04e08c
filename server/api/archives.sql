-- archives.sql: a whole meeting as one file, and back. The format and the rules are in server/db/migrations/0028_archives.sql.

-- Nobody carries a meeting's data away unseen, though nothing changes by it.
-- name: export_archive.told exec
select audit('export_archive', :request_path, '{}');

-- name: export_archive one
select m.slug, archive_of(m.id)::text as document from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: export_archive.files many
select 'documents/' || d.id as name, c.content
  from document d join document_content c on c.platform_id = d.platform_id and c.document_id = d.id
 where d.platform_id = platform_id() and d.meeting_id = meeting_ref(:meeting)
 order by d.id;

-- name: list_archives many
select t.meeting_id, m.slug, m.title, t.from_platform, t.taken_at, t.made, t.known, m.starts_at as _starts_at, m.time_zone as _time_zone,
       jsonb_build_array(t.taken_at, t.meeting_id) as _cursor
  from archive_taken t join meeting m on m.platform_id = t.platform_id and m.id = t.meeting_id
 where t.platform_id = platform_id() and (:after::jsonb is null or (t.taken_at, t.meeting_id) < ((:after::jsonb->>0)::timestamptz, (:after::jsonb->>1)::uuid))
 order by t.taken_at desc, t.meeting_id desc
 limit :limit::int + 1;

-- name: import_archive.taken exec
select archive_take(:archive_document, :archive_files::jsonb);

-- name: import_archive one
select t.meeting_id, m.slug, m.title, t.from_platform, t.taken_at, t.made, t.known
  from archive_taken t join meeting m on m.platform_id = t.platform_id and m.id = t.meeting_id
 where t.platform_id = platform_id() and t.meeting_id = made_id();
