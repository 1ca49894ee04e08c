-- check_in.sql: the door. What follows from what was recorded is in server/db/migrations/0021_attendance_actions.sql.

-- name: read_check_in one
select meeting_ref(:meeting)::text as meeting_id, c.expected, c.here, c.inside, c.remote, c."left", c.missing, c.walk_ins, c.companions, c.excused, c.absent, door_cursor()::text as cursor
  from door_counts(meeting_ref(:meeting), :agenda_item_id::uuid) c;

-- name: read_check_in.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.ends_at, m.time_zone, m.status, m.format = 'hybrid' as is_hybrid, uuidv7() as new_action from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- Who declined or sent somebody else comes last, but may come all the same.
-- name: read_check_in.door many when html
select d.person_id, d.name, d.position, d.organisation, d.response, d.mode, d.state, d.arrived_at, d.left_at, d.note, d.attendance_id, d.response is null as uninvited,
       d.state in ('present', 'remote') and d.left_at is null as is_inside, d.left_at is not null as has_left, coalesce(d.state in ('excused', 'absent'), false) as stays_away,
       d.state is null as is_open, last_action(meeting_ref(:meeting), d.person_id, null, :agenda_item_id::uuid) as undoes,
       (select json_agg(json_build_object('id', c->>'id', 'name', c->>'name', 'state', c->>'state', 'arrived_at', c->>'arrived_at', 'is_inside', coalesce(c->>'state' in ('present', 'remote') and c->>'left_at' is null, false),
                                          'undoes', last_action(meeting_ref(:meeting), d.person_id, (c->>'id')::uuid, :agenda_item_id::uuid)) order by n)
          from json_array_elements(door_companions(d.invitation_id, :agenda_item_id::uuid)) with ordinality o (c, n)) as companions
  from door_people(meeting_ref(:meeting), :agenda_item_id::uuid) d
 where d.listed and (:q::text is null or d.search like all (search_words(:q)))
   and case :show when 'expected' then d.state is null and coalesce(d.response = 'accepted', false) when 'inside' then d.state in ('present', 'remote') and d.left_at is null
                  when 'left' then d.left_at is not null when 'walk_ins' then d.recorded_as = 'walk_in' else true end
 order by coalesce(d.response in ('declined', 'delegated'), false), d.sort_name collate "pl-x-icu", d.person_id limit 200;

-- name: read_check_in.agenda many when html
select a.id, a.title, t.begins_at, coalesce(a.id = :agenda_item_id::uuid, false) as selected
  from agenda_item a join agenda_timeline t on t.platform_id = a.platform_id and t.id = a.id
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting) order by a.position, a.id;

-- name: read_check_in.shows many when html
select v.value, coalesce(v.value = :show, false) as selected from unnest(array['expected', 'inside', 'left', 'walk_ins']) with ordinality v (value, rank) order by v.rank;

-- name: read_check_in.quorum maybe when html
select m.quorum as needed, p.present, p.present >= m.quorum as reached
  from meeting m cross join lateral (select present_invited(m.id) as present) p
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting) and m.quorum is not null;

-- name: record_check_in one
select r->>'id' as id, r->>'outcome' as outcome, r->>'code' as code, r->>'detail' as detail, r->>'person_id' as person_id
  from record_now(meeting_ref(:meeting), jsonb_strip_nulls(jsonb_build_object('kind', :kind::text, 'id', :action_id::text, 'person_id', :person_id::text, 'person', :person::jsonb, 'companion_id', :companion_id::text,
           'agenda_item_id', :agenda_item_id::text, 'undoes', :undoes::text, 'mode', :mode::text, 'note', :note::text))) r;

-- name: list_check_in_actions.there exec
select meeting_ref(:meeting);

-- name: list_check_in_actions many
select a.id, a.kind, a.at, a.claimed_at, a.received_at, a.device, a.source, a.actor, a.person_id, p.name as person_name, a.companion_name, g.title as agenda_item, a.mode, a.note, a.undoes,
       exists (select from attendance_action u where u.platform_id = a.platform_id and u.undoes = a.id) as undone, a.said, a.was,
       a.kind = 'correct' as _is_correction, a.kind = 'undo' as _is_undo, jsonb_build_array(a.received_at, a.id) as _cursor
  from attendance_action a
  left join attendance_action w on w.platform_id = a.platform_id and w.id = a.undoes
  left join person p on p.platform_id = a.platform_id and p.id = coalesce(a.person_id, w.person_id)
  left join agenda_item g on g.platform_id = a.platform_id and g.id = a.agenda_item_id
 where a.platform_id = platform_id() and a.meeting_id = meeting_ref(:meeting)
   and (:person_id::uuid is null or coalesce(a.person_id, w.person_id) = :person_id::uuid)
   and (:after::jsonb is null or (a.received_at, a.id) < ((:after::jsonb->>0)::timestamptz, (:after::jsonb->>1)::uuid))
 order by a.received_at desc, a.id desc
 limit :limit::int + 1;

