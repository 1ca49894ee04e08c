-- documents.sql: what is handed out at a meeting. Who sees what is in the view document_shown; bytes are read piece by piece.

-- name: list_documents.there exec
select meeting_ref(:meeting);

-- name: list_documents many
select d.id, d.meeting_id, d.agenda_item_id, d.title, d.file_name, d.media_type, d.shown_to, d.rank, d.size, d.sha256, d.version, d.created_at, d.updated_at,
       d.item_title as _item_title, size_said(d.size, :language) as _size, d.shown_to <> 'everybody' as _not_for_all
  from documents_of(meeting_ref(:meeting)) d;

-- name: list_documents.meeting one when html
select id, slug, title, theme, time_zone, status, starts_at, visibility = 'public' as public from meeting_shown where id = meeting_ref(:meeting);

-- name: list_documents.agenda many when html
select id, title as name from agenda_item where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) order by position, id;

-- name: create_document.there exec
select document_check(meeting_ref(:meeting), :agenda_item_id::uuid);

-- name: create_document.made exec
select keep_made(document_add(meeting_ref(:meeting), :agenda_item_id::uuid, :title, coalesce(:document_name, :file_name), :shown_to, :rank::int,
                              coalesce(:document_bytes::bytea, document_decoded(:content))));

-- name: create_document one
select * from document_shown where id = made_id();

-- name: read_document one
select d.*, a.title as _item_title, size_said(d.size, :language) as _size
  from document_shown d left join agenda_item a on a.platform_id = platform_id() and a.id = d.agenda_item_id
 where d.meeting_id = meeting_ref(:meeting) and d.id = :document::uuid;

-- name: read_document.meeting one when html
select id, slug, title, theme, time_zone, status, starts_at from meeting_shown where id = meeting_ref(:meeting);

-- name: read_document.agenda many when html
select id, title as name from agenda_item where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) order by position, id;

-- name: update_document.checked exec
select document_check(meeting_ref(:meeting), :agenda_item_id::uuid);

-- name: update_document.changed one
update document d
   set title = case when :has_title::bool then :title else title end,
       shown_to = case when :has_shown_to::bool then :shown_to else shown_to end,
       agenda_item_id = case when :has_agenda_item_id::bool then :agenda_item_id::uuid else agenda_item_id end,
       rank = case when :has_rank::bool then :rank::int else rank end
 where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) and id = :document::uuid and check_version(version, :if_match::bigint)
returning id;

-- name: update_document one
select * from document_shown where id = :document::uuid;

-- name: delete_document one
delete from document
 where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) and id = :document::uuid and check_version(version, :if_match::bigint)
returning id;

-- name: download_document.file one
select d.file_name, d.media_type, d.size, d.sha256 from document_shown d where d.meeting_id = meeting_ref(:meeting) and d.id = :document::uuid;

-- name: download_document many
select p.piece from document_shown d cross join lateral document_pieces(d.id, d.size) p where d.meeting_id = meeting_ref(:meeting) and d.id = :document::uuid;

-- name: download_rsvp_document.file one
select d.file_name, d.media_type, d.size, d.sha256 from document_shown d
 where d.id = :document::uuid and d.meeting_id = (select i.meeting_id from invitation i where i.platform_id = platform_id() and i.id = invitation_id());

-- name: download_rsvp_document many
select p.piece from document_shown d cross join lateral document_pieces(d.id, d.size) p
 where d.id = :document::uuid and d.meeting_id = (select i.meeting_id from invitation i where i.platform_id = platform_id() and i.id = invitation_id());
