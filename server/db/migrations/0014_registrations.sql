-- 0014_registrations.sql: people who were not invited register themselves for a public meeting that is open to it.
--
-- A registration counts for nothing until its e-mail address was confirmed by the link that was mailed to it (made by secret_registration() from the
-- registration's id and the version 1). Then it becomes an invitation that was accepted, by the same functions as every other answer, so that capacity, quotas and
-- the waitlist hold; or it waits for an organiser's approval. What the public is told never depends on whose address was typed.

set local role narada_owner;
set local search_path = narada;

create table registration (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    name text not null check (name <> ''),
    email text not null,
    position text,
    organisation text,
    language text,
    mode text check (mode in ('in_person', 'online')),   -- how they would come to a hybrid meeting
    note text,                                           -- to the organiser
    state text not null default 'unconfirmed' check (state in ('unconfirmed', 'awaiting_approval', 'registered', 'refused', 'expired')),
    reason text,                                         -- the organiser's, for a refusal
    confirmed_at timestamptz,
    decided_at timestamptz,
    decided_by text,                                     -- the organiser who approved or refused
    invitation_id uuid,                                  -- what became of it
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint registration_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    -- Whoever deletes a person's invitation deletes this with it.
    constraint registration_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade,
    constraint registration_state check ((invitation_id is null) = (state <> 'registered'))
);
create index registration_list on registration (platform_id, meeting_id, state, id);
create index registration_address on registration (platform_id, email_key(email), created_at);
create index registration_became on registration (platform_id, invitation_id) where invitation_id is not null;
create trigger touch before update on registration for each row execute function touch();

select close_by_default('registration');
create policy owner_functions on registration to narada_owner using (true) with check (true); -- entering by a link, and sweeping
grant select, insert, update, delete on registration to narada_service;

-- How long the link works.
create function registration_days() returns interval language sql immutable parallel safe as $$ select interval '7 days' $$;

-- ── Who asks ──────────────────────────────────────────────────────────────────

create function registration_id() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('narada.registration_id', true), '')::uuid $$;

-- Statement one for a confirmation link whose MAC was right, as enter_invitation() is for an RSVP link.
create function enter_registration(slug text, registration uuid, request_id text)
returns table (platform_id uuid, platform_slug text, platform_name text, language text, time_zone text,
               account_id uuid, account_name text, account_language text, role text)
language plpgsql volatile security definer set search_path = narada, pg_temp as $$
#variable_conflict use_column
declare
    place platform;
begin
    select * into place from platform p where p.slug = enter_registration.slug;
    perform set_config('narada.platform_id', coalesce(place.id::text, ''), true);
    if not exists (select from registration r where r.platform_id = place.id and r.id = enter_registration.registration) then
        perform refuse(410, 'This registration is not there any more: it was not confirmed in time. Register again.', 'registration_expired');
    end if;
    perform set_config('narada.registration_id', enter_registration.registration::text, true),
            set_config('narada.actor', 'public', true),
            set_config('narada.request_id', coalesce(enter_registration.request_id, ''), true);
    return query select place.id, place.slug, place.name, place.language, place.time_zone, null::uuid, null::text, null::text, null::text;
end
$$;

-- ── Whether a meeting is open to it ───────────────────────────────────────────

-- Why nobody can register; NULL: one can. Unlike answers, registrations end with the meeting's day.
create function registration_closed_reason(registration text, status text, rsvp_closes_at timestamptz, ends_at timestamptz) returns text language sql stable parallel safe as $$
    select coalesce(case when closed_reason(status, rsvp_closes_at) <> 'deadline' then closed_reason(status, rsvp_closes_at) end,
                    case when ends_at < now() then 'past' when registration = 'closed' then 'closed' end,
                    closed_reason(status, rsvp_closes_at))
$$;

-- The refusal for each reason; NULL refuses nothing.
create function refuse_registration(reason text) returns void language plpgsql volatile as $$
begin
    case reason
        when 'closed' then perform refuse(409, 'This meeting takes no registrations.', 'registration_closed');
        when 'past' then perform refuse(409, 'The meeting is over.', 'meeting_held');
        when 'deadline' then perform refuse(409, 'The time to register is over. Write to the organiser.', 'registration_late');
        when 'full' then perform refuse(409, 'All seats are taken.', 'meeting_full');
        else perform refuse_closed(reason);
    end case;
end
$$;

