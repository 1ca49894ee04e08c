-- 0010_seats.sql: who has a seat, who waits, who comes in whose place, and the history that explains it.
--
-- What holds: only an invitation that is not withdrawn and whose response is 'accepted' has seats, one for the invitee and one for each companion (its
-- *heads*). A hybrid meeting has two *pools* of seats, the room's (`capacity`) and the online one (`online_capacity`); every other meeting has one.
-- A *quota* limits the heads of one organisation, of an invited group, or of each organisation in such a group.
--
-- Seats change only through the functions of this file. Each locks the meeting's row first, in a statement of its own, and then invitations, so that what
-- it counts stays true until it commits. An answer in a meeting without any limit shares that lock; everything else has it alone.
-- **Whoever changes several invitations of a meeting in one transaction calls lock_meeting() first**, whatever it is that changes: else two may wait for each other for ever.
--
-- The waitlist: in the order of answering, kept in `queue_number`. settle_seats() promotes all who can be promoted, and runs at the end of every change that may have
-- made room, in the same transaction. Who is over a quota, or held back by the organiser, is passed over and keeps the place; a party for which there are
-- too few seats stops its pool's queue, so that it is not overtaken for ever by smaller ones. A newcomer never passes somebody who waits.
-- Nothing but 'accepted' keeps a seat, so a deadline that passes frees none; promotions go on after it, until the meeting is held or cancelled.

set local role narada_owner;
set local search_path = narada;

-- The substitute's name as the invitee wrote it: what the platform knows about the person of that address is not theirs to see.
alter table invitation add delegated_name text;

-- ── History ───────────────────────────────────────────────────────────────────

-- Ids in the order of their microseconds (RFC 9562, 6.2, method 3), so that a history by id is the history: one transaction writes several events within a millisecond.
create or replace function uuidv7() returns uuid language plpgsql volatile parallel safe as $$
declare
    microseconds bigint := extract(epoch from clock_timestamp()) * 1000000;
begin
    return encode(overlay(uuid_send(gen_random_uuid()) placing int8send(microseconds / 1000 * 65536 + x'7000'::int + microseconds % 1000 * 4) from 1 for 8), 'hex')::uuid;
end
$$;

-- Says why the changes that follow in this transaction are made; NULL: the trigger finds a word itself. Causes: invited, invited_again, imported, joined_group, left_group, registered,
-- answered, on_behalf, promoted, held_back, companions, delegated, substitute, seat_passed, delegation_taken_back, withdrawn, link_replaced, queued, sent, failed, bounced, reminded.
create function because(cause text, detail jsonb default '{}') returns void language sql volatile as
    $$ select set_config('narada.cause', coalesce(cause, ''), true), set_config('narada.cause_detail', coalesce(detail, '{}')::text, true) $$;

create function said_cause() returns text language sql stable as $$ select nullif(current_setting('narada.cause', true), '') $$;
create function said_detail() returns jsonb language sql stable as $$ select coalesce(nullif(current_setting('narada.cause_detail', true), '')::jsonb, '{}') $$;

create function record_invited() returns trigger language plpgsql as $$
begin
    insert into invitation_event (meeting_id, invitation_id, cause, to_response, detail)
        select n.meeting_id, n.id, coalesce(said_cause(), 'invited'), n.response,
               said_detail() || jsonb_strip_nulls(jsonb_build_object('mode', nullif(n.mode, 'in_person'))) from made n;
    return null;
end
$$;
create trigger record_invited after insert on invitation referencing new table as made for each statement execute function record_invited();

create function record_change() returns trigger language plpgsql as $$
begin
    insert into invitation_event (meeting_id, invitation_id, cause, from_response, to_response, detail)
    values (new.meeting_id, new.id,
            case when new.link_version <> old.link_version then 'link_replaced'
                 when new.reminded_at is distinct from old.reminded_at then 'reminded'
                 when new.delivery <> old.delivery and new.response = old.response and new.withdrawn_at is not distinct from old.withdrawn_at
                     then case when said_cause() = 'mail_dropped' then said_cause() else new.delivery end
                 else coalesce(said_cause(), case when new.withdrawn_at is not null and old.withdrawn_at is null then 'withdrawn'
                                                  when new.withdrawn_at is null and old.withdrawn_at is not null then 'invited_again'
                                                  when new.held_back and not old.held_back then 'held_back'
                                                  when new.companions <> old.companions then 'companions'
                                                  when current_setting('narada.actor', true) = 'invitation ' || new.id then 'answered' else 'on_behalf' end) end,
            old.response, new.response,
            said_detail() || jsonb_strip_nulls(jsonb_build_object(
                'companions', case when new.companions <> old.companions then new.companions end,
                'mode', case when new.mode <> old.mode then new.mode end,
                'held_back', case when new.held_back <> old.held_back then new.held_back end,
                'queue_number', case when new.queue_number is distinct from old.queue_number then new.queue_number end,
                'withdrawn', case when (new.withdrawn_at is null) <> (old.withdrawn_at is null) then new.withdrawn_at is not null end,
                'noted', case when new.note is distinct from old.note then true end,
                'substitute', case when new.delegated_to is distinct from old.delegated_to then new.delegated_to end,
                'reason', case when new.delivery <> old.delivery then new.delivery_error end)));
    return null;
