-- 0018_calendars.sql: calendars go out: with mails (RFC 6047), when something is off, and as feeds that are subscribed to.

set local role narada_owner;
set local search_path = narada;

-- ── What stands in an invitee's calendar ──────────────────────────────────────

-- Written when a mail with a calendar goes out, before it is known whether it arrived: whom it may have reached must be told of the end.
create table invitation_calendar (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    invitation_id uuid not null,
    sequence int not null,      -- the highest that was sent
    mail_id uuid not null,      -- with this mail
    ended boolean not null,     -- it took the meeting out again
    primary key (platform_id, invitation_id),
    constraint invitation_calendar_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade
);

-- Which mails have a calendar with them, and of which kind (RFC 5546).
create function calendar_method(kind text) returns text language sql immutable parallel safe as $$
    select case when kind in ('invitation', 'substitute', 'promotion', 'registered', 'confirmation', 'changed') then 'REQUEST'
                when kind in ('cancelled', 'withdrawn', 'substitution_ended') then 'CANCEL' end
$$;

-- A mail that can't be delivered put nothing into anybody's calendar, unless an earlier one did.
create function calendar_failed() returns trigger language plpgsql as $$
begin
    delete from invitation_calendar c
     where c.platform_id = new.platform_id and c.invitation_id = new.invitation_id and c.mail_id = new.id
       and not exists (select from outbox o where o.platform_id = new.platform_id and o.invitation_id = new.invitation_id and o.state = 'sent'
                          and calendar_method(o.kind) = 'REQUEST');
    return null;
end
$$;
create trigger calendar_failed after update of state on outbox for each row
    when (new.state = 'failed' and old.state <> 'failed' and calendar_method(new.kind) = 'REQUEST') execute function calendar_failed();

-- The answer as calendars know it. Who waits for a seat has said yes, but is not sure to come.
create function partstat(response text) returns text language sql immutable parallel safe as $$
    select case response when 'accepted' then 'ACCEPTED' when 'tentative' then 'TENTATIVE' when 'waitlisted' then 'TENTATIVE' when 'declined' then 'DECLINED'
                         when 'delegated' then 'DELEGATED' else 'NEEDS-ACTION' end
$$;

-- The calendar that goes with a mail that is being sent: a row for represent_ics_mail(), or none. What is sent is kept: a withdrawal is one above, and who is invited
-- again gets a number above that one. A mail that is tried again has the number it had.
create function take_calendar(mail uuid, base_url text)
returns table (invitation_id uuid, method text, uid text, sequence int, dtstamp timestamptz, created timestamptz, starts_at timestamptz, ends_at timestamptz, time_zone text,
               summary text, description text, location text, url text, status text, organiser_name text, organiser_email text,
               attendee_name text, attendee_email text, partstat text, rsvp boolean, busy text)
-- Planned while the table is empty, it would go through all that were ever sent.
language plpgsql volatile set enable_seqscan = off as $$
#variable_conflict use_column
declare
    sent outbox;
    how text;
    it record;
    number int;
begin
    select o.* into sent from outbox o where o.platform_id = platform_id() and o.id = take_calendar.mail and o.state = 'sending' and o.invitation_id is not null and not o.detail ? 'sample';
    how := calendar_method(sent.kind);
    if how is null then
        return;
    end if;
    select i.response, m.id as meeting_id, m.sequence, c.sequence as last, c.ended, c.mail_id = sent.id as again, p.name as person,
           case when i.response = 'accepted' and (m.format = 'online' or in_online_pool(m.format, i.mode)) then m.online_url end as online_url into it
      from invitation i
      join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
      left join invitation_calendar c on c.platform_id = i.platform_id and c.invitation_id = i.id
     where i.platform_id = platform_id() and i.id = sent.invitation_id;
    if how = 'REQUEST' and it.response in ('declined', 'delegated') and sent.kind not in ('invitation', 'changed') then
        return; -- whoever said no is not asked by the thanks for it
    end if;
    number := case when how = 'REQUEST' then greatest(it.sequence, it.last + (it.ended and not it.again)::int)
                   when it.again then it.last
                   else greatest(it.sequence + (sent.kind <> 'cancelled')::int, it.last + 1) end;
    insert into invitation_calendar as c (invitation_id, sequence, mail_id, ended) values (sent.invitation_id, number, sent.id, how = 'CANCEL')
        on conflict (platform_id, invitation_id) do update set sequence = excluded.sequence, mail_id = excluded.mail_id, ended = excluded.ended;
    return query
    select sent.invitation_id, how, e.uid, number, statement_timestamp(), e.created, e.starts_at, e.ends_at, e.time_zone, e.summary,
           nullif(concat_ws(E'\n\n', it.online_url, e.description), ''), coalesce(e.location, it.online_url),
           case when e.visibility = 'public' then base_url || '/platforms/' || f.slug || '/meetings/' || e.slug end,
           case when how = 'CANCEL' then 'CANCELLED' else e.status end, e.organiser_name,
           -- Whoever is asked to come to their own meeting would be shown no buttons.
           nullif(lower(e.organiser_email), lower(sent.sent_to)), it.person, sent.sent_to, partstat(it.response),
           how = 'REQUEST' and (it.response = 'needs_action' or sent.kind = 'changed' and coalesce((what_changed(sent.detail, it.meeting_id)->>'again')::boolean, false)),
           case when how = 'CANCEL' then 'FREE' when it.response = 'accepted' then 'BUSY' else 'TENTATIVE' end
      from meeting_event e join platform f on f.id = platform_id()
     where e.id = it.meeting_id;
