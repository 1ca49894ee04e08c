-- 0027_mail_mended.sql: mails by the dozen, what two calendars agree on, and who may see whom.

set local role narada_owner;
set local search_path = narada;

-- ── Who sees whom ─────────────────────────────────────────────────────────────

-- Nobody who is invited learns of anybody else, unless the organiser chose so for the meeting. Then those who come see each other: but for those who refuse, and those who
-- answered before it was chosen and have not agreed since. Companions are nobody's business.
create table meeting_showing (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    meeting_id uuid not null,
    shows text not null default 'nobody' check (shows in ('nobody', 'names', 'addresses')),
    since timestamptz not null default clock_timestamp(), -- so much
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, meeting_id),
    constraint meeting_showing_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create trigger touch before update on meeting_showing for each row execute function touch();

create table invitation_showing (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    invitation_id uuid not null,
    shown boolean not null, -- what the invitee said
    said_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, invitation_id),
    constraint invitation_showing_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade
);
select close_by_default('meeting_showing', 'invitation_showing');
grant select, insert, update on meeting_showing, invitation_showing to narada_service;

create function show_level(shows text) returns int language sql immutable parallel safe as $$ select array_position(array['nobody', 'names', 'addresses'], shows) $$;

-- NULL leaves it as it is. Showing less takes nobody's agreement away, showing more needs it anew.
create function show_each_other(of_meeting uuid, shows text) returns void language sql volatile as $$
    insert into meeting_showing as s (meeting_id, shows) values (of_meeting, coalesce(show_each_other.shows, 'nobody'))
        on conflict (platform_id, meeting_id) do update
       set shows = coalesce(show_each_other.shows, s.shows),
           since = case when show_level(coalesce(show_each_other.shows, s.shows)) > show_level(s.shows) then clock_timestamp() else s.since end
$$;

-- Is an invitee shown to the others, as far as it is for them to say? Somebody who agreed to less has not agreed to more.
create function is_shown(one invitation) returns boolean language sql stable as $$
    select coalesce((select x.shown and x.said_at >= s.since from invitation_showing x where x.platform_id = one.platform_id and x.invitation_id = one.id),
                    one.responded_at is null or one.responded_at >= s.since and (
                        select e.actor = 'invitation ' || e.invitation_id from invitation_event e
                         where e.platform_id = one.platform_id and e.invitation_id = one.id and e.to_response in ('accepted', 'waitlisted') and e.cause in ('answered', 'answered_by_mail', 'on_behalf')
                         order by e.id desc limit 1))
      from meeting_showing s where s.platform_id = one.platform_id and s.meeting_id = one.meeting_id and s.shows <> 'nobody'
$$;

create function others_who_come(of_meeting uuid, besides uuid) returns table (name text, organisation text, email text) language sql stable as $$
    select p.name, o.name, p.email
      from invitation i
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
      left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id is distinct from besides and i.withdrawn_at is null and i.response = 'accepted' and is_shown(i)
     order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id
$$;

-- What an invitee sees of the others: nobody before they come themselves.
create function others_shown(of_invitation uuid) returns table (shows text, shown boolean, others jsonb) language sql stable as $$
    select coalesce(s.shows, 'nobody'), coalesce(is_shown(i), false),
           case when s.shows <> 'nobody' and i.response = 'accepted'
                then (select coalesce(jsonb_agg(jsonb_build_object('name', w.name, 'organisation', w.organisation)), '[]') from others_who_come(i.meeting_id, i.id) w) else '[]' end
      from invitation i left join meeting_showing s on s.platform_id = i.platform_id and s.meeting_id = i.meeting_id
     where i.platform_id = platform_id() and i.id = of_invitation
$$;

-- Of every meeting; version 0 until something is chosen.
create view showing_shown with (security_invoker = true) as
select m.platform_id, m.id as meeting_id, coalesce(s.shows, 'nobody') as shows, coalesce(s.version, 0) as version,
       case when s.shows <> 'nobody' then (select count(*)::int from others_who_come(m.id, null)) else 0 end as shown
  from meeting m left join meeting_showing s on s.platform_id = m.platform_id and s.meeting_id = m.id;
grant select on showing_shown to narada_service;

-- For a calendar entry, where addresses are shown: a line each, name and address with a tab between; the first hundred, since entries are no directories.
create function others_in_calendar(of_meeting uuid, besides uuid) returns text language sql stable as $$
    select string_agg(w.name || E'\t' || w.email, E'\n')
      from (select w.* from others_who_come(of_meeting, besides) w where w.email is not null limit 100) w
     where exists (select from meeting_showing s where s.platform_id = platform_id() and s.meeting_id = of_meeting and s.shows = 'addresses')