end
$$;
create trigger record_change after update on invitation for each row
    when ((old.response, old.withdrawn_at, old.mode, old.companions, old.link_version, old.delegated_to, old.held_back, old.delivery, old.reminded_at, old.note)
          is distinct from (new.response, new.withdrawn_at, new.mode, new.companions, new.link_version, new.delegated_to, new.held_back, new.delivery, new.reminded_at, new.note))
    execute function record_change();

-- An invitation's history, the newest first. `by`: who did it, as shown to organisers; NULL for the invitee and for the service itself.
create function invitation_history(of_invitation uuid)
returns table (at timestamptz, cause text, by_invitee boolean, by_service boolean, by text, from_response text, to_response text, detail jsonb, _id uuid)
language sql stable as $$
    select e.at, e.cause, e.actor = 'invitation ' || e.invitation_id, e.actor in ('narada', 'system') or e.cause = 'promoted',
           case when e.actor not like 'invitation %' and e.actor not in ('narada', 'system', 'public') then e.actor end, e.from_response, e.to_response, e.detail, e.id
      from invitation_event e where e.platform_id = platform_id() and e.invitation_id = of_invitation
     order by e.id desc
$$;

-- ── Counting ──────────────────────────────────────────────────────────────────

create function lock_meeting(meeting uuid) returns void language plpgsql volatile as $$
begin
    perform from meeting m where m.platform_id = platform_id() and m.id = lock_meeting.meeting for no key update;
end
$$;

-- Is a seat taken in the online pool?
create function in_online_pool(format text, mode text) returns boolean language sql immutable parallel safe as $$ select format = 'hybrid' and mode = 'online' $$;

-- Seats left in a pool, without counting those of `besides`; NULL: no limit.
create function seats_left(of_meeting uuid, online boolean, besides uuid default null) returns bigint language sql stable as $$
    select case when online then m.online_capacity else m.capacity end - coalesce((
               select sum(1 + i.companions) from invitation i
                where i.platform_id = m.platform_id and i.meeting_id = m.id and i.withdrawn_at is null and i.response = 'accepted'
                  and in_online_pool(m.format, i.mode) = online and i.id is distinct from besides), 0)
      from meeting m where m.platform_id = platform_id() and m.id = of_meeting
$$;

-- Heads of an organisation, of those invited with a group, or both; without `besides`. OFFSET 0 keeps to the order that is written: an organisation's
-- people are few, and each has one invitation at most, while a plan made before anything is known of the tables goes through all people for each seat.
create function heads_of(of_meeting uuid, organisation uuid, by_group uuid, besides uuid) returns bigint language plpgsql stable as $$
declare
    heads bigint;
begin
    if organisation is null then
        select sum(1 + i.companions) into heads from invitation i
         where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.group_id = by_group and i.withdrawn_at is null and i.response = 'accepted' and i.id <> besides;
    else
        select sum(1 + i.companions) into heads
          from (select p.id from person p where p.platform_id = platform_id() and p.organisation_id = organisation offset 0) p
         cross join lateral (select i.id, i.companions, i.group_id, i.response, i.withdrawn_at from invitation i
                              where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.person_id = p.id offset 0) i
         where i.withdrawn_at is null and i.response = 'accepted' and i.id <> besides and (by_group is null or i.group_id = by_group);
    end if;
    return coalesce(heads, 0);
end
$$;

-- Would so many heads of this invitation stay within every quota? Who has no organisation is under none of an organisation's.
create function quotas_allow(of_meeting uuid, candidate uuid, heads int) returns boolean language plpgsql stable as $$
declare
    one record;
    quota record;
begin
    select m.organisation_quota, m.group_quotas, p.organisation_id, i.group_id into one
      from invitation i
      join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = platform_id() and i.id = candidate;
    if one.organisation_quota < heads + heads_of(of_meeting, one.organisation_id, null, candidate) and one.organisation_id is not null then
        return false;
    end if;
    if one.group_quotas and one.group_id is not null then
        select g.seats, g.organisation_seats into quota from meeting_group g
         where g.platform_id = platform_id() and g.meeting_id = of_meeting and g.group_id = one.group_id;
        return coalesce(quota.seats >= heads + heads_of(of_meeting, null, one.group_id, candidate), true)
           and (one.organisation_id is null
                or coalesce(quota.organisation_seats >= heads + heads_of(of_meeting, one.organisation_id, one.group_id, candidate), true));
    end if;
    return true;
end
$$;

-- Does somebody wait in that pool who would be promoted if there were seats?
create function somebody_waits(of_meeting uuid, online boolean, besides uuid) returns boolean language sql stable as $$
    select exists (select from meeting m join invitation w on w.platform_id = m.platform_id and w.meeting_id = m.id
                    where m.platform_id = platform_id() and m.id = of_meeting and w.response = 'waitlisted' and w.withdrawn_at is null and not w.held_back
                      and w.id <> besides and in_online_pool(m.format, w.mode) = online and quotas_allow(of_meeting, w.id, 1 + w.companions))
$$;

-- Would so many heads find no seat in a pool, because there are too few or somebody waits for them?
create function pool_taken(of_meeting uuid, online boolean, besides uuid, heads int) returns boolean language sql stable as $$
    select seats_left(of_meeting, online, besides) < heads or somebody_waits(of_meeting, online, besides)
$$;

-- The number of a new place at the end of the queue; never one that a promoted invitee may come back to.
create function queue_end(of_meeting uuid) returns bigint language sql stable as $$
    select coalesce(max(greatest(i.queue_number, i.queue_kept)), 0) + 1 from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting
$$;

