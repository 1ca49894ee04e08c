-- 0005_invitations.sql: inviting, answering and coming: the rules that need more than a constraint.
--
-- Whatever takes or frees a seat goes through answer_invitation(), which locks the meeting's row first: see there.

set local role narada_owner;
set local search_path = narada;

-- ── Answering ─────────────────────────────────────────────────────────────────

-- Why a meeting takes no answers; NULL: it does. That its day has passed closes nothing by itself: lists are completed afterwards,
-- until the organiser says that the meeting was held, or set a time when answers close.
create function closed_reason(status text, rsvp_closes_at timestamptz) returns text language sql stable parallel safe as $$
    select case when status = 'draft' then 'not_published' when status in ('cancelled', 'held') then status when rsvp_closes_at <= now() then 'deadline' end
$$;

-- For the invitee's reading: a draft shows nothing, not even to those who have a link.
create function check_published(status text) returns boolean language plpgsql volatile as $$
begin
    if status = 'draft' then
        perform refuse(404, 'This meeting is not published yet. The link works once it is.', 'not_published');
    end if;
    return true;
end
$$;

-- The refusal for each reason.
create function refuse_closed(reason text) returns void language plpgsql volatile as $$
begin
    case reason
        when 'not_published' then perform check_published('draft');
        when 'cancelled' then perform refuse(409, 'The meeting was cancelled.', 'meeting_cancelled');
        when 'held' then perform refuse(409, 'The meeting is over.', 'meeting_held');
        when 'deadline' then perform refuse(409, 'The time to answer is over. Write to the organiser.', 'answers_closed');
        else null;
    end case;
end
$$;

-- Gives an invitation its answer, and a seat or a place in the queue. The only way a seat is taken.
--
-- The meeting's row is locked first, in a statement of its own, and only then are seats counted, by a statement that sees what others committed
-- before they let the lock go. Without a capacity answers needn't wait for each other: they share the lock, which holds up only who sets one.
-- A share can't become the exclusive lock (two could wait for each other for ever), so the rare answer that finds a capacity set since it looked is
-- refused as busy and may be repeated. The order of locks is always meeting, then invitation.
--
-- `answer` NULL keeps the answer; `on_behalf` is an organiser's: past the closing time, past the queue (never past the capacity), and with the version
-- it saw. Accepting twice is accepting once: the seat, the place in the queue and the time of the answer stay.
create function answer_invitation(invitation uuid, answer text, remark text, has_remark boolean,
                                  on_behalf boolean default false, of_meeting uuid default null, expected bigint default null)
returns void language plpgsql volatile as $$
declare
    meeting_of_it uuid;
    limited boolean;
    place record;
    one record;
    seats_left bigint;
    target text := answer;
    queue_at bigint;
begin
    select i.meeting_id into meeting_of_it from invitation i where i.platform_id = platform_id() and i.id = answer_invitation.invitation;
    if meeting_of_it is null or of_meeting <> meeting_of_it then
        perform refuse(404, 'There is no such invitation.', 'not_found');
    end if;
    select m.capacity is not null into limited from meeting m where m.platform_id = platform_id() and m.id = meeting_of_it;

    if not limited then
        select m.id, m.capacity, m.status, m.waitlist, m.rsvp_closes_at into place
          from meeting m where m.platform_id = platform_id() and m.id = meeting_of_it for share;
        if place.capacity is not null then
            raise exception using errcode = 'serialization_failure', message = 'The number of seats is being set right now.';
        end if;
    else
        select m.id, m.capacity, m.status, m.waitlist, m.rsvp_closes_at into place
          from meeting m where m.platform_id = platform_id() and m.id = meeting_of_it for no key update;
    end if;
    select i.response, i.note, i.queue_number, i.withdrawn_at, i.version into one
      from invitation i where i.platform_id = platform_id() and i.id = answer_invitation.invitation for no key update;

    if on_behalf then
        perform check_version(one.version, expected);
    else
        perform refuse_closed(closed_reason(place.status, place.rsvp_closes_at));
    end if;
    if one.withdrawn_at is not null then
        perform refuse(case when on_behalf then 409 else 410 end, 'This invitation was withdrawn.', 'invitation_withdrawn');
    end if;

    target := coalesce(target, one.response);
    if target = 'accepted' and one.response <> 'accepted' and place.capacity is not null then
        select place.capacity - count(*) filter (where i.response = 'accepted')
               - count(*) filter (where i.response = 'waitlisted' and not on_behalf and (one.queue_number is null or i.queue_number < one.queue_number))
          into seats_left
          from invitation i where i.platform_id = platform_id() and i.meeting_id = place.id and i.withdrawn_at is null and i.response in ('accepted', 'waitlisted');
        if seats_left <= 0 and not place.waitlist and one.response <> 'waitlisted' then
            perform refuse(409, 'All seats are taken.', 'meeting_full', 'response');
        elsif seats_left <= 0 then
            target := 'waitlisted';
        end if;
    end if;
    if target = 'waitlisted' then
        queue_at := coalesce(one.queue_number, (select coalesce(max(i.queue_number), 0) + 1 from invitation i where i.platform_id = platform_id() and i.meeting_id = place.id));
    end if;

    update invitation i
       set response = target,
           responded_at = case when target = one.response then i.responded_at when target <> 'needs_action' then clock_timestamp() end,
           queue_number = queue_at,
           note = case when has_remark then nullif(btrim(remark), '') else i.note end
     where i.platform_id = platform_id() and i.id = answer_invitation.invitation
       and (target <> one.response or has_remark and nullif(btrim(remark), '') is distinct from one.note);