$$;

-- ── Many mails at a time ──────────────────────────────────────────────────────

-- What a statement costs to begin is more than what a row costs, so mails are taken, looked at and written by the dozen, and those of several connections are said to be
-- sent together. That is said of each before its connection gets another: what dies in between leaves no more of them in doubt than there are connections.

-- Takes up to `most` mails, those that are due first, of whatever platform. Nobody else gets them for `lease_seconds`; who dies meanwhile leaves them to be taken then.
-- Without any, mails that were planned for now are made, and else one row says how long until the next is due (at most five seconds: not everything that is queued wakes
-- the mailer). Always by the index of those that wait: planned while the table is small, it would go through all that were ever sent.
drop function take_mail(int);
create function take_mails(lease_seconds int, most int) returns table (platform_id uuid, mail uuid, attempts int, wait_ms int, domain text, waited boolean)
language plpgsql volatile security definer set search_path = narada, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off set enable_mergejoin = off as $$
#variable_conflict use_column
declare
    taken outbox[];
    place uuid;
begin
    with due as materialized (
        select d.platform_id, d.id from outbox d
         where d.state in ('queued', 'sending') and d.next_attempt_at <= clock_timestamp()
         order by d.next_attempt_at, d.id limit most for update skip locked
    ), changed as (
        update outbox o set state = 'sending', attempts = o.attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => lease_seconds)
          from due where o.platform_id = due.platform_id and o.id = due.id
        returning o
    ) select array_agg(c.o) into taken from changed c;
    if taken is null and make_planned() > 0 then
        return query select * from take_mails(lease_seconds, most);
        return;
    elsif taken is null then
        return query select null::uuid, null::uuid, null::int, least(5000, greatest(50, -- the next may be in another's hands just now
            1000 * extract(epoch from (select min(o.next_attempt_at) from outbox o where o.state in ('queued', 'sending')) - clock_timestamp())))::int, null::text, null::boolean;
        return;
    end if;
    for place in select distinct t.platform_id from unnest(taken) t loop
        perform set_config('narada.platform_id', place::text, true); -- people are seen from inside only
        -- What one person did does not wait for its turn either.
        return query select t.platform_id, t.id, t.attempts, 0, coalesce(lower(substring(coalesce(t.address, p.email) from '@([^@]*)$')), ''),
                            t.waited or mail_due(t.kind) < clock_timestamp() - interval '1 minute'
                       from unnest(taken) t
                       left join invitation i on i.platform_id = t.platform_id and i.id = t.invitation_id
                       left join person p on p.platform_id = i.platform_id and p.id = i.person_id
                      where t.platform_id = place;
    end loop;
end
$$;

-- Puts mails that were taken back, until their turn comes: no attempt was made. `mails` is [{"mail", "attempt", "milliseconds"}].
drop function put_off_mail(uuid, int, int);
create function put_off_mails(mails jsonb) returns void language sql volatile as $$
    update outbox o set state = 'queued', attempts = o.attempts - 1, waited = true, next_attempt_at = clock_timestamp() + make_interval(secs => p.milliseconds / 1000.0)
      from jsonb_to_recordset(mails) p (mail uuid, attempt int, milliseconds int)
     where o.platform_id = platform_id() and o.id = p.mail and o.state = 'sending' and o.attempts = p.attempt
$$;

-- Why a mail that waits makes no sense any more; NULL: it does.
drop function mail_pointless_otherwise(outbox);
create or replace function mail_pointless(mail outbox) returns text language plpgsql stable as $$
declare
    it record;
