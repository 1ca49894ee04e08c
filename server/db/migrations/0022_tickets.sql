-- 0022_tickets.sql: tickets, checking in by oneself, coming by link, and kiosks.

set local role narada_owner;
set local search_path = narada;

-- ── The day ───────────────────────────────────────────────────────────────────

-- The day as the door sees it: from the first local day of a meeting to its last, and three hours around one that touches midnight.
create function is_meeting_day(starts_at timestamptz, ends_at timestamptz, time_zone text) returns boolean language sql stable parallel safe as $$
    select now() >= least(starts_at - interval '3 hours', date_trunc('day', starts_at, time_zone))
       and now() < greatest(ends_at + interval '3 hours', date_trunc('day', ends_at, time_zone) + interval '1 day')
$$;

-- When those who come online are let in.
create function is_joinable(starts_at timestamptz, ends_at timestamptz) returns boolean language sql stable parallel safe as
    $$ select now() between starts_at - interval '30 minutes' and ends_at + interval '30 minutes' $$;

-- Is a companion there? Here since what is known of them at the meeting as a whole.
create function is_companion_here(companion uuid) returns boolean language sql stable as $$
    select exists (select from presence p where p.platform_id = platform_id() and p.companion_id = is_companion_here.companion and p.agenda_item_id is null and p.state = 'present' and p.left_at is null)
$$;

-- Is there nobody left of this invitation to check in?
create function are_all_here(invitation uuid) returns boolean language sql stable as $$
    select exists (select from invitation i join attendance a on a.platform_id = i.platform_id and a.meeting_id = i.meeting_id and a.person_id = i.person_id
                    where i.platform_id = platform_id() and i.id = are_all_here.invitation and a.state = 'present' and a.left_at is null)
       and not exists (select from companion c where c.platform_id = platform_id() and c.invitation_id = are_all_here.invitation and not is_companion_here(c.id))
$$;

-- Records that somebody came, with these companions. Who is there already does not come again.
create function arrive(invitation uuid, mode text, source text, companions uuid[]) returns void language plpgsql volatile as $$
declare
    one invitation;
    came jsonb := '[]';
    refused jsonb;
begin
    select i.* into one from invitation i where i.platform_id = platform_id() and i.id = arrive.invitation;
    if not exists (select from attendance a where a.platform_id = platform_id() and a.meeting_id = one.meeting_id and a.person_id = one.person_id and a.left_at is null
                      and a.state = any (case mode when 'online' then array['present', 'remote'] else array['present'] end)) then
        came := jsonb_build_array(jsonb_build_object('id', uuidv7(), 'kind', 'arrive', 'at', clock_timestamp(), 'person_id', one.person_id, 'mode', mode));
    end if;
    came := came || coalesce((select jsonb_agg(jsonb_build_object('id', uuidv7(), 'kind', 'arrive', 'at', clock_timestamp(), 'person_id', one.person_id, 'companion_id', c, 'mode', mode))
                                from (select distinct c from unnest(companions) c) c where not is_companion_here(c)), '[]');
    select r into refused from jsonb_array_elements(record_actions(one.meeting_id, came, null, source)) r where r->>'outcome' = 'refused' limit 1;
    if refused is not null then
        perform refuse(422, refused->>'detail', refused->>'code', 'companions');
    end if;
end
$$;

-- Who is let in without anybody at the door looking: whoever has a seat, on the day.
create function check_unattended(invitation uuid) returns void language plpgsql volatile as $$
declare
    it record;
begin
    select i.response, m.status, is_meeting_day(m.starts_at, m.ends_at, m.time_zone) as today into it
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = check_unattended.invitation;
    perform check_published(it.status);
    if it.status = 'cancelled' then
        perform refuse(409, 'The meeting was cancelled.', 'meeting_cancelled');
    elsif it.status = 'held' then
        perform refuse(409, 'The meeting is over.', 'meeting_held');
    elsif not it.today then
        perform refuse(409, 'Checking in opens on the day of the meeting.', 'check_in_not_open');
    elsif it.response <> 'accepted' then
        perform refuse(409, 'This invitation has no seat. Ask the organiser at the entrance.', 'no_seat');
    end if;
end
$$;

-- ── Tickets ───────────────────────────────────────────────────────────────────

-- A ticket that our key made, or why it is none any more.
create function ticket_opened(invitation uuid, link_version int) returns uuid language plpgsql volatile as $$
declare
    it record;
begin
    select i.link_version, i.withdrawn_at, m.status into it
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = ticket_opened.invitation;
    if it.link_version is null then
        perform refuse(404, 'This ticket belongs to no invitation here.', 'no_such_ticket');
    elsif it.link_version <> ticket_opened.link_version then
        perform refuse(410, 'This ticket was replaced by a newer one.', 'ticket_replaced');
    elsif it.withdrawn_at is not null then
        perform refuse(410, 'This invitation was withdrawn, and its ticket with it.', 'ticket_withdrawn');
    end if;
    perform check_published(it.status);
    return invitation;
