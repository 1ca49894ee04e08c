-- meeting_groups.sql: the groups that a meeting invites, live or once, and how many seats each has. The rules are in server/db/migrations/0016_inviting.sql.

-- name: list_meeting_groups.there exec
select meeting_ref(:meeting);

-- name: list_meeting_groups many
select g.id, g.name, g.live, g.seats, g.organisation_seats, g.invited_at, g.member_count, g.invited, g.accepted, g.heads, g.waitlisted, g.version, g.updated_at,
       jsonb_build_array(g.name, g.id) as _cursor
  from meeting_group_shown g
 where g.platform_id = platform_id() and g.meeting_id = meeting_ref(:meeting)
   and (:after::jsonb is null or (g.name collate "pl-x-icu", g.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by g.name collate "pl-x-icu", g.id
 limit :limit::int + 1;

-- name: list_meeting_groups.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status, m.organisation_quota from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- `is_out`: left, answered, and in none of the meeting's live groups now.
-- name: list_meeting_groups.changes many when html
select c.id, c.at, c.change = 'joined' as joined, c.invitation, c.from_group, c.response, c.invitation_version, c.withdrawn,
       c.kept and exists (select from live_leaving(c.meeting_id, array[c.person_id]) l where l.other_group is null) as is_out
  from group_change_shown c
 where c.platform_id = platform_id() and c.meeting_id = meeting_ref(:meeting)
 order by c.id desc limit 50;

-- name: list_group_changes.there exec
select meeting_ref(:meeting);

-- name: list_group_changes many
select c.id, c.at, c.change, c.invitation, c.from_group as "group", c.response, c.kept, jsonb_build_array(c.id) as _cursor
  from group_change_shown c
 where c.platform_id = platform_id() and c.meeting_id = meeting_ref(:meeting)
   and (:after::jsonb is null or c.id < (:after::jsonb->>0)::uuid)
 order by c.id desc
 limit :limit::int + 1;

-- name: read_meeting_group one
select g.id, g.name, g.live, g.seats, g.organisation_seats, g.invited_at, g.member_count, g.invited, g.accepted, g.heads, g.waitlisted, g.version, g.updated_at
  from meeting_group_shown g
 where g.platform_id = platform_id() and g.meeting_id = meeting_ref(:meeting) and g.id = :group::uuid;

-- name: read_meeting_group.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: update_meeting_group.set exec
select set_meeting_group(meeting_ref(:meeting), :group::uuid, :body::jsonb, :if_match::bigint);

-- name: update_meeting_group one
select g.id, g.name, g.live, g.seats, g.organisation_seats, g.invited_at, g.member_count, g.invited, g.accepted, g.heads, g.waitlisted, g.version, g.updated_at
  from meeting_group_shown g
 where g.platform_id = platform_id() and g.meeting_id = meeting_ref(:meeting) and g.id = :group::uuid;

-- The meeting before its group, as everywhere.
-- name: delete_meeting_group.locked exec
select lock_meeting(meeting_ref(:meeting));

-- name: delete_meeting_group one
delete from meeting_group g
 where g.platform_id = platform_id() and g.meeting_id = meeting_ref(:meeting) and g.group_id = :group::uuid and check_version(g.version, :if_match::bigint)
returning g.group_id as id;