begin
    select m.status, m.starts_at, m.ends_at, m.rsvp_closes_at, i.response, i.withdrawn_at, i.person_id, p.email into it
      from (select) one
      left join meeting m on m.platform_id = mail.platform_id and m.id = mail.meeting_id
      left join invitation i on i.platform_id = mail.platform_id and i.id = mail.invitation_id
      left join person p on p.platform_id = i.platform_id and p.id = i.person_id;
    return case
        when mail.invitation_id is not null and it.email is null then 'no_address'
        -- Those are about what is so, whatever became of the meeting.
        when mail.kind in ('reply_outcome', 'incoming_waits') then null
        when mail.kind = 'sign_in' and mail.created_at < now() - interval '1 hour' then 'expired'
        when mail.meeting_id is null or mail.detail ? 'sample' then null
        when mail.kind in ('reminder', 'day_before', 'message', 'thanks') and has_unsubscribed(it.person_id) then 'unsubscribed'
        when mail.kind in ('message', 'thanks') and it.withdrawn_at is not null then 'withdrawn'
        when mail.kind in ('cancelled', 'withdrawn') then end_pointless(mail) -- 0018_calendars.sql
        when mail.kind not in ('message', 'thanks') then case
            when it.status = 'cancelled' then 'cancelled'
            when it.status = 'held' or it.ends_at <= now() then 'over'
            when mail.kind = 'substitution_ended' then case when it.withdrawn_at is null then 'invited_again' end
            when it.withdrawn_at is not null then 'withdrawn'
            when it.status = 'draft' then 'not_published'
            when mail.kind = 'reminder' and it.response <> 'needs_action' then 'answered'
            when mail.kind = 'reminder' and it.rsvp_closes_at <= now() then 'deadline'
            when mail.kind = 'promotion' and it.response <> 'accepted' then 'answered'
            when mail.kind = 'day_before' and it.response <> 'accepted' or mail.kind = 'confirmation' and it.response in ('needs_action', 'delegated') then 'answered'
            when mail.kind = 'day_before' and it.starts_at is distinct from (mail.detail->>'about')::timestamptz then 'moved'
            when mail.kind = 'day_before' and it.starts_at <= now() then 'over'
            when mail.kind = 'confirmation' and answer_told(mail.invitation_id) = last_told(mail.invitation_id) then 'told_already'
            when mail.kind = 'changed' and not what_changed(mail.detail, mail.meeting_id) @> '{"any": true}' then 'unchanged'
            when mail.kind = 'registration' and not exists (select from registration r where r.platform_id = mail.platform_id and r.id = (mail.detail->>'registration_id')::uuid
                and r.state = 'unconfirmed') then 'confirmed' end
    end;
end
$$;

-- The last look before mails that were taken go out: those that make no sense any more are dropped, and some wait for the day. `domain` is ours, for a Message-ID that
-- stays whatever becomes of the attempt.
drop function start_mail(uuid, text);
create function start_mails(mails uuid[], domain text) returns void language plpgsql volatile set enable_seqscan = off as $$
declare
    taken outbox;
    pointless text;
    going uuid[];
begin
    for taken in select o.* from outbox o where o.platform_id = platform_id() and o.id = any (mails) order by o.id for no key update loop
        continue when taken.state <> 'sending'; -- not above, where all that wait would be looked through for it
        pointless := mail_pointless(taken);
        -- Those of many: what one person did is answered whatever came back.
        if pointless is null and taken.kind in ('reminder', 'day_before', 'message', 'practical', 'thanks', 'changed') and address_bounced(taken.platform_id, taken.invitation_id) then
            pointless := 'address_bounced';
        end if;
        if pointless is not null then
            update outbox o set state = 'dropped', reason = pointless where o.platform_id = platform_id() and o.id = taken.id;
            perform mail_shown(taken.kind, taken.invitation_id, 'dropped', null);
        elsif taken.detail ? 'planned' and wait_for_day(taken) then
            null;
        elsif taken.attempts > 25 then -- finish_mail() stops at twenty: whoever takes it never comes to say what became of it
            perform finish_mail(taken.id, taken.attempts, 'refused', 'Sending was interrupted every time.', 0);
        else
            going := going || taken.id;
        end if;
    end loop;
    update outbox o set message_id = coalesce(o.message_id, o.id || '@' || domain),
                        detail = case when o.kind = 'confirmation' then o.detail || jsonb_build_object('told', answer_told(o.invitation_id)) else o.detail end,
                        sent_to = coalesce(o.address, (select p.email from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
                                                        where i.platform_id = o.platform_id and i.id = o.invitation_id))
     where o.platform_id = platform_id() and o.id = any (going);
end
$$;

-- The calendars that go with mails that are being sent: a row for represent_ics_mail() each, or none. What is sent is kept: a withdrawal is one above, and who is invited
-- again gets a number above that one. A mail that is tried again has the number it had.
drop function take_calendar(uuid, text);
create function take_calendars(mails uuid[], base_url text)
returns table (mail uuid, invitation_id uuid, link_version int, method text, uid text, sequence int, dtstamp timestamptz, created timestamptz, starts_at timestamptz, ends_at timestamptz, time_zone text,
               summary text, description text, location text, url text, status text, organiser_name text, organiser_email text,
               attendee_name text, attendee_email text, partstat text, rsvp boolean, busy text, others text)