end
$$;

-- ── When something is off ─────────────────────────────────────────────────────

-- A meeting is cancelled: told to everybody whom an invitation may have reached, whatever they answered, and to whoever comes without one.
create function tell_cancelled() returns trigger language plpgsql as $$
begin
    insert into outbox (kind, cause, meeting_id, invitation_id, next_attempt_at)
    select 'cancelled', 'cancelled ' || i.id, new.id, i.id, clock_timestamp() - interval '30 minutes' -- after what one person did, before what invites thousands
      from invitation i
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
      left join invitation_calendar c on c.platform_id = i.platform_id and c.invitation_id = i.id
     where i.platform_id = new.platform_id and i.meeting_id = new.id and i.withdrawn_at is null and p.email is not null
       and (i.response = 'accepted' or coalesce(not c.ended, i.sent_at is not null))
        on conflict on constraint outbox_cause do nothing;
    perform wake_mailer();
    return null;
end
$$;
create trigger tell_cancelled after update of status on meeting for each row
    when (old.status = 'published' and new.status = 'cancelled' and new.ends_at > now()) execute function tell_cancelled();

-- An invitation is withdrawn, in whatever way: told to whom it was sent. A substitute has a mail of their own.
create function tell_withdrawn() returns trigger language plpgsql as $$
begin
    if said_cause() is distinct from 'delegation_taken_back'
       and coalesce((select not c.ended from invitation_calendar c where c.platform_id = new.platform_id and c.invitation_id = new.id), new.sent_at is not null)
       and exists (select from meeting m where m.platform_id = new.platform_id and m.id = new.meeting_id and m.status = 'published' and m.ends_at > now()) then
        perform queue_mail('withdrawn', new.id, 'withdrawn ' || new.id || ' ' || pg_current_xact_id());
    end if;
    return null;
end
$$;
create trigger tell_withdrawn after update of withdrawn_at on invitation for each row
    when (old.withdrawn_at is null and new.withdrawn_at is not null) execute function tell_withdrawn();

-- Why such a mail makes no sense any more; see mail_pointless(). That it was tried before does not make it pointless.
create function end_pointless(mail outbox) returns text language sql stable as $$
    select case when m.status = 'held' or m.ends_at <= now() then 'over'
                when mail.kind = 'withdrawn' and i.withdrawn_at is null then 'invited_again'
                when mail.kind = 'cancelled' and i.withdrawn_at is not null then 'withdrawn'
                when not (mail.kind = 'cancelled' and i.response = 'accepted') and not coalesce(not c.ended or c.mail_id = mail.id, i.sent_at is not null) then 'never_told' end
      from invitation i
      join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
      left join invitation_calendar c on c.platform_id = i.platform_id and c.invitation_id = i.id
     where i.platform_id = mail.platform_id and i.id = mail.invitation_id
$$;

-- ── Feeds ─────────────────────────────────────────────────────────────────────

-- A calendar that is subscribed to by a secret address: of one person, what they are invited to; of a member, all meetings of the platform. The address is made from
-- the id and `link_version` with the server's key, so that it stands nowhere. Ended, it never works again: the next one has another version.
create table calendar_feed (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    person_id uuid,
    account_id uuid,
    active boolean not null default true,
    link_version int not null default 1 check (link_version between 1 and 65535),
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint calendar_feed_of_person unique (platform_id, person_id),
    constraint calendar_feed_of_member unique (platform_id, account_id),
    constraint calendar_feed_person foreign key (platform_id, person_id) references person on delete cascade,
    constraint calendar_feed_member foreign key (platform_id, account_id) references membership on delete cascade,
    constraint calendar_feed_of_one check ((person_id is null) <> (account_id is null))
);