-- ── Promotion ─────────────────────────────────────────────────────────────────

-- Promotes everybody who can be. The caller has locked the meeting. `freed` says in the history what made room, `by` whose invitation it was.
create function settle_seats(of_meeting uuid, freed text, by uuid default null) returns int language plpgsql volatile as $$
declare
    place record;
    next record;
    promoted int := 0;
    cause text := said_cause();
    detail jsonb := said_detail();
    stopped boolean[] := array[false, false]; -- the room, online
    pool int;
begin
    select m.status, m.format into place from meeting m where m.platform_id = platform_id() and m.id = of_meeting;
    if place.status in ('cancelled', 'held') then
        return 0;
    end if;
    for next in
        select i.id, i.mode, i.companions, i.queue_number from invitation i
         where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.response = 'waitlisted' and i.withdrawn_at is null and not i.held_back
         order by i.queue_number
    loop
        pool := 1 + in_online_pool(place.format, next.mode)::int;
        exit when stopped[1] and (stopped[2] or place.format <> 'hybrid');
        continue when stopped[pool] or not quotas_allow(of_meeting, next.id, 1 + next.companions);
        if seats_left(of_meeting, pool = 2) < 1 + next.companions then
            stopped[pool] := true;
            continue;
        end if;
        perform because('promoted', jsonb_strip_nulls(jsonb_build_object('freed', freed, 'by', by, 'queue_number', next.queue_number)));
        update invitation i set response = 'accepted', queue_kept = i.queue_number, queue_number = null, promoted_at = clock_timestamp()
         where i.platform_id = platform_id() and i.id = next.id;
        perform queue_mail('promotion', next.id, 'promotion ' || next.id || ' ' || pg_current_xact_id());
        promoted := promoted + 1;
    end loop;
    perform because(cause, detail);
    return promoted;
end
$$;

-- ── Answering ─────────────────────────────────────────────────────────────────

-- How somebody comes: as chosen where there is a choice, else as the meeting is.
create function mode_of(format text, chosen text, before text) returns text language plpgsql volatile as $$
begin
    if format <> 'hybrid' and chosen is not null and chosen <> format then
        perform refuse(422, 'This meeting is ' || case format when 'online' then 'online' else 'in person' end || ' only.', 'mode_not_offered', 'mode');
    end if;
    return case format when 'hybrid' then coalesce(chosen, before) else format end;
end
$$;

-- What may not be answered any more, or not by this caller. `place` and `one` are rows that the caller has locked.
create function check_answerable(status text, rsvp_closes_at timestamptz, withdrawn_at timestamptz, response text, on_behalf boolean) returns void language plpgsql volatile as $$
begin
    if not on_behalf then
        perform refuse_closed(closed_reason(status, rsvp_closes_at));
    end if;
    if withdrawn_at is not null then
        perform refuse(case when on_behalf then 409 else 410 end, 'This invitation was withdrawn.', 'invitation_withdrawn');
    elsif response = 'delegated' then
        perform refuse(409, 'Somebody else comes in this invitee''s place. Take that back first.', 'delegated');
    end if;
end
$$;

-- Gives an invitation its answer, and seats or a place in the queue.
--
-- An answer in a meeting without limits shares the meeting's lock. A share can't become the exclusive lock (two could wait for each other for ever), so the
-- rare answer that finds a limit set since it looked is refused as busy and may be repeated.
--
-- `answer` NULL keeps the answer; `on_behalf` is an organiser's: past the closing time, past the queue (never past capacity or quota), and with the version it saw.
-- Accepting twice is accepting once: the seat, the place in the queue and the time of the answer stay. An organiser's 'waitlisted' takes a seat back: the
-- invitee has the old place in the queue again, or the last one, and is held back until the organiser accepts it.
drop function answer_invitation(uuid, text, text, boolean, boolean, uuid, bigint);
create function answer_invitation(invitation uuid, answer text, remark text, has_remark boolean, on_behalf boolean default false,
                                  of_meeting uuid default null, expected bigint default null, chosen_mode text default null)
returns void language plpgsql volatile as $$
declare
    meeting_of_it uuid;
    limited boolean;
    place meeting;
    one invitation;
    target text;
    how text;
    pool boolean;
    seat text; -- why there is no seat; NULL: there is
    held boolean;
