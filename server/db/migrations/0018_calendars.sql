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
language plpgsql volatile as $$
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
           how = 'REQUEST' and (it.response = 'needs_action' or coalesce((sent.detail->>'again')::boolean, false)),
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

do $closed$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['invitation_calendar'] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format('create policy of_tenant on %I using (platform_id = platform_id()) with check (platform_id = platform_id())', tenant_table);
    end loop;
end
$closed$;
grant select, insert, update, delete on invitation_calendar to narada_service;

reset role;