-- Is there no seat left, and no waitlist either? While nobody has chosen between two ways to come (`mode` NULL), only when both are full.
create function registration_full(of_meeting uuid, mode text) returns boolean language sql stable as $$
    select not m.waitlist
           and (coalesce(seats_left(m.id, false) < 1, false) or m.format = 'hybrid' and mode = 'online')
           and (coalesce(seats_left(m.id, true) < 1, false) or m.format <> 'hybrid' or mode = 'in_person')
      from meeting m where m.platform_id = platform_id() and m.id = of_meeting
$$;

-- ── Registering ───────────────────────────────────────────────────────────────

-- Keeps a registration and mails its link; or, if the address belongs to somebody who is invited, mails that invitation's link, once a day. Nobody's mailbox
-- is to be flooded by somebody who types its address again and again: beyond a few it does nothing, and says nothing of it.
create function register(of_meeting uuid, written jsonb) returns void language plpgsql volatile as $$
declare
    place meeting;
    address text := written->>'email';
    theirs uuid;
    made_id uuid;
begin
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = of_meeting;
    perform refuse_registration(coalesce(registration_closed_reason(place.registration, place.status, place.rsvp_closes_at, place.ends_at),
                                         case when registration_full(of_meeting, null) then 'full' end));
    if registration_full(of_meeting, mode_of(place.format, written->>'mode', 'in_person')) then
        perform refuse(409, 'All seats of that kind are taken.', 'meeting_full', 'mode');
    end if;
    perform pg_advisory_xact_lock(hashtextextended('registration ' || platform_id() || email_key(address), 0));
    if (select count(*) filter (where r.created_at > now() - interval '1 hour') >= 3 or count(*) >= 10 from registration r
         where r.platform_id = platform_id() and email_key(r.email) = email_key(address) and r.created_at > now() - interval '1 day') then
        return;
    end if;

    select i.id into theirs from person p join invitation i on i.platform_id = p.platform_id and i.person_id = p.id
     where p.platform_id = platform_id() and email_key(p.email) = email_key(address) and i.meeting_id = of_meeting and i.withdrawn_at is null;
    if theirs is not null then
        perform queue_mail('registered', theirs, 'registered ' || theirs || ' ' || current_date, '{"invited_already": true}');
        return;
    end if;
    insert into registration as r (meeting_id, name, email, position, organisation, language, mode, note)
    values (of_meeting, btrim(written->>'name'), address, nullif(btrim(written->>'position'), ''), nullif(btrim(written->>'organisation'), ''), written->>'language',
            written->>'mode', nullif(btrim(written->>'note'), ''))
    returning r.id into made_id;
    perform queue_mail_to('registration', address, btrim(written->>'name'), written->>'language', 'registration ' || made_id,
                          jsonb_build_object('meeting_id', of_meeting, 'registration_id', made_id));
end
$$;

-- The row of a registration, once the meeting it is for is locked; NULL if there is none.
create function lock_registration(of_registration uuid) returns registration language plpgsql volatile as $$
declare
    one registration;
begin
    select r.* into one from registration r where r.platform_id = platform_id() and r.id = of_registration;
    perform lock_with_followers(array[one.meeting_id], '{}', array_remove(array[organisation_found(one.organisation)], null));
    select r.* into one from registration r where r.platform_id = platform_id() and r.id = of_registration for no key update;
    return one;
end
$$;

-- Makes the invitation, with its seat or its place in the queue. Whoever has answered an invitation in the meantime keeps that answer.
-- Past the closing time it is the organiser's decision, as every answer then is.
create function accept_registration(one registration) returns void language plpgsql volatile as $$
declare
    place meeting;
    who uuid;
    theirs invitation;
    late boolean;
begin
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = one.meeting_id;
    late := coalesce(closed_reason(place.status, place.rsvp_closes_at) = 'deadline', false);
    perform because('registered', jsonb_build_object('registration', one.id));
    who := person_from(jsonb_strip_nulls(jsonb_build_object('name', one.name, 'email', one.email, 'position', one.position, 'organisation', one.organisation, 'language', one.language)));
    select i.* into theirs from invitation i where i.platform_id = platform_id() and i.meeting_id = one.meeting_id and i.person_id = who for no key update;
    if theirs.id is null then
        insert into invitation as i (meeting_id, person_id) values (one.meeting_id, who) returning i.* into theirs;
    elsif theirs.withdrawn_at is not null then
        update invitation i set withdrawn_at = null, group_id = null where i.platform_id = platform_id() and i.id = theirs.id returning i.* into theirs;
    end if;
    if theirs.response = 'needs_action' then
        perform answer_invitation(theirs.id, 'accepted', one.note, one.note is not null, late, one.meeting_id, -1, case when place.format = 'hybrid' then one.mode end);
    end if;
    perform because(null);
    update registration r set state = 'registered', invitation_id = theirs.id where r.platform_id = platform_id() and r.id = one.id;
    perform queue_mail('registered', theirs.id, 'registered ' || one.id);
