-- agenda.sql: the items of a meeting's programme. Their times come from the view agenda_timeline, what is shown of them from agenda_shown.

-- name: list_agenda.there exec
select meeting_ref(:meeting);

-- For the page: the order that each item's arrows would make.
-- name: list_agenda many
with ordered as (
    select a.*, row_number() over (order by position, id) as place, array_agg(id) over (order by position, id rows between unbounded preceding and unbounded following) as ids
      from agenda_shown a where meeting_id = meeting_ref(:meeting)
)
select id, meeting_id, position, kind, title, abstract, starts_at, duration_minutes, begins_at, finishes_at, joining, capacity, choice_group, heads, seats_left,
       speakers, initiatives, version, created_at, updated_at, _optional, _limited, _full,
       case when place > 1 then to_jsonb(ids[: place - 2] || ids[place] || ids[place - 1] || ids[place + 1 :]) end as _up,
       case when place < cardinality(ids) then to_jsonb(ids[: place - 1] || ids[place + 1] || ids[place] || ids[place + 2 :]) end as _down
  from ordered order by place;

-- What a file may have as columns, and whether it usually has it.
-- name: list_agenda.offered many when html
select c.name, c.name <> all (array['id', 'choice_group', 'created_at', 'updated_at']) as usual
  from unnest(array['id', 'position', 'begins_at', 'finishes_at', 'duration_minutes', 'kind', 'title', 'abstract', 'speakers', 'initiatives', 'joining', 'capacity', 'choice_group', 'heads', 'seats_left', 'created_at', 'updated_at']) with ordinality c (name, rank) order by c.rank;

-- For participants: who speaks stands out in full.
-- name: list_agenda.paper many when pdf
select a.begins_at, a.finishes_at, a.title, a.abstract, a.kind,
       (select string_agg(concat_ws(', ', s->>'name', s->>'position', s->>'organisation'), E'\n' order by n) from jsonb_array_elements(a.speakers) with ordinality l (s, n)) as speakers
  from agenda_shown a where a.meeting_id = meeting_ref(:meeting) order by a.position, a.id;

-- name: list_agenda.head one when pdf
select * from paper_meeting(meeting_ref(:meeting));

-- name: list_agenda.print one when pdf
select * from paper(meeting_ref(:meeting));

-- name: list_agenda.sheet many when csv,xlsx
select a.id, row_number() over (order by a.position, a.id)::int as position, a.begins_at, a.finishes_at, a.duration_minutes, a.kind, a.title, a.abstract,
       (select string_agg(s->>'name', '; ' order by n) from jsonb_array_elements(a.speakers) with ordinality l (s, n)) as speakers,
       (select string_agg(i->>'title', '; ' order by n) from jsonb_array_elements(a.initiatives) with ordinality l (i, n)) as initiatives,
       a.joining, a.capacity, a.choice_group, a.heads, a.seats_left, a.created_at, a.updated_at
  from agenda_shown a where a.meeting_id = meeting_ref(:meeting)
 order by a.position, a.id;

-- An event for each item whose time is known; one that has no end lasts until the next begins.
-- name: list_agenda.event many when ics
select a.id || '@narada' as uid, a.version - 1 as sequence, greatest(a.updated_at, m.updated_at) as dtstamp, a.created_at as created, a.begins_at as starts_at,
       coalesce(a.finishes_at, a.next_begins_at, a.begins_at) as ends_at, m.time_zone, a.title as summary,
       nullif(concat_ws(E'\n\n', (select string_agg(concat_ws(', ', s->>'name', s->>'position', s->>'organisation'), E'\n' order by n)
                                   from jsonb_array_elements(a.speakers) with ordinality l (s, n)), a.abstract), '') as description,
       e.location, m.status, e.organiser_name, e.organiser_email
  from (select a.*, lead(a.begins_at) over (order by a.position, a.id) as next_begins_at from agenda_shown a where a.meeting_id = meeting_ref(:meeting)) a
  join meeting m on m.platform_id = platform_id() and m.id = a.meeting_id
  left join meeting_event e on e.id = m.id
 where a.begins_at is not null
 order by a.begins_at, a.position, a.id;

-- name: list_agenda.meeting one when html,csv,xlsx,ics,pdf
select id, slug, title, theme, time_zone, status, starts_at, ends_at, _past from meeting_shown where id = meeting_ref(:meeting);

-- name: list_agenda.initiatives many when html
select id, title as name from initiative where platform_id = platform_id() and caller_is('organiser') order by title collate "pl-x-icu", id limit 500;

-- name: create_agenda_item.made exec
insert into agenda_item (meeting_id, position, kind, title, abstract, starts_at, duration_minutes, joining, capacity, choice_group)
select m, agenda_end(m), coalesce(:kind, 'talk'), :title, :abstract, :starts_at::timestamptz, :duration_minutes::int, coalesce(:joining, 'everyone'), :capacity::int,
       nullif(:choice_group::text, '')
  from meeting_ref(:meeting) m
returning keep_made(id);