end
$$;

-- Why a ticket lets nobody in, whatever the day; NULL: it does.
create function ticket_fault(status text, response text) returns text language sql immutable parallel safe as
    $$ select case when status = 'cancelled' then 'cancelled' when response <> 'accepted' then 'not_accepted' end $$;

create function ticket_shown(opened uuid)
returns table (meeting json, person json, response text, mode text, valid boolean, fault text, today boolean, state text, arrived_at timestamptz, companions int,
               ticket_url text, ticket_code text, _language text, _meeting_slug text, _invitation_id uuid)
language sql stable as $$
    select (select row_to_json(r) from (
               select m.id, m.title, m.theme, instant(m.starts_at) as starts_at, instant(m.ends_at) as ends_at, m.time_zone, m.language, m.status,
                      (select row_to_json(w) from (select v.name, v.address, v.city, v.room from venue v where v.platform_id = i.platform_id and v.id = m.venue_id) w) as venue) r),
           (select row_to_json(r) from (
               select p.name, p.position, (select o.name from organisation o where o.platform_id = i.platform_id and o.id = p.organisation_id) as organisation) r),
           i.response, case when m.format = 'hybrid' then i.mode else m.format end, ticket_fault(m.status, i.response) is null, ticket_fault(m.status, i.response),
           is_meeting_day(m.starts_at, m.ends_at, m.time_zone), a.state, a.arrived_at, i.companions,
           i.id || '.' || i.link_version, i.id || '.' || i.link_version, p.language, m.slug, i.id
      from invitation i
      join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
      left join attendance a on a.platform_id = i.platform_id and a.meeting_id = i.meeting_id and a.person_id = i.person_id
     where i.platform_id = platform_id() and i.id = opened
$$;

-- At the door somebody looks, and may let in whom they like; but nobody into another meeting, or another day.
create function check_in_ticket(opened uuid, companions uuid[]) returns void language plpgsql volatile as $$
declare
    it record;
begin
    select m.status, is_meeting_day(m.starts_at, m.ends_at, m.time_zone) as today into it
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = opened;
    if it.status = 'cancelled' then
        perform refuse(409, 'The meeting was cancelled.', 'meeting_cancelled');
    elsif not it.today then
        perform refuse(409, 'This ticket is for another day.', 'ticket_other_day');
    end if;
    perform arrive(opened, 'in_person', 'check_in', companions);
end
$$;

-- The ticket goes with every mail about a seat in the room; `ticket` is the one that is there.
create function ticket_in_mail(kind text, invitation json, meeting json, ticket text) returns text language sql immutable parallel safe as $$
    select case when (invitation->>'accepted')::boolean and invitation->>'mode' <> 'online' and meeting->>'status' <> 'cancelled'
                     and kind not in ('thanks', 'message', 'cancelled', 'withdrawn', 'substitution_ended') then ticket end
$$;

-- ── The code on the room's screen ─────────────────────────────────────────────

-- What is typed: without spaces and hyphens, in capitals.
create function typed_code(typed text) returns text language sql immutable parallel safe as
    $$ select upper(regexp_replace(typed, '[^0-9A-Za-z]', '', 'g')) $$;

-- A meeting's code under one salt, which the server makes from its key and the time and lends us: no digits and letters that look alike.
create function room_code(salt text, of_meeting uuid) returns text language sql immutable strict parallel safe as $$
    select string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + (get_byte(h.bytes, n) & 31), 1), '' order by n)
      from (select sha256(convert_to(salt || of_meeting, 'utf8')) as bytes) h, generate_series(0, 5) n
$$;

create function is_room_code(code text, of_meeting uuid, salts jsonb) returns boolean language sql stable parallel safe as
    $$ select exists (select from jsonb_array_elements_text(salts) s (salt) where room_code(s.salt, of_meeting) = typed_code(code)) $$;

-- Which of today's meetings shows this code.
create function meeting_of_room_code(code text, salts jsonb) returns uuid language plpgsql volatile as $$
declare
    found_id uuid;
begin
    select m.id into found_id from meeting m
     where m.platform_id = platform_id() and m.status = 'published' and is_meeting_day(m.starts_at, m.ends_at, m.time_zone) and is_room_code(code, m.id, salts);
    if found_id is null then
        perform refuse(404, 'This code is not on the screen any more. Scan it again.', 'room_code_over');
    end if;
    return found_id;
end
$$;