begin
    select i.meeting_id into meeting_of_it from invitation i where i.platform_id = platform_id() and i.id = answer_invitation.invitation;
    if meeting_of_it is null or of_meeting <> meeting_of_it then
        perform refuse(404, 'There is no such invitation.', 'not_found');
    end if;
    select coalesce(m.capacity, m.online_capacity, m.organisation_quota) is not null or m.group_quotas into limited
      from meeting m where m.platform_id = platform_id() and m.id = meeting_of_it;
    if limited or answer = 'waitlisted' then -- that gives out a place in the queue
        perform lock_meeting(meeting_of_it);
        select m.* into place from meeting m where m.platform_id = platform_id() and m.id = meeting_of_it;
    else
        select m.* into place from meeting m where m.platform_id = platform_id() and m.id = meeting_of_it for share;
        if coalesce(place.capacity, place.online_capacity, place.organisation_quota) is not null or place.group_quotas then
            raise exception using errcode = 'serialization_failure', message = 'The number of seats is being set right now.';
        end if;
    end if;
    select i.* into one from invitation i where i.platform_id = platform_id() and i.id = answer_invitation.invitation for no key update;
    if on_behalf then
        perform check_version(one.version, expected);
    end if;
    perform check_answerable(place.status, place.rsvp_closes_at, one.withdrawn_at, one.response, on_behalf);

    target := coalesce(answer, one.response);
    how := mode_of(place.format, chosen_mode, one.mode);
    pool := in_online_pool(place.format, how);
    held := one.held_back and target = 'waitlisted' or one.response = 'waitlisted' and target = 'accepted' and one.held_back and not on_behalf;
    if target = 'waitlisted' and one.response <> 'waitlisted' then
        if one.response <> 'accepted' or not on_behalf then
            perform refuse(409, 'Only somebody who has a seat can be put back on the waitlist.', 'nothing_to_revoke', 'response');
        end if;
        held := true;
    elsif target = 'accepted' and (one.response <> 'accepted' or pool <> in_online_pool(place.format, one.mode)) and (limited or held) then
        seat := case when seats_left(meeting_of_it, pool, one.id) < 1 + one.companions then 'meeting_full'
                     when one.response <> 'accepted' and not quotas_allow(meeting_of_it, one.id, 1 + one.companions) then 'quota_full'
                     when not on_behalf and (held or somebody_waits(meeting_of_it, pool, one.id)) then 'meeting_full' end;
        if seat is not null and one.response = 'accepted' then
            perform refuse(409, 'There is no seat left of that kind; the seat taken stays.', seat, 'mode');
        elsif seat is not null and not place.waitlist and one.response <> 'waitlisted' then
            perform refuse(409, case seat when 'meeting_full' then 'All seats are taken.' else 'The seats for this organisation or group are taken.' end, seat, 'response');
        elsif seat is not null then
            target := 'waitlisted';
        end if;
    end if;

    held := held and target = 'waitlisted';

    update invitation i
       set response = target,
           responded_at = case when target = one.response then i.responded_at when target <> 'needs_action' then clock_timestamp() end,
           queue_number = case when target = 'waitlisted' then coalesce(i.queue_number, case when held then i.queue_kept end, queue_end(meeting_of_it)) end,
           queue_kept = case when target = 'accepted' then coalesce(i.queue_kept, i.queue_number) end,
           promoted_at = case when target = 'accepted' then i.promoted_at end,
           held_back = held,
           mode = how,
           note = case when has_remark then nullif(btrim(remark), '') else i.note end
     where i.platform_id = platform_id() and i.id = answer_invitation.invitation
       and (target <> one.response or how <> one.mode or held <> one.held_back or has_remark and nullif(btrim(remark), '') is distinct from one.note);
    if target = one.response and not on_behalf then
        perform confirm_again(one);
    end if;
    if limited and one.response in ('accepted', 'waitlisted') and (target <> one.response or how <> one.mode) then
        perform settle_seats(meeting_of_it, case when target = 'accepted' then 'moved' else target end, one.id);
    end if;
end
$$;

-- The same answer once more, after the organiser asked again: 0017 fills it in.
create function confirm_again(one invitation) returns void language sql volatile as $$ select null::void $$;

-- ── Companions ────────────────────────────────────────────────────────────────

-- item_seats_check() and move_choices(), called below, belong to the parts of the programme: 0015_agenda_choices.sql.

-- An invitation and its meeting, locked in that order, for whatever changes seats but is no answer.
create function lock_invitation(invitation uuid) returns invitation language plpgsql volatile as $$
declare
    one invitation;
begin
    select i.* into one from invitation i where i.platform_id = platform_id() and i.id = lock_invitation.invitation;
    if not found then
        perform refuse(404, 'There is no such invitation.', 'not_found');
    end if;
    perform lock_meeting(one.meeting_id);
    select i.* into one from invitation i where i.platform_id = platform_id() and i.id = lock_invitation.invitation for no key update;
    return one;
end
$$;

-- Sets who comes along: exactly these, [{"name": …}]. With an accepted answer each needs a seat that nobody waits for; the rest is refused, and nothing changes.
create function set_companions(invitation uuid, names jsonb, on_behalf boolean default false) returns void language plpgsql volatile as $$
declare
    one invitation := lock_invitation(set_companions.invitation);
    place meeting;
    wanted text[] := array(select btrim(c->>'name') from jsonb_array_elements(names) with ordinality o (c, n) where btrim(c->>'name') <> '' order by n);
    number int := cardinality(wanted);
    online boolean;
begin
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = one.meeting_id;
    perform check_answerable(place.status, place.rsvp_closes_at, one.withdrawn_at, one.response, on_behalf);
    if number > greatest(case when on_behalf then 20 else place.companions_allowed end, one.companions) then
        perform refuse(409, 'So many companions are not allowed: at most ' || place.companions_allowed || '.', 'too_many_companions', 'companions');
    end if;
    if wanted = array(select c.name from companion c where c.platform_id = platform_id() and c.invitation_id = one.id order by c.rank) then
        return;
    end if;
    if one.response = 'accepted' and number > one.companions then
        online := in_online_pool(place.format, one.mode);
        if seats_left(one.meeting_id, online, one.id) < 1 + number or not on_behalf and somebody_waits(one.meeting_id, online, one.id) then
            perform refuse(409, 'There are not enough seats for so many companions: at most '
                || case when somebody_waits(one.meeting_id, online, one.id) then one.companions else greatest(seats_left(one.meeting_id, online, one.id) - 1, 0) end || '.',
                'no_seats_for_companions', 'companions');
        elsif not quotas_allow(one.meeting_id, one.id, 1 + number) then
            perform refuse(409, 'The seats for this organisation or group do not suffice for so many companions.', 'quota_full', 'companions');
        end if;
    end if;
    delete from companion c where c.platform_id = platform_id() and c.invitation_id = one.id;
    insert into companion (invitation_id, rank, name) select one.id, n, w from unnest(wanted) with ordinality o (w, n);
    update invitation i set companions = number, updated_at = clock_timestamp() where i.platform_id = platform_id() and i.id = one.id;
    if number = one.companions then -- other names: no column of the invitation tells
        insert into invitation_event (meeting_id, invitation_id, cause, from_response, to_response) values (one.meeting_id, one.id, 'companions', one.response, one.response);
    end if;
    perform item_seats_check(one.id);
    if one.response in ('accepted', 'waitlisted') then
        perform settle_seats(one.meeting_id, 'companions', one.id);
    end if;