end
$$;

-- Seats that were promised stay: a capacity below them is refused. The trigger runs with the meeting's row locked, so no answer slips in between.
create function capacity_holds() returns trigger language plpgsql as $$
declare
    taken bigint;
begin
    select count(*) into taken from invitation i
     where i.platform_id = new.platform_id and i.meeting_id = new.id and i.withdrawn_at is null and i.response = 'accepted';
    if taken > new.capacity then
        perform refuse(409, 'More people have accepted already: ' || taken || '.', 'capacity_below_accepted', 'capacity');
    end if;
    return new;
end
$$;
create trigger capacity_holds before update of capacity on meeting
    for each row when (new.capacity is not null and new.capacity is distinct from old.capacity) execute function capacity_holds();

-- ── Inviting ──────────────────────────────────────────────────────────────────

-- Invites a person (written out, or known by id) or everybody of a group at this moment: its people and the people of its organisations.
-- An invitation that was withdrawn is made anew. What was made is kept for the next statement, as keep_made does: invited() gives it.
create function invite(to_meeting uuid, written jsonb, person uuid, by_group uuid) returns void language plpgsql volatile as $$
declare
    who uuid := person;
    made_id uuid;
    found_count bigint;
    made_count bigint;
begin
    if (select m.status from meeting m where m.platform_id = platform_id() and m.id = to_meeting) = 'cancelled' then
        perform refuse(409, 'The meeting was cancelled: nobody can be invited to it.', 'meeting_cancelled');
    end if;
    if by_group is not null then
        if not exists (select from contact_group g where g.platform_id = platform_id() and g.id = by_group) then
            perform refuse(422, 'There is no such group.', 'no_such_group', 'group_id');
        end if;
        with listed as (
            select g.person_id as id from group_member g where g.platform_id = platform_id() and g.group_id = by_group and g.person_id is not null
            union
            select p.id from group_member g join person p on p.platform_id = g.platform_id and p.organisation_id = g.organisation_id
             where g.platform_id = platform_id() and g.group_id = by_group
        ), invited as (
            insert into invitation as i (meeting_id, person_id, group_id) select to_meeting, l.id, by_group from listed l
                on conflict on constraint invitation_already do update
               set withdrawn_at = null, response = 'needs_action', responded_at = null, queue_number = null, group_id = excluded.group_id
             where i.withdrawn_at is not null
            returning 1
        ) select (select count(*) from listed), (select count(*) from invited) into found_count, made_count;
        insert into meeting_group (meeting_id, group_id) values (to_meeting, by_group) on conflict do nothing;
    else
        if who is null then
            who := person_from(written);
        elsif not exists (select from person p where p.platform_id = platform_id() and p.id = who) then
            perform refuse(422, 'There is no such person.', 'no_such_person', 'person_id');
        end if;
        insert into invitation as i (meeting_id, person_id) values (to_meeting, who)
            on conflict on constraint invitation_already do update
           set withdrawn_at = null, response = 'needs_action', responded_at = null, queue_number = null, group_id = null
         where i.withdrawn_at is not null
        returning i.id into made_id;
        if made_id is null then
            perform refuse(409, 'This person is invited already.', 'invitation_already', case when person is null then 'person' else 'person_id' end);
        end if;
        found_count := 1;
        made_count := 1;
    end if;
    perform set_config('narada.invited', jsonb_build_object('id', made_id, 'invited', made_count, 'skipped', found_count - made_count)::text, true);
end
$$;

create function invited() returns table (id uuid, invited int, skipped int) language sql stable as $$
    select m.id, m.invited, m.skipped
      from jsonb_to_record(nullif(current_setting('narada.invited', true), '')::jsonb) as m (id uuid, invited int, skipped int)