end
$$;

-- The address was confirmed. Confirming again changes nothing. Who was uninvited before needs an organiser's word to come back.
create function confirm_registration() returns void language plpgsql volatile as $$
declare
    one registration := lock_registration(registration_id());
    place meeting;
begin
    if one.state = 'expired' or one.state = 'unconfirmed' and one.created_at <= now() - registration_days() then
        perform refuse(410, 'This registration was not confirmed in time, or a later one took its place.', 'registration_expired');
    elsif one.state <> 'unconfirmed' then
        return;
    end if;
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = one.meeting_id;
    perform refuse_registration(registration_closed_reason(place.registration, place.status, place.rsvp_closes_at, place.ends_at));
    update registration r set state = 'expired'
     where r.platform_id = platform_id() and r.meeting_id = one.meeting_id and email_key(r.email) = email_key(one.email) and r.id <> one.id
       and r.state in ('unconfirmed', 'awaiting_approval');
    update registration r set confirmed_at = clock_timestamp() where r.platform_id = platform_id() and r.id = one.id returning r.* into one;
    if place.registration = 'approval' or exists (
        select from person p join invitation i on i.platform_id = p.platform_id and i.person_id = p.id
         where p.platform_id = platform_id() and email_key(p.email) = email_key(one.email) and i.meeting_id = one.meeting_id and i.withdrawn_at is not null) then
        update registration r set state = 'awaiting_approval' where r.platform_id = platform_id() and r.id = one.id;
    else
        perform accept_registration(one);
    end if;
end
$$;

-- An organiser's decision, taken once.
create function decide_registration(of_registration uuid, of_meeting uuid, approved boolean, expected bigint, why text default null) returns void language plpgsql volatile as $$
declare
    one registration := lock_registration(of_registration);
begin
    if one.id is null or one.meeting_id <> of_meeting then
        perform refuse(404, 'There is no such registration.', 'not_found');
    end if;
    perform check_version(one.version, expected);
    if one.state = 'unconfirmed' then
        perform refuse(409, 'The address was not confirmed yet.', 'registration_unconfirmed');
    elsif one.state <> 'awaiting_approval' then
        perform refuse(409, 'This registration was decided already.', 'registration_decided');
    end if;
    update registration r set decided_at = clock_timestamp(), decided_by = current_setting('narada.actor', true) where r.platform_id = platform_id() and r.id = one.id;
    if approved then
        perform accept_registration(one);
    else
        update registration r set state = 'refused', reason = nullif(btrim(why), '') where r.platform_id = platform_id() and r.id = one.id;
        perform queue_mail_to('registration_refused', one.email, one.name, one.language, 'registration_refused ' || one.id,
                              jsonb_build_object('meeting_id', one.meeting_id, 'registration_id', one.id));
    end if;
end
$$;

-- ── What is shown ─────────────────────────────────────────────────────────────

-- What a meeting's page says of registering, if it `says` anything: that there is a form, or why not. `listed`: who registered is there to be looked at by the caller.
-- `controller`: who answers for the data.
create function meeting_registering(of_meeting uuid)
returns table (says boolean, listed boolean, open boolean, by_invitation boolean, over boolean, late boolean, taken boolean, queue boolean, approval boolean, hybrid boolean, waiting int, registered int,
               controller text, contact text)