-- Gives whom it is for an address, or leaves the one there is.
create function make_feed(person uuid, account uuid) returns void language plpgsql volatile as $$
begin
    if person is null and account is null then
        perform refuse(409, 'This credential belongs to nobody who could subscribe.', 'no_account');
    end if;
    insert into calendar_feed (person_id, account_id) values (person, account) on conflict do nothing;
    update calendar_feed f set active = true
     where f.platform_id = platform_id() and (f.person_id = person or f.account_id = account) and not f.active;
end
$$;

create function end_feed(person uuid, account uuid) returns void language sql volatile as $$
    update calendar_feed f set active = false, link_version = f.link_version + 1
     where f.platform_id = platform_id() and (f.person_id = person or f.account_id = account) and f.active
$$;

-- What the address is made from, while it works.
create function feed_link(person uuid, account uuid) returns text language sql stable as $$
    select f.id || '.' || f.link_version from calendar_feed f
     where f.platform_id = platform_id() and (f.person_id = person or f.account_id = account) and f.active
$$;

create function person_of_invitation() returns uuid language sql stable as $$
    select i.person_id from invitation i where i.platform_id = platform_id() and i.id = invitation_id()
$$;

-- The calendar's name, if the address still works.
create function feed_opened(feed uuid, version int) returns text language plpgsql stable as $$
declare
    it calendar_feed;
begin
    select f.* into it from calendar_feed f where f.platform_id = platform_id() and f.id = feed;
    if it.id is null then
        perform refuse(404, 'There is no such calendar.', 'not_found');
    elsif not it.active or it.link_version <> version then
        perform refuse(410, 'This calendar is not shared at this address any more.', 'feed_ended');
    end if;
    return (select concat_ws(': ', f.name, p.name) from platform f left join person p on p.platform_id = f.id and p.id = it.person_id where f.id = platform_id());
end
$$;

-- Whether a feed has a meeting (by its calendar status): those of the last 12 and the next 24 months, a cancelled one until a month after its day.
create function in_feed(status text, starts_at timestamptz, ends_at timestamptz) returns boolean language sql stable as $$
    select status <> 'TENTATIVE' and ends_at > now() - case status when 'CANCELLED' then interval '1 month' else interval '12 months' end
       and starts_at < now() + interval '24 months'
$$;

-- What a feed holds. Of a person, no more than their own invitation says; a withdrawn one is struck out for a month, if it was ever told. A refused or
-- delegated one is nobody's plan.
create function feed_events(feed uuid)
returns table (uid text, sequence int, dtstamp timestamptz, created timestamptz, starts_at timestamptz, ends_at timestamptz, time_zone text, language text, summary text,
               description text, location text, public_slug text, status text, busy text, organiser_name text, organiser_email text, id uuid)
language sql stable as $$
    select e.uid, e.sequence, greatest(e.dtstamp, i.updated_at), e.created, e.starts_at, e.ends_at, e.time_zone, e.language, e.summary, e.description, e.location,
           case when e.visibility = 'public' then e.slug end,
           case when e.status = 'CANCELLED' or i.withdrawn_at is not null then 'CANCELLED' when i.response = 'accepted' or i.id is null then 'CONFIRMED' else 'TENTATIVE' end,
           case when e.status = 'CANCELLED' or i.withdrawn_at is not null or i.id is null then 'FREE' when i.response = 'accepted' then 'BUSY' else 'TENTATIVE' end,
           e.organiser_name, e.organiser_email, e.id
      from (select * from calendar_feed f where f.platform_id = platform_id() and f.id = feed) f
     cross join lateral (
           select null::uuid as id, m.id as meeting_id, null::text as response, null::timestamptz as withdrawn_at, null::timestamptz as updated_at
             from meeting m where m.platform_id = f.platform_id and f.account_id is not null
           union all
           select i.id, i.meeting_id, i.response, i.withdrawn_at, i.updated_at
             from invitation i where i.platform_id = f.platform_id and i.person_id = f.person_id
              and case when i.withdrawn_at is null then i.response not in ('declined', 'delegated') else i.sent_at is not null and i.withdrawn_at > now() - interval '1 month' end) i
      join meeting_event e on e.id = i.meeting_id
     where in_feed(e.status, e.starts_at, e.ends_at)
$$;

select close_by_default('invitation_calendar', 'calendar_feed');
grant select, insert, update, delete on invitation_calendar to narada_service;
grant select, insert, update on calendar_feed to narada_service;

reset role;
