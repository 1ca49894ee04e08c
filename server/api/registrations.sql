-- registrations.sql: people who register themselves. The rules are in server/db/migrations/0014_registrations.sql.

-- Says that there is no such meeting: a list without rows would not come to ask.
-- name: list_registrations.there exec
select meeting_ref(:meeting);

-- name: list_registrations many
select s.id, s.meeting_id, s.name, s.email, s.position, s.organisation, s.language, s.mode, s.note, s.state, s.reason, s.confirmed_at, s.decided_at, s.decided_by,
       s.invitation_id, s.response, s.version, s.created_at, s.updated_at, s.state = 'awaiting_approval' as _waits, jsonb_build_array(s.id) as _cursor
  from registration_shown s
 where s.meeting_id = meeting_ref(:meeting)
   and (:state::text is null or s.state = :state)
   and (:q::text is null or fold(concat_ws(' ', s.name, s.email, s.position, s.organisation)) like all (search_words(:q)))
   and (:after::jsonb is null or s.id < (:after::jsonb->>0)::uuid)
 order by s.id desc
 limit :limit::int + 1;

-- name: list_registrations.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.ends_at, m.time_zone, m.status, m.registration, m.registration = 'closed' as is_closed from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- What an organiser should know before approving.
-- name: list_registrations.seats one when html
select c.capacity, c.seats_left, c.seats_left <= 0 as full, c.seats_left <= 0 and c.waitlist as queue from invitation_counts(meeting_ref(:meeting)) c;

-- name: list_registrations.states many when html
select v.state as value, count(s.id)::int as number, v.state = :state as selected
  from unnest(array['awaiting_approval', 'registered', 'refused', 'unconfirmed', 'expired']) with ordinality v (state, rank)
  left join registration_shown s on s.meeting_id = meeting_ref(:meeting) and s.state = v.state
 group by v.state, v.rank order by v.rank;

-- name: create_registration.kept exec
select register(meeting_ref(:meeting), jsonb_build_object('name', :name::text, 'email', :email::text, 'position', :position::text, 'organisation', :organisation::text,
       'mode', :mode::text, 'note', :note::text, 'language', :language::text));

-- name: read_registration one
select s.id, s.meeting_id, s.name, s.email, s.position, s.organisation, s.language, s.mode, s.note, s.state, s.reason, s.confirmed_at, s.decided_at, s.decided_by,
       s.invitation_id, s.response, s.version, s.created_at, s.updated_at
  from registration_shown s where s.meeting_id = meeting_ref(:meeting) and s.id = :registration::uuid;

-- name: approve_registration.decided exec
select decide_registration(:registration::uuid, meeting_ref(:meeting), true, :if_match::bigint);

-- name: approve_registration one
select s.id, s.meeting_id, s.name, s.email, s.position, s.organisation, s.language, s.mode, s.note, s.state, s.reason, s.confirmed_at, s.decided_at, s.decided_by,
       s.invitation_id, s.response, s.version, s.created_at, s.updated_at
  from registration_shown s where s.id = :registration::uuid;

-- name: refuse_registration.decided exec
select decide_registration(:registration::uuid, meeting_ref(:meeting), false, :if_match::bigint, :reason);

-- name: refuse_registration one
select s.id, s.meeting_id, s.name, s.email, s.position, s.organisation, s.language, s.mode, s.note, s.state, s.reason, s.confirmed_at, s.decided_at, s.decided_by,
       s.invitation_id, s.response, s.version, s.created_at, s.updated_at
  from registration_shown s where s.id = :registration::uuid;

-- name: read_confirmation one
select meeting, name, email, position, organisation, mode, note, state, reason, can_confirm, closed_reason, expires_at, rsvp_url, version, _language from registration_opened();

-- What a template can't compare by itself.
-- name: read_confirmation.is one when html
select o.state = 'awaiting_approval' as waiting, o.state = 'registered' as registered, o.state = 'refused' as refused, o.state = 'registered' and o.rsvp_url is null as withdrawn,
       i.response = 'waitlisted' as waitlisted, o.closed_reason = 'cancelled' as cancelled, o.closed_reason is not null as closed, m.format = 'hybrid' as hybrid,
       m.registration = 'approval' as approval, set_title(coalesce(m.theme, m.title), m.language) as headline,
       (m.starts_at at time zone m.time_zone)::date = (m.ends_at at time zone m.time_zone)::date as one_day,
       coalesce(m.contact_name, m.contact_email, m.contact_phone) is not null as reachable
  from registration_opened() o
  join registration r on r.platform_id = platform_id() and r.id = registration_id()
  join meeting m on m.platform_id = r.platform_id and m.id = r.meeting_id
  left join invitation i on i.platform_id = r.platform_id and i.id = r.invitation_id;

-- name: confirm_registration.confirmed exec
select confirm_registration() where :response::text = 'confirmed';

-- name: confirm_registration one
select meeting, name, email, position, organisation, mode, note, state, reason, can_confirm, closed_reason, expires_at, rsvp_url, version, _language from registration_opened();
