-- rsvp.sql: the invitee's page. Entering has found the invitation; these need nothing else of the request.

-- name: read_rsvp one
select meeting, person, response, responded_at, mode, note, queue_number, waiting_ahead, promoted_at, companions, companions_allowed, substitutes_allowed,
       delegated_to, delegated_from, can_answer, closed_reason, version, _language
  from rsvp_shown(invitation_id());

-- What a template can't compare by itself.
-- name: read_rsvp.is one when html
select i.response = 'accepted' as accepted, i.response = 'tentative' as tentative, i.response = 'declined' as declined, i.response = 'waitlisted' as waiting,
       i.response = 'delegated' as delegated, i.response <> 'needs_action' as answered, i.response in ('accepted', 'tentative') and m.status <> 'cancelled' as coming,
       m.format = 'hybrid' as hybrid, m.format <> 'in_person' as remote, m.format = 'hybrid' and i.response = 'accepted' and i.mode = 'in_person' as here,
       m.format = 'hybrid' and i.response = 'accepted' and i.mode = 'online' as there, m.format = 'hybrid' and i.response = 'waitlisted' as elsewhere,
       i.response = 'accepted' and i.promoted_at is not null as promoted, i.response = 'waitlisted' and i.held_back as held_back,
       i.companions > 0 and i.response in ('accepted', 'tentative', 'waitlisted') as company,
       m.status = 'cancelled' as cancelled, m.status = 'held' as held, closed_reason(m.status, m.rsvp_closes_at) = 'deadline' as late, m.ends_at < now() as past,
       m.registration <> 'closed' and m.visibility = 'public' as registrable,
       i.responded_at is not null and (select e.cause in ('on_behalf', 'held_back') from invitation_event e
           where e.platform_id = i.platform_id and e.invitation_id = i.id and e.cause in ('answered', 'answered_by_mail', 'on_behalf', 'held_back') and e.to_response is distinct from e.from_response
           order by e.id desc limit 1) as on_behalf,
       1 + (select count(*)::int from invitation w where w.platform_id = i.platform_id and w.meeting_id = i.meeting_id and w.withdrawn_at is null
               and w.response = 'waitlisted' and not w.held_back and w.queue_number < i.queue_number and in_online_pool(m.format, w.mode) = in_online_pool(m.format, i.mode)) as place,
       set_title(coalesce(m.theme, m.title), m.language) as headline,
       (m.starts_at at time zone m.time_zone)::date = (m.ends_at at time zone m.time_zone)::date as one_day,
       coalesce(m.contact_name, m.contact_email, m.contact_phone, m.host_organisation_id::text) is not null as reachable,
       feed_link(i.person_id, null) as calendar_url, feed_link(i.person_id, null) as webcal_url
  from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
 where i.platform_id = platform_id() and i.id = invitation_id();

-- Time or place changed since the answer, and it was not given once more.
-- name: read_rsvp.again maybe when html
select i.response, case i.response when 'waitlisted' then 'accepted' else i.response end as answer
  from invitation i where i.platform_id = platform_id() and i.id = invitation_id() and asked_again(i) is not null;

-- The ticket of whoever has a seat, and what they can do on the day itself.
-- name: read_rsvp.ticket maybe when html
select i.id || '.' || i.link_version as ticket_token, i.id || '.' || i.link_version as ticket_code, d.today, a.state, a.arrived_at, a.state in ('present', 'remote') as here,
       d.today and m.status = 'published' and m.format <> 'online' and a.state is distinct from 'present' as can_arrive,
       m.status = 'published' and m.online_url is not null and (m.format = 'online' or in_online_pool(m.format, i.mode)) and is_joinable(m.starts_at, m.ends_at) as can_join
  from invitation i
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
  left join attendance a on a.platform_id = i.platform_id and a.meeting_id = i.meeting_id and a.person_id = i.person_id
 cross join lateral (select is_meeting_day(m.starts_at, m.ends_at, m.time_zone) as today) d
 where i.platform_id = platform_id() and i.id = invitation_id() and ticket_fault(m.status, i.response) is null;