-- name: create_agenda_item.presented exec
select agenda_set_initiatives(made_id(), :initiative_ids::jsonb) where :initiative_ids::jsonb is not null;

-- name: create_agenda_item one
select * from agenda_shown where id = made_id();

-- name: order_agenda.ordered exec
select agenda_order(meeting_ref(:meeting), :items::jsonb);

-- name: order_agenda many
select * from agenda_shown where meeting_id = meeting_ref(:meeting) order by position, id;

-- name: reorder_agenda.ordered exec
select agenda_order(meeting_ref(:meeting), :items::jsonb);

-- name: reorder_agenda many
select * from agenda_shown where meeting_id = meeting_ref(:meeting) order by position, id;

-- name: read_agenda_item one
select * from agenda_shown where meeting_id = meeting_ref(:meeting) and id = :item::uuid;

-- What the form begins with, in the meeting's zone and by the names of the body.
-- name: read_agenda_item.now maybe when html
select a.starts_at, m.time_zone, (select coalesce(jsonb_agg(l.initiative_id), '[]') from initiative_item l where l.platform_id = a.platform_id and l.agenda_item_id = a.id) as initiative_ids
  from agenda_item a join meeting m on m.platform_id = a.platform_id and m.id = a.meeting_id
 where a.platform_id = platform_id() and a.id = :item::uuid and caller_is('organiser');

-- name: read_agenda_item.meeting one when html
select id, slug, title, theme, time_zone, status, starts_at from meeting_shown where id = meeting_ref(:meeting);

-- name: read_agenda_item.all_initiatives many when html
select i.id, i.title as name from initiative i where i.platform_id = platform_id() and caller_is('organiser') order by i.title collate "pl-x-icu", i.id limit 500;

-- Seats of an item change under the meeting's lock, which is taken before the item's.
-- name: update_agenda_item.locked exec
select lock_meeting(meeting_ref(:meeting)) where :has_joining::bool or :has_capacity::bool or :has_choice_group::bool;

-- name: update_agenda_item.changed one
update agenda_item a
   set kind = case when :has_kind::bool then :kind else kind end,
       title = case when :has_title::bool then :title else title end,
       abstract = case when :has_abstract::bool then :abstract else abstract end,
       starts_at = case when :has_starts_at::bool then :starts_at::timestamptz else starts_at end,
       duration_minutes = case when :has_duration_minutes::bool then :duration_minutes::int else duration_minutes end,
       joining = case when :has_joining::bool then :joining else joining end,
       capacity = case when :has_capacity::bool then :capacity::int else capacity end,
       choice_group = case when :has_choice_group::bool then nullif(:choice_group::text, '') else choice_group end
 where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) and id = :item::uuid and check_version(version, :if_match::bigint)
returning id;

-- name: update_agenda_item.presented exec
select agenda_set_initiatives(:item::uuid, :initiative_ids::jsonb) where :has_initiative_ids::bool;

-- name: update_agenda_item one
select * from agenda_shown where id = :item::uuid;

-- name: delete_agenda_item one
delete from agenda_item
 where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) and id = :item::uuid and check_version(version, :if_match::bigint)
returning id;

-- Says that there is no such item: a list without rows would not come to ask.
-- name: list_item_participants.there exec
select case when not exists (select from agenda_item a where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting) and a.id = :item::uuid)
            then refuse(404, 'The agenda of this meeting has no such item.', 'not_found') end;

-- name: list_item_participants many
select p.name, p.position, o.name as organisation, p.email, 1 + i.companions as heads, c.chosen_at, i.id as _invitation_id,
       jsonb_build_array(coalesce(p.sort_name, p.name), i.id) as _cursor
  from agenda_choice c
  join invitation i on i.platform_id = c.platform_id and i.id = c.invitation_id
  join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where c.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and c.agenda_item_id = :item::uuid and i.response = 'accepted' and i.withdrawn_at is null
   and (:after::jsonb is null or (coalesce(p.sort_name, p.name) collate "pl-x-icu", i.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by coalesce(p.sort_name, p.name) collate "pl-x-icu", i.id
 limit :limit::int + 1;

-- name: list_item_participants.meeting one when html,csv,xlsx
select id, slug, title, theme, time_zone, status, starts_at, ends_at, _past from meeting_shown where id = meeting_ref(:meeting);

-- name: list_item_participants.item one when html
select a.id, a.title, a.kind, a.begins_at, a.finishes_at, a.capacity, a.heads, a.seats_left, a.choice_group, a._optional, a._limited, a._full
  from agenda_shown a where a.meeting_id = meeting_ref(:meeting) and a.id = :item::uuid;

-- name: read_invitation_items one
select items_offered_json(i.id) as items, i.version from invitation i
 where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- name: update_invitation_items.locked exec
select lock_meeting(meeting_ref(:meeting));

-- name: update_invitation_items.checked one
select check_version(i.version, :if_match::bigint) from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- name: update_invitation_items.chosen exec
select choose_items(i.id, :items::jsonb, true) from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- name: update_invitation_items one
select items_offered_json(i.id) as items, i.version from invitation i where i.platform_id = platform_id() and i.id = :invitation::uuid;