-- Planned while the table is empty, it would go through all that were ever sent.
language plpgsql volatile set enable_seqscan = off as $$
#variable_conflict use_column
declare
    together uuid[];
    later uuid[] := mails;
begin
    -- Of several to one invitation each is a turn of its own: what the first one said counts for the next.
    while later <> '{}' loop
        with sent as (
            select o.id, row_number() over (partition by o.invitation_id order by o.id) as turn
              from (select * from outbox w where w.platform_id = platform_id() and w.id = any (later) offset 0) o
             where o.state = 'sending' and o.invitation_id is not null and not o.detail ? 'sample' and calendar_method(o.kind) is not null
        ) select array_agg(s.id) filter (where s.turn = 1), coalesce(array_agg(s.id) filter (where s.turn > 1), '{}') into together, later from sent s;
        return query
        with it as materialized (
            select o.id as mail, o.invitation_id, i.link_version, o.meeting_id, o.kind, o.detail, o.sent_to, i.response, p.name as person, h.how,
                   case when i.response = 'accepted' and (m.format = 'online' or in_online_pool(m.format, i.mode)) then m.online_url end as online_url,
                   case when h.how <> 'CANCEL' then greatest(m.sequence, c.sequence + (c.ended and c.mail_id <> o.id)::int)
                        when c.mail_id = o.id then c.sequence
                        else greatest(m.sequence + (o.kind <> 'cancelled')::int, c.sequence + 1) end as number
              from outbox o
             cross join lateral (select calendar_method(o.kind) as how) h
              join invitation i on i.platform_id = o.platform_id and i.id = o.invitation_id
              join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
              join person p on p.platform_id = i.platform_id and p.id = i.person_id
              left join invitation_calendar c on c.platform_id = i.platform_id and c.invitation_id = i.id
             where o.platform_id = platform_id() and o.id = any (together)
               -- Whoever said no is not asked by the thanks for it.
               and not (h.how = 'REQUEST' and i.response in ('declined', 'delegated') and o.kind not in ('invitation', 'changed', 'reply_outcome'))
               -- An answer that was not taken stands in a calendar as if it had been: what holds is said there too, as long as the entry is one.
               and not (o.kind = 'reply_outcome' and (i.withdrawn_at is not null or m.status <> 'published' or coalesce(c.ended, true)))
        ), kept as (
            insert into invitation_calendar as c (invitation_id, sequence, mail_id, ended) select it.invitation_id, it.number, it.mail, it.how = 'CANCEL' from it
                on conflict (platform_id, invitation_id) do update set sequence = excluded.sequence, mail_id = excluded.mail_id, ended = excluded.ended
        )
        select it.mail, it.invitation_id, it.link_version, it.how, e.uid, it.number, statement_timestamp(), e.created, e.starts_at, e.ends_at, e.time_zone, e.summary,
               nullif(concat_ws(E'\n\n', it.online_url, e.description), ''), coalesce(e.location, it.online_url),
               case when e.visibility = 'public' then base_url || '/platforms/' || f.slug || '/meetings/' || e.slug end,
               case when it.how = 'CANCEL' then 'CANCELLED' else e.status end, e.organiser_name,
               -- Whoever is asked to come to their own meeting would be shown no buttons.
               nullif(lower(e.organiser_email), lower(it.sent_to)), it.person, it.sent_to, partstat(it.response),
               it.how = 'REQUEST' and (it.response = 'needs_action' or it.kind = 'changed' and coalesce((what_changed(it.detail, it.meeting_id)->>'again')::boolean, false)),
               case when it.how = 'CANCEL' then 'FREE' when it.response = 'accepted' then 'BUSY' else 'TENTATIVE' end,
               case when it.how = 'REQUEST' and it.response = 'accepted' then others_in_calendar(it.meeting_id, it.invitation_id) end
          from it join meeting_event e on e.id = it.meeting_id join platform f on f.id = platform_id();
    end loop;
end
$$;

-- Says what became of mails: finish_mail() for each, of which those that were sent are said together. `mails` is [{"mail", "attempt", "outcome", "why"}].
create function finish_mails(mails jsonb, retry_seconds int) returns void language plpgsql volatile set enable_seqscan = off set plan_cache_mode = force_generic_plan as $$
declare
    sent uuid[] := array(select r.mail from jsonb_to_recordset(mails) r (mail uuid, outcome text) where r.outcome = 'sent');
    invited uuid[];
    reminded uuid[];