-- name: list_check_in_actions.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- A ticket that the server opened leads to an invitation, if it is still the one that holds.
-- name: sync_check_in one
select record_actions(meeting_ref(:meeting), coalesce((
           select jsonb_agg(case when a ? 'ticket' then (a - 'ticket') || jsonb_build_object('invitation_id', coalesce(ticket_invitation(meeting_ref(:meeting), :opened_tickets::jsonb->>(a->>'ticket')), '00000000-0000-0000-0000-000000000000')) else a end order by n)
             from jsonb_array_elements(:actions::jsonb) with ordinality o (a, n)), '[]'), :device, 'check_in', :sent_at::timestamptz) as results, door_cursor()::text as cursor;

-- name: read_roster.there exec
select meeting_ref(:meeting);

-- name: read_roster many
select d.person_id, d.invitation_id, d.name, d.sort_name, d.position, d.organisation, d.response, d.mode,
       (select coalesce(json_agg(c::jsonb || jsonb_build_object('undoes', last_action(meeting_ref(:meeting), d.person_id, (c->>'id')::uuid, null)) order by n), '[]')
          from json_array_elements(door_companions(d.invitation_id, null)) with ordinality o (c, n)) as companions,
       d.state, d.arrived_at, d.left_at, d.note, last_action(meeting_ref(:meeting), d.person_id, null, null) as undoes,
       (select coalesce(json_agg(json_build_object('agenda_item_id', e.agenda_item_id, 'companion_id', e.companion_id, 'state', e.state, 'arrived_at', instant(e.arrived_at), 'left_at', instant(e.left_at),
                                                   'undoes', last_action(meeting_ref(:meeting), d.person_id, e.companion_id, e.agenda_item_id))
                                 order by e.agenda_item_id, e.companion_id), '[]')
          from presence e where e.platform_id = platform_id() and e.meeting_id = meeting_ref(:meeting) and e.person_id = d.person_id and e.agenda_item_id is not null) as items,
       case when d.invitation_id is not null then d.invitation_id || '.' || d.link_version end as ticket_key,
       case when d.invitation_id is not null then d.invitation_id || '.' || d.link_version end as code_key, d.listed,
       jsonb_build_array(d.sort_name, d.person_id) as _cursor
  from door_people(meeting_ref(:meeting), null) d
 where case when :since::bigint is null then d.listed else d.changed >= :since::bigint end
   and (:after::jsonb is null or (d.sort_name collate "pl-x-icu", d.person_id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by d.sort_name collate "pl-x-icu", d.person_id
 limit :limit::int + 1;

-- name: listen_at_door one
select meeting_ref(:meeting)::text as topic;

-- name: read_sheet.there exec
select meeting_ref(:meeting);

-- name: read_sheet many
select d.person_id, d.name, d.position, d.organisation, d.response, d.state,
       (row_number() over (order by d.sort_name collate "pl-x-icu", d.person_id) - 1)::int as _rank,
       (select json_agg(json_build_object('value', v.state, 'checked', v.state = d.state) order by v.rank)
          from unnest(array['present', 'remote', 'excused', 'absent']) with ordinality v (state, rank)) as _states,
       jsonb_build_array(d.sort_name, d.person_id) as _cursor
  from door_people(meeting_ref(:meeting), null) d
 where d.listed and (:q::text is null or d.search like all (search_words(:q)))
   and (not coalesce(:open::bool, false) or d.state is null)
   and (:after::jsonb is null or (d.sort_name collate "pl-x-icu", d.person_id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by d.sort_name collate "pl-x-icu", d.person_id
 limit :limit::int + 1;

-- name: read_sheet.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: record_sheet one
select r.recorded, 'recorded-' || r.recorded as _told from record_sheet(meeting_ref(:meeting), :entries::jsonb) r (recorded);
