-- 0033_seats_mended.sql: whoever stops a queue and then comes over a quota stops it no more.
--
-- A party that is too large for the seats left stops its pool's queue (0010). When a seat elsewhere takes the last of its organisation's or group's quota, it
-- could not be promoted even with seats enough, so it is passed over, and those behind it have their turn.

set local role narada_owner;
set local search_path = narada;

-- As in 0010, but again from the front whenever somebody was promoted while a queue stood: that promotion may have taken the quota of who stopped it.
create or replace function settle_seats(of_meeting uuid, freed text, by uuid default null) returns int language plpgsql volatile as $$
declare
    place record;
    next record;
    promoted int := 0;
    before int; -- how many were promoted before this pass
    cause text := said_cause();
    detail jsonb := said_detail();
    stopped boolean[]; -- the room, online
    pool int;
begin
    select m.status, m.format into place from meeting m where m.platform_id = platform_id() and m.id = of_meeting;
    if place.status in ('cancelled', 'held') then
        return 0;
    end if;
    loop
        before := promoted;
        stopped := array[false, false];
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
        exit when promoted = before or not (stopped[1] or stopped[2]);
    end loop;
    perform because(cause, detail);
    return promoted;
end
$$;

-- As in 0010, but a new seat under a quota is a reason to look at the queue as well.
create or replace function answer_invitation(invitation uuid, answer text, remark text, has_remark boolean, on_behalf boolean default false,
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
    elsif one.response not in ('accepted', 'waitlisted') and target = 'accepted' and (place.organisation_quota is not null or place.group_quotas) then
        perform settle_seats(meeting_of_it, 'quota', one.id);
    end if;
end
$$;

reset role;