-- The ticket of a meeting with this code for typing; secret_ticket_code() of the server works out the same.
create function ticket_by_code(of_meeting uuid, code text, salt text) returns uuid language plpgsql volatile as $$
declare
    found_id uuid;
begin
    select i.id into found_id from invitation i
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null
       and left(encode(sha256(convert_to(salt || i.id || '.' || i.link_version, 'utf8')), 'hex'), 8) = lower(typed_code(code));
    if found_id is null then
        perform refuse(409, 'No ticket of this meeting has this code.', 'ticket_code_wrong', 'ticket');
    end if;
    return found_id;
end
$$;

-- "I am here", said on the invitee's own page with the code from the screen.
create function check_in_self(invitation uuid, code text, salts jsonb) returns void language plpgsql volatile as $$
begin
    perform check_unattended(check_in_self.invitation);
    if not (select is_room_code(code, i.meeting_id, salts) from invitation i where i.platform_id = platform_id() and i.id = check_in_self.invitation) then
        perform refuse(409, 'This is not the code on the screen now.', 'room_code_wrong', 'code');
    end if;
    perform arrive(check_in_self.invitation, 'in_person', 'self', null);
end
$$;

-- The ticket that a phone remembers, where it is one of this meeting that still holds; else NULL.
create function remembered_ticket(of_meeting uuid, remembered uuid, link_version int) returns uuid language sql stable as $$
    select i.id from invitation i
     where i.platform_id = platform_id() and i.id = remembered and i.meeting_id = of_meeting and i.link_version = remembered_ticket.link_version and i.withdrawn_at is null
$$;

-- Whoever scanned the screen: by the ticket's code that they typed, else by the one that the phone remembers.
create function check_in_here(of_meeting uuid, code text, salt text, remembered uuid, link_version int) returns uuid language plpgsql volatile as $$
declare
    who uuid := case when code is not null then ticket_by_code(of_meeting, code, salt) else remembered_ticket(of_meeting, remembered, check_in_here.link_version) end;
begin
    if who is null then
        perform refuse(422, 'Type the code of your ticket.', 'required', 'ticket');
    end if;
    perform check_unattended(who);
    perform arrive(who, 'in_person', 'self', null);
    return who;
end
$$;

-- ── By link ───────────────────────────────────────────────────────────────────

create function check_in_remote(invitation uuid, mode text) returns void language plpgsql volatile as $$
declare
    it record;
begin
    perform check_unattended(check_in_remote.invitation);
    select m.online_url is not null and (m.format = 'online' or in_online_pool(m.format, i.mode)) as online, is_joinable(m.starts_at, m.ends_at) as open into it
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = check_in_remote.invitation;
    if not it.online then
        perform refuse(409, 'You are expected in person. Change your answer to take part online.', 'not_online');
    elsif not it.open then
        perform refuse(409, 'You can join from half an hour before the beginning.', 'join_not_open');
    end if;
    perform arrive(check_in_remote.invitation, check_in_remote.mode, 'link', null);
end
$$;

-- ── Kiosks ────────────────────────────────────────────────────────────────────