begin
    -- Always in one order: those of several connections are said together here, and bounces come in one by one. Arrays, since a planner would take a list for a long one;
    -- and never "in ('queued', 'sending')", for which it would go through the index of all that wait.
    perform from outbox o where o.platform_id = platform_id() and o.id = any (sent) order by o.id for no key update;
    with done as (
        update outbox o set state = 'sent', reason = null, sent_at = clock_timestamp(), waited = false
         where o.platform_id = platform_id() and o.id = any (sent) and o.state not in ('sent', 'failed', 'bounced', 'dropped')
        returning o.kind, o.invitation_id
    ) select array_agg(d.invitation_id) filter (where d.kind in ('invitation', 'substitute', 'registered')), array_agg(d.invitation_id) filter (where d.kind = 'reminder')
        into invited, reminded from done d;
    update invitation i
       set delivery = case when i.id = any (invited) then 'sent' else i.delivery end,
           delivery_error = null,
           sent_at = case when i.id = any (invited) then clock_timestamp() else i.sent_at end,
           reminded_at = case when i.id = any (reminded) then clock_timestamp() else i.reminded_at end
     where i.platform_id = platform_id() and i.id = any (invited || reminded);
    perform finish_mail(r.mail, r.attempt, r.outcome, r.why, finish_mails.retry_seconds)
       from jsonb_to_recordset(mails) r (mail uuid, attempt int, outcome text, why text) where r.outcome <> 'sent' order by r.mail;
end
$$;

-- ── Addresses that do not exist ───────────────────────────────────────────────

-- Is a mail to this invitation's person useless, since their address does not exist? Until the address is corrected, or a later mail arrives. Whether a mail came back or was
-- refused at once (RFC 5321 leaves that to the server) is the same. Whose mailbox was full, or whom a policy kept a mail from, is mailed on (RFC 3463): else one listing of
-- our server would silence half of the invitees.
create or replace function address_bounced(of_platform uuid, invitation uuid) returns boolean language plpgsql stable set enable_seqscan = off as $$
begin
    return exists (
        select from invitation i
          join person p on p.platform_id = i.platform_id and p.id = i.person_id
          join invitation x on x.platform_id = i.platform_id and x.person_id = i.person_id
          join incoming_mail b on b.platform_id = x.platform_id and b.invitation_id = x.id
          join outbox s on s.platform_id = b.platform_id and s.id = b.mail_id
         where i.platform_id = of_platform and i.id = address_bounced.invitation
           and b.outcome = 'bounced' and b.reason = 'address' and b.received_at > coalesce(i.sent_at, '-infinity') and email_key(s.sent_to) = email_key(p.email))
    or exists (
        select from invitation i
          join person p on p.platform_id = i.platform_id and p.id = i.person_id
          join invitation x on x.platform_id = i.platform_id and x.person_id = i.person_id
          join outbox s on s.platform_id = x.platform_id and s.invitation_id = x.id
         where i.platform_id = of_platform and i.id = address_bounced.invitation
           and s.state = 'failed' and bounce_class(substring(s.reason from '^5[0-9][0-9][ -]([245][.][0-9]{1,3}[.][0-9]{1,3})')) = 'address'
           and s.created_at > coalesce(i.sent_at, '-infinity') and email_key(s.sent_to) = email_key(p.email));
end
$$;

-- ── A venue that moves ────────────────────────────────────────────────────────

-- Its meetings to come are elsewhere now. Before it changes, so that the place is still what was told; calendars take it for a change of place too.
create function venue_changes() returns trigger language plpgsql as $$
begin
    perform from meeting m where m.platform_id = old.platform_id and m.venue_id = old.id order by m.id for no key update;
    perform plan_change(m) from meeting m where m.platform_id = old.platform_id and m.venue_id = old.id and m.status = 'published' and m.ends_at > now();
    update meeting m set sequence = m.sequence + 1 where m.platform_id = old.platform_id and m.venue_id = old.id and m.status = 'published' and m.ends_at > now();
    return new;
end
$$;
create trigger venue_changes before update on venue for each row
    when ((new.name, new.room, new.address, new.city) is distinct from (old.name, old.room, old.address, old.city)) execute function venue_changes();

-- ── Answers and proposals ─────────────────────────────────────────────────────

alter table incoming_mail drop constraint incoming_mail_decided_as_check,
    add constraint incoming_mail_decided_as_check check (decided_as in ('accepted', 'dismissed', 'refused'));

do $kinds$
declare
    known text := (select pg_get_constraintdef(c.oid) from pg_constraint c where c.conname = 'outbox_kind' and c.conrelid = 'outbox'::regclass);
begin
    execute 'alter table outbox drop constraint outbox_kind, add constraint outbox_kind ' || replace(known, $$'message'::text$$, $$'message'::text, 'proposal_refused'::text$$);