end
$$;

-- ── Substitutes (iCalendar's delegation) ──────────────────────────────────────

-- Moves the seats or the place in the queue, with the companions and the mode, from one invitation to another of the same meeting, which has neither.
-- What `from_one` answers from now on is `answer`. Refused where the other's organisation has no seat left; within one organisation it takes none.
create function pass_seat(from_one invitation, to_one uuid, answer text, substitute uuid) returns void language plpgsql volatile as $$
declare
    passes boolean := from_one.response in ('accepted', 'waitlisted');
begin
    perform move_choices(from_one.id, to_one);
    update companion c set invitation_id = to_one where c.platform_id = platform_id() and c.invitation_id = from_one.id;
    update invitation i
       set response = answer, responded_at = case when answer <> 'needs_action' then clock_timestamp() end, queue_number = null, queue_kept = null, promoted_at = null,
           held_back = false, companions = 0, delegated_to = substitute
     where i.platform_id = platform_id() and i.id = from_one.id;
    update invitation i
       set response = case when passes then from_one.response else 'needs_action' end, responded_at = case when passes then clock_timestamp() end,
           queue_number = from_one.queue_number, queue_kept = from_one.queue_kept, promoted_at = from_one.promoted_at, held_back = from_one.held_back,
           companions = from_one.companions, mode = from_one.mode, delegated_to = null, delegated_name = null
     where i.platform_id = platform_id() and i.id = to_one;
    if from_one.response = 'accepted' and not quotas_allow(from_one.meeting_id, to_one, 1 + from_one.companions)
       and exists (select from invitation i
                     join person theirs on theirs.platform_id = i.platform_id and theirs.id = i.person_id
                     join person mine on mine.platform_id = i.platform_id and mine.id = from_one.person_id
                    where i.platform_id = platform_id() and i.id = to_one
                      and (theirs.organisation_id, i.group_id) is distinct from (mine.organisation_id, from_one.group_id)) then
        perform refuse(409, 'The seats for this person''s organisation or group are taken.', 'quota_full', 'email');
    end if;
end
$$;

-- Sends somebody else: {"name", "email", "position", "organisation"} of the substitute, who gets an invitation, and whatever seat there was. keep_made() has its id.
create function delegate_invitation(invitation uuid, written jsonb, on_behalf boolean default false) returns void language plpgsql volatile as $$
declare
    one invitation;
    place meeting;
    who uuid;
    theirs invitation;
begin
    -- Whoever is new in an organisation may be invited to other meetings by that, which are locked now or never.
    perform lock_with_followers(array[i.meeting_id], '{}', array_remove(array[coalesce(organisation_found(written->>'organisation'), p.organisation_id)], null))
       from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
      where i.platform_id = platform_id() and i.id = delegate_invitation.invitation;
    one := lock_invitation(delegate_invitation.invitation);
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = one.meeting_id;
    perform check_answerable(place.status, place.rsvp_closes_at, one.withdrawn_at, one.response, on_behalf);
    if not place.substitutes and not on_behalf then
        perform refuse(409, 'The organiser of this meeting does not take substitutes.', 'substitutes_not_allowed');
    end if;
    if nullif(btrim(written->>'organisation'), '') is null then
        written := written || (select jsonb_strip_nulls(jsonb_build_object('organisation_id', p.organisation_id)) from person p where p.platform_id = platform_id() and p.id = one.person_id);
    end if;
    who := person_from(written);
    if who = one.person_id then
        perform refuse(422, 'This is the invitee.', 'substitute_is_invitee', 'email');
    end if;
    select i.* into theirs from invitation i where i.platform_id = platform_id() and i.meeting_id = one.meeting_id and i.person_id = who for no key update;
    if theirs.id is not null and theirs.withdrawn_at is null then
        perform refuse(409, 'This person is invited already.', 'substitute_invited_already', 'email');
    end if;
    perform because('substitute', jsonb_build_object('from', one.id, 'on_behalf', on_behalf));
    if theirs.id is null then
        insert into invitation as i (meeting_id, person_id, group_id, mode) values (one.meeting_id, who, one.group_id, one.mode) returning i.* into theirs;
    else
        update invitation i set withdrawn_at = null, group_id = one.group_id where i.platform_id = platform_id() and i.id = theirs.id;
    end if;
    update invitation i set delegated_from = one.id where i.platform_id = platform_id() and i.id = theirs.id;
    update invitation i set delegated_name = btrim(written->>'name') where i.platform_id = platform_id() and i.id = one.id;
    perform because('delegated', jsonb_build_object('from', one.id, 'to', theirs.id, 'on_behalf', on_behalf));
    perform pass_seat(one, theirs.id, 'delegated', theirs.id);
    perform because(null);
    perform queue_mail('substitute', theirs.id, 'substitute ' || theirs.id || ' ' || pg_current_xact_id());
    perform settle_seats(one.meeting_id, 'delegated', one.id); -- another organisation's quota may have room now, or this one's
    perform keep_made(theirs.id);
end
$$;

-- Takes a substitute back, and whoever that one sent in turn: their invitations end, and the seat of the last of them returns.
create function take_back_delegation(invitation uuid, on_behalf boolean default false) returns void language plpgsql volatile as $$
declare
    one invitation := lock_invitation(take_back_delegation.invitation);
    place meeting;
    last invitation;
    chain uuid[];
begin
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = one.meeting_id;
    if one.response <> 'delegated' then
        perform refuse(409, 'Nobody was sent in this invitee''s place.', 'not_delegated');
    end if;
    perform check_answerable(place.status, place.rsvp_closes_at, one.withdrawn_at, 'needs_action', on_behalf);
    with recursive sent as (
        select s.*, 1 as depth from invitation s where s.platform_id = platform_id() and s.id = one.delegated_to and s.delegated_from = one.id and s.withdrawn_at is null
        union all
        select s.*, t.depth + 1 from sent t join invitation s on s.platform_id = t.platform_id and s.id = t.delegated_to and s.delegated_from = t.id and s.withdrawn_at is null
         where t.response = 'delegated'
    ) select array_agg(t.id order by t.depth) into chain from sent t;
    select i.* into last from invitation i where i.platform_id = platform_id() and i.id = chain[cardinality(chain)] and i.response <> 'delegated';

    perform because('delegation_taken_back', jsonb_build_object('from', one.id, 'on_behalf', on_behalf));
    if last.id is not null then
        perform pass_seat(last, one.id, 'needs_action', null);
    else
        update invitation i set response = 'needs_action', responded_at = null, delegated_to = null, delegated_name = null where i.platform_id = platform_id() and i.id = one.id;
    end if;
    update invitation i set withdrawn_at = clock_timestamp() where i.platform_id = platform_id() and i.id = any (chain);
    perform because(null);
    perform queue_mail('substitution_ended', c, 'substitution_ended ' || c || ' ' || pg_current_xact_id()) from unnest(chain) c;
    perform settle_seats(one.meeting_id, 'delegation_taken_back', one.id);
end
$$;

-- ── Withdrawing, and inviting anew ────────────────────────────────────────────

create function withdraw_invitation(invitation uuid, of_meeting uuid, expected bigint) returns void language plpgsql volatile as $$
declare
    one invitation := lock_invitation(withdraw_invitation.invitation);
begin
    if one.meeting_id <> of_meeting or one.withdrawn_at is not null then
        perform refuse(404, 'There is no such invitation.', 'not_found');
    end if;
    perform check_version(one.version, expected);
    update invitation i set withdrawn_at = clock_timestamp() where i.platform_id = platform_id() and i.id = one.id;
    perform settle_seats(one.meeting_id, 'withdrawn', one.id);
end
$$;

-- An invitation that is made again after it was withdrawn begins anew; only its link is the old one.
create function invitation_anew() returns trigger language plpgsql as $$
begin
    delete from companion c where c.platform_id = new.platform_id and c.invitation_id = new.id;
    new.response := 'needs_action';
    new.responded_at := null;
    new.queue_number := null;
    new.queue_kept := null;
    new.promoted_at := null;
    new.held_back := false;
    new.companions := 0;
    new.delegated_to := null;
    new.delegated_from := null;
    new.delegated_name := null;
    new.delivery := 'draft';
    new.delivery_error := null;
    new.sent_at := null;
    new.reminded_at := null;
    return new;
end
$$;
create trigger anew before update of withdrawn_at on invitation for each row
    when (old.withdrawn_at is not null and new.withdrawn_at is null) execute function invitation_anew();

-- ── When the meeting's limits change ──────────────────────────────────────────

-- Seats that were promised stay: a capacity below them is refused. The trigger runs with the meeting's row locked, so no answer slips in between.
create or replace function capacity_holds() returns trigger language plpgsql as $$
declare
    taken record;
begin
    select coalesce(sum(1 + i.companions) filter (where not in_online_pool(new.format, i.mode)), 0) as room,
           coalesce(sum(1 + i.companions) filter (where in_online_pool(new.format, i.mode)), 0) as online into taken
      from invitation i where i.platform_id = new.platform_id and i.meeting_id = new.id and i.withdrawn_at is null and i.response = 'accepted';
    if taken.room > new.capacity then
        perform refuse(409, 'More people have accepted already: ' || taken.room || '.', 'capacity_below_accepted', 'capacity');
    elsif taken.online > new.online_capacity then
        perform refuse(409, 'More people have accepted to join online already: ' || taken.online || '.', 'capacity_below_accepted', 'online_capacity');
    end if;
    return new;
end
$$;
drop trigger capacity_holds on meeting;
create trigger capacity_holds before update of capacity, online_capacity, format on meeting for each row
    when ((new.capacity, new.online_capacity, new.format) is distinct from (old.capacity, old.online_capacity, old.format)) execute function capacity_holds();

create function limits_changed() returns trigger language plpgsql as $$
begin
    perform settle_seats(new.id, 'limits');
    return null;
end
$$;
create trigger limits_changed after update of capacity, online_capacity, format, organisation_quota, status on meeting for each row
    when ((new.capacity, new.online_capacity, new.format, new.organisation_quota, new.status)
          is distinct from (old.capacity, old.online_capacity, old.format, old.organisation_quota, old.status)) execute function limits_changed();

-- A group's quota. Whether any group of the meeting has one stands in the meeting's row, where each answer looks.
create function group_quota_changed() returns trigger language plpgsql as $$
declare
    group_row meeting_group := case when tg_op = 'DELETE' then old else new end;
begin
    if not exists (select from meeting m where m.platform_id = group_row.platform_id and m.id = group_row.meeting_id) then
        return null; -- the meeting itself is going
    end if;
    perform lock_meeting(group_row.meeting_id);
    update meeting m set group_quotas = q.any from (
        select exists (select from meeting_group g where g.platform_id = group_row.platform_id and g.meeting_id = group_row.meeting_id
                          and coalesce(g.seats, g.organisation_seats) is not null) as any) q
     where m.platform_id = group_row.platform_id and m.id = group_row.meeting_id and m.group_quotas <> q.any;
    perform settle_seats(group_row.meeting_id, 'limits');
    return null;
end
$$;
create trigger quota_made after insert on meeting_group for each row when (coalesce(new.seats, new.organisation_seats) is not null) execute function group_quota_changed();
create trigger quota_changed after update on meeting_group for each row
    when ((new.seats, new.organisation_seats) is distinct from (old.seats, old.organisation_seats)) execute function group_quota_changed();
create trigger quota_gone after delete on meeting_group for each row when (coalesce(old.seats, old.organisation_seats) is not null) execute function group_quota_changed();

-- Who goes to another organisation leaves room in the quota of the one before, and may be within the new one's.
create function organisation_left() returns trigger language plpgsql as $$
declare
    limited uuid[];
    one uuid;
begin
    limited := array(
        select m.id from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
         where i.platform_id = new.platform_id and i.person_id = new.id and i.withdrawn_at is null and i.response in ('accepted', 'waitlisted')
           and m.status not in ('cancelled', 'held') and (m.organisation_quota is not null or m.group_quotas)
         order by m.id);
    if limited <> '{}' then
        perform lock_with_followers(limited, array[new.id], '{}');
    end if;
    foreach one in array limited loop
        perform settle_seats(one, 'limits');
    end loop;
    return null;
end
$$;
create trigger organisation_left after update of organisation_id on person for each row
    when (new.organisation_id is distinct from old.organisation_id) execute function organisation_left();

-- ── What is shown ─────────────────────────────────────────────────────────────

-- The invitee's view: see 0005, where it began. What only few invitations have is looked up only for those.
drop function rsvp_shown(uuid);
create function rsvp_shown(opened uuid)
returns table (meeting json, person json, response text, responded_at timestamptz, mode text, note text, queue_number bigint, waiting_ahead int, promoted_at timestamptz,
               companions json, companions_allowed int, substitutes_allowed boolean, delegated_to json, delegated_from json,
               can_answer boolean, closed_reason text, version bigint, _language text)
language sql stable as $$
    select (select row_to_json(r) from (
               select m.id, m.slug, m.title, m.theme, m.purpose, m.information, instant(m.starts_at) as starts_at, instant(m.ends_at) as ends_at, m.time_zone,
                      m.language, m.status, m.format, m.cancelled_reason, instant(m.rsvp_closes_at) as rsvp_closes_at,
                      (select row_to_json(w) from (select v.name, v.address, v.city, v.room, v.directions, v.accessibility from venue v
                                                    where v.platform_id = i.platform_id and v.id = m.venue_id) w) as venue,
                      case when i.response = 'accepted' and (m.format <> 'hybrid' or i.mode = 'online') then m.online_url end as online_url,
                      (select h.name from organisation h where h.platform_id = i.platform_id and h.id = m.host_organisation_id) as host,
                      m.contact_name, m.contact_email, m.contact_phone) r),
           (select row_to_json(r) from (
               select p.name, p.position, (select o.name from organisation o where o.platform_id = i.platform_id and o.id = p.organisation_id) as organisation) r),
           i.response, i.responded_at, case when m.format = 'hybrid' then i.mode else m.format end, i.note, i.queue_number,
           case when i.response = 'waitlisted' then
               (select count(*)::int from invitation w where w.platform_id = i.platform_id and w.meeting_id = i.meeting_id and w.withdrawn_at is null
                   and w.response = 'waitlisted' and not w.held_back and w.queue_number < i.queue_number and in_online_pool(m.format, w.mode) = in_online_pool(m.format, i.mode)) end,
           i.promoted_at,
           case when i.companions = 0 then '[]' else
               (select json_agg(json_build_object('name', c.name) order by c.rank) from companion c where c.platform_id = i.platform_id and c.invitation_id = i.id) end,
           m.companions_allowed, m.substitutes,
           case when i.response = 'delegated' then
               (select json_build_object('name', i.delegated_name, 'response', case when s.withdrawn_at is null then s.response end)
                  from invitation s where s.platform_id = i.platform_id and s.id = i.delegated_to) end,
           case when i.delegated_from is not null then
               (select json_build_object('name', p.name) from invitation d join person p on p.platform_id = d.platform_id and p.id = d.person_id
                 where d.platform_id = i.platform_id and d.id = i.delegated_from) end,
           -- Here and not among the conditions, where it might be asked of other meetings too.
           case when check_published(m.status) then m.closed_reason is null end, m.closed_reason, i.version, p.language
      from (select * from invitation i where i.platform_id = platform_id() and i.id = opened offset 0) i
     cross join lateral (select m.*, closed_reason(m.status, m.rsvp_closes_at) from meeting m where m.platform_id = i.platform_id and m.id = i.meeting_id offset 0) m
     cross join lateral (select * from person p where p.platform_id = i.platform_id and p.id = i.person_id offset 0) p
$$;

-- What the invitee's page says of seats before anybody chooses; no row where nothing limits them. A moment later it may be otherwise: answering decides.
create function seats_offered(opened uuid)
returns table (hybrid boolean, waitlist boolean, unanswered boolean, room_taken boolean, online_taken boolean, quota boolean, for_companions int)
language sql stable as $$
    select m.format = 'hybrid', m.waitlist, i.response not in ('accepted', 'waitlisted'), coalesce(m.capacity is not null and pool_taken(m.id, false, i.id, 1 + i.companions), false),
           coalesce(m.format = 'hybrid' and m.online_capacity is not null and pool_taken(m.id, true, i.id, 1 + i.companions), false),
           i.response <> 'accepted' and not quotas_allow(m.id, i.id, 1 + i.companions),
           case when i.response = 'accepted' then least(
               case when case when in_online_pool(m.format, i.mode) then m.online_capacity else m.capacity end is not null then
                   case when somebody_waits(m.id, in_online_pool(m.format, i.mode), i.id) then i.companions
                        else greatest(seats_left(m.id, in_online_pool(m.format, i.mode), i.id) - 1, 0)::int end end,
               case when not quotas_allow(m.id, i.id, 1 + m.companions_allowed) then
                   greatest(i.companions, (select count(*)::int from generate_series(1, m.companions_allowed) k where quotas_allow(m.id, i.id, 1 + k))) end) end
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = opened and (coalesce(m.capacity, m.online_capacity, m.organisation_quota) is not null or m.group_quotas)
$$;

-- Fields for names of companions on the invitee's page: `allowed` at most, `shown` at once.
create function companion_fields(opened uuid) returns table (allowed int, shown int) language sql stable as $$
    select case when i.response in ('accepted', 'tentative', 'waitlisted') then greatest(m.companions_allowed, i.companions) else 0 end, greatest(3, i.companions + 1)
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = opened
$$;

-- How many said what. The responses add up to `invited`, and so do the states of delivery; `heads` is accepted + companions, and in_person + online.
drop function invitation_counts(uuid);
create function invitation_counts(of_meeting uuid)
returns table (invited int, needs_action int, accepted int, tentative int, declined int, delegated int, waitlisted int, withdrawn int,
               companions int, heads int, in_person int, online int, not_sent int, queued int, delivered int, failed int, bounced int,
               capacity int, seats_left int, online_capacity int, online_seats_left int, waitlist boolean, quorum int, quorum_reached boolean)
language sql stable as $$
    select c.invited, c.needs_action, c.accepted, c.tentative, c.declined, c.delegated, c.waitlisted, c.withdrawn,
           c.heads - c.accepted, c.heads, c.heads - c.online, c.online, c.not_sent, c.queued, c.delivered, c.failed, c.bounced,
           m.capacity, m.capacity - c.heads + c.pool, m.online_capacity, m.online_capacity - c.pool, m.waitlist, m.quorum, c.accepted >= m.quorum
      from meeting m
     cross join lateral (
           select count(*) filter (where i.withdrawn_at is null)::int as invited,
                  count(*) filter (where i.withdrawn_at is null and i.response = 'needs_action')::int as needs_action,
                  count(*) filter (where i.withdrawn_at is null and i.response = 'accepted')::int as accepted,
                  count(*) filter (where i.withdrawn_at is null and i.response = 'tentative')::int as tentative,
                  count(*) filter (where i.withdrawn_at is null and i.response = 'declined')::int as declined,
                  count(*) filter (where i.withdrawn_at is null and i.response = 'delegated')::int as delegated,
                  count(*) filter (where i.withdrawn_at is null and i.response = 'waitlisted')::int as waitlisted,
                  count(i.withdrawn_at)::int as withdrawn,
                  coalesce(sum(1 + i.companions) filter (where i.withdrawn_at is null and i.response = 'accepted'), 0)::int as heads,
                  coalesce(sum(1 + i.companions) filter (where i.withdrawn_at is null and i.response = 'accepted'
                      and (m.format = 'online' or in_online_pool(m.format, i.mode))), 0)::int as online,
                  coalesce(sum(1 + i.companions) filter (where i.withdrawn_at is null and i.response = 'accepted' and in_online_pool(m.format, i.mode)), 0)::int as pool,
                  count(*) filter (where i.withdrawn_at is null and i.delivery = 'draft')::int as not_sent,
                  count(*) filter (where i.withdrawn_at is null and i.delivery = 'queued')::int as queued,
                  count(*) filter (where i.withdrawn_at is null and i.delivery = 'sent')::int as delivered,
                  count(*) filter (where i.withdrawn_at is null and i.delivery = 'failed')::int as failed,
                  count(*) filter (where i.withdrawn_at is null and i.delivery = 'bounced')::int as bounced
             from invitation i where i.platform_id = m.platform_id and i.meeting_id = m.id) c
     where m.platform_id = platform_id() and m.id = of_meeting
$$;

reset role;
