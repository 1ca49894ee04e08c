-- mailings.sql: sending invitations and reminders, and the outbox as organisers see it. The rules are in server/db/migrations/0011_outbox.sql.

-- name: send_invitations one
select sent.*, format('queued-%s.without_email-%s.skipped-%s', sent.queued, sent.without_email, sent.skipped) as _told
  from send_invitations(meeting_ref(:meeting), coalesce(:kind, 'invitation'), :which, :invitation_ids::jsonb, :group_id::uuid, :organisation_id::uuid, coalesce(:again::bool, false)) sent;

-- name: send_invitation.queued exec
select send_invitation(:invitation::uuid, meeting_ref(:meeting));

-- name: send_invitation one
select s.id, s.meeting_id, s.person, s.invited_with as "group", s.response, s.mode, s.responded_at, s.on_behalf, s.note, s.companions,
       s.delegated_to, s.delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at, s.details_missing,
       s.rsvp_url, s.withdrawn_at, s.version, s.created_at, s.updated_at
  from invitation_shown s
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting) and s.id = :invitation::uuid;

-- name: list_outbox many
select o.id, o.kind, o.state, o.reason, o."to", o.meeting, o.invitation_id, o.attempts, o.next_attempt_at, o.created_at, o.sent_at,
       o.state in ('failed', 'bounced') or o.state = 'queued' and o.attempts > 0 or o.reason = 'no_address' as _can_retry, o.state = 'dropped' as _dropped, jsonb_build_array(o.id) as _cursor
  from outbox_shown o
 where o.platform_id = platform_id() and (:state::text is null or o.state = :state) and (:kind::text is null or o.kind = :kind)
   and (:meeting_id::uuid is null or o.meeting_id = :meeting_id::uuid)
   and (:q::text is null or o.search like all (search_words(:q)))
   and (:after::jsonb is null or o.id < (:after::jsonb->>0)::uuid)
 order by o.id desc
 limit :limit::int + 1;

-- How many there are in each state.
-- name: list_outbox.states many when html
select v.state, count(o.id)::int as number, v.state = :state as selected
  from unnest(array['queued', 'sending', 'sent', 'failed', 'bounced', 'dropped']) with ordinality v (state, rank)
  left join outbox o on o.platform_id = platform_id() and o.state = v.state and o.kind <> 'sign_in' and (:meeting_id::uuid is null or o.meeting_id = :meeting_id::uuid)
 group by v.state, v.rank having count(o.id) > 0 or v.state in ('queued', 'sent', 'failed') order by v.rank;

-- name: list_outbox.kinds many when html
select distinct o.kind, o.kind = :kind as selected from outbox o where o.platform_id = platform_id() and o.kind <> 'sign_in' order by o.kind;

-- The meeting it is narrowed to.
-- name: list_outbox.about maybe when html
select m.id, m.slug, m.title from meeting m where m.platform_id = platform_id() and m.id = :meeting_id::uuid;

-- name: read_mail one
select o.id, o.kind, o.state, o.reason, o."to", o.meeting, o.invitation_id, o.attempts, o.next_attempt_at, o.created_at, o.sent_at
  from outbox_shown o where o.platform_id = platform_id() and o.id = :mail::uuid;

-- What it says, as the person is told now. The link by which a registration is confirmed is nobody else's to see.
-- name: read_mail.letter maybe when html
select 'mail/' || l.kind || '.txt' as template, l.detail, l.to_name, l.meeting, l.platform, l.invitation, case when l.invitation->>'response' is not null then l.rsvp_url end as rsvp_url, l.refused_because,
       ticket_in_mail(l.kind, l.invitation, l.meeting, l.rsvp_url) as ticket_url, ticket_in_mail(l.kind, l.invitation, l.meeting, l.rsvp_url) as ticket_code
  from mail_letter l where l.platform_id = platform_id() and l.id = :mail::uuid and l.kind <> 'sign_in';

-- name: read_mail.is maybe when html
select o.state = 'dropped' as dropped, o.state in ('failed', 'bounced') or o.state = 'queued' and o.attempts > 0 or o.reason = 'no_address' as retriable
  from outbox o where o.platform_id = platform_id() and o.id = :mail::uuid;

-- name: retry_mail.again exec
select retry_mail(:mail::uuid);

-- name: retry_mail one
select o.id, o.kind, o.state, o.reason, o."to", o.meeting, o.invitation_id, o.attempts, o.next_attempt_at, o.created_at, o.sent_at
  from outbox_shown o where o.platform_id = platform_id() and o.id = :mail::uuid;
