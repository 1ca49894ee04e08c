-- substitutes.sql: who comes in whose place, said by organisers. The rules are in server/db/migrations/0010_seats.sql.

-- name: delegate_invitation.sent exec
select delegate_invitation(i.id, jsonb_strip_nulls(jsonb_build_object('name', :name::text, 'email', :email::text, 'position', :position::text, 'organisation', :organisation::text)), true)
  from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- name: delegate_invitation one
select s.id, s.meeting_id, s.person, s.invited_with as "group", s.response, s.mode, s.responded_at, s.on_behalf, s.note, s.companions,
       s.delegated_to, s.delegated_from, s.queue_number, s.promoted_at, s.held_back, s.delivery, s.delivery_error, s.sent_at, s.reminded_at, s.details_missing,
       s.rsvp_url, s.withdrawn_at, s.version, s.created_at, s.updated_at
  from invitation_shown s where s.platform_id = platform_id() and s.id = made_id();

-- name: take_back_delegation one
select take_back_delegation(i.id, true)
  from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;
