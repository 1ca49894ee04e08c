-- 0019_mail_in.sql: what comes in by mail: answers from calendars, proposals of another time, bounces, and what a person has to read.
--
-- server/mail/incoming.h reads a mail and says what stands there (`facts`); receive_mail() decides what that means, once for each mail. An answer is believed when the mail
-- was sent to the address that only the invitee was told (the token in it) and is the invited address's own. Without the token it changes nothing; from another address
-- (an alias, a mailing list, an assistant) it waits for the organiser. What is believed is done by the functions the invitee's page calls, and refused as there.

set local role narada_owner;
set local search_path = narada;

create table incoming_mail (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    received_at timestamptz not null default clock_timestamp(),
    kind text not null check (kind in ('reply', 'counter', 'bounce', 'automatic', 'other')),
    outcome text not null constraint incoming_mail_outcome check (outcome in (
        'answered', 'waitlisted', 'unchanged', 'refused', 'stale', -- an answer that was taken as one
        'pending',          -- an answer that the organiser decides about
        'proposal',         -- of another time
        'message',          -- for the organiser to read
        'bounced', 'delayed', 'ignored',
        'unmatched')),      -- nobody knows whom it is about
    reason text,            -- a word: why it was refused, waits or could not be understood
    seen_as text not null,  -- Message-ID and a digest of its text: the same mail, brought again, does nothing
    "from" text,
    subject text,
    excerpt text,
    meeting_id uuid,
    invitation_id uuid,
    mail_id uuid,           -- in the outbox: what came back
    event jsonb,            -- of an answer or proposal: partstat, attendee, comment, starts_at, ends_at, proposed, …
    bounce jsonb,           -- status, diagnostic, class
    raw bytea,              -- of what was not understood, its beginning; gone after ninety days
    decided_at timestamptz,
    decided_as text check (decided_as in ('accepted', 'dismissed')),
    decided_by text,
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint incoming_mail_seen unique (platform_id, seen_as),
    constraint incoming_mail_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint incoming_mail_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade,
    constraint incoming_mail_mail foreign key (platform_id, mail_id) references outbox on delete set null (mail_id)
);
create index incoming_mail_of_invitation on incoming_mail (platform_id, invitation_id) where invitation_id is not null;
create index incoming_mail_of_meeting on incoming_mail (platform_id, meeting_id) where meeting_id is not null;
create index incoming_mail_of_mail on incoming_mail (platform_id, mail_id) where mail_id is not null;
create index incoming_mail_open on incoming_mail (platform_id, id) where decided_at is null and outcome in ('pending', 'proposal', 'message');
create index incoming_mail_age on incoming_mail (received_at);
create trigger touch before update on incoming_mail for each row execute function touch();

-- The last answer by mail that was taken, for each invitation: what was written before it does nothing any more, however late it comes.
create table invitation_reply (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    invitation_id uuid not null,
    sequence int not null,
    dtstamp timestamptz not null,
    partstat text not null,
    primary key (platform_id, invitation_id),
    constraint invitation_reply_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade
);

select close_by_default('incoming_mail', 'invitation_reply');
create policy owner_functions on incoming_mail to narada_owner using (true) with check (true); -- for sweeping
grant select, insert, update on incoming_mail, invitation_reply to narada_service;

-- ── Mails of our own about it ─────────────────────────────────────────────────

-- Two kinds: what became of an answer that could not be taken, to the invitee; that something waits for a decision, to the organiser. Whatever the list of kinds is, they join it.
do $kinds$
declare
    known text := (select pg_get_constraintdef(c.oid) from pg_constraint c where c.conname = 'outbox_kind' and c.conrelid = 'outbox'::regclass);
