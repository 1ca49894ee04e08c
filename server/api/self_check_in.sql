-- self_check_in.sql: the code on the room's screen, and coming by link. The rules are in server/db/migrations/0022_tickets.sql.

-- name: read_screen one
select json_build_object('id', m.id, 'title', m.title, 'theme', m.theme, 'starts_at', instant(m.starts_at), 'time_zone', m.time_zone, 'language', m.language) as meeting,
       case when o.open then c.code end as code,
       case when o.open then :base_url || '/here/' || (select p.slug from platform p where p.id = platform_id()) || '/' || c.code end as here_url,
       :seconds_left::int as seconds_left, o.open,
       (select count(*)::int from attendance a where a.platform_id = m.platform_id and a.meeting_id = m.id and a.state = 'present') as present
  from meeting m
 cross join lateral (select room_code(:room_salts::jsonb->>0, m.id) as code) c
 cross join lateral (select m.status = 'published' and is_meeting_day(m.starts_at, m.ends_at, m.time_zone) as open) o
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: read_screen.is one when html
select m.slug, set_title(coalesce(m.theme, m.title), m.language) as headline from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: arrive_rsvp.arrived exec
select check_in_self(invitation_id(), :code, :room_salts::jsonb);

-- name: arrive_rsvp one
select t.person, t.state, t.arrived_at from ticket_shown(invitation_id()) t;

-- name: join_rsvp.arrived exec
select check_in_remote(invitation_id(), :mode);

-- name: join_rsvp one
select t.person, t.state, t.arrived_at, m.online_url
  from ticket_shown(invitation_id()) t
  join invitation i on i.platform_id = platform_id() and i.id = invitation_id()
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id;

-- name: read_room.shown exec
select keep_made(meeting_of_room_code(:code, :room_salts::jsonb));

-- name: read_room one
select r.meeting,
       case when t._invitation_id is not null then t.person end as person, t.state, t.arrived_at, t._language
  from (select m.id, json_build_object('id', m.id, 'title', m.title, 'theme', m.theme, 'starts_at', instant(m.starts_at), 'ends_at', instant(m.ends_at), 'time_zone', m.time_zone,
                                       'language', m.language) as meeting
          from meeting m where m.platform_id = platform_id() and m.id = made_id()) r
  left join lateral ticket_shown(remembered_ticket(r.id, :remembered::uuid, :remembered_version::int)) t on true;

-- name: arrive_room.arrived exec
select keep_made(check_in_here(meeting_of_room_code(:code, :room_salts::jsonb), :ticket, :ticket_salt, :remembered::uuid, :remembered_version::int));

-- name: arrive_room one
select t.meeting, t.person, t.state, t.arrived_at, t._language from ticket_shown(made_id()) t;