end
$kinds$;

-- Which mails have a calendar with them, and of which kind (RFC 5546). Whose answer was not taken, or whose proposal was refused, has that in their calendar.
create or replace function calendar_method(kind text) returns text language sql immutable parallel safe as $$
    select case when kind in ('invitation', 'substitute', 'promotion', 'registered', 'confirmation', 'changed', 'reply_outcome') then 'REQUEST'
                when kind in ('cancelled', 'withdrawn', 'substitution_ended') then 'CANCEL'
                when kind = 'proposal_refused' then 'DECLINECOUNTER' end
$$;

-- Was this address told with a link that was replaced since? See secret_mailbox_make().
create function address_revoked(facts jsonb, link_version int) returns boolean language sql immutable parallel safe as $$
    select coalesce((facts->>'link_version')::int, 1) <> (link_version - 1) % 256 + 1
$$;

-- Is an address, however its domain may be written, this one?
create function is_address(forms jsonb, address text) returns boolean language sql immutable parallel safe as $$
    select exists (select from jsonb_array_elements_text(coalesce(forms, '[]')) f where email_key(f) = email_key(address))
$$;

-- Why an answer waits for the organiser; NULL: it is the invitee's own. Whom an invitation was forwarded to knows where answers go, and may name the invitee as the one who
-- answers: it has to come from the address that was invited, too.
drop function reply_doubt(jsonb, uuid, text);
create function reply_doubt(facts jsonb, meeting uuid, invited text) returns text language sql immutable as $$
    select case when lower(split_part(event->>'uid', '@', 1)) is distinct from meeting::text then 'other_meeting'
                when event->>'recurrence_id' is not null then 'instance'
                when event->>'attendee' is null then 'no_attendee'
                when not is_address(facts->'attendee_forms', invited) or not is_address(facts->'from_forms', invited) then 'other_address'
                when event->>'partstat' = 'DELEGATED' and event->>'delegate' !~ '^[^@[:space:]]{1,64}@[^@[:space:]]+[.][^@[:space:]]+$' then 'no_delegate'
                when event->>'partstat' = 'DELEGATED' and event->>'delegate' is null then 'no_delegate' end
      from (select facts->'event' as event) e
$$;

-- Was another answer given since: by mail, on the page or to the organiser? Clocks that are ahead count as ours; one that is five minutes behind takes nobody's answer away.
create or replace function reply_is_stale(invitation uuid, event jsonb) returns boolean language sql stable as $$
    select coalesce((select ((event->>'sequence')::int, w.written) < (r.sequence, r.dtstamp) or ((event->>'sequence')::int, w.written, event->>'partstat') = (r.sequence, r.dtstamp, r.partstat)
                       from invitation_reply r where r.platform_id = platform_id() and r.invitation_id = reply_is_stale.invitation), false)
        or exists (select from invitation_event e
                    where e.platform_id = platform_id() and e.invitation_id = reply_is_stale.invitation and e.cause in ('answered', 'on_behalf')
                      and e.to_response is distinct from e.from_response and e.at > w.written + interval '5 minutes')
      from (select least((event->>'dtstamp')::timestamptz, now()) as written) w
$$;

-- An answer from a calendar to the invitation whose address it was sent to.
create or replace function receive_reply(mail uuid, invitation uuid, facts jsonb, out outcome text, out reason text) language plpgsql volatile as $$
declare
    event jsonb := facts->'event';
    one record;
    before text;
