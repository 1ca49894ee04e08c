-- invitation_counts.sql: what the invitations of a meeting add up to, and who has not answered. The rules are in server/db/migrations/0016_inviting.sql.

-- name: count_invitations.there exec
select meeting_ref(:meeting);

-- name: count_invitations one
select c.*, case when c.quorum is not null then present_invited(meeting_ref(:meeting)) end as quorum_present,
       (select coalesce(json_agg(row_to_json(p)), '[]') from part_counts(meeting_ref(:meeting), true) p) as groups,
       (select coalesce(json_agg(row_to_json(p)), '[]') from part_counts(meeting_ref(:meeting), false) p) as organisations,
       expected_heads(meeting_ref(:meeting)) as expected_heads
  from invitation_counts(meeting_ref(:meeting)) c;

-- name: count_invitations.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status, m.format = 'hybrid' as is_hybrid, m.format <> 'online' as has_room, m.organisation_quota from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- The estimate in whole heads: more would pretend to be exact.
-- name: count_invitations.catering one when html
select e.heads, e.meetings, e.promised, e.kept, round(e.expected)::int as expected, round(100.0 * e.kept / nullif(e.promised, 0))::int as percent, e.kinds
  from json_to_record(expected_heads(meeting_ref(:meeting))) as e (heads int, expected numeric, meetings int, promised int, kept int, kinds json);

-- name: list_unanswered.there exec
select meeting_ref(:meeting);

-- name: list_unanswered many
select case when o.id is not null then json_build_object('id', o.id, 'name', o.name) end as organisation, count(*)::int as number,
       json_agg(json_build_object(
           'id', i.id, 'person', json_build_object('id', p.id, 'name', p.name, 'email', p.email, 'position', p.position),
           'group', case when g.id is not null then json_build_object('id', g.id, 'name', g.name) end,
           'delivery', i.delivery, 'sent_at', instant(i.sent_at), 'reminded_at', instant(i.reminded_at))
           order by coalesce(p.sort_name, p.name) collate "pl-x-icu", i.id) as invitations,
       jsonb_build_array(o.id is null, coalesce(o.name, ''), coalesce(o.id, '00000000-0000-0000-0000-000000000000')) as _cursor
  from invitation i
  join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
  left join contact_group g on g.platform_id = i.platform_id and g.id = i.group_id
 where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.withdrawn_at is null and i.response = 'needs_action'
   and (:q::text is null or p.search || ' ' || coalesce(o.search, '') like all (search_words(:q)))
   and (:group_id::uuid is null or i.group_id = :group_id::uuid)
   and (:organisation_id::uuid is null or p.organisation_id = :organisation_id::uuid)
   and (:after::jsonb is null or (o.id is null, coalesce(o.name, '') collate "pl-x-icu", coalesce(o.id, '00000000-0000-0000-0000-000000000000'))
                               > ((:after::jsonb->>0)::bool, :after::jsonb->>1, (:after::jsonb->>2)::uuid))
 group by o.platform_id, o.id
 order by o.id is null, o.name collate "pl-x-icu", o.id
 limit :limit::int + 1;

-- name: list_unanswered.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.status, m.status = 'published' and m.ends_at > now() as can_remind, m.rsvp_closes_at from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_unanswered.groups many when html
select p.id, p.name, p.needs_action as number, p.id = :group_id::uuid as selected
  from part_counts(meeting_ref(:meeting), true) p where p.id is not null and p.needs_action > 0;

-- name: list_unanswered.counts one when html
select c.invited, c.needs_action from invitation_counts(meeting_ref(:meeting)) c;
