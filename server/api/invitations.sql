-- invitations.sql: who is invited to a meeting and what they said. The rules are in server/db/migrations/0005_invitations.sql.

-- Says that there is no such meeting: a list without rows would not come to ask. (For the page its meeting is asked for anyway.)
-- name: list_invitations.there exec when json,csv,xlsx
select meeting_ref(:meeting);

-- name: list_invitations many
select s.id, s.meeting_id, s.person, s.invited_with as "group", s.response, s.mode, s.responded_at, s.on_behalf, s.note, s.companions,
       s.delegated_to, s.delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at, s.details_missing,
       s.rsvp_url, s.withdrawn_at, s.version, s.created_at, s.updated_at, s.response in ('accepted', 'tentative', 'waitlisted') as _comes, jsonb_build_array(s.sort_name, s.id) as _cursor
  from invitation_shown s
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting)
   and (s.withdrawn_at is not null) = coalesce(:withdrawn::bool, false)
   and (:q::text is null or s.search like all (search_words(:q)))
   and (:response::text is null or s.response = :response)
   and (:group_id::uuid is null or s.group_id = :group_id::uuid)
   and (:organisation_id::uuid is null or s.organisation_id = :organisation_id::uuid)
   and (:delivery::text is null or s.delivery = :delivery)
   and (:mode::text is null or s.mode = :mode)
   and (:on_behalf::bool is null or s.on_behalf = :on_behalf::bool)
   and (:details_missing::bool is null or (s.details_missing > 0) = :details_missing::bool)
   and (:after::jsonb is null or (s.sort_name collate "pl-x-icu", s.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by s.sort_name collate "pl-x-icu", s.id
 limit :limit::int + 1;

-- The same as a table.
-- name: list_invitations.sheet many when csv,xlsx
select s.id, p.name, p.position, o.name as organisation, p.email, p.phone, s.invited_with->>'name' as "group", s.response, s.mode, s.responded_at, s.on_behalf, s.note,
       (select string_agg(c, '; ') from json_array_elements_text(s.companions) c) as companions, s.delegated_to->>'name' as delegated_to,
       s.delegated_from->>'name' as delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at,
       s.details_missing, s.rsvp_url, s.withdrawn_at, s.created_at, s.updated_at
  from invitation_shown s
  join person p on p.platform_id = s.platform_id and p.id = s.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting)
   and (s.withdrawn_at is not null) = coalesce(:withdrawn::bool, false)
   and (:q::text is null or s.search like all (search_words(:q)))
   and (:response::text is null or s.response = :response)
   and (:group_id::uuid is null or s.group_id = :group_id::uuid)
   and (:organisation_id::uuid is null or s.organisation_id = :organisation_id::uuid)
   and (:delivery::text is null or s.delivery = :delivery)
   and (:mode::text is null or s.mode = :mode)
   and (:on_behalf::bool is null or s.on_behalf = :on_behalf::bool)
   and (:details_missing::bool is null or (s.details_missing > 0) = :details_missing::bool)
 order by s.sort_name collate "pl-x-icu", s.id;

-- name: list_invitations.meeting one when html,csv,xlsx
select m.id, m.slug, m.title, m.theme, m.starts_at, m.ends_at, m.time_zone, m.status, m.status = 'draft' as is_draft, m.format = 'hybrid' as is_hybrid,
       m.status = 'published' and m.ends_at > now() as can_mail from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_invitations.counts one when html
select * from invitation_counts(meeting_ref(:meeting));

-- What a file may have as columns, and whether it usually has it.
-- name: list_invitations.offered many when html
select c.name, c.name <> all (array['id', 'promoted_at', 'held_back', 'delivery_error', 'reminded_at', 'withdrawn_at', 'rsvp_url', 'created_at', 'updated_at']) as usual
  from unnest(array['id', 'name', 'position', 'organisation', 'email', 'phone', 'group', 'response', 'mode', 'responded_at', 'on_behalf', 'note', 'companions', 'delegated_to', 'delegated_from', 'queue_number', 'promoted_at', 'held_back', 'delivery', 'delivery_error', 'sent_at', 'reminded_at', 'details_missing', 'rsvp_url', 'withdrawn_at', 'created_at', 'updated_at']) with ordinality c (name, rank) order by c.rank;

-- name: list_invitations.answers many when html
select v.response, (to_jsonb(c)->>v.response)::int as number, v.response = :response as selected
  from invitation_counts(meeting_ref(:meeting)) c
 cross join unnest(array['needs_action', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted']) with ordinality v (response, rank)
 where v.response not in ('delegated', 'waitlisted') or (to_jsonb(c)->>v.response)::int > 0 or v.response = 'waitlisted' and c.waitlist
 order by v.rank;

-- Groups to invite, and those that were.
-- name: list_invitations.groups many when html
select g.id, g.name, mg.invited_at, (select count(*)::int from group_member m where m.platform_id = g.platform_id and m.group_id = g.id) as member_count,
       mg.invited_at is not null as was_invited, g.id = :group_id::uuid as selected
  from contact_group g
  left join meeting_group mg on mg.platform_id = g.platform_id and mg.meeting_id = meeting_ref(:meeting) and mg.group_id = g.id
 where g.platform_id = platform_id()
 order by g.name collate "pl-x-icu", g.id limit 500;

-- People to invite: only what was searched for, since a platform may know ten thousand.
-- name: list_invitations.found many when html
select p.id, p.name, p.position, o.name as organisation, i.id as invitation_id
  from person p
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
  left join invitation i on i.platform_id = p.platform_id and i.person_id = p.id and i.meeting_id = meeting_ref(:meeting) and i.withdrawn_at is null
 where p.platform_id = platform_id() and :find::text is not null and p.search || ' ' || coalesce(o.search, '') like all (search_words(:find))
 order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id limit 20;

-- name: list_invitations.organisations many when html
select o.id, o.name, (select count(*)::int from person p where p.platform_id = o.platform_id and p.organisation_id = o.id) as people
  from organisation o
 where o.platform_id = platform_id() and :find::text is not null and o.search like all (search_words(:find))
 order by o.name collate "pl-x-icu", o.id limit 20;

-- Meetings whose people may be invited here: those that anybody was invited to, or came to.
-- name: list_invitations.meetings many when html
select m.id, m.title || ' (' || to_char(m.starts_at at time zone m.time_zone, 'YYYY-MM-DD') || ')' as name from meeting m
 where m.platform_id = platform_id() and m.id <> meeting_ref(:meeting) and caller_is('organiser')
   and (exists (select from invitation i where i.platform_id = m.platform_id and i.meeting_id = m.id and i.withdrawn_at is null)
        or exists (select from attendance a where a.platform_id = m.platform_id and a.meeting_id = m.id))
 order by m.starts_at desc, m.id limit 200;

-- Who left a live group and keeps the invitation, since it was answered.
-- name: list_invitations.left_groups one when html
select count(*)::int as number from live_leaving(meeting_ref(:meeting), null) l
 where l.response <> 'needs_action' and l.other_group is null and caller_is('organiser');

-- name: list_invitations.behalves many when html
select v.value, v.value = 'true' as is_true, v.value = :on_behalf as selected from unnest(array['true', 'false']) with ordinality v (value, rank) order by v.rank;

-- name: list_invitations.details many when html
select v.value, v.value = 'true' as is_true, v.value = :details_missing as selected from unnest(array['true', 'false']) with ordinality v (value, rank)
 where exists (select from question q where q.platform_id = platform_id() and q.meeting_id = meeting_ref(:meeting) and q.required and q.retired_at is null) order by v.rank;

-- name: list_invitations.filtered one when html
select coalesce(:q, :response, :group_id, :organisation_id, :delivery, :mode, :on_behalf, :details_missing, nullif(:withdrawn, 'false')) is not null as any;

-- name: create_invitation.made exec
select invite(meeting_ref(:meeting), :body::jsonb);

-- name: create_invitation one
select made.invited, made.skipped, format('invited-%s.skipped-%s', made.invited, made.skipped) as _told, s.id, meeting_ref(:meeting) as meeting_id, s.person,
       coalesce(s.invited_with, (select row_to_json(r) from contact_group g cross join lateral (select g.id, g.name) r
                                  where g.platform_id = platform_id() and g.id = :group_id::uuid)) as "group",
       s.response, s.mode, s.responded_at, s.on_behalf, s.note, s.companions,
       s.delegated_to, s.delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at, s.details_missing,
       s.rsvp_url, s.withdrawn_at, s.version, s.created_at, s.updated_at
  from invited() made left join invitation_shown s on s.platform_id = platform_id() and s.id = made.id;

-- name: read_invitation one
select s.id, s.meeting_id, s.person, s.invited_with as "group", s.response, s.mode, s.responded_at, s.on_behalf, s.note, s.companions,
       s.delegated_to, s.delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at, s.details_missing,
       s.rsvp_url, s.withdrawn_at, s.version, s.created_at, s.updated_at
  from invitation_shown s
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting) and s.id = :invitation::uuid;

-- name: read_invitation.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status, m.capacity from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- What a template can't compare by itself.
-- The optional parts of the programme, for the organiser's form, and which of them are chosen.
-- Does the person want reminders and messages, and is an answer to be given once more?
-- name: read_invitation.mailing one when html
select has_unsubscribed(i.person_id) as unsubscribed, asked_again(i) as asked_again
  from invitation i where i.platform_id = platform_id() and i.id = :invitation::uuid;

-- name: read_invitation.offered many when html
select o.id, o.title as name, o.begins_at, o.finishes_at, o.capacity is not null as limited, o.seats_left, o."full",
       case when row_number() over (partition by o.choice_group order by o.rank) = 1 then o.choice_group end as heading
  from items_offered(:invitation::uuid) with ordinality o (id, title, begins_at, finishes_at, choice_group, capacity, seats_left, chosen, "full", rank)
 order by o.rank;

-- name: read_invitation.chosen many when html
select o.id, o.title, o.begins_at, o.finishes_at from items_offered(:invitation::uuid) o where o.chosen;

-- name: read_invitation.is maybe when html
select i.response = 'delegated' as delegated, m.format = 'hybrid' as hybrid, i.response = 'accepted' and i.promoted_at is not null as promoted, i.response = 'accepted' as coming,
       i.response = 'accepted' and (coalesce(m.capacity, m.online_capacity, m.organisation_quota) is not null or m.group_quotas) as seated,
       i.response in ('needs_action', 'accepted', 'tentative', 'waitlisted') as may_bring, i.withdrawn_at is null and m.status not in ('cancelled', 'draft') as can_send,
       i.response = 'needs_action' as unanswered
  from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
 where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- Whoever came in whose place, from the first invited to the one who answers now; only where somebody was sent.
-- name: read_invitation.chain many when html
with recursive first as (
    select i.id, i.delegated_from, 0 as depth from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid
    union all
    select i.id, i.delegated_from, f.depth + 1 from first f join invitation i on i.platform_id = platform_id() and i.id = f.delegated_from where f.depth < 50
), chain as (
    select * from (select f.id, 0 as depth from first f order by f.depth desc limit 1) one
    union all
    select i.id, c.depth + 1 from chain c join invitation i on i.platform_id = platform_id() and i.delegated_from = c.id and i.withdrawn_at is null where c.depth < 50
)
select c.id, s.person->>'name' as name, s.response, c.id = :invitation::uuid as here, s.withdrawn_at
  from chain c join invitation_shown s on s.platform_id = platform_id() and s.id = c.id
 where exists (select from chain other where other.depth > 0)
 order by c.depth;

-- Fields for companions: those there are, and two to spare.
-- name: read_invitation.companion_fields many when html
select n as index, n + 1 as number from invitation i, generate_series(0, least(i.companions + 1, 19)) n
 where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid order by n;

-- The other invitation that an event is about is shown by name: whose seat became free, who was sent, in whose place.
-- name: read_invitation.history many when html
select h.at, h.cause, h.by_invitee, h.by_service, h.by, h.to_response, case when h.from_response <> h.to_response then h.from_response end as from_response,
       h.detail->>'freed' as freed, h.detail->>'mode' as mode, (h.detail->>'companions')::int as companions, h.detail ? 'companions' and h.cause <> 'delegated' as has_companions, h.detail ? 'noted' as noted, (h.detail->>'queue_number')::bigint as queue_number,
       h.detail->>'reason' as reason, (h.detail->>'on_behalf')::bool as on_behalf, (h.detail->>'series')::bool as series,
       (select g.name from contact_group g where g.platform_id = platform_id() and g.id::text = h.detail->>'group') as group_name,
       case when jsonb_typeof(h.detail->'items') = 'array' then (
           select string_agg(a.title, '; ' order by a.position, a.id) from agenda_item a
            where a.platform_id = platform_id() and h.detail->'items' ? a.id::text) end as items, other.id as other_id, other.name as other_name
  from invitation_history(:invitation::uuid) h
  left join lateral (
       select i.id, p.name from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
        where i.platform_id = platform_id() and i.id::text <> :invitation::text and i.id::text in (h.detail->>'by', h.detail->>'to', h.detail->>'from', h.detail->>'substitute')
        limit 1) other on true
 where caller_is('organiser')
 order by h._id desc limit 100;

-- The lock before all else, since not every statement that follows takes it alone; the version before the companions, who raise it.
-- name: update_invitation.locked exec
select lock_meeting(meeting_ref(:meeting));

-- name: update_invitation.checked exec
select check_version(i.version, :if_match::bigint) from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- Companions first: an answer then counts a seat for each.
-- name: update_invitation.brought exec
select set_companions(i.id, (select coalesce(jsonb_agg(jsonb_build_object('name', c.name) order by c.rank), '[]') from jsonb_array_elements_text(:companions::jsonb) with ordinality c (name, rank)), true)
  from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid and :has_companions::bool;

-- name: read_invitation.questions many when html
select 'update_answers' as operation, f.* from question_fields(:invitation::uuid, false, :language) f where caller_is('organiser');

-- name: read_invitation.answered one when html
select answers_listed(:invitation::uuid, :language) as list, nullif(details_missing(:invitation::uuid), 0) as missing, answers_version(:invitation::uuid) as version;

-- name: update_invitation.answered exec
select answer_invitation(:invitation::uuid, :response, :note, :has_note::bool, true, meeting_ref(:meeting), -1, :mode);

-- name: update_invitation.told exec
select tell_answer(:invitation::uuid) where :confirm::bool;

-- name: update_invitation one
select s.id, s.meeting_id, s.person, s.invited_with as "group", s.response, s.mode, s.responded_at, s.on_behalf, s.note, s.companions,
       s.delegated_to, s.delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at, s.details_missing,
       s.rsvp_url, s.withdrawn_at, s.version, s.created_at, s.updated_at
  from invitation_shown s
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting) and s.id = :invitation::uuid;

-- name: delete_invitation.withdrawn exec
select withdraw_invitation(:invitation::uuid, meeting_ref(:meeting), :if_match::bigint);

-- name: delete_invitation one
select :invitation::uuid as id;

-- name: revoke_invitation_link.raised exec
update invitation i set link_version = i.link_version + 1
 where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid and i.withdrawn_at is null;

-- name: revoke_invitation_link one
select s.id, s.meeting_id, s.person, s.invited_with as "group", s.response, s.mode, s.responded_at, s.on_behalf, s.note, s.companions,
       s.delegated_to, s.delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at, s.details_missing,
       s.rsvp_url, s.withdrawn_at, s.version, s.created_at, s.updated_at
  from invitation_shown s
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting) and s.id = :invitation::uuid and s.withdrawn_at is null;