begin
    perform pg_advisory_xact_lock(hashtext('narada reply'), hashtext(receive_reply.invitation::text)); -- before the meeting's row, and by nobody else
    select i.meeting_id, i.link_version, m.sequence, p.email into one
      from invitation i
      join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = platform_id() and i.id = receive_reply.invitation;
    reason := reply_doubt(facts, one.meeting_id, one.email);
    if facts ? 'forged' then
        outcome := 'refused'; -- and nobody is told: the invitee did not write it
        reason := 'sender_forged';
        return;
    elsif address_revoked(facts, one.link_version) then
        outcome := 'refused';
        reason := 'link_revoked';
    elsif facts->>'kind' = 'counter' and reason is distinct from 'other_meeting' then
        outcome := 'proposal'; -- whoever's: an organiser decides
    elsif reason is not null then
        outcome := 'pending';
    elsif event->>'partstat' = 'NEEDS-ACTION' then
        outcome := 'unchanged';
    elsif reply_is_stale(receive_reply.invitation, event) then
        outcome := 'stale';
    else
        before := act_as('invitation ' || receive_reply.invitation);
        select t.outcome, t.reason into outcome, reason from take_reply(receive_reply.invitation, event,
            jsonb_strip_nulls(jsonb_build_object('old_revision', case when (event->>'sequence')::int < one.sequence then true end)), false) t;
        perform act_as(before);
        insert into invitation_reply as r (invitation_id, sequence, dtstamp, partstat)
        values (receive_reply.invitation, (event->>'sequence')::int, least(coalesce((event->>'dtstamp')::timestamptz, now()), now()), event->>'partstat')
            on conflict (platform_id, invitation_id) do update set sequence = excluded.sequence, dtstamp = excluded.dtstamp, partstat = excluded.partstat;
        if outcome <> 'refused' and (event->>'sequence')::int < one.sequence then
            reason := 'old_revision';
        end if;
    end if;
    if outcome = 'refused' then -- whatever else becomes of an answer is confirmed as one by the page is
        perform tell_outcome(receive_reply.invitation, mail, (facts->>'automatic')::boolean, jsonb_build_object('refused', reason));
    end if;
end
$$;

-- An organiser takes the time that somebody proposed, which moves the meeting and tells everybody, or refuses it, which tells who proposed it.
create function decide_proposal(mail uuid, adopted boolean) returns void language plpgsql volatile as $$
declare
    one incoming_mail;
begin
    select m.* into one from incoming_mail m where m.platform_id = platform_id() and m.id = decide_proposal.mail
       and exists (select from incoming_shown s where s.platform_id = m.platform_id and s.id = m.id);
    if one.id is null then
        perform refuse(404, 'There is no such mail.', 'not_found');
    end if;
    perform pg_advisory_xact_lock(hashtext('narada mail'), hashtext(one.id::text)); -- no row's: those of meetings come first
    select m.* into one from incoming_mail m where m.platform_id = platform_id() and m.id = decide_proposal.mail;
    if one.decided_at is not null or one.outcome <> 'proposal' then
        perform refuse(409, 'Nothing is to be decided about this mail any more.', 'nothing_to_decide');
    elsif adopted and (one.event->>'starts_at' is null or one.event->>'ends_at' is null) then
        perform refuse(409, 'The proposal does not say from when until when.', 'no_time_proposed');
    elsif adopted and (one.event->>'starts_at')::timestamptz <= now() then
        perform refuse(409, 'The proposed time has passed.', 'proposal_is_past');
    elsif adopted then
        perform lock_meeting(one.meeting_id);
        perform check_mailable(one.meeting_id);
        update meeting m set starts_at = (one.event->>'starts_at')::timestamptz, ends_at = (one.event->>'ends_at')::timestamptz
         where m.platform_id = platform_id() and m.id = one.meeting_id;
    else
        perform queue_mail('proposal_refused', one.invitation_id, 'proposal_refused ' || one.id,
                           jsonb_strip_nulls(jsonb_build_object('starts_at', one.event->'starts_at', 'ends_at', one.event->'ends_at')));
    end if;
    update incoming_mail m set decided_at = clock_timestamp(), decided_as = case when adopted then 'accepted' else 'refused' end, decided_by = current_setting('narada.actor', true)
     where m.platform_id = platform_id() and m.id = one.id;
end
$$;

-- ── Reminders ─────────────────────────────────────────────────────────────────

-- The same moment, or if it is night the next morning; where that is too late, the evening before. By the clock: thirteen hours before eight it is eight in the night in
-- which an hour comes twice.
create or replace function by_day(at timestamptz, zone text, before timestamptz) returns timestamptz language sql stable parallel safe as $$
    select case when not is_night(at, zone) then at when n.morning < before then n.morning else (d.day - interval '5 hours') at time zone zone end
      from (select ((at at time zone zone) + interval '4 hours')::date::timestamp as day) d
     cross join lateral (select (d.day + interval '8 hours') at time zone zone as morning) n
$$;

-- ── Sign-in links ─────────────────────────────────────────────────────────────

-- An account belongs to no platform, a mail does: the one that knows the account longest sends it, and for whom none knows, the oldest there is. False: there is none.
-- `seed` makes the link together with the server's key alone.
create or replace function mail_sign_in(account uuid, seed text, way text) returns boolean language plpgsql volatile security definer set search_path = narada, pg_temp as $$
declare
    before text := current_setting('narada.platform_id', true);
    whose record;
