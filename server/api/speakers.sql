-- speakers.sql: who has a part in a meeting or in one item of its agenda. What is shown of them is in the view speaker_shown.

-- name: list_speakers.there exec
select meeting_ref(:meeting);

-- name: list_speakers many
select s.*, a.title as _item_title
  from speaker_shown s left join agenda_item a on a.platform_id = platform_id() and a.id = s.agenda_item_id
 where s.meeting_id = meeting_ref(:meeting)
 order by a.position nulls first, a.id, array_position(array['special_guest', 'host', 'moderator', 'speaker', 'panellist'], s.role), s.rank, s.created_at, s.id;

-- What a file may have as columns, and whether it usually has it.
-- name: list_speakers.offered many when html
select c.name, c.name <> all (array['id', 'created_at', 'updated_at']) as usual
  from unnest(array['id', 'role', 'name', 'position', 'organisation', 'agenda_item', 'begins_at', 'created_at', 'updated_at']) with ordinality c (name, rank) order by c.rank;

-- name: list_speakers.sheet many when csv,xlsx
select s.id, s.role, s.name, s.position, s.organisation, a.title as agenda_item, b.begins_at, s.created_at, s.updated_at
  from speaker_shown s
  left join agenda_item a on a.platform_id = platform_id() and a.id = s.agenda_item_id
  left join agenda_timeline b on b.platform_id = platform_id() and b.id = a.id
 where s.meeting_id = meeting_ref(:meeting)
 order by a.position nulls first, a.id, array_position(array['special_guest', 'host', 'moderator', 'speaker', 'panellist'], s.role), s.rank, s.created_at, s.id;

-- name: list_speakers.meeting one when html,csv,xlsx
select id, slug, title, theme, time_zone, status, starts_at from meeting_shown where id = meeting_ref(:meeting);

-- name: list_speakers.agenda many when html
select id, title as name from agenda_item where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) order by position, id;

-- name: list_speakers.people many when html
select p.id, p.name || coalesce(', ' || o.name, '') as name
  from person p left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where p.platform_id = platform_id() and caller_is('organiser') order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id limit 2000;

-- name: list_speakers.organisations many when html
select id, name from organisation where platform_id = platform_id() and caller_is('organiser') order by name collate "pl-x-icu", id limit 2000;

-- name: create_speaker.checked exec
select speaker_check(m, :agenda_item_id::uuid, :person_id::uuid, :organisation_id::uuid),
       case when num_nonnulls(:person_id::uuid, :person::jsonb, :organisation_id::uuid) <> 1
            then refuse(422, 'Name a person or an organisation: exactly one of person_id, person and organisation_id.', 'speaker_somebody', 'person_id') end
  from meeting_ref(:meeting) m;

-- name: create_speaker.made exec
insert into speaker (meeting_id, agenda_item_id, person_id, organisation_id, role, position_shown, organisation_shown, rank)
values (meeting_ref(:meeting), :agenda_item_id::uuid, coalesce(:person_id::uuid, case when :person::jsonb is not null then speaking_person(:person::jsonb) end), :organisation_id::uuid,
        coalesce(:role, 'speaker'), :position_shown, :organisation_shown, coalesce(:rank::int, 0))
returning keep_made(id);

-- name: create_speaker one
select * from speaker_shown where id = made_id();

-- name: read_speaker one
select s.*, a.title as _item_title
  from speaker_shown s left join agenda_item a on a.platform_id = platform_id() and a.id = s.agenda_item_id
 where s.meeting_id = meeting_ref(:meeting) and s.id = :speaker::uuid;

-- name: read_speaker.meeting one when html
select id, slug, title, theme, time_zone, status, starts_at from meeting_shown where id = meeting_ref(:meeting);

-- name: read_speaker.agenda many when html
select id, title as name from agenda_item where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) order by position, id;

-- name: update_speaker.checked exec
select speaker_check(meeting_ref(:meeting), :agenda_item_id::uuid, null, null);

-- name: update_speaker.changed one
update speaker s
   set role = case when :has_role::bool then :role else role end,
       agenda_item_id = case when :has_agenda_item_id::bool then :agenda_item_id::uuid else agenda_item_id end,
       position_shown = case when :has_position_shown::bool then :position_shown else position_shown end,
       organisation_shown = case when :has_organisation_shown::bool then :organisation_shown else organisation_shown end,
       rank = case when :has_rank::bool then :rank::int else rank end
 where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) and id = :speaker::uuid and check_version(version, :if_match::bigint)
returning id;

-- name: update_speaker one
select * from speaker_shown where id = :speaker::uuid;

-- name: delete_speaker one
delete from speaker
 where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) and id = :speaker::uuid and check_version(version, :if_match::bigint)
returning id;