$$;

-- An instant inside JSON, as represent/ writes those outside: "2019-12-17T09:00:00Z". Sessions run in UTC.
create function instant(at timestamptz) returns text language sql stable parallel safe as $$ select replace(to_json(at)#>>'{}', '+00:00', 'Z') $$;

-- An invitation as organisers see it; its link only for those who may hand it on.
create view invitation_shown with (security_invoker = true) as
select i.platform_id, i.id, i.meeting_id, i.person_id, i.group_id,
       (select row_to_json(r) from (select p.id, p.name, p.email, p.position, p.organisation_id, o.name as organisation) r) as person,
       case when g.id is not null then (select row_to_json(r) from (select g.id, g.name) r) end as invited_with,
       i.response, i.responded_at, i.note, i.queue_number,
       case when i.withdrawn_at is null and caller_is('organiser') then i.id || '.' || i.link_version end as rsvp_url,
       i.withdrawn_at, i.version, i.created_at, i.updated_at,
       p.organisation_id, coalesce(p.sort_name, p.name) as sort_name, p.search || ' ' || coalesce(o.search, '') as search
  from invitation i
  join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
  left join contact_group g on g.platform_id = i.platform_id and g.id = i.group_id;
grant select on invitation_shown to narada_service;

-- The invitee's view of the invitation whose link was opened. Online meetings' address only for those who come.
-- It is the most asked-for row of all. OFFSET 0 makes the planner look up one thing by key after the other, as written: before it has seen how many
-- people a platform has, it would as soon begin with all of them.
create function rsvp_shown(opened uuid)
returns table (meeting json, person json, response text, responded_at timestamptz, note text, queue_number bigint, waiting_ahead int,
               can_answer boolean, closed_reason text, version bigint, _language text)
language sql stable as $$
    select (select row_to_json(r) from (
               select m.id, m.slug, m.title, m.theme, m.purpose, m.information, instant(m.starts_at) as starts_at, instant(m.ends_at) as ends_at, m.time_zone,
                      m.language, m.status, m.format, m.cancelled_reason, instant(m.rsvp_closes_at) as rsvp_closes_at,
                      (select row_to_json(w) from (select v.name, v.address, v.city, v.room, v.directions, v.accessibility from venue v
                                                    where v.platform_id = i.platform_id and v.id = m.venue_id) w) as venue,
                      case when i.response = 'accepted' then m.online_url end as online_url,
                      (select h.name from organisation h where h.platform_id = i.platform_id and h.id = m.host_organisation_id) as host,
                      m.contact_name, m.contact_email, m.contact_phone) r),
           (select row_to_json(r) from (
               select p.name, p.position, (select o.name from organisation o where o.platform_id = i.platform_id and o.id = p.organisation_id) as organisation) r),
           i.response, i.responded_at, i.note, i.queue_number,
           case when i.response = 'waitlisted' then
               (select count(*)::int from invitation w where w.platform_id = i.platform_id and w.meeting_id = i.meeting_id and w.withdrawn_at is null
                   and w.response = 'waitlisted' and w.queue_number < i.queue_number) end,
           -- Here and not among the conditions, where it might be asked of other meetings too.
           case when check_published(m.status) then m.closed_reason is null end, m.closed_reason, i.version, p.language
      from (select * from invitation i where i.platform_id = platform_id() and i.id = opened offset 0) i
     cross join lateral (select m.*, closed_reason(m.status, m.rsvp_closes_at) from meeting m where m.platform_id = i.platform_id and m.id = i.meeting_id offset 0) m
     cross join lateral (select * from person p where p.platform_id = i.platform_id and p.id = i.person_id offset 0) p
$$;

-- How many said what; the responses always add up to `invited`.
create function invitation_counts(of_meeting uuid)
returns table (invited int, needs_action int, accepted int, tentative int, declined int, delegated int, waitlisted int, withdrawn int, capacity int, seats_left int, waitlist boolean)
language sql stable as $$
    select count(i.id) filter (where i.withdrawn_at is null)::int,
           count(i.id) filter (where i.withdrawn_at is null and i.response = 'needs_action')::int,
           count(i.id) filter (where i.withdrawn_at is null and i.response = 'accepted')::int,
           count(i.id) filter (where i.withdrawn_at is null and i.response = 'tentative')::int,
           count(i.id) filter (where i.withdrawn_at is null and i.response = 'declined')::int,
           count(i.id) filter (where i.withdrawn_at is null and i.response = 'delegated')::int,
           count(i.id) filter (where i.withdrawn_at is null and i.response = 'waitlisted')::int,
           count(i.withdrawn_at)::int,
           m.capacity,
           m.capacity - count(i.id) filter (where i.withdrawn_at is null and i.response = 'accepted')::int,
           m.waitlist
      from meeting m left join invitation i on i.platform_id = m.platform_id and i.meeting_id = m.id
     where m.platform_id = platform_id() and m.id = of_meeting
     group by m.platform_id, m.id
$$;

-- ── Coming ────────────────────────────────────────────────────────────────────

-- Records that somebody is there (or was excused, or stayed away). Who was not invited walked in.
create function attend(at_meeting uuid, written jsonb, person uuid, state text, arrived_at timestamptz, note text, recorded_as text) returns void language plpgsql volatile as $$
declare
    who uuid := person;
    new_id uuid;
    was_invited boolean;
begin
    if who is null then
        who := person_from(written);
    elsif not exists (select from person p where p.platform_id = platform_id() and p.id = who) then
        perform refuse(422, 'There is no such person.', 'no_such_person', 'person_id');
    end if;
    was_invited := exists (select from invitation i where i.platform_id = platform_id() and i.meeting_id = at_meeting and i.person_id = who and i.withdrawn_at is null);
    insert into attendance (meeting_id, person_id, state, arrived_at, note, recorded_as)
    values (at_meeting, who, attend.state, coalesce(attend.arrived_at, case when attend.state in ('present', 'remote') then now() end), attend.note,
            coalesce(attend.recorded_as, case when was_invited then 'check_in' else 'walk_in' end))
        on conflict on constraint attendance_already do nothing returning id into new_id;
    if new_id is null then
        perform refuse(409, 'This person is on the attendance list already.', 'attendance_already', case when person is null then 'person' else 'person_id' end);
    end if;
    perform keep_made(new_id);
end
$$;

create view attendance_shown with (security_invoker = true) as
select a.platform_id, a.id, a.meeting_id,
       (select row_to_json(r) from (select p.id, p.name, p.email, p.position, p.organisation_id, o.name as organisation) r) as person,
       a.state, a.arrived_at, a.left_at, a.recorded_as, a.note, a.version, a.created_at, a.updated_at,
       coalesce(p.sort_name, p.name) as sort_name, p.search || ' ' || coalesce(o.search, '') as search
  from attendance a
  join person p on p.platform_id = a.platform_id and p.id = a.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id;
grant select on attendance_shown to narada_service;

-- Everybody who was invited or came, once. `groups`: by which of the meeting's groups.
create function attendees(of_meeting uuid)
returns table (person_id uuid, name text, sort_name text, "position" text, organisation text, organisation_id uuid, email text, groups text,
               invitation_id uuid, response text, responded_at timestamptz, attended boolean, arrived_at timestamptz, note text,
               attendance_id uuid, attendance_version bigint, state text, recorded_as text, search text)
language sql stable as $$
    with belongs as (
        select b.person_id, string_agg(g.name, '; ' order by g.name collate "pl-x-icu") as groups
          from (select i.person_id, i.group_id from invitation i
                 where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.group_id is not null
                union
                select m.person_id, m.group_id from meeting_group g join group_member m on m.platform_id = g.platform_id and m.group_id = g.group_id
                 where g.platform_id = platform_id() and g.meeting_id = of_meeting and m.person_id is not null
                union
                select p.id, m.group_id from meeting_group g join group_member m on m.platform_id = g.platform_id and m.group_id = g.group_id
                  join person p on p.platform_id = m.platform_id and p.organisation_id = m.organisation_id
                 where g.platform_id = platform_id() and g.meeting_id = of_meeting) b
          join contact_group g on g.platform_id = platform_id() and g.id = b.group_id
         group by b.person_id
    )
    select p.id, p.name, coalesce(p.sort_name, p.name), p.position, o.name, p.organisation_id, p.email, b.groups,
           i.id, i.response, i.responded_at, coalesce(a.state in ('present', 'remote'), false), a.arrived_at, nullif(concat_ws('; ', i.note, a.note), ''),
           a.id, a.version, a.state, a.recorded_as, p.search || ' ' || coalesce(o.search, '')
      from (select * from invitation where platform_id = platform_id() and meeting_id = of_meeting and withdrawn_at is null) i
      full join (select * from attendance where platform_id = platform_id() and meeting_id = of_meeting) a on a.person_id = i.person_id
      join person p on p.platform_id = platform_id() and p.id = coalesce(i.person_id, a.person_id)
      left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
      left join belongs b on b.person_id = p.id
$$;

reset role;
