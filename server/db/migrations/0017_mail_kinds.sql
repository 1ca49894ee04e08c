-- 0017_mail_kinds.sql: what is mailed besides invitations: confirmations, changes, reminders by schedule, what organisers write; and who wants none of it.
--
-- What goes to many is planned here (planned_mail) and made when it is due, by make_planned(), which take_mail() calls when nothing else waits: each once,
-- whatever dies in between and however many processes look, since the plan is done in the transaction that makes its mails.

set local role narada_owner;
set local search_path = narada;

-- ── Who wants no more of it ───────────────────────────────────────────────────

-- Stops reminders, messages and thanks of a platform. Invitations, confirmations, changes and cancellations go on: they are about what the person was asked to, or said.
create table unsubscription (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    person_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    primary key (platform_id, person_id),
    constraint unsubscription_person foreign key (platform_id, person_id) references person on delete cascade
);
select close_by_default('unsubscription');
grant select, insert, delete on unsubscription to narada_service;

create or replace function has_unsubscribed(person uuid) returns boolean language sql stable as $$
    select exists (select from unsubscription u where u.platform_id = platform_id() and u.person_id = person)
$$;

-- ── Confirmation of an answer ─────────────────────────────────────────────────

alter table invitation add confirmed_at timestamptz; -- when the answer was given once more, after the organiser asked again

-- What a confirmation says of an answer; the last one said the same: there is nothing to say.
create or replace function answer_told(invitation uuid) returns jsonb language sql stable as $$
    select jsonb_build_object('response', i.response, 'mode', i.mode, 'companions', i.companions)
      from invitation i where i.platform_id = platform_id() and i.id = answer_told.invitation
$$;
create or replace function last_told(invitation uuid) returns jsonb language sql stable as $$
    select o.detail->'told' from outbox o where o.platform_id = platform_id() and o.invitation_id = last_told.invitation and o.kind = 'confirmation' and o.state = 'sent'
     order by o.sent_at desc limit 1
$$;

-- One waits at most, a minute after the answer and five after the last: who changes their mind gets one mail, with what holds then. It does not wake the mailer:
-- commits that notify wait for each other, and answers come in crowds.
--
-- Every answer comes here: one look by the index (a plan made while the table was empty would read all of it), and no function that is planned at each call.
create function confirm_answer() returns trigger language plpgsql set enable_seqscan = off as $$
declare
    before record;
begin
    select max(o.sent_at) as sent_at, bool_or(o.state in ('queued', 'sending')) as waits into before
      from outbox o where o.platform_id = new.platform_id and o.invitation_id = new.invitation_id and o.kind = 'confirmation';
    if before.waits then
        return null;
    end if;
    insert into outbox (kind, cause, meeting_id, invitation_id, next_attempt_at)
    select 'confirmation', 'confirmation ' || new.id, new.meeting_id, new.invitation_id,
           greatest(clock_timestamp() + interval '1 minute', before.sent_at + interval '5 minutes')
      from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = new.platform_id and i.id = new.invitation_id and p.email is not null;
    return null;
end
$$;

-- An organiser has entered an answer, and wants the person to know.
create function tell_answer(invitation uuid) returns void language plpgsql volatile as $$
begin
    if not mail_waits(tell_answer.invitation, 'confirmation')
       and (select i.response from invitation i where i.platform_id = platform_id() and i.id = tell_answer.invitation) not in ('needs_action', 'delegated') then
        perform queue_mail('confirmation', tell_answer.invitation, 'confirmation ' || uuidv7());
    end if;
end
$$;
create trigger confirm_answer after insert on invitation_event for each row
    when (new.actor = 'invitation ' || new.invitation_id and new.to_response in ('accepted', 'tentative', 'declined', 'waitlisted')
          and (new.cause in ('answered', 'answered_by_mail') and new.from_response <> new.to_response or new.detail ?| array['mode', 'companions'])) execute function confirm_answer();

-- ── Mails that are planned ────────────────────────────────────────────────────