-- A tablet at the entrance. Its link is made from the id and the server's key; it needs no account and can do nothing but check people in.
create table kiosk (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    name text not null check (name <> ''),
    walk_ins boolean not null, -- whoever has no seat checks in too
    revoked_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint kiosk_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create index kiosk_of_meeting on kiosk (platform_id, meeting_id, id);
select close_by_default('kiosk');
grant select, insert, update on kiosk to narada_service;

create view kiosk_shown with (security_invoker = true) as
select k.platform_id, k.id, k.meeting_id, k.name, k.walk_ins, case when k.revoked_at is null then k.id || '.1' end as kiosk_url, k.created_at, k.revoked_at, k.revoked_at is null as works
  from kiosk k;
grant select on kiosk_shown to narada_service;

-- A kiosk's link whose MAC was right: the meeting it stands at. Who acts from now on is the kiosk.
create function kiosk_opened(kiosk uuid) returns uuid language plpgsql volatile as $$
declare
    it record;
begin
    select k.meeting_id, k.revoked_at, k.name, m.status into it
      from kiosk k join meeting m on m.platform_id = k.platform_id and m.id = k.meeting_id
     where k.platform_id = platform_id() and k.id = kiosk_opened.kiosk;
    if it.meeting_id is null then
        perform refuse(404, 'This link leads to no kiosk.', 'no_such_link');
    elsif it.revoked_at is not null then
        perform refuse(410, 'This kiosk was closed. Ask the organiser for a new link.', 'kiosk_closed');
    end if;
    perform check_published(it.status);
    perform set_config('narada.actor', 'kiosk ' || it.name, true);
    return it.meeting_id;
end
$$;

-- How many letters of a name somebody typed: few would list everybody.
create function letters_typed(q text) returns int language sql immutable parallel safe as
    $$ select length(regexp_replace(fold(q), '[^[:alpha:]]', '', 'g')) $$;

-- Whom a guest finds by letters with which words of the name begin. One more than is shown, to know that there are more.
create function kiosk_people(of_meeting uuid, q text) returns table (id uuid, name text, organisation text, sort_name text) language sql stable as $$
    select i.id, p.name, o.name, coalesce(p.sort_name, p.name)
      from invitation i
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
      left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null and i.response not in ('declined', 'delegated')
       and letters_typed(q) >= 3
       and ' ' || regexp_replace(fold(p.name), '[^[:alnum:]]+', ' ', 'g')
           like all (select '% ' || word || '%' from regexp_split_to_table(fold(q), '[^[:alnum:]]+') word where word <> '')
     order by coalesce(p.sort_name, p.name) collate "pl-x-icu", i.id limit 9
$$;

-- Whether this kiosk lets somebody in, or why not.
create function kiosk_refusal(invitation uuid, walk_ins boolean) returns text language sql stable as $$
    select case when m.status = 'cancelled' then 'meeting_cancelled'
                when m.status = 'held' then 'meeting_held'
                when not is_meeting_day(m.starts_at, m.ends_at, m.time_zone) then 'check_in_not_open'
                when i.response = 'accepted' or walk_ins and i.response in ('needs_action', 'tentative') then null
                else 'no_seat' end
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = kiosk_refusal.invitation
$$;

create function kiosk_person(of_meeting uuid, invitation uuid)
returns table (id uuid, name text, "position" text, organisation text, state text, arrived_at timestamptz, companions json)
language sql stable as $$
    select i.id, p.name, p.position, o.name, a.state, a.arrived_at,
           coalesce((select json_agg(json_build_object('id', c.id, 'name', c.name, 'here', is_companion_here(c.id)) order by c.rank) from companion c where c.platform_id = i.platform_id and c.invitation_id = i.id), '[]')
      from invitation i
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
      left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
      left join attendance a on a.platform_id = i.platform_id and a.meeting_id = i.meeting_id and a.person_id = i.person_id
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id = kiosk_person.invitation and i.withdrawn_at is null and i.response not in ('declined', 'delegated')
$$;

create function check_in_by_kiosk(of_meeting uuid, kiosk uuid, invitation uuid, companions uuid[]) returns void language plpgsql volatile as $$
declare
    it record;
begin
    if not exists (select from kiosk_person(of_meeting, check_in_by_kiosk.invitation)) then
        perform refuse(404, 'There is no such participant at this meeting.', 'not_found');
    end if;
    select kiosk_refusal(check_in_by_kiosk.invitation, k.walk_ins) as why into it from kiosk k where k.platform_id = platform_id() and k.id = check_in_by_kiosk.kiosk;
    case it.why
        when 'check_in_not_open' then perform refuse(409, 'Checking in opens on the day of the meeting.', it.why);
        when 'no_seat' then perform refuse(409, 'This invitation has no seat. Ask the organiser at the entrance.', it.why);
        when 'meeting_held' then perform refuse(409, 'The meeting is over.', it.why);
        when 'meeting_cancelled' then perform refuse(409, 'The meeting was cancelled.', it.why);
        else null;
    end case;
    perform arrive(check_in_by_kiosk.invitation, 'in_person', 'kiosk', companions);
end
$$;

-- Whoever is on no list, where the organiser lets them in. No address is asked for: it would be somebody else's as easily.
create function walk_in_by_kiosk(of_meeting uuid, kiosk uuid, name text, organisation text) returns void language plpgsql volatile as $$
declare
    it record;
    lately int;
begin
    select k.walk_ins, m.status, is_meeting_day(m.starts_at, m.ends_at, m.time_zone) as today into it
      from kiosk k join meeting m on m.platform_id = k.platform_id and m.id = k.meeting_id
     where k.platform_id = platform_id() and k.id = walk_in_by_kiosk.kiosk;
    select count(*) into lately from attendance a
     where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.recorded_as = 'walk_in' and a.created_at > now() - interval '1 hour';
    if not it.walk_ins then
        perform refuse(409, 'Ask the organiser at the entrance: only invited people check in here.', 'no_walk_ins');
    elsif it.status <> 'published' or not it.today then
        perform refuse(409, 'Checking in opens on the day of the meeting.', 'check_in_not_open');
    elsif lately >= 300 then
        perform refuse(429, 'So many people came without an invitation that the organiser should look.', 'too_many_walk_ins');
    end if;
    perform attend(of_meeting, jsonb_strip_nulls(jsonb_build_object('name', name, 'organisation', organisation)), null, 'present', null, null, 'walk_in');
end
$$;

reset role;