begin
    execute 'alter table outbox drop constraint outbox_kind, add constraint outbox_kind '
        || replace(known, '''message''::text', '''message''::text, ''reply_outcome''::text, ''incoming_waits''::text');
end
$kinds$;

-- Is a mail to this invitation's person useless, since their address does not exist? Until the address is corrected, or the organiser sends the invitation again.
-- Whose mailbox was full, or whom a policy kept a mail from, is mailed on (RFC 3463): else one listing of our server would silence half of the invitees.
create function address_bounced(of_platform uuid, invitation uuid) returns boolean language sql stable as $$
    select exists (
        select from (select * from invitation i where i.platform_id = of_platform and i.id = address_bounced.invitation offset 0) i
          join person p on p.platform_id = i.platform_id and p.id = i.person_id
          join invitation x on x.platform_id = i.platform_id and x.person_id = i.person_id
          join incoming_mail b on b.platform_id = x.platform_id and b.invitation_id = x.id
          join outbox s on s.platform_id = b.platform_id and s.id = b.mail_id
         where b.outcome = 'bounced' and b.reason = 'address' and b.received_at > coalesce(i.sent_at, '-infinity') and email_key(s.sent_to) = email_key(p.email))
$$;

-- Both are about what is so, whatever became of the meeting.
alter function mail_pointless(outbox) rename to mail_pointless_otherwise;
create function mail_pointless(mail outbox) returns text language plpgsql stable as $$
begin
    if mail.kind in ('reminder', 'day_before', 'message', 'practical', 'thanks', 'changed') then -- those of many: what one person did is answered whatever came back
        return coalesce(mail_pointless_otherwise(mail), case when address_bounced(mail.platform_id, mail.invitation_id) then 'address_bounced' end);
    elsif mail.kind not in ('reply_outcome', 'incoming_waits') then
        return mail_pointless_otherwise(mail);
    end if;
    return case when mail.invitation_id is not null and not exists (
        select from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
         where i.platform_id = mail.platform_id and i.id = mail.invitation_id and p.email is not null) then 'no_address' end;
end
$$;

-- Tells the invitee, at the address that was invited and never at the one that wrote; a few times a day at most, and no machine.
create function tell_outcome(invitation uuid, mail uuid, automatic boolean, detail jsonb) returns void language plpgsql volatile as $$
begin
    if automatic or (select count(*) from outbox o where o.platform_id = platform_id() and o.invitation_id = tell_outcome.invitation and o.kind = 'reply_outcome'
                        and o.created_at > now() - interval '1 day') >= 5 then
        return;
    end if;
    perform queue_mail('reply_outcome', tell_outcome.invitation, 'reply_outcome ' || mail, detail);
end
$$;

-- Tells the organiser, once an hour and meeting.
create function tell_organiser(meeting uuid) returns void language plpgsql volatile as $$
declare
    contact record;
begin
    select coalesce(m.contact_email, f.contact_email) as email, case when m.contact_email is not null then m.contact_name end as name, f.language into contact
      from meeting m join platform f on f.id = m.platform_id where m.platform_id = platform_id() and m.id = tell_organiser.meeting;
    if contact.email is not null then
        perform queue_mail_to('incoming_waits', contact.email, contact.name, contact.language,
            'incoming_waits ' || tell_organiser.meeting || to_char(now(), ' YYYY-MM-DD HH24'), jsonb_build_object('meeting_id', tell_organiser.meeting));
    end if;
end
$$;

-- ── Answers ───────────────────────────────────────────────────────────────────

-- Why the rest of the transaction happens as it would for the invitee's page; gives what it was.
create function act_as(actor text) returns text language plpgsql volatile as $$
declare
    before text := current_setting('narada.actor', true);
begin
    perform set_config('narada.actor', actor, true);
    return before;
end
$$;

-- Does what an answer by mail says. `reason` is the refusal's code; then nothing changed.
create function take_reply(invitation uuid, event jsonb, detail jsonb, on_behalf boolean, out outcome text, out reason text) language plpgsql volatile as $$
declare
    answer text := case event->>'partstat' when 'ACCEPTED' then 'accepted' when 'TENTATIVE' then 'tentative' when 'DECLINED' then 'declined' end;
    before text := (select i.response from invitation i where i.platform_id = platform_id() and i.id = take_reply.invitation);
    after text;
begin
    perform because(case when on_behalf then 'on_behalf' else 'answered_by_mail' end, detail);
    if event->>'partstat' = 'DELEGATED' and not on_behalf and (
        select count(*) from invitation_event e where e.platform_id = platform_id() and e.invitation_id = take_reply.invitation and e.cause = 'delegated'
           and e.actor = 'invitation ' || e.invitation_id and e.at > now() - interval '1 day') >= 20 then
        perform refuse(409, 'Substitutes were named too often today.', 'too_many_substitutes');
    elsif event->>'partstat' = 'DELEGATED' then
        perform delegate_invitation(take_reply.invitation,
            jsonb_build_object('name', coalesce(event->>'delegate_name', split_part(event->>'delegate', '@', 1)), 'email', event->>'delegate'), on_behalf);
    else
        perform answer_invitation(take_reply.invitation, answer, event->>'comment', event->>'comment' is not null, on_behalf,
            null, case when on_behalf then -1 end);
    end if;
    perform because(null);
    after := (select i.response from invitation i where i.platform_id = platform_id() and i.id = take_reply.invitation);
    outcome := case when after = 'waitlisted' and answer = 'accepted' then case when before = after then 'unchanged' else 'waitlisted' end
                    when before = after and event->>'comment' is null then 'unchanged' else 'answered' end;
exception when sqlstate 'NA404' or sqlstate 'NA409' or sqlstate 'NA410' or sqlstate 'NA422' then
    get stacked diagnostics reason = pg_exception_detail;
    outcome := 'refused';
    perform because(null);
end
$$;

-- Has a newer answer been taken? Clocks that are ahead count as ours.
create function reply_is_stale(invitation uuid, event jsonb) returns boolean language sql stable as $$
    select coalesce((select ((event->>'sequence')::int, least((event->>'dtstamp')::timestamptz, now())) < (r.sequence, r.dtstamp)
                         or ((event->>'sequence')::int, least((event->>'dtstamp')::timestamptz, now()), event->>'partstat') = (r.sequence, r.dtstamp, r.partstat)
                       from invitation_reply r where r.platform_id = platform_id() and r.invitation_id = reply_is_stale.invitation), false)
$$;

-- Why an answer waits for the organiser; NULL: it is the invitee's own.
create function reply_doubt(event jsonb, meeting uuid, invited text) returns text language sql immutable as $$
    select case when lower(split_part(event->>'uid', '@', 1)) is distinct from meeting::text then 'other_meeting'
                when event->>'recurrence_id' is not null then 'instance'
                when event->>'attendee' is null then 'no_attendee'
                when email_key(event->>'attendee') is distinct from email_key(invited) then 'other_address'
                when event->>'partstat' = 'DELEGATED' and event->>'delegate' !~ '^[^@[:space:]]{1,64}@[^@[:space:]]+[.][^@[:space:]]+$' then 'no_delegate'
                when event->>'partstat' = 'DELEGATED' and event->>'delegate' is null then 'no_delegate' end
$$;

-- An answer from a calendar to the invitation whose address it was sent to.
create function receive_reply(mail uuid, invitation uuid, facts jsonb, out outcome text, out reason text) language plpgsql volatile as $$
declare
    event jsonb := facts->'event';
    one record;
    before text;
begin
    perform pg_advisory_xact_lock(hashtext('narada reply'), hashtext(receive_reply.invitation::text)); -- before the meeting's row, and by nobody else
    select i.meeting_id, m.sequence, p.email into one
      from invitation i
      join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = platform_id() and i.id = receive_reply.invitation;
    reason := reply_doubt(event, one.meeting_id, one.email);
    if facts->>'kind' = 'counter' then
        outcome := 'proposal';
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
        if outcome = 'refused' then -- whatever else becomes of an answer is confirmed as one by the page is
            perform tell_outcome(receive_reply.invitation, mail, (facts->>'automatic')::boolean, jsonb_build_object('refused', reason));
        elsif (event->>'sequence')::int < one.sequence then
            reason := 'old_revision';
        end if;
    end if;
end
$$;

-- ── Bounces ───────────────────────────────────────────────────────────────────

-- What a status (RFC 3463) means for the address: only one that does not exist is no good for the next mail too.
create function bounce_class(status text) returns text language sql immutable parallel safe as $$
    select case when status ~ '^5[.]1[.]' or status = '5.2.1' then 'address' when status ~ '^[45][.]2[.]2$' then 'full' when status ~ '^5[.]7[.]' then 'policy'
                when status ~ '^4[.]' then 'temporary' else 'other' end
$$;

-- What the mail system says about a mail of ours, to the address that only that mail had as its sender.
create function receive_bounce(mail uuid, bounce jsonb, out outcome text, out reason text) language plpgsql volatile as $$
declare
    sent outbox;
    why text := left(concat_ws(' ', bounce->>'status', bounce->>'diagnostic'), 400);
    action text := coalesce(lower(bounce->>'action'), 'failed');
begin
    reason := case when action = 'failed' then bounce_class(bounce->>'status') else action end;
    outcome := case action when 'failed' then 'bounced' when 'delayed' then 'delayed' else 'ignored' end;
    if outcome <> 'bounced' then
        return;
    end if;
    update outbox o set state = 'bounced', reason = why where o.platform_id = platform_id() and o.id = receive_bounce.mail and o.state in ('sent', 'sending') returning o.* into sent;
    -- An address that was corrected since, or a mail that is on its way again, is not the one that came back.
    update invitation i set delivery = 'bounced', delivery_error = why
      from person p
     where i.platform_id = platform_id() and i.id = sent.invitation_id and i.delivery not in ('queued', 'bounced')
       and p.platform_id = i.platform_id and p.id = i.person_id and email_key(p.email) = email_key(sent.sent_to);
end
$$;

-- ── Receiving ─────────────────────────────────────────────────────────────────

-- Decides about one mail, of the platform that was entered. What came before does nothing: `outcome` is then 'duplicate'.
create function receive_mail(facts jsonb, content bytea) returns table (id uuid, kind text, outcome text, reason text) language plpgsql volatile as $$
#variable_conflict use_column
declare
    key text := concat_ws(' ', facts->>'message_id', facts->>'digest');
    made incoming_mail;
begin
    perform pg_advisory_xact_lock(hashtext('narada mail'), hashtext(platform_id() || key));
    return query select m.id, m.kind, 'duplicate'::text, m.reason from incoming_mail m where m.platform_id = platform_id() and m.seen_as = key;
    if found then
        return;
    end if;
    made.id := uuidv7();
    made.kind := facts->>'kind';
    made.reason := facts->>'trouble';
    select i.id, i.meeting_id into made.invitation_id, made.meeting_id from invitation i where i.platform_id = platform_id() and i.id = (facts->>'invitation')::uuid;
    if facts->>'mail' is not null then
        select o.id, o.invitation_id, o.meeting_id into made.mail_id, made.invitation_id, made.meeting_id from outbox o where o.platform_id = platform_id() and o.id = (facts->>'mail')::uuid;
    end if;
    if made.kind = 'automatic' then
        made.outcome := 'ignored';
    elsif made.kind = 'bounce' and made.mail_id is not null then
        select b.outcome, b.reason into made.outcome, made.reason from receive_bounce(made.mail_id, facts->'bounce') b;
    elsif made.kind in ('reply', 'counter') and made.mail_id is null and made.invitation_id is not null then
        select r.outcome, r.reason into made.outcome, made.reason from receive_reply(made.id, made.invitation_id, facts) r;
    elsif made.kind = 'other' and made.invitation_id is not null then
        made.outcome := 'message';
    else
        made.outcome := 'unmatched';
        made.reason := coalesce(made.reason, 'no_token');
    end if;
    insert into incoming_mail (id, kind, outcome, reason, seen_as, "from", subject, excerpt, meeting_id, invitation_id, mail_id, event, bounce, raw)
    values (made.id, made.kind, made.outcome, made.reason, key, facts->>'from', facts->>'subject', case when made.outcome = 'message' then facts->>'excerpt' end,
            made.meeting_id, made.invitation_id, made.mail_id, facts->'event', facts->'bounce',
            -- Of a flood the first few hundred are enough to look at.
            case when (made.outcome = 'unmatched' or facts->>'trouble' is not null) and (
                select count(*) from incoming_mail m where m.platform_id = platform_id() and m.received_at > now() - interval '1 day' and m.raw is not null) < 500
                then substring(content for 262144) end);
    if made.outcome in ('pending', 'proposal', 'message') then
        perform tell_organiser(made.meeting_id);
    end if;
    return query select made.id, made.kind, made.outcome, made.reason;
end
$$;

-- The platform that a mail is for, by what only that platform has; else `named`, else the only one there is; NULL: nobody's.
create function incoming_platform(facts jsonb, named text) returns uuid language plpgsql volatile security definer set search_path = narada, pg_temp as $$
declare
    place record;
    known text := split_part(facts->'event'->>'uid', '@', 1);
begin
    for place in select p.id from platform p order by p.id loop
        perform set_config('narada.platform_id', place.id::text, true);
        if exists (select from invitation i where i.platform_id = place.id and i.id = (facts->>'invitation')::uuid)
           or exists (select from outbox o where o.platform_id = place.id and o.id = (facts->>'mail')::uuid)
           or exists (select from meeting m where m.platform_id = place.id and m.id::text = lower(known)) then
            return place.id;
        end if;
    end loop;
    return coalesce((select p.id from platform p where p.slug = named), (select min(p.id::text)::uuid from platform p having count(*) = 1 and named is null));
end
$$;

-- The same for a mail of which nobody has said what platform it is for: no row if it is nobody's.
create function receive_mail_anywhere(facts jsonb, content bytea, named text) returns table (id uuid, kind text, outcome text, reason text) language plpgsql volatile as $$
declare
    place uuid := incoming_platform(facts, named);
begin
    if place is not null then
        perform enter_mail(place);
        return query select r.id, r.kind, r.outcome, r.reason from receive_mail(facts, content) r;
    end if;
end
$$;

-- ── Deciding ──────────────────────────────────────────────────────────────────

-- Rows an organiser may see. What nobody could be matched with is the operator's, who is an owner.
create view incoming_shown with (security_invoker = true) as
select m.platform_id, m.id, m.received_at, m.kind, m.outcome, m.reason, m."from", m.subject, m.excerpt,
       case when t.id is not null then (select row_to_json(r) from (select t.id, t.slug, t.title, t.time_zone) r) end as meeting,
       case when p.id is not null then (select row_to_json(r) from (select p.id, p.name, p.email) r) end as person,
       m.invitation_id, m.mail_id,
       case when m.event is not null then (select row_to_json(r) from (
           select m.event->>'partstat' as partstat, m.event->>'attendee' as attendee, m.event->>'delegate' as delegate, m.event->>'comment' as comment,
                  m.event->>'starts_at' as starts_at, m.event->>'ends_at' as ends_at, m.event->>'proposed' as proposed,
                  case when m.kind = 'counter' then instant(t.starts_at) end as planned_starts_at) r) end as event,
       case when m.bounce is not null then (select row_to_json(r) from (
           select m.bounce->>'status' as status, m.bounce->>'diagnostic' as diagnostic, m.bounce->>'recipient' as recipient) r) end as bounce,
       m.decided_at, m.decided_as, m.version,
       m.decided_at is null and m.outcome in ('pending', 'proposal', 'message') as open,
       m.decided_at is null and m.outcome = 'pending' and m.reason = 'other_address' and m.event->>'partstat' <> 'NEEDS-ACTION' as can_accept,
       m.meeting_id, m.raw,
       fold(concat_ws(' ', m."from", m.subject, p.name, p.email, t.title)) as search
  from incoming_mail m
  left join meeting t on t.platform_id = m.platform_id and t.id = m.meeting_id
  left join invitation i on i.platform_id = m.platform_id and i.id = m.invitation_id
  left join person p on p.platform_id = i.platform_id and p.id = i.person_id
 where m.invitation_id is not null or m.meeting_id is not null or caller_is('owner');
grant select on incoming_shown to narada_service;

-- An organiser accepts an answer that waits, which answers the invitation on the invitee's behalf, or is done with whatever waits.
create function decide_incoming(mail uuid, verdict text) returns void language plpgsql volatile as $$
declare
    one incoming_mail;
    taken record;
begin
    select m.* into one from incoming_mail m where m.platform_id = platform_id() and m.id = decide_incoming.mail
       and exists (select from incoming_shown s where s.platform_id = m.platform_id and s.id = m.id);
    if one.id is null then
        perform refuse(404, 'There is no such mail.', 'not_found');
    end if;
    perform pg_advisory_xact_lock(hashtext('narada mail'), hashtext(one.id::text)); -- no row's: those of meetings come first
    select m.* into one from incoming_mail m where m.platform_id = platform_id() and m.id = decide_incoming.mail;
    if one.decided_at is not null or one.outcome not in ('pending', 'proposal', 'message') then
        perform refuse(409, 'Nothing is to be decided about this mail any more.', 'nothing_to_decide');
    elsif verdict = 'accepted' then
        if one.outcome <> 'pending' or one.reason <> 'other_address' or one.event->>'partstat' = 'NEEDS-ACTION' then
            perform refuse(409, 'This mail holds no answer that could be taken as it is.', 'no_answer_in_mail');
        end if;
        select t.outcome, t.reason into taken from take_reply(one.invitation_id, one.event, '{}', true) t;
        if taken.outcome = 'refused' then
            perform refuse(409, 'The answer can''t be taken any more.', taken.reason);
        end if;
    end if;
    update incoming_mail m set decided_at = clock_timestamp(), decided_as = verdict, decided_by = current_setting('narada.actor', true)
     where m.platform_id = platform_id() and m.id = one.id;
end
$$;

-- ── Sweeping ──────────────────────────────────────────────────────────────────

-- Mails that were not understood are kept for ninety days, what was decided about any for a year.
create function sweep_incoming_mail() returns bigint language sql volatile security definer set search_path = narada, pg_temp as $$
    update incoming_mail m set raw = null where m.raw is not null and m.received_at < now() - interval '90 days';
    with gone as (
        delete from incoming_mail m where m.received_at < now() - interval '1 year' returning 1
    ) select count(*) from gone
$$;

reset role;