create table planned_mail (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    kind text not null check (kind in ('changed', 'reminder', 'day_before')),
    about timestamptz,          -- of a reminder: the deadline, or the beginning. For each there is one
    due_at timestamptz not null,
    detail jsonb not null default '{}', -- of a change: what was told before, and whether it asks to confirm again
    done_at timestamptz,
    queued int,
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint planned_once unique (platform_id, meeting_id, kind, about),
    constraint planned_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create unique index planned_change on planned_mail (platform_id, meeting_id) where kind = 'changed' and done_at is null;
create index planned_due on planned_mail (due_at) where done_at is null;
create index planned_asked on planned_mail (platform_id, meeting_id, done_at) where kind = 'changed' and done_at is not null;
select close_by_default('planned_mail');
create policy owner_functions on planned_mail to narada_owner using (true) with check (true); -- make_planned() looks across tenants
grant select, insert, update, delete on planned_mail to narada_service;

-- When, at the latest, time or place of a meeting changed so that people were asked again.
create function asked_at(of_meeting uuid) returns timestamptz language sql stable as $$
    select max(p.done_at) from planned_mail p where p.platform_id = platform_id() and p.meeting_id = of_meeting and p.kind = 'changed' and p.done_at is not null
       and (p.detail->>'again')::boolean
$$;

-- Since when an answer waits to be given once more; NULL: it does not.
create function asked_again(one invitation) returns timestamptz language sql stable as $$
    select a.at from (select asked_at(one.meeting_id) as at) a
     where one.response in ('accepted', 'tentative', 'declined', 'waitlisted') and a.at > greatest(one.responded_at, one.confirmed_at)
$$;

create or replace function confirm_again(one invitation) returns void language plpgsql volatile as $$
begin
    if asked_again(one) is not null then
        update invitation i set confirmed_at = clock_timestamp() where i.platform_id = platform_id() and i.id = one.id;
        insert into invitation_event (meeting_id, invitation_id, cause, from_response, to_response) values (one.meeting_id, one.id, 'confirmed_again', one.response, one.response);
    end if;
end
$$;

-- ── Changes of a published meeting ────────────────────────────────────────────

-- What people were told of a meeting. Of its online address only that it is another one.
create function meeting_told(place meeting) returns jsonb language plpgsql stable as $$
begin
    return jsonb_build_object('title', place.title, 'theme', place.theme, 'starts_at', instant(place.starts_at), 'ends_at', instant(place.ends_at), 'time_zone', place.time_zone,
        'one_day', (place.starts_at at time zone place.time_zone)::date = (place.ends_at at time zone place.time_zone)::date, 'format', place.format, 'online', md5(place.online_url),
        'venue', (select concat_ws(', ', v.name, v.room, v.address, v.city) from venue v where v.platform_id = place.platform_id and v.id = place.venue_id),
        'agenda', (select coalesce(jsonb_agg(jsonb_build_object('title', t.title, 'begins_at', instant(t.begins_at),
                              'after', extract(epoch from t.begins_at - place.starts_at)::int / 60) order by t.position, t.id), '[]')
                     from agenda_timeline t where t.platform_id = place.platform_id and t.meeting_id = place.id));
end
$$;

-- Lines of one programme that the other has not. A programme that moves as a whole with its meeting stays the same.
create function agenda_without(lines jsonb, others jsonb) returns jsonb language sql immutable as $$
    select coalesce(jsonb_agg(l order by n), '[]') from jsonb_array_elements(lines) with ordinality e (l, n)
     where not exists (select from jsonb_array_elements(others) o where o->'title' = l->'title' and o->'after' = l->'after')
$$;

-- What is different now from what people were told: a member for each, `any`, and `again` where they should say once more whether they come.
create function told_difference(old jsonb, new jsonb) returns jsonb language sql immutable as $$
    select d.told || jsonb_build_object('any', d.told @? '$.* ? (@ == true)', 'again', d.told @? '$.moved ? (@ == true)' or d.told @? '$.place ? (@ == true)',
                                        'old', old - array['online', 'agenda'], 'new', new - array['online', 'agenda'],
                                        'gone', agenda_without(old->'agenda', new->'agenda'), 'added', agenda_without(new->'agenda', old->'agenda'))
      from (select jsonb_build_object('titled', (old->'title', old->'theme') is distinct from (new->'title', new->'theme'),
                       'moved', (old->'starts_at', old->'ends_at', old->'time_zone') is distinct from (new->'starts_at', new->'ends_at', new->'time_zone'),
                       'place', (old->'venue', old->'format') is distinct from (new->'venue', new->'format'),
                       'online', old->'online' is distinct from new->'online',
                       'programme', agenda_without(old->'agenda', new->'agenda') <> agenda_without(new->'agenda', old->'agenda')) as told) d
$$;

create or replace function what_changed(detail jsonb, of_meeting uuid) returns jsonb language plpgsql stable as $$
begin
    return (select told_difference(p.detail->'old', meeting_told(m)) from planned_mail p join meeting m on m.platform_id = p.platform_id and m.id = p.meeting_id
             where p.platform_id = platform_id() and p.id = (what_changed.detail->>'planned')::uuid);
end
$$;

-- The first change begins to wait, with what was told before it; those that follow within five minutes are in the same mail, half an hour later at most.
create function plan_change(place meeting) returns void language sql volatile as $$
    insert into planned_mail as p (meeting_id, kind, due_at, detail)
    select place.id, 'changed', clock_timestamp() + interval '5 minutes', jsonb_build_object('old', meeting_told(place), 'changed_at', clock_timestamp()) where place.status = 'published'
        on conflict (platform_id, meeting_id) where kind = 'changed' and done_at is null
        do update set due_at = least(p.created_at + interval '30 minutes', clock_timestamp() + interval '5 minutes'), detail = p.detail || jsonb_build_object('changed_at', clock_timestamp())
$$;

create function meeting_changed() returns trigger language plpgsql as $$
begin
    perform plan_change(old);
    return null;
end
$$;
create trigger meeting_changed after update on meeting for each row
    when (old.status = 'published' and new.status = 'published'
          and (new.title, new.theme, new.starts_at, new.ends_at, new.time_zone, new.format, new.online_url, new.venue_id)
              is distinct from (old.title, old.theme, old.starts_at, old.ends_at, old.time_zone, old.format, old.online_url, old.venue_id)) execute function meeting_changed();

-- Before the first line changes, so that the programme is still what was told.
create function programme_changes() returns trigger language plpgsql as $$
begin
    perform plan_change(m) from meeting m
     where m.platform_id = coalesce(new.platform_id, old.platform_id) and m.id = coalesce(new.meeting_id, old.meeting_id) and m.status = 'published';
    return coalesce(new, old);
end
$$;
create trigger programme_grows before insert or delete on agenda_item for each row execute function programme_changes();
create trigger programme_changes before update on agenda_item for each row
    when ((new.title, new.position, new.starts_at, new.duration_minutes) is distinct from (old.title, old.position, old.starts_at, old.duration_minutes)) execute function programme_changes();

-- Tells everybody who was sent an invitation before the last of the changes: later ones say what is now. A change that was taken back is none.
create function mail_change(planned planned_mail) returns int language plpgsql volatile as $$
declare
    difference jsonb := what_changed(jsonb_build_object('planned', planned.id), planned.meeting_id);
    number int := 0;
begin
    if difference @> '{"any": true}' and exists (select from meeting m where m.platform_id = platform_id() and m.id = planned.meeting_id and m.status = 'published' and m.ends_at > now()) then
        insert into outbox (kind, cause, meeting_id, invitation_id, detail)
        select 'changed', 'changed ' || planned.id || ' ' || i.id, i.meeting_id, i.id, jsonb_build_object('planned', planned.id)
          from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
         where i.platform_id = platform_id() and i.meeting_id = planned.meeting_id and i.withdrawn_at is null
           and i.sent_at < (planned.detail->>'changed_at')::timestamptz and i.response <> 'delegated' and p.email is not null
            on conflict on constraint outbox_cause do nothing;
        get diagnostics number = row_count;
    end if;
    update planned_mail p set done_at = clock_timestamp(), queued = number, detail = p.detail || jsonb_build_object('again', number > 0 and (difference->>'again')::boolean)
     where p.platform_id = platform_id() and p.id = planned.id;
    return number;
end
$$;

-- ── Reminders by schedule ─────────────────────────────────────────────────────

create table meeting_reminders (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    meeting_id uuid not null,
    days_before_deadline int check (days_before_deadline between 1 and 60), -- to those without an answer; NULL: none
    day_before boolean not null default false,                              -- to those who come
    at_time time not null default '10:00',                                  -- in the meeting's zone
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, meeting_id),
    constraint meeting_reminders_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create trigger touch before update on meeting_reminders for each row execute function touch();
select close_by_default('meeting_reminders');
grant select, insert, update on meeting_reminders to narada_service;

-- Of every meeting; version 0 until something is chosen.
create view reminders_shown with (security_invoker = true) as
select m.platform_id, m.id as meeting_id, r.days_before_deadline, coalesce(r.day_before, false) as day_before, to_char(coalesce(r.at_time, '10:00'), 'HH24:MI') as at_time,
       (select coalesce(jsonb_agg(jsonb_build_object('kind', p.kind, 'due_at', instant(p.due_at), 'done_at', instant(p.done_at), 'queued', p.queued) order by p.due_at), '[]')
          from planned_mail p where p.platform_id = m.platform_id and p.meeting_id = m.id) as planned,
       coalesce(r.version, 0) as version
  from meeting m left join meeting_reminders r on r.platform_id = m.platform_id and r.meeting_id = m.id;
grant select on reminders_shown to narada_service;

-- Nobody is reminded between eight in the evening and eight in the morning, by the meeting's clock.
create function is_night(at timestamptz, zone text) returns boolean language sql stable parallel safe as
    $$ select extract(hour from at at time zone zone) not between 8 and 19 $$;

-- The same moment, or if it is night the next morning; where that is too late, the evening before.
create function by_day(at timestamptz, zone text, before timestamptz) returns timestamptz language sql stable parallel safe as $$
    select case when not is_night(at, zone) then at when n.morning < before then n.morning else n.morning - interval '13 hours' end
      from (select ((at at time zone zone) + interval '4 hours')::date::timestamp as day) d
     cross join lateral (select (d.day + interval '8 hours') at time zone zone as morning) n
$$;

-- Plans the reminders of a meeting anew. One that is due already when it is planned is none: those people have only just been invited.
create function plan_reminders(of_meeting uuid) returns void language sql volatile as $$
    delete from planned_mail p where p.platform_id = platform_id() and p.meeting_id = of_meeting and p.kind <> 'changed' and p.done_at is null;
    insert into planned_mail (meeting_id, kind, about, due_at)
    select of_meeting, w.kind, w.about, by_day(w.at, w.time_zone, w.about)
      from (select 'reminder' as kind, coalesce(m.rsvp_closes_at, m.starts_at) as about, m.time_zone,
                   ((coalesce(m.rsvp_closes_at, m.starts_at) at time zone m.time_zone)::date - r.days_before_deadline + r.at_time) at time zone m.time_zone as at
              from meeting m join meeting_reminders r on r.platform_id = m.platform_id and r.meeting_id = m.id
             where m.platform_id = platform_id() and m.id = of_meeting and m.status = 'published' and r.days_before_deadline is not null
            union all
            select 'day_before', m.starts_at, m.time_zone, ((m.starts_at at time zone m.time_zone)::date - 1 + r.at_time) at time zone m.time_zone
              from meeting m join meeting_reminders r on r.platform_id = m.platform_id and r.meeting_id = m.id
             where m.platform_id = platform_id() and m.id = of_meeting and m.status = 'published' and r.day_before) w
     where by_day(w.at, w.time_zone, w.about) > now() and by_day(w.at, w.time_zone, w.about) < w.about
        on conflict on constraint planned_once do nothing
$$;

create function reminders_moved() returns trigger language plpgsql as $$
begin
    if exists (select from meeting_reminders r where r.platform_id = new.platform_id and r.meeting_id = new.id) then
        perform plan_reminders(new.id);
    end if;
    return null;
end
$$;
create trigger reminders_moved after update on meeting for each row
    when ((new.starts_at, new.time_zone, new.rsvp_closes_at, new.status) is distinct from (old.starts_at, old.time_zone, old.rsvp_closes_at, old.status)) execute function reminders_moved();

create function reminders_set() returns trigger language plpgsql as $$
begin
    perform plan_reminders(new.meeting_id);
    return null;
end
$$;
create trigger reminders_set after insert or update on meeting_reminders for each row execute function reminders_set();

-- A reminder that comes late (nobody was there to send it) waits for the day, as long as it still matters then. False: it was not sent and is over.
create function mail_reminders(planned planned_mail) returns int language plpgsql volatile as $$
declare
    place record;
    morning timestamptz;
    number int := 0;
begin
    select m.status, m.time_zone into place from meeting m where m.platform_id = platform_id() and m.id = planned.meeting_id;
    if is_night(now(), place.time_zone) then
        morning := by_day(now(), place.time_zone, 'infinity');
        if morning < planned.about then
            update planned_mail p set due_at = morning where p.platform_id = platform_id() and p.id = planned.id;
            return 0;
        end if;
    elsif place.status = 'published' and now() < planned.about then
        insert into outbox (kind, cause, meeting_id, invitation_id, detail)
        select planned.kind, planned.kind || ' planned ' || planned.id || ' ' || i.id, i.meeting_id, i.id, jsonb_build_object('planned', planned.id, 'about', instant(planned.about))
          from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
         where i.platform_id = platform_id() and i.meeting_id = planned.meeting_id and i.withdrawn_at is null and p.email is not null and not has_unsubscribed(p.id)
           and case planned.kind when 'reminder' then i.response = 'needs_action' and greatest(i.sent_at, i.reminded_at) < now() - interval '1 day' and not mail_waits(i.id, 'reminder')
                                 else i.response = 'accepted' end
            on conflict on constraint outbox_cause do nothing;
        get diagnostics number = row_count;
    end if;
    update planned_mail p set done_at = clock_timestamp(), queued = number where p.platform_id = platform_id() and p.id = planned.id;
    return number;
end
$$;

-- The last look: a reminder that was tried again until night waits for the morning; what came too late by then is dropped at that time.
create or replace function wait_for_day(mail outbox) returns boolean language plpgsql volatile as $$
declare
    zone text := (select m.time_zone from meeting m where m.platform_id = mail.platform_id and m.id = mail.meeting_id);
begin
    if mail.kind not in ('reminder', 'day_before') or not is_night(now(), zone) then
        return false;
    end if;
    update outbox o set state = 'queued', attempts = o.attempts - 1, next_attempt_at = by_day(now(), zone, 'infinity') where o.platform_id = mail.platform_id and o.id = mail.id;
    return true;
end
$$;

-- Makes what is due, of whatever platform, and gives how many mails that were. What breaks is not tried again for ever: mails of others wait behind it.
create or replace function make_planned() returns int language plpgsql volatile security definer set search_path = narada, pg_temp set enable_seqscan = on set enable_sort = on as $$
declare
    one planned_mail;
    number int := 0;
begin
    loop
        select p.* into one from planned_mail p where p.done_at is null and p.due_at <= clock_timestamp() order by p.due_at limit 1 for update skip locked;
        exit when not found or number > 0;
        perform set_config('narada.platform_id', one.platform_id::text, true), set_config('narada.actor', 'narada', true);
        begin
            number := case one.kind when 'changed' then mail_change(one) else mail_reminders(one) end;
        exception when others then
            raise warning 'a planned mail could not be made: %', sqlerrm;
            update planned_mail p set done_at = clock_timestamp(), detail = p.detail || jsonb_build_object('failed', sqlstate) where p.platform_id = one.platform_id and p.id = one.id;
        end;
    end loop;
    return number;
end
$$;

-- ── What an organiser writes ──────────────────────────────────────────────────

create table message (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    kind text not null check (kind in ('message', 'practical', 'thanks')),
    subject text not null,
    body text not null,
    link text,                  -- thanks: where the materials are
    audience jsonb not null,    -- as it was chosen: response, group_id, organisation_id, attendance
    recipients int not null,
    author text not null default coalesce(nullif(current_setting('narada.actor', true), ''), 'narada'),
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint message_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create index message_of_meeting on message (platform_id, meeting_id, id);
select close_by_default('message');
grant select, insert on message to narada_service;

create function came(one invitation) returns boolean language sql stable as $$
    select exists (select from attendance a where a.platform_id = one.platform_id and a.meeting_id = one.meeting_id and a.person_id = one.person_id and a.state in ('present', 'remote'))
$$;

-- Whom a message of a kind goes to, and whom of those it can't reach. `response` 'unconfirmed': who has not said again that they come, since time or place changed.
create function message_audience(of_meeting uuid, kind text, response text, by_group uuid, organisation uuid, attendance text)
returns table (invitation_id uuid, reachable boolean, unsubscribed boolean) language sql stable as $$
    select i.id, p.email is not null, message_audience.kind <> 'practical' and has_unsubscribed(p.id)
      from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null
       and case message_audience.response when 'unconfirmed' then asked_again(i) is not null
                when 'all' then i.response <> 'delegated' else i.response = message_audience.response end
       and (by_group is null or i.group_id = by_group) and (organisation is null or p.organisation_id = organisation)
       and case message_audience.attendance when 'came' then came(i) when 'stayed_away' then not came(i) else true end
$$;

-- What is usual for a kind, where nothing is chosen: practical information goes to those who come, thanks to those who came.
create function usual_response(kind text) returns text language sql immutable parallel safe as $$ select case kind when 'practical' then 'accepted' else 'all' end $$;
create function usual_attendance(kind text) returns text language sql immutable parallel safe as $$ select case kind when 'thanks' then 'came' else 'any' end $$;

create function message_counts(of_meeting uuid, kind text, response text, by_group uuid, organisation uuid, attendance text)
returns table (recipients int, without_email int, unsubscribed int) language sql stable as $$
    select count(*) filter (where a.reachable and not a.unsubscribed)::int, count(*) filter (where not a.reachable)::int,
           count(*) filter (where a.reachable and a.unsubscribed)::int
      from message_audience(of_meeting, message_counts.kind, coalesce(message_counts.response, usual_response(message_counts.kind)), by_group, organisation,
                            coalesce(message_counts.attendance, usual_attendance(message_counts.kind))) a
$$;

-- Queues one mail to each of them, and keeps what was written. The same text sent twice within some minutes was sent by mistake.
create function send_message(of_meeting uuid, kind text, subject text, body text, link text, response text, by_group uuid, organisation uuid, attendance text) returns void
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
    insert into message (id, meeting_id, kind, subject, body, link, audience, recipients)
    values (made, of_meeting, send_message.kind, send_message.subject, send_message.body, send_message.link,
            message_filter(send_message.kind, response, by_group, organisation, attendance), number);
    perform keep_made(made);
    perform wake_mailer();
end
$$;

create function message_filter(kind text, response text, by_group uuid, organisation uuid, attendance text) returns jsonb language sql immutable as $$
    select jsonb_build_object('response', coalesce(response, usual_response(kind)), 'group_id', by_group, 'organisation_id', organisation,
                              'attendance', coalesce(attendance, usual_attendance(kind)))
$$;

create view message_shown with (security_invoker = true) as
select m.platform_id, m.meeting_id, m.id, m.kind, m.subject, m.body as text, m.link, m.audience->>'response' as response, (m.audience->>'group_id')::uuid as group_id,
       (m.audience->>'organisation_id')::uuid as organisation_id, m.audience->>'attendance' as attendance, m.recipients, m.author as sent_by, m.created_at,
       (select coalesce(jsonb_object_agg(s.state, s.number), '{}') from (
           select o.state, count(*) as number from outbox o where o.platform_id = m.platform_id and o.meeting_id = m.meeting_id
               and o.detail->>'message_id' = m.id::text group by o.state) s) as states
  from message m;
grant select on message_shown to narada_service;

-- ── Sign-in links ─────────────────────────────────────────────────────────────

-- An account belongs to no platform, a mail does: the one that knows the account longest sends it. False: none does. `seed` makes the link together with
-- the server's key alone.
create function mail_sign_in(account uuid, seed text, way text) returns boolean language plpgsql volatile security definer set search_path = narada, pg_temp as $$
declare
    before text := current_setting('narada.platform_id', true);
    whose record;
begin
    select m.platform_id, a.name, a.email, a.language into whose from membership m join account a on a.id = m.account_id
     where m.account_id = mail_sign_in.account order by m.created_at, m.platform_id limit 1;
    if not found then
        return false;
    end if;
    perform set_config('narada.platform_id', whose.platform_id::text, true);
    perform queue_mail_to('sign_in', whose.email, whose.name, whose.language, 'sign_in ' || uuidv7(), jsonb_build_object('seed', seed, 'way', way));
    perform set_config('narada.platform_id', coalesce(before, ''), true);
    return true;
end
$$;

-- ── How a platform's mails look ───────────────────────────────────────────────

create table platform_mail (
    platform_id uuid primary key default platform_id() references platform on delete cascade,
    sender_name text,           -- before the service's own address
    reply_to text,              -- where a meeting has no contact
    footer text,
    logo bytea check (length(logo) <= 100000), -- PNG; goes along with each mail, so that nothing is fetched from elsewhere
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp()
);
create trigger touch before update on platform_mail for each row execute function touch();
select close_by_default('platform_mail');
grant select, insert, update on platform_mail to narada_service;

-- By its first bytes, the signature of a PNG, or the refusal.
create function logo_checked(logo bytea) returns bytea language plpgsql stable as $$
begin
    if substr(logo, 1, 8) is distinct from '\x89504e470d0a1a0a' then
        perform refuse(422, 'This is no PNG.', 'not_a_png', 'png');
    elsif length(logo) > 100000 then
        perform refuse(422, 'The logo may have at most 100 kB.', 'logo_too_big', 'png');
    end if;
    return logo;
end
$$;

-- One row for every platform.
create or replace function mail_settings(of_platform uuid) returns table (sender_name text, reply_to text, footer text, logo text) language plpgsql stable rows 1 as $$
begin
    return query select p.sender_name, p.reply_to, p.footer, translate(encode(p.logo, 'base64'), E'\n', '') from (select) one left join platform_mail p on p.platform_id = of_platform;
end
$$;

create view platform_mail_shown with (security_invoker = true) as
select f.id as platform_id, p.sender_name, p.reply_to, p.footer, p.logo is not null as has_logo, coalesce(p.version, 0) as version,
       'data:image/png;base64,' || translate(encode(p.logo, 'base64'), E'\n', '') as logo_src
  from platform f left join platform_mail p on p.platform_id = f.id;
grant select on platform_mail_shown to narada_service;

-- ── Samples ───────────────────────────────────────────────────────────────────

-- A mail of a kind as this invitee would get it, or as somebody who is invited would: kept nowhere, for a look before anything is sent.
create function sample_mail(of_meeting uuid, kind text, invitee uuid) returns jsonb language plpgsql stable as $$
declare
    shown uuid;
    place meeting;
    told jsonb;
begin
    select i.id into shown from invitation i
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null and i.response <> 'delegated' and (invitee is null or i.id = invitee)
     order by (i.response = 'needs_action') = (sample_mail.kind in ('invitation', 'reminder')) desc, i.response = 'accepted' desc, i.id limit 1;
    if shown is null then
        perform refuse(case when invitee is null then 409 else 422 end, 'A mail is shown as it goes to somebody who is invited: invite somebody first.', 'nobody_invited', 'invitation_id');
    end if;
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = of_meeting;
    told := case when sample_mail.kind = 'changed' then meeting_told(place) end;
    return jsonb_build_object('sample', true, 'as', shown) || case
        when sample_mail.kind in ('message', 'practical', 'thanks') then coalesce(
            (select jsonb_build_object('message_id', m.id) from message m where m.platform_id = platform_id() and m.meeting_id = of_meeting and m.kind = sample_mail.kind order by m.id desc limit 1),
            jsonb_build_object('subject', place.title, 'text', '…'))
        when sample_mail.kind = 'changed' then told_difference(told || jsonb_build_object('starts_at', instant(place.starts_at - interval '1 day'), 'ends_at', instant(place.ends_at - interval '1 day')), told)
        else '{}' end;
end
$$;

create function sample_outbox() returns setof outbox language sql stable rows 1 as $$
    select r.* from jsonb_populate_record(null::outbox, nullif(current_setting('narada.sample', true), '')::jsonb) r where r.id is not null
$$;

-- The same as mail_letter, of the sample that the request chose.
do $sample$
begin
    execute 'create view mail_sample with (security_invoker = true) as '
        || regexp_replace(pg_get_viewdef('mail_letter'::regclass), '\moutbox o\M(?=\s+JOIN platform)', 'sample_outbox() o');
end
$sample$;
grant select on mail_sample to narada_service;

-- ── What templates see ────────────────────────────────────────────────────────

create or replace function letter_detail(kind text, detail jsonb, of_meeting uuid) returns jsonb language plpgsql stable as $$
begin
    return detail || coalesce(case
        when letter_detail.detail ? 'message_id' then (select jsonb_build_object('subject', m.subject, 'text', m.body, 'link', m.link) from message m
                                                       where m.platform_id = platform_id() and m.id = (letter_detail.detail->>'message_id')::uuid)
        when letter_detail.detail ? 'planned' and letter_detail.kind = 'changed' then what_changed(letter_detail.detail, of_meeting) end, '{}');
end
$$;

reset role;