-- Fields for companions: as many as are allowed, the first few and one to spare at once. What the organiser allowed beyond that can be kept.
-- name: read_rsvp.companion_fields many when html
select n as index, n + 1 as number from companion_fields(invitation_id()) f, generate_series(0, least(f.shown, f.allowed) - 1) n order by n;

-- name: read_rsvp.more_companions many when html
select n as index, n + 1 as number from companion_fields(invitation_id()) f, generate_series(f.shown, f.allowed - 1) n order by n;

-- name: read_rsvp.agenda many when html
select t.title, t.kind, t.begins_at, t.finishes_at, t.joining = 'optional' as optional,
       exists (select from agenda_choice c where c.platform_id = t.platform_id and c.agenda_item_id = t.id and c.invitation_id = invitation_id()) as chosen
  from agenda_timeline t
 where t.platform_id = platform_id() and t.meeting_id = (select i.meeting_id from invitation i where i.platform_id = platform_id() and i.id = invitation_id())
 order by t.position, t.id;

-- What a person should know before accepting, or bringing somebody: only where seats are limited.
-- name: read_rsvp.seats maybe when html
select o.room_taken and not o.hybrid and o.unanswered and not o.waitlist and not o.quota as full, o.room_taken and not o.hybrid and o.unanswered and o.waitlist and not o.quota as queue,
       o.quota and o.unanswered as quota, o.room_taken and o.hybrid and not o.quota as room_taken, o.online_taken and o.hybrid and not o.quota as online_taken, o.waitlist,
       nullif(o.for_companions, 0) as for_companions, o.for_companions = 0 as none_for_companions
  from seats_offered(invitation_id()) o;

-- The link itself stays out of the calendar: many are shared.
-- Never below what a mail has said of it: who was invited again has it above the withdrawal.
-- name: read_rsvp.event one when ics
select e.uid, greatest(e.sequence, c.sequence) as sequence, e.dtstamp, e.created, e.starts_at, e.ends_at, e.time_zone,
       case e.status when 'CANCELLED' then cancelled_word(e.language) else '' end || e.summary as summary, e.description, e.location,
       case when e.visibility = 'public' then :base_url || '/platforms/' || (select p.slug from platform p where p.id = platform_id()) || '/meetings/' || e.slug end as url,
       e.status, e.organiser_name, e.organiser_email
  from invitation i join meeting_event e on e.id = i.meeting_id
  left join invitation_calendar c on c.platform_id = i.platform_id and c.invitation_id = i.id
 where i.platform_id = platform_id() and i.id = invitation_id();

-- `mode` alone is the button "Yes, online" of a hybrid meeting.
-- name: answer_rsvp.asked exec
select case when coalesce(:response::text, :mode::text) is null then refuse(422, 'An answer must be given.', 'required', 'response') end;

-- name: answer_rsvp.answered exec
select answer_invitation(invitation_id(), coalesce(:response, case when :mode::text is not null then 'accepted' end),
                         case when :clears_note::bool then '' else :note end, :has_note::bool or coalesce(:clears_note::bool, false), chosen_mode => :mode::text);

-- name: answer_rsvp one
select meeting, person, response, responded_at, mode, note, queue_number, waiting_ahead, promoted_at, companions, companions_allowed, substitutes_allowed,
       delegated_to, delegated_from, can_answer, closed_reason, version, _language
  from rsvp_shown(invitation_id());

-- The optional parts of the programme, and which of them are chosen. A heading stands before the first of some alternatives.
-- name: read_rsvp.offered many when html
select o.id, o.title as name, o.begins_at, o.finishes_at, o.capacity is not null as limited, o.seats_left, o."full",
       case when row_number() over (partition by o.choice_group order by o.rank) = 1 then o.choice_group end as heading
  from items_offered(invitation_id()) with ordinality o (id, title, begins_at, finishes_at, choice_group, capacity, seats_left, chosen, "full", rank)
 order by o.rank;

-- name: read_rsvp.items many when html
select o.id, o.title, o.begins_at, o.finishes_at from items_offered(invitation_id()) o where o.chosen;

