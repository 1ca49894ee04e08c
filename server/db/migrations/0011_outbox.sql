-- 0011_outbox.sql: mails wait here, put in the transaction of what caused them, until the job server/work/outbox.c has sent them.
--
-- A mail is queued by queue_mail() (to an invitation's person) or queue_mail_to() (to somebody who has no invitation), once for each cause.
-- Whom an invitation's mail goes to, and in which language, is looked up when it is sent: an address that was corrected while the mail waited, or
-- before it is tried again, counts. `sent_to` keeps where it went. No link and no text stands here: links are made with the server's key and
-- texts from templates when the mail is sent, so that a copy of the database holds nothing that can be answered with.

set local role narada_owner;
set local search_path = narada;

create table outbox (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    kind text not null constraint outbox_kind check (kind in ('invitation', 'reminder', 'promotion', 'substitute', 'substitution_ended', 'cancelled', 'withdrawn',
        'registration', 'registered', 'registration_refused', 'message', 'practical', 'thanks', 'confirmation', 'changed', 'day_before', 'sign_in')),
    cause text not null,        -- what the mail is about, so that it is never mailed twice: 'promotion <event id>'
    meeting_id uuid,
    invitation_id uuid,         -- NULL: to `address`
    address text,
    name text,
    language text,
    detail jsonb not null default '{}',
    state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed', 'bounced', 'dropped')),
    reason text,                -- why it failed, waits for another try, or was not sent
    attempts int not null default 0,
    waited boolean not null default false, -- for its turn among mails to the same domain: it is not put off for that again
    next_attempt_at timestamptz not null default clock_timestamp(), -- of one that is being sent: when somebody else may take it
    message_id text,            -- given at the first attempt, the same at each
    sent_to text,
    sent_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint outbox_cause unique (platform_id, cause),
    constraint outbox_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint outbox_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade,
    constraint outbox_somebody check ((invitation_id is null) = (address is not null))
);
create index outbox_waiting on outbox (next_attempt_at, id) where state in ('queued', 'sending');
create index outbox_of_invitation on outbox (platform_id, invitation_id, kind) where invitation_id is not null;
create index outbox_of_meeting on outbox (platform_id, meeting_id) where meeting_id is not null;

select close_by_default('outbox');
create policy owner_functions on outbox to narada_owner using (true) with check (true); -- take_mail() looks across tenants
grant select, insert, update on outbox to narada_service;

-- What one person did is answered before what goes out to thousands: such mails are queued as if an hour ago.
create function mail_due(kind text) returns timestamptz language sql volatile as $$
    select clock_timestamp() - case when kind in ('invitation', 'reminder', 'message', 'practical', 'thanks', 'changed', 'day_before') then interval '0' else interval '1 hour' end
$$;

-- Wakes whoever sends; many in one transaction wake once.
create function wake_mailer() returns void language sql volatile as $$ select pg_notify('narada_work', 'outbox') $$;

-- Queues a mail to the person of an invitation, unless they have no address or `cause` was mailed about before. Returns whether it did.
create function queue_mail(kind text, invitation uuid, cause text, detail jsonb default '{}') returns boolean language plpgsql volatile as $$
begin
    insert into outbox (kind, cause, meeting_id, invitation_id, detail, next_attempt_at)
    select queue_mail.kind, queue_mail.cause, i.meeting_id, i.id, coalesce(queue_mail.detail, '{}'), mail_due(queue_mail.kind)
      from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = platform_id() and i.id = queue_mail.invitation and p.email is not null
        on conflict on constraint outbox_cause do nothing;
    if not found then
        return false;
    end if;
    if queue_mail.kind in ('invitation', 'substitute', 'registered') then
        update invitation i set delivery = 'queued', delivery_error = null
         where i.platform_id = platform_id() and i.id = queue_mail.invitation and i.delivery <> 'queued';
    end if;
    perform wake_mailer();
    return true;
end
$$;

-- Queues a mail to an address that is no invitation's. `detail` may hold 'meeting_id'; what a link is made from ('registration_id'), never a link.
create function queue_mail_to(kind text, address text, name text, language text, cause text, detail jsonb default '{}') returns boolean
language plpgsql volatile as $$
begin
    insert into outbox (kind, cause, meeting_id, address, name, language, detail, next_attempt_at)
    values (queue_mail_to.kind, queue_mail_to.cause, (queue_mail_to.detail->>'meeting_id')::uuid, queue_mail_to.address, queue_mail_to.name,
            queue_mail_to.language, coalesce(queue_mail_to.detail, '{}'), mail_due(queue_mail_to.kind))
        on conflict on constraint outbox_cause do nothing;
    if not found then
        return false;
    end if;
    perform wake_mailer();
    return true;
end
$$;

-- That a mail went out, or could not, is no change an organiser's form would have to know of: the version stays.
drop trigger touch on invitation;
create trigger touch before update on invitation for each row
    when ((new.delivery, new.delivery_error, new.sent_at, new.reminded_at) is not distinct from (old.delivery, old.delivery_error, old.sent_at, old.reminded_at)
          or to_jsonb(new) - array['delivery', 'delivery_error', 'sent_at', 'reminded_at'] is distinct from to_jsonb(old) - array['delivery', 'delivery_error', 'sent_at', 'reminded_at'])
    execute function touch();

-- ── What organisers send ──────────────────────────────────────────────────────

-- Mails about a meeting that nobody can come to make no sense.
create function check_mailable(of_meeting uuid) returns void language plpgsql volatile as $$
declare
    place record;
begin
    select m.status, m.ends_at into place from meeting m where m.platform_id = platform_id() and m.id = of_meeting;
    case
        when place.status = 'draft' then perform refuse(409, 'The meeting is a draft: publish it first.', 'meeting_is_draft');
        when place.status = 'cancelled' then perform refuse(409, 'The meeting was cancelled.', 'meeting_cancelled');
        when place.status = 'held' or place.ends_at <= now() then perform refuse(409, 'The meeting is over.', 'meeting_is_over');
        else null;
    end case;
end
$$;

-- Is such a mail on its way to this invitation's person already?
create function mail_waits(invitation uuid, kind text) returns boolean language sql stable as $$
    select exists (select from outbox o where o.platform_id = platform_id() and o.invitation_id = mail_waits.invitation and o.kind = mail_waits.kind
                      and o.state in ('queued', 'sending'))
$$;

-- Sends one invitation, or sends it again. While it waits to be sent, that is nothing new.
create function send_invitation(invitation uuid, of_meeting uuid) returns void language plpgsql volatile as $$
declare
    one record;
begin
    select i.withdrawn_at, i.response, p.email into one
      from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id = send_invitation.invitation for no key update of i;
    if not found then
        perform refuse(404, 'There is no such invitation.', 'not_found');
    end if;
    perform check_mailable(of_meeting);
    if one.withdrawn_at is not null then
        perform refuse(409, 'This invitation was withdrawn.', 'invitation_withdrawn');
    elsif one.email is null then
        perform refuse(409, 'This person has no e-mail address. Hand the link over in another way.', 'no_address');
    end if;
    if not mail_waits(send_invitation.invitation, 'invitation') then
        perform queue_mail('invitation', send_invitation.invitation, 'invitation ' || send_invitation.invitation || ' ' || pg_current_xact_id());
    end if;
end
$$;

-- Sends invitations, or reminds those who have not answered: `which` of them, or those of `ids`; of a group or an organisation only, where one is named. Who was
-- mailed within a day is left alone unless `again`; who waits for such a mail already, always. A reminder to somebody who was sent no invitation yet is the invitation.
create function send_invitations(of_meeting uuid, kind text, which text, ids jsonb, by_group uuid, organisation uuid, again boolean)
returns table (queued int, without_email int, skipped int) language plpgsql volatile as $$
#variable_conflict use_column
declare
    reminding boolean := kind = 'reminder';
    wanted text := coalesce(which, case when ids is not null then 'chosen' when kind = 'reminder' then 'unanswered' else 'unsent' end);
begin
    if wanted = 'chosen' and coalesce(jsonb_array_length(ids), 0) = 0 then
        perform refuse(422, 'Choose at least one person.', 'nobody_chosen', 'invitation_ids');
    end if;
    perform check_mailable(of_meeting);
    perform lock_meeting(of_meeting);
    return query
    with candidate as (
        select i.id, i.delivery, p.email is not null as reachable,
               case when reminding and i.sent_at is not null then 'reminder' else 'invitation' end as kind,
               case when reminding then greatest(i.sent_at, i.reminded_at) else i.sent_at end as last_at,
               reminding and i.response <> 'needs_action' as answered
          from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
         where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null
           and (by_group is null or i.group_id = by_group) and (organisation is null or p.organisation_id = send_invitations.organisation)
           and (ids is null or i.id in (select c::uuid from jsonb_array_elements_text(ids) c))
           and case wanted when 'unsent' then i.delivery = 'draft' when 'failed' then i.delivery in ('failed', 'bounced')
                           when 'unanswered' then i.response = 'needs_action' else true end
    ), judged as (
        select c.*, c.reachable and not c.answered and (again or coalesce(c.last_at < now() - interval '1 day', true)) and not mail_waits(c.id, c.kind) as goes from candidate c
    ), made as (
        insert into outbox (kind, cause, meeting_id, invitation_id)
        select j.kind, j.kind || ' ' || j.id || ' ' || pg_current_xact_id(), of_meeting, j.id from judged j where j.goes
            on conflict on constraint outbox_cause do nothing
        returning invitation_id, kind
    ), marked as (
        update invitation i set delivery = 'queued', delivery_error = null from made m
         where i.platform_id = platform_id() and i.id = m.invitation_id and m.kind = 'invitation' and i.delivery <> 'queued'
    )
    select (select count(*) from made)::int, (count(*) filter (where not j.reachable))::int,
           (count(*) filter (where j.reachable))::int - (select count(*) from made)::int
      from judged j;
    perform wake_mailer();
end
$$;

-- Puts a mail that failed, bounced or was not sent back into the queue: the organiser mended what was wrong.
create function retry_mail(mail uuid) returns void language plpgsql volatile as $$
declare
    one outbox;
begin
    select o.* into one from outbox o where o.platform_id = platform_id() and o.id = retry_mail.mail for no key update;
    if one.id is null then
        perform refuse(404, 'There is no such mail.', 'not_found');
    elsif one.state in ('sent', 'sending') then
        perform refuse(409, 'This mail was sent already.', 'mail_sent');
    end if;
    update outbox o set state = 'queued', attempts = 0, next_attempt_at = mail_due(o.kind), reason = null
     where o.platform_id = platform_id() and o.id = one.id;
    if one.kind in ('invitation', 'substitute', 'registered') then
        update invitation i set delivery = 'queued', delivery_error = null where i.platform_id = platform_id() and i.id = one.invitation_id and i.delivery <> 'queued';
    end if;
    perform wake_mailer();
end
$$;

-- ── Sending: what server/work/outbox.c calls ──────────────────────────────────

-- Takes the mail that is due first, of whatever platform, and goes into that platform. Nobody else gets it for `lease_seconds`; who dies meanwhile leaves it to
-- be taken then. Without one, mails that were planned for now are made,
-- and else `wait_ms` is how long until the next is due (at most five seconds: not everything that is queued wakes the mailer).
-- Always by the index of those that wait: planned while the table is small, it would go through all that were ever sent.
create function take_mail(lease_seconds int) returns table (platform text, platform_id uuid, mail uuid, attempts int, wait_ms int, domain text, waited boolean)
language plpgsql volatile security definer set search_path = narada, pg_temp set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
#variable_conflict use_column
declare
    taken outbox;
begin
    update outbox o set state = 'sending', attempts = o.attempts + 1, next_attempt_at = clock_timestamp() + make_interval(secs => lease_seconds)
      from (select d.platform_id, d.id from outbox d
             where d.state in ('queued', 'sending') and d.next_attempt_at <= clock_timestamp()
             order by d.next_attempt_at, d.id limit 1 for update skip locked) due
     where o.platform_id = due.platform_id and o.id = due.id
    returning o.* into taken;
    if taken.id is null and make_planned() > 0 then
        return query select * from take_mail(lease_seconds);
        return;
    elsif taken.id is null then
        return query select null::text, null::uuid, null::uuid, null::int, least(5000, greatest(50, -- the next may be in another's hands just now
            1000 * extract(epoch from (select min(o.next_attempt_at) from outbox o where o.state in ('queued', 'sending')) - clock_timestamp())))::int, null::text, null::boolean;
        return;
    end if;
    -- What one person did does not wait for its turn either.
    return query select p.slug, p.id, taken.id, taken.attempts, 0,
                        coalesce(lower(substring(coalesce(taken.address, (select e.email from invitation i join person e on e.platform_id = i.platform_id and e.id = i.person_id
                            where i.platform_id = taken.platform_id and i.id = taken.invitation_id)) from '@([^@]*)$')), ''),
                        taken.waited or mail_due(taken.kind) < clock_timestamp() - interval '1 minute'
                   from platform p where p.id = taken.platform_id;
end
$$;

-- Puts a mail that was taken back, until its turn comes among those to the same domain: no attempt was made.
create function put_off_mail(mail uuid, attempt int, milliseconds int) returns void language sql volatile as $$
    update outbox o set state = 'queued', attempts = o.attempts - 1, waited = true, next_attempt_at = clock_timestamp() + make_interval(secs => milliseconds / 1000.0)
     where o.platform_id = platform_id() and o.id = put_off_mail.mail and o.state = 'sending' and o.attempts = attempt
$$;

-- What the invitation's row says of its mails. Reminders and others tell of the address too, once they fail.
create function mail_shown(kind text, invitation uuid, outcome text, why text) returns void language sql volatile as $$
    select because(case outcome when 'dropped' then 'mail_dropped' end);
    update invitation i
       set delivery = case outcome when 'sent' then case when mail_shown.kind in ('invitation', 'substitute', 'registered') then 'sent' else i.delivery end
                                   when 'failed' then 'failed'
                                   when 'dropped' then case when i.sent_at is null then 'draft' else 'sent' end
                                   else i.delivery end,
           delivery_error = case outcome when 'sent' then null when 'dropped' then null else why end,
           sent_at = case when outcome = 'sent' and mail_shown.kind in ('invitation', 'substitute', 'registered') then clock_timestamp() else i.sent_at end,
           reminded_at = case when outcome = 'sent' and mail_shown.kind = 'reminder' then clock_timestamp() else i.reminded_at end
     where i.platform_id = platform_id() and i.id = mail_shown.invitation
       and (mail_shown.kind in ('invitation', 'substitute', 'registered') or outcome = 'failed' or mail_shown.kind = 'reminder' and outcome = 'sent')
$$;

-- Why a mail that waits makes no sense any more; NULL: it does.
create function mail_pointless(mail outbox) returns text language plpgsql stable as $$
declare
    place record;
    one record;
begin
    select m.status, m.starts_at, m.ends_at, m.rsvp_closes_at into place from meeting m where m.platform_id = mail.platform_id and m.id = mail.meeting_id;
    select i.response, i.withdrawn_at, i.person_id, p.email into one from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = mail.platform_id and i.id = mail.invitation_id;
    return case
        when mail.invitation_id is not null and one.email is null then 'no_address'
        when mail.kind = 'sign_in' and mail.created_at < now() - interval '1 hour' then 'expired'
        when mail.meeting_id is null or mail.detail ? 'sample' then null
        when mail.kind in ('reminder', 'day_before', 'message', 'thanks') and has_unsubscribed(one.person_id) then 'unsubscribed'
        when mail.kind in ('message', 'thanks') then case when one.withdrawn_at is not null then 'withdrawn' end
        when mail.kind in ('cancelled', 'withdrawn') then end_pointless(mail) -- 0018_calendars.sql
        when place.status = 'cancelled' then 'cancelled'
        when place.status = 'held' or place.ends_at <= now() then 'over'
        when mail.kind = 'substitution_ended' then case when one.withdrawn_at is null then 'invited_again' end
        when one.withdrawn_at is not null then 'withdrawn'
        when place.status = 'draft' then 'not_published'
        when mail.kind = 'reminder' and one.response <> 'needs_action' then 'answered'
        when mail.kind = 'reminder' and place.rsvp_closes_at <= now() then 'deadline'
        when mail.kind = 'promotion' and one.response <> 'accepted' then 'answered'
        when mail.kind = 'day_before' and one.response <> 'accepted' or mail.kind = 'confirmation' and one.response in ('needs_action', 'delegated') then 'answered'
        when mail.kind = 'day_before' and place.starts_at is distinct from (mail.detail->>'about')::timestamptz then 'moved'
        when mail.kind = 'day_before' and place.starts_at <= now() then 'over'
        when mail.kind = 'confirmation' and answer_told(mail.invitation_id) = last_told(mail.invitation_id) then 'told_already'
        when mail.kind = 'changed' and not what_changed(mail.detail, mail.meeting_id) @> '{"any": true}' then 'unchanged'
        when mail.kind = 'registration' and not exists (select from registration r where r.platform_id = mail.platform_id and r.id = (mail.detail->>'registration_id')::uuid
            and r.state = 'unconfirmed') then 'confirmed'
    end;
end
$$;

-- The last look before a mail that was taken goes out: true, or it is dropped. `domain` is ours, for a Message-ID that stays whatever becomes of the attempt.
create function start_mail(mail uuid, domain text) returns boolean language plpgsql volatile as $$
declare
    taken outbox;
    pointless text;
begin
    select o.* into taken from outbox o where o.platform_id = platform_id() and o.id = start_mail.mail and o.state = 'sending' for no key update;
    pointless := mail_pointless(taken);
    if pointless is not null then
        update outbox o set state = 'dropped', reason = pointless where o.platform_id = platform_id() and o.id = start_mail.mail;
        perform mail_shown(taken.kind, taken.invitation_id, 'dropped', null);
        return false;
    elsif taken.detail ? 'planned' and wait_for_day(taken) then
        return false;
    elsif taken.attempts > 25 then -- finish_mail() stops at twenty: whoever takes it never comes to say what became of it
        perform finish_mail(taken.id, taken.attempts, 'refused', 'Sending was interrupted every time.', 0);
        return false;
    end if;
    update outbox o set message_id = coalesce(o.message_id, o.id || '@' || domain),
                        detail = case when o.kind = 'confirmation' then o.detail || jsonb_build_object('told', answer_told(o.invitation_id)) else o.detail end,
                        sent_to = coalesce(o.address, (select p.email from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
                                                        where i.platform_id = o.platform_id and i.id = o.invitation_id))
     where o.platform_id = platform_id() and o.id = start_mail.mail;
    return true;
end
$$;

-- What became of an attempt: 'sent', 'later' or 'refused'. Said twice it is the same as said once, and an attempt that took so long that somebody else made the
-- next one changes nothing but to 'sent'. Later means twice as long after each attempt, by chance a quarter more or less, but at most
-- every four hours; twenty attempts take two days. What is of no use once the meeting has begun is not tried beyond that: the organiser sees that it failed.
create function finish_mail(mail uuid, attempt int, outcome text, why text, retry_seconds int) returns void language plpgsql volatile as $$
declare
    done outbox;
    final text := case outcome when 'sent' then 'sent' when 'refused' then 'failed' end;
    next_at timestamptz;
begin
    select o.* into done from outbox o where o.platform_id = platform_id() and o.id = finish_mail.mail for no key update;
    if done.state not in ('queued', 'sending') or outcome <> 'sent' and (done.state <> 'sending' or done.attempts <> attempt) then
        return;
    end if;
    next_at := clock_timestamp() + make_interval(secs => least(retry_seconds * 2.0 ^ least(done.attempts - 1, 20), 4 * 3600) * (0.75 + random() / 2));
    if final is null and (done.attempts >= 20 or done.kind not in ('cancelled', 'withdrawn', 'substitution_ended', 'message', 'thanks')
                          and exists (select from meeting m where m.platform_id = done.platform_id and m.id = done.meeting_id and m.starts_at <= next_at)) then
        final := 'failed';
    end if;
    update outbox o
       set state = coalesce(final, 'queued'), reason = nullif(why, ''), sent_at = case final when 'sent' then clock_timestamp() end,
           waited = false, next_attempt_at = case when final is null then next_at else o.next_attempt_at end
     where o.platform_id = platform_id() and o.id = done.id;
    perform mail_shown(done.kind, done.invitation_id, coalesce(final, 'later'), why);
end
$$;

-- Mails that are done with for 90 days, and whose meeting is over as long: until then their rows keep the same from being mailed twice.
create function sweep_outbox() returns bigint language sql volatile security definer set search_path = narada, pg_temp as $$
    with gone as (
        delete from outbox o
         where o.state in ('sent', 'dropped', 'failed', 'bounced') and greatest(o.created_at, o.sent_at) < now() - interval '90 days'
           and not exists (select from meeting m where m.platform_id = o.platform_id and m.id = o.meeting_id and m.ends_at > now() - interval '90 days')
        returning 1
    ) select count(*) from gone
$$;

-- Goes into a platform that take_mail() named, for the rest of the transaction.
create function enter_mail(platform uuid) returns void language sql volatile as $$
    select set_config('narada.platform_id', platform::text, true), set_config('narada.actor', 'narada', true)
$$;

-- A mail as organisers see it.
create view outbox_shown with (security_invoker = true) as
select o.platform_id, o.id, o.kind, o.state, o.reason,
       (select row_to_json(r) from (select coalesce(o.name, p.name) as name, coalesce(o.sent_to, o.address, p.email) as email) r) as "to",
       case when m.id is not null then (select row_to_json(r) from (select m.id, m.slug, m.title) r) end as meeting,
       o.invitation_id, o.attempts, case when o.state = 'queued' then o.next_attempt_at end as next_attempt_at, o.created_at, o.sent_at,
       o.meeting_id, fold(concat_ws(' ', o.name, p.name, o.address, p.email, o.sent_to, m.title)) as search
  from outbox o
  left join meeting m on m.platform_id = o.platform_id and m.id = o.meeting_id
  left join invitation i on i.platform_id = o.platform_id and i.id = o.invitation_id
  left join person p on p.platform_id = i.platform_id and p.id = i.person_id
 where o.kind <> 'sign_in'; -- who signs in is nobody's business
grant select on outbox_shown to narada_service;

create function refused_because(detail jsonb) returns text language plpgsql stable as $$
begin
    return (select r.reason from registration r where r.platform_id = platform_id() and r.id = (detail->>'registration_id')::uuid);
end
$$;

-- What 0017_mail_kinds.sql knows of mails.
create function has_unsubscribed(person uuid) returns boolean language sql stable as $$ select false $$;
create function answer_told(invitation uuid) returns jsonb language sql stable as $$ select null::jsonb $$;
create function last_told(invitation uuid) returns jsonb language sql stable as $$ select null::jsonb $$;
create function what_changed(detail jsonb, of_meeting uuid) returns jsonb language sql stable as $$ select '{}'::jsonb $$;
create function wait_for_day(mail outbox) returns boolean language sql volatile as $$ select false $$;
create function make_planned() returns int language sql volatile as $$ select 0 $$;
create function mail_settings(of_platform uuid) returns table (sender_name text, reply_to text, footer text, logo text) language sql stable as $$ select null::text, null, null, null $$;
create function letter_detail(kind text, detail jsonb, of_meeting uuid) returns jsonb language sql stable as $$ select detail $$;

-- What the templates in web/mail see of a mail, and what its header needs. `rsvp_url` becomes the link outside.
create view mail_letter with (security_invoker = true) as
select o.platform_id, o.id, o.state, o.kind, o.message_id, letter_detail(o.kind, o.detail, o.meeting_id) as detail, coalesce(o.sent_to, o.address, p.email) as to_address, coalesce(o.name, p.name) as to_name,
       coalesce(o.language, p.language, m.language, f.language) as language,
       case when m.id is not null then (select row_to_json(r) from (
           select m.title, m.theme, m.purpose, instant(m.starts_at) as starts_at, instant(m.ends_at) as ends_at, m.time_zone, m.format, m.status,
                  instant(m.rsvp_closes_at) as rsvp_closes_at, m.information, m.cancelled_reason, m.contact_name, m.contact_email, m.contact_phone, m.substitutes,
                  (m.starts_at at time zone m.time_zone)::date = (m.ends_at at time zone m.time_zone)::date as one_day,
                  (select h.name from organisation h where h.platform_id = m.platform_id and h.id = m.host_organisation_id) as host,
                  (select row_to_json(w) from (select v.name, v.address, v.city, v.room, v.directions, v.accessibility from venue v where v.platform_id = m.platform_id and v.id = m.venue_id) w) as venue,
                  case when m.visibility = 'public' and m.status <> 'draft' then m.slug end as public_slug) r) end as meeting,
       (select row_to_json(r) from (select f.slug, f.name, f.language, f.time_zone, f.contact_email, f.website, s.footer as mail_footer, s.sender_name, s.logo is not null as has_logo) r) as platform,
       case when i.id is not null then (select row_to_json(r) from (
           select i.response, i.response = 'accepted' as accepted, i.response = 'waitlisted' as waitlisted,
                  -- Nobody is asked to answer, or let in, once it is off.
                  i.response = 'needs_action' and i.withdrawn_at is null and m.status <> 'cancelled' as unanswered,
                  i.response = 'tentative' as tentative, i.response = 'declined' as declined, i.queue_number, i.companions,
                  m.format = 'hybrid' as chosen, case when m.format = 'hybrid' then i.mode else m.format end as mode,
                  case when i.response = 'accepted' and i.withdrawn_at is null and m.status <> 'cancelled' and (m.format <> 'hybrid' or i.mode = 'online') then m.online_url end as online_url,
                  (select d.name from invitation s join person d on d.platform_id = s.platform_id and d.id = s.person_id
                    where s.platform_id = i.platform_id and s.id = i.delegated_from) as in_place_of) r) end as invitation,
       case when not o.detail ? 'sample' then i.id || '.' || i.link_version end as rsvp_url, s.logo, o.detail->>'registration_id' as registration_id,
       case when o.kind in ('reminder', 'day_before', 'message', 'thanks') then i.person_id end as unsubscribes,
       case when o.kind = 'registration_refused' then refused_because(o.detail) end as refused_because,
       -- Mails about one invitation stand together in a mailbox. OFFSET 0: by the invitation's index, not through all mails by their ids.
       (select b.message_id from (select * from outbox e where e.platform_id = o.platform_id and e.invitation_id = o.invitation_id offset 0) b
         where b.state = 'sent' and b.id < o.id order by b.id limit 1) as follows,
       coalesce(m.contact_email, s.reply_to, f.contact_email) as reply_to, case when m.contact_email is not null then m.contact_name else coalesce(s.sender_name, f.name) end as reply_name
  from outbox o
  join platform f on f.id = o.platform_id
 cross join lateral mail_settings(o.platform_id) s
  left join meeting m on m.platform_id = o.platform_id and m.id = o.meeting_id
  -- A sample goes to somebody else. OFFSET 0: what is worked out from a document can't be looked up in an index behind row-level security.
 cross join lateral (select coalesce(o.invitation_id, (o.detail->>'as')::uuid) as id offset 0) whose
  left join invitation i on i.platform_id = o.platform_id and i.id = whose.id
  left join person p on p.platform_id = i.platform_id and p.id = i.person_id;
grant select on mail_letter to narada_service;

reset role;
