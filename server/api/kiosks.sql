-- kiosks.sql: tablets at the entrance on which participants check in. The rules are in server/db/migrations/0022_tickets.sql.

-- name: list_kiosks.there exec
select meeting_ref(:meeting);

-- name: list_kiosks many
select k.id, k.name, k.walk_ins, k.kiosk_url, k.created_at, k.revoked_at, k.works, k.kiosk_url as _kiosk_token, jsonb_build_array(k.id) as _cursor
  from kiosk_shown k
 where k.platform_id = platform_id() and k.meeting_id = meeting_ref(:meeting) and (:after::jsonb is null or k.id < (:after::jsonb->>0)::uuid)
 order by k.id desc
 limit :limit::int + 1;

-- name: list_kiosks.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: create_kiosk.made exec
with made as (insert into kiosk (meeting_id, name, walk_ins) values (meeting_ref(:meeting), :name, coalesce(:walk_ins::bool, false)) returning id) select keep_made(id) from made;

-- name: create_kiosk one
select k.id, k.name, k.walk_ins, k.kiosk_url, k.created_at, k.revoked_at, k.works from kiosk_shown k where k.platform_id = platform_id() and k.id = made_id();

-- name: read_kiosk one
select k.id, k.name, k.walk_ins, k.kiosk_url, k.created_at, k.revoked_at, k.works
  from kiosk_shown k where k.platform_id = platform_id() and k.meeting_id = meeting_ref(:meeting) and k.id = :kiosk::uuid;

-- Closing twice is no mistake.
-- name: revoke_kiosk one
update kiosk set revoked_at = coalesce(revoked_at, now())
 where platform_id = platform_id() and meeting_id = meeting_ref(:meeting) and id = :kiosk::uuid
returning id;

-- name: open_kiosk.opened exec
select keep_made(kiosk_opened(:kiosk::uuid));

-- name: open_kiosk one
select json_build_object('id', m.id, 'title', m.title, 'theme', m.theme, 'starts_at', instant(m.starts_at), 'ends_at', instant(m.ends_at), 'time_zone', m.time_zone,
                         'language', m.language) as meeting,
       k.walk_ins, m.status = 'published' and is_meeting_day(m.starts_at, m.ends_at, m.time_zone) as open, f.more,
       f.people
  from meeting m
  join kiosk k on k.platform_id = m.platform_id and k.id = :kiosk::uuid
 cross join lateral (select coalesce(json_agg(json_build_object('id', p.id, 'name', p.name, 'organisation', p.organisation) order by p.n) filter (where p.n <= 8), '[]') as people, count(*) > 8 as more
                       from (select k.*, row_number() over () as n from kiosk_people(m.id, :q) k) p) f
 where m.platform_id = platform_id() and m.id = made_id();

-- name: open_kiosk.asked one when html
select :q::text is not null as something, letters_typed(coalesce(:q, '')) >= 3 as enough, set_title(coalesce(m.theme, m.title), m.language) as headline, m.language as _language, uuidv7() as new_action
  from meeting m where m.platform_id = platform_id() and m.id = made_id();

-- name: read_kiosk_person.opened exec
select keep_made(kiosk_opened(:kiosk::uuid));

-- name: read_kiosk_person one
select p.id, p.name, p.position, p.organisation, p.state, p.arrived_at, p.companions, kiosk_refusal(p.id, k.walk_ins) as refusal
  from kiosk_person(made_id(), :invitation::uuid) p join kiosk k on k.platform_id = platform_id() and k.id = :kiosk::uuid;

-- name: read_kiosk_person.is one when html
select m.time_zone, set_title(coalesce(m.theme, m.title), m.language) as headline, m.language as _language, p.state in ('present', 'remote') as here, are_all_here(p.id) as all_here
  from meeting m cross join kiosk_person(m.id, :invitation::uuid) p where m.platform_id = platform_id() and m.id = made_id();

-- name: arrive_kiosk.opened exec
select keep_made(kiosk_opened(:kiosk::uuid));

-- name: arrive_kiosk.arrived exec
select check_in_by_kiosk(made_id(), :kiosk::uuid, :invitation::uuid, array(select c::uuid from jsonb_array_elements_text(:companions::jsonb) c));

-- name: arrive_kiosk one
select p.id, p.name, p.position, p.organisation, p.state, p.arrived_at, p.companions, kiosk_refusal(p.id, k.walk_ins) as refusal
  from kiosk_person(made_id(), :invitation::uuid) p join kiosk k on k.platform_id = platform_id() and k.id = :kiosk::uuid;

-- name: add_kiosk_guest.opened exec
select keep_made(kiosk_opened(:kiosk::uuid));

-- name: add_kiosk_guest.arrived exec
select walk_in_by_kiosk(made_id(), :kiosk::uuid, :action_id::uuid, :name, :organisation);

-- name: add_kiosk_guest one
select a.person->>'name' as name, a.person->>'organisation' as organisation, a.state, a.arrived_at from attendance_shown a where a.platform_id = platform_id() and a.id = made_id();