-- Are there more coming dates of the same series to answer?
-- name: read_rsvp.series maybe when html
select s.title, m.language, d.dates
  from (select count(*)::int as dates, bool_or(invitation_id <> invitation_id()) as more from series_invitations(invitation_id())) d
  join invitation i on i.platform_id = platform_id() and i.id = invitation_id()
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
  join series s on s.platform_id = m.platform_id and s.id = m.series_id
 where d.more;

-- name: read_rsvp.questions many when html
select 'detail_rsvp' as operation, f.* from question_fields(invitation_id(), true, :language) f;

-- What is missing of what the organiser asks, and who else comes if that is shown.
-- name: read_rsvp.details one when html
select nullif(details_missing(invitation_id()), 0) as missing,
       (select row_to_json(r) from (select o.others, o.shown, o.shows = 'addresses' as with_address from others_shown(invitation_id()) o where o.shows <> 'nobody') r) as showing,
       (select jsonb_agg(jsonb_build_object('id', d.id, 'title', d.title, 'size_said', size_said(d.size, :language), 'item_title', d.item_title))
          from invitation i cross join lateral documents_of(i.meeting_id) d where i.platform_id = platform_id() and i.id = invitation_id()) as documents;

-- name: read_rsvp_details one
select companions, companions_allowed, items_offered_json(invitation_id()) as items, questions_json(invitation_id()) as questions,
       details_missing(invitation_id()) as missing, note, version, _language from rsvp_shown(invitation_id());

-- Each of the statements that follow sets one thing, and only what was sent; the lock comes first, since some of them share it and some don't.
-- name: detail_rsvp.locked exec
select lock_meeting(i.meeting_id) from invitation i where i.platform_id = platform_id() and i.id = invitation_id();

-- Places in the programme that are given up go first, so that they need no seats for companions who come with the same form.
-- name: detail_rsvp.left exec
select choose_items(invitation_id(), items_kept(invitation_id(), :items::jsonb)) where :has_items::bool or :clears_items::bool;

-- name: detail_rsvp.noted exec
select answer_invitation(invitation_id(), null, :note, true) where :has_note::bool or :clears_note::bool;

-- name: detail_rsvp.brought exec
select set_companions(invitation_id(), coalesce(:companions::jsonb, '[]')) where :has_companions::bool or :clears_companions::bool;

-- name: detail_rsvp.joined exec
select choose_items(invitation_id(), :items::jsonb) where :has_items::bool or :clears_items::bool;

-- Last, since it locks questions after the invitation.
-- name: detail_rsvp.answered exec
select answer_questions(invitation_id(), :answers::jsonb) where :has_answers::bool;

-- name: detail_rsvp one
select companions, companions_allowed, items_offered_json(invitation_id()) as items, questions_json(invitation_id()) as questions,
       details_missing(invitation_id()) as missing, note, version, _language from rsvp_shown(invitation_id());

-- Each substitute gets a mail, at an address that the invitee types: nobody is to send many, nor to have substitutes of substitutes send them.
-- name: delegate_rsvp.capped exec
with recursive above as (
    select i.id, i.delegated_from from invitation i where i.platform_id = platform_id() and i.id = invitation_id()
    union
    select i.id, i.delegated_from from above a join invitation i on i.platform_id = platform_id() and i.id = a.delegated_from
), family as (
    select a.id from above a
    union
    select i.id from family f join invitation i on i.platform_id = platform_id() and i.delegated_from = f.id
)
select refuse(429, 'Substitutes were named too often today. Write to the organiser.', 'too_many_substitutes')
 where (select count(*) from family f join invitation_event e on e.platform_id = platform_id() and e.invitation_id = f.id
         where e.cause = 'delegated' and e.actor = 'invitation ' || e.invitation_id and e.at > now() - interval '1 day') >= 20;

-- name: delegate_rsvp.sent exec
select delegate_invitation(invitation_id(), jsonb_strip_nulls(jsonb_build_object('name', :name::text, 'email', :email::text, 'position', :position::text)));

-- name: delegate_rsvp one
select meeting, person, response, responded_at, mode, note, queue_number, waiting_ahead, promoted_at, companions, companions_allowed, substitutes_allowed,
       delegated_to, delegated_from, can_answer, closed_reason, version, _language
  from rsvp_shown(invitation_id());

-- name: take_back_rsvp exec
select take_back_delegation(invitation_id());