language sql stable as $$
    select m.status <> 'draft' and (m.registration <> 'closed' or c.why = 'closed'),
           caller_is('viewer') and (m.registration <> 'closed' or exists (select from registration r where r.platform_id = m.platform_id and r.meeting_id = m.id)),
           m.status = 'published' and c.why is null, c.why = 'closed', c.why in ('past', 'held', 'cancelled') and m.registration <> 'closed', c.why = 'deadline', c.why = 'full',
           c.why is null and coalesce(seats_left(m.id, false) < 1, false) and (m.format <> 'hybrid' or coalesce(seats_left(m.id, true) < 1, false)),
           m.registration = 'approval', m.format = 'hybrid',
           case when caller_is('viewer') then (select count(*)::int from registration r where r.platform_id = m.platform_id and r.meeting_id = m.id and r.state = 'awaiting_approval') end,
           case when caller_is('viewer') then (select count(*)::int from registration r where r.platform_id = m.platform_id and r.meeting_id = m.id and r.state = 'registered') end,
           coalesce(h.name, p.name), coalesce(m.contact_email, p.contact_email)
      from meeting m
      join platform p on p.id = m.platform_id
      left join organisation h on h.platform_id = m.platform_id and h.id = m.host_organisation_id
     cross join lateral (select coalesce(registration_closed_reason(m.registration, m.status, m.rsvp_closes_at, m.ends_at), case when registration_full(m.id, null) then 'full' end) as why) c
     where m.platform_id = platform_id() and m.id = of_meeting
$$;

-- To organisers. What was not confirmed in time is shown as expired, whether or not it has been swept yet.
create view registration_shown with (security_invoker = true) as
select r.platform_id, r.id, r.meeting_id, r.name, r.email, r.position, r.organisation, r.language, r.mode, r.note,
       case when r.state = 'unconfirmed' and r.created_at <= now() - registration_days() then 'expired' else r.state end as state,
       r.reason, r.confirmed_at, r.decided_at, r.decided_by, r.invitation_id, i.response, r.version, r.created_at, r.updated_at
  from registration r
  left join invitation i on i.platform_id = r.platform_id and i.id = r.invitation_id
 where r.platform_id = platform_id();
grant select on registration_shown to narada_service;

-- To whoever opened its link.
create function registration_opened()
returns table (meeting json, name text, email text, "position" text, organisation text, mode text, note text, state text, reason text,
               can_confirm boolean, closed_reason text, expires_at timestamptz, rsvp_url text, version bigint, _language text)
language plpgsql volatile as $$
declare
    one registration_shown;
begin
    select s.* into one from registration_shown s where s.id = registration_id();
    if one.state = 'expired' then
        perform refuse(410, 'This registration was not confirmed in time, or a later one took its place.', 'registration_expired');
    end if;
    return query
    select (select row_to_json(r) from (
               select m.slug, m.title, m.theme, instant(m.starts_at) as starts_at, instant(m.ends_at) as ends_at, m.time_zone, m.language, m.status, m.format,
                      (select row_to_json(w) from (select v.name, v.city from venue v where v.platform_id = m.platform_id and v.id = m.venue_id) w) as venue,
                      m.cancelled_reason, m.contact_name, m.contact_email, m.contact_phone) r),
           one.name, one.email, one.position, one.organisation, case when m.format = 'hybrid' then coalesce(one.mode, 'in_person') else m.format end, one.note, one.state, one.reason,
           one.state = 'unconfirmed' and c.why is null, c.why,
           case when one.state = 'unconfirmed' then one.created_at + registration_days() end,
           case when i.withdrawn_at is null then i.id || '.' || i.link_version end, one.version, one.language
      from meeting m
     cross join lateral (select case when one.state <> 'registered' then coalesce(registration_closed_reason(m.registration, m.status, m.rsvp_closes_at, m.ends_at),
                                     case when one.state = 'unconfirmed' and registration_full(m.id, coalesce(one.mode, 'in_person')) then 'full' end) end as why) c
      left join invitation i on i.platform_id = m.platform_id and i.id = one.invitation_id
     where m.platform_id = platform_id() and m.id = one.meeting_id;
end
$$;

-- ── Sweeping ──────────────────────────────────────────────────────────────────

-- What led to nothing, after thirty days: since it was typed, since it was refused, since the meeting nobody decided it for.
create function sweep_registrations() returns bigint language sql volatile security definer set search_path = narada, pg_temp as $$
    with gone as (
        delete from registration r
         where r.state in ('unconfirmed', 'expired') and r.created_at < now() - interval '30 days'
            or r.state = 'refused' and r.decided_at < now() - interval '30 days'
            or r.state = 'awaiting_approval' and exists (
               select from meeting m where m.platform_id = r.platform_id and m.id = r.meeting_id and m.ends_at < now() - interval '30 days')
        returning 1
    ) select count(*) from gone
$$;

reset role;