begin
    select coalesce((select m.platform_id from membership m where m.account_id = a.id order by m.created_at, m.platform_id limit 1),
                    (select p.id from platform p order by p.created_at, p.id limit 1)) as platform_id, a.name, a.email, a.language
      into whose from account a where a.id = mail_sign_in.account;
    if whose.platform_id is null then
        return false;
    end if;
    perform set_config('narada.platform_id', whose.platform_id::text, true);
    perform queue_mail_to('sign_in', whose.email, whose.name, whose.language, 'sign_in ' || uuidv7(), jsonb_build_object('seed', seed, 'way', way));
    perform set_config('narada.platform_id', coalesce(before, ''), true);
    return true;
end
$$;

-- ── Thanks ────────────────────────────────────────────────────────────────────

alter table message add feedback_link text; -- thanks: where people say how it was

-- The same as before with the second link, which comes before the mails are queued with their message.
drop function send_message(uuid, text, text, text, text, text, uuid, uuid, text);
create function send_message(of_meeting uuid, kind text, subject text, body text, link text, feedback_link text, response text, by_group uuid, organisation uuid, attendance text) returns void
language plpgsql volatile as $$
#variable_conflict use_column
declare
    place record;
    made uuid := uuidv7();
    number int;
begin
    perform lock_meeting(of_meeting);
    select m.status, m.ends_at into place from meeting m where m.platform_id = platform_id() and m.id = of_meeting;
    if send_message.kind = 'practical' then
        perform check_mailable(of_meeting);
    elsif place.status = 'draft' then
        perform refuse(409, 'The meeting is a draft: publish it first.', 'meeting_is_draft');
    elsif send_message.kind = 'thanks' and (place.status = 'cancelled' or place.ends_at > now() and place.status <> 'held') then
        perform refuse(409, 'Thanks are for a meeting that took place.', 'meeting_not_over');
    elsif exists (select from message m where m.platform_id = platform_id() and m.meeting_id = of_meeting and m.created_at > now() - interval '5 minutes'
                     and (m.kind, m.subject, m.body) = (send_message.kind, send_message.subject, send_message.body)
                     and m.audience = message_filter(send_message.kind, response, by_group, organisation, attendance)) then
        perform refuse(409, 'This message was sent a moment ago.', 'message_sent_already');
    end if;
    with queued as (
        insert into outbox (kind, cause, meeting_id, invitation_id, detail)
        select send_message.kind, 'message ' || made || ' ' || a.invitation_id, of_meeting, a.invitation_id, jsonb_build_object('message_id', made)
          from message_audience(of_meeting, send_message.kind, coalesce(send_message.response, usual_response(send_message.kind)), by_group, organisation,
                                coalesce(send_message.attendance, usual_attendance(send_message.kind))) a
         where a.reachable and not a.unsubscribed
        returning 1
    ) select count(*) into number from queued;
    if number = 0 then
        perform refuse(422, 'Nobody of those can be reached.', 'nobody_chosen', 'response');
    end if;
    insert into message (id, meeting_id, kind, subject, body, link, feedback_link, audience, recipients)
    values (made, of_meeting, send_message.kind, send_message.subject, send_message.body, send_message.link, send_message.feedback_link,
            message_filter(send_message.kind, response, by_group, organisation, attendance), number);
    perform keep_made(made);
    perform wake_mailer();
end
$$;

create or replace view message_shown with (security_invoker = true) as
select m.platform_id, m.meeting_id, m.id, m.kind, m.subject, m.body as text, m.link, m.audience->>'response' as response, (m.audience->>'group_id')::uuid as group_id,
       (m.audience->>'organisation_id')::uuid as organisation_id, m.audience->>'attendance' as attendance, m.recipients, m.author as sent_by, m.created_at,
       (select coalesce(jsonb_object_agg(s.state, s.number), '{}') from (
           select o.state, count(*) as number from outbox o where o.platform_id = m.platform_id and o.meeting_id = m.meeting_id
               and o.detail->>'message_id' = m.id::text group by o.state) s) as states, m.feedback_link
  from message m;

create or replace function letter_detail(kind text, detail jsonb, of_meeting uuid) returns jsonb language plpgsql stable as $$
begin
    return detail || coalesce(case
        when letter_detail.detail ? 'message_id' then (select jsonb_build_object('subject', m.subject, 'text', m.body, 'link', m.link, 'feedback_link', m.feedback_link) from message m
                                                       where m.platform_id = platform_id() and m.id = (letter_detail.detail->>'message_id')::uuid)
        when letter_detail.detail ? 'planned' and letter_detail.kind = 'changed' then what_changed(letter_detail.detail, of_meeting) end, '{}');
end
$$;

reset role;
