-- invitation_history.sql: what became of an invitation. Triggers write it: see server/db/migrations/0010_seats.sql.

-- A history is never empty: without one there is no such invitation.
-- name: list_invitation_history.there one
select i.id from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- name: list_invitation_history many
select h.at, h.cause, h.by_invitee, h.by_service, h.by, h.from_response, h.to_response, h.detail, jsonb_build_array(h._id) as _cursor
  from invitation_history(:invitation::uuid) h
 where :after::jsonb is null or h._id < (:after::jsonb->>0)::uuid
 order by h._id desc
 limit :limit::int + 1;
