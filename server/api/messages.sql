-- messages.sql: what organisers write to those who were invited, and which reminders go out by themselves. The rules are in server/db/migrations/0017_mail_kinds.sql.

-- name: list_messages.there exec
select meeting_ref(:meeting);

-- name: list_messages many
select m.id, m.kind, m.subject, m.text, m.link, m.feedback_link, m.response, m.attendance, m.group_id, m.organisation_id, m.recipients, m.states, m.sent_by, m.created_at,
       jsonb_build_array(m.id) as _cursor
  from message_shown m
 where m.platform_id = platform_id() and m.meeting_id = meeting_ref(:meeting) and (:after::jsonb is null or m.id < (:after::jsonb->>0)::uuid)
 order by m.id desc
 limit :limit::int + 1;

-- name: list_messages.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone, m.rsvp_closes_at, m.status not in ('draft') as can_mail
  from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- What was chosen, and whom it reaches.
-- name: list_messages.chosen one when html
select coalesce(:kind, 'message') as kind, coalesce(:response, usual_response(coalesce(:kind, 'message'))) as response,
       coalesce(:attendance, usual_attendance(coalesce(:kind, 'message'))) as attendance, :group_id::uuid as group_id, :organisation_id::uuid as organisation_id,
       :kind = 'thanks' as thanks, c.recipients, nullif(c.without_email, 0) as without_email, nullif(c.unsubscribed, 0) as unsubscribed, c.recipients > 0 as anybody
  from message_counts(meeting_ref(:meeting), coalesce(:kind, 'message'), :response, :group_id::uuid, :organisation_id::uuid, :attendance) c;

-- name: list_messages.kinds many when html
select k as value, k = coalesce(:kind, 'message') as selected from unnest(array['message', 'practical', 'thanks']) k;

-- name: list_messages.responses many when html
select r as value, r = coalesce(:response, usual_response(coalesce(:kind, 'message'))) as selected
  from unnest(array['all', 'needs_action', 'accepted', 'tentative', 'declined', 'waitlisted', 'unconfirmed']) r;

-- name: list_messages.attendances many when html
select a as value, a = coalesce(:attendance, usual_attendance(coalesce(:kind, 'message'))) as selected from unnest(array['any', 'came', 'stayed_away']) a;

-- name: list_messages.groups many when html
select g.id, g.name, g.id = :group_id::uuid as selected from meeting_group i join contact_group g on g.platform_id = i.platform_id and g.id = i.group_id
 where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) order by g.name collate "pl-x-icu", g.id;

-- name: list_messages.organisations many when html
select o.id, o.name, o.id = :organisation_id::uuid as selected from organisation o
 where o.platform_id = platform_id() and o.id in (select p.organisation_id from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
                                                   where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting))
 order by o.name collate "pl-x-icu", o.id;

-- name: list_messages.showing one when html
select s.shows, s.shown, s.version from showing_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);

-- name: list_messages.reminders one when html
select r.days_before_deadline, r.day_before, r.at_time, r.version from reminders_shown r where r.platform_id = platform_id() and r.meeting_id = meeting_ref(:meeting);

-- name: list_messages.planned many when html
select p.kind, p.due_at, p.done_at, p.queued, m.time_zone from planned_mail p join meeting m on m.platform_id = p.platform_id and m.id = p.meeting_id
 where p.platform_id = platform_id() and p.meeting_id = meeting_ref(:meeting) order by p.due_at;

-- name: send_message.sent exec
select send_message(meeting_ref(:meeting), coalesce(:kind, 'message'), :subject, :text, :link, :feedback_link, :response, :group_id::uuid, :organisation_id::uuid, :attendance);

-- name: send_message one
select m.id, m.kind, m.subject, m.text, m.link, m.feedback_link, m.response, m.attendance, m.group_id, m.organisation_id, m.recipients, m.states, m.sent_by, m.created_at
  from message_shown m where m.platform_id = platform_id() and m.id = made_id();

-- name: count_audience.there exec
select meeting_ref(:meeting);

-- name: count_audience one
select c.recipients, c.without_email, c.unsubscribed
  from message_counts(meeting_ref(:meeting), coalesce(:kind, 'message'), :response, :group_id::uuid, :organisation_id::uuid, :attendance) c;

-- name: read_message one
select m.id, m.kind, m.subject, m.text, m.link, m.feedback_link, m.response, m.attendance, m.group_id, m.organisation_id, m.recipients, m.states, m.sent_by, m.created_at
  from message_shown m where m.platform_id = platform_id() and m.meeting_id = meeting_ref(:meeting) and m.id = :message::uuid;

-- name: read_message.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: read_message.by_state many when html
select s.key as state, s.value as number from message_shown m, jsonb_each_text(m.states) s
 where m.platform_id = platform_id() and m.meeting_id = meeting_ref(:meeting) and m.id = :message::uuid order by s.key;

-- name: read_reminders one
select r.days_before_deadline, r.day_before, r.at_time, r.planned, r.version from reminders_shown r where r.platform_id = platform_id() and r.meeting_id = meeting_ref(:meeting);

-- name: update_reminders.locked exec
select lock_meeting(meeting_ref(:meeting));

-- name: update_reminders.checked one
select check_version(r.version, :if_match::bigint) from reminders_shown r where r.platform_id = platform_id() and r.meeting_id = meeting_ref(:meeting);

-- name: update_reminders.set exec
insert into meeting_reminders as r (meeting_id, days_before_deadline, day_before, at_time)
values (meeting_ref(:meeting), :days_before_deadline::int, coalesce(:day_before::bool, false), coalesce(:at_time::time, '10:00'))
    on conflict (platform_id, meeting_id) do update
   set days_before_deadline = case when :has_days_before_deadline::bool then :days_before_deadline::int else r.days_before_deadline end,
       day_before = case when :has_day_before::bool then :day_before::bool else r.day_before end,
       at_time = case when :has_at_time::bool then :at_time::time else r.at_time end;

-- name: update_reminders one
select r.days_before_deadline, r.day_before, r.at_time, r.planned, r.version from reminders_shown r where r.platform_id = platform_id() and r.meeting_id = meeting_ref(:meeting);
