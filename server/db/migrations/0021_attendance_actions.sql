-- 0021_attendance_actions.sql: what was done at the doors of a meeting, and who is there because of it.
--
-- An action is what somebody saw or did at one moment: she came, he left, that was a mistake. Devices make its id and may bring it late, twice and in any order; it is never
-- changed. Who is there is worked out from all actions about one person (attendance), or about one companion or one part of the programme (presence), by attendance_fold():
--   · of several arrivals the earliest counts, whoever brings it first; the last thing that happened says whether somebody is still in the room;
--   · an undo takes away what it names, also when it comes before it;
--   · excused and absent give way to an arrival; of the two, what was said last;
--   · a correction beats everything that happened before it.
-- Whoever records anything holds the meeting's lock of attendance (lock_attendance), which nobody takes who holds it and waits for another: it comes after every other lock.

set local role narada_owner;
set local search_path = narada;

create table attendance_action (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),  -- of the device that made it
    meeting_id uuid not null,
    person_id uuid,                     -- NULL: an undo, which is about whomever its action is about
    companion_id uuid,                  -- comes along with the person; a list of companions that is written anew has new ids, so that nothing refers to them
    companion_name text,
    agenda_item_id uuid,                -- this part of the programme only
    kind text not null check (kind in ('arrive', 'leave', 'excuse', 'absent', 'note', 'correct', 'undo')),
    at timestamptz not null,            -- when it happened
    mode text check (mode in ('in_person', 'online')),
    note text check (note <> ''),
    undoes uuid,                        -- an action that may not have come yet
    said jsonb,                         -- of a correction: state, arrived_at, left_at, note, recorded_as
    was jsonb,                          -- and what it found: the same
    source text not null check (source in ('check_in', 'walk_in', 'paper', 'correction', 'self', 'kiosk', 'link', 'import')),
    device text,
    claimed_at timestamptz,             -- what a clock said that can't be right; `at` is then when the action came in
    actor text not null default coalesce(nullif(current_setting('narada.actor', true), ''), 'narada'),
    received_at timestamptz not null default clock_timestamp(),
    transaction xid8 not null default pg_current_xact_id(), -- for devices that ask what is new
    primary key (platform_id, id),
    constraint attendance_action_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint attendance_action_person foreign key (platform_id, person_id) references person on delete cascade,
    constraint attendance_action_item foreign key (platform_id, agenda_item_id) references agenda_item on delete cascade,
    constraint attendance_action_whom check ((kind = 'undo') = (undoes is not null) and (kind = 'undo' or person_id is not null)),
    constraint attendance_action_said check ((kind = 'correct') = (said is not null))
);
create index attendance_action_of_person on attendance_action (platform_id, meeting_id, person_id, at, id);
create index attendance_action_undone on attendance_action (platform_id, undoes) where undoes is not null;
create index attendance_action_new on attendance_action (platform_id, meeting_id, transaction);
create index attendance_action_person on attendance_action (platform_id, person_id);
create index attendance_action_of_item on attendance_action (platform_id, agenda_item_id) where agenda_item_id is not null;

-- Companions, and parts of the programme: what attendance is for a person and the meeting.
create table presence (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    person_id uuid not null,
    companion_id uuid,
    companion_name text,
    agenda_item_id uuid,
    state text not null check (state in ('present', 'remote', 'excused', 'absent')),
    arrived_at timestamptz,
    left_at timestamptz,
    primary key (platform_id, id),
    constraint presence_once unique nulls not distinct (platform_id, meeting_id, person_id, companion_id, agenda_item_id),
    constraint presence_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint presence_person foreign key (platform_id, person_id) references person on delete cascade,
    constraint presence_item foreign key (platform_id, agenda_item_id) references agenda_item on delete cascade,
    constraint presence_of_what check (companion_id is not null or agenda_item_id is not null)
);
create index presence_person on presence (platform_id, person_id);
create index presence_of_item on presence (platform_id, agenda_item_id) where agenda_item_id is not null;

select close_by_default('attendance_action', 'presence');
grant select, insert on attendance_action to narada_service;
grant select, insert, update, delete on presence to narada_service;

do $sources$
declare
    known text := (select c.conname from pg_constraint c where c.conrelid = 'attendance'::regclass and pg_get_constraintdef(c.oid) like '%recorded_as%');
begin
    execute format('alter table attendance drop constraint %I', known);
end
$sources$;
alter table attendance add constraint attendance_recorded_as check (recorded_as in ('check_in', 'walk_in', 'paper', 'correction', 'self', 'kiosk', 'link', 'import'));

-- What was recorded until now was one action each.
alter table attendance no force row level security;
alter table attendance_action no force row level security;
insert into attendance_action (platform_id, meeting_id, person_id, kind, at, said, source, actor, received_at)
select a.platform_id, a.meeting_id, a.person_id, 'correct', a.created_at,
       jsonb_build_object('state', a.state, 'arrived_at', a.arrived_at, 'left_at', a.left_at, 'note', a.note, 'recorded_as', a.recorded_as), a.recorded_as, 'narada', a.updated_at
  from attendance a;
alter table attendance force row level security;
alter table attendance_action force row level security;

-- ── Folding ───────────────────────────────────────────────────────────────────

-- Who is there by all that is known, about a person at a meeting, a companion, or either at a part of the programme. No row: nothing is known.
-- Whoever arrives at a part of the programme has arrived at the meeting; who leaves that part has not left it, but who leaves the meeting has left its parts.
create function attendance_fold(of_meeting uuid, person uuid, companion uuid, item uuid)
returns table (state text, arrived_at timestamptz, left_at timestamptz, note text, recorded_as text) language sql stable as $$
    with mine as (
        select a.* from attendance_action a
         where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = person and a.companion_id is not distinct from companion
           and (a.agenda_item_id is not distinct from item or item is null and a.kind = 'arrive' or a.agenda_item_id is null and a.kind = 'leave')
           and not exists (select from attendance_action u where u.platform_id = a.platform_id and u.undoes = a.id and u.meeting_id = of_meeting)
    ), base as (
        select m.at, m.id, m.said->>'state' as state, (m.said->>'arrived_at')::timestamptz as arrived_at, (m.said->>'left_at')::timestamptz as left_at, m.said->>'note' as note,
               coalesce(m.said->>'recorded_as', 'correction') as recorded_as
          from mine m where m.kind = 'correct' order by m.at desc, m.id desc limit 1
    ), later as (
        select m.* from mine m where m.kind <> 'correct' and not exists (select from base b where (m.at, m.id) <= (b.at, b.id))
    ), came as (
        select min(l.at) as first, (array_agg(l.source order by l.at, l.id))[1] as source, case when bool_or(l.mode is distinct from 'online') then 'present' else 'remote' end as state
          from later l where l.kind = 'arrive' having count(*) > 0
    ), away as (
        select case l.kind when 'excuse' then 'excused' else 'absent' end as state, l.source from later l where l.kind in ('excuse', 'absent') order by l.at desc, l.id desc limit 1
    ), moved as (
        select l.kind, l.at from later l where l.kind in ('arrive', 'leave') order by l.at desc, l.id desc limit 1
    ), notes as (
        select string_agg(n.note, '; ' order by n.at, n.id) as note
          from (select b.at, b.id, b.note from base b union all select l.at, l.id, l.note from later l) n where n.note is not null
    ), seen as ( -- a signed sheet says who was there, and not when: somebody at a door may have seen that, and bring it later
        select min(m.at) as first from mine m join base b on b.recorded_as = 'paper' where m.kind = 'arrive'
    ), verdict as (
        select case when b.state in ('present', 'remote') then b.state else coalesce(c.state, a.state, b.state) end as state,
               case when b.state in ('present', 'remote') then coalesce(b.arrived_at, s.first) else c.first end as arrived_at,
               case when m.kind = 'leave' then m.at when m.kind is null then b.left_at end as left_at,
               case when b.state in ('present', 'remote') then b.recorded_as else coalesce(c.source, a.source, b.recorded_as) end as recorded_as
          from (select) one left join base b on true left join came c on true left join away a on true left join moved m on true cross join seen s
    )
    select i.state, f.arrived_at, case when i.state in ('present', 'remote') then greatest(i.left_at, case when i.left_at is not null then f.arrived_at end) end, n.note, i.recorded_as
      from verdict i cross join notes n cross join lateral (select case when i.state in ('present', 'remote') then i.arrived_at end as arrived_at) f
     where i.state is not null
$$;

create function lock_attendance(of_meeting uuid) returns void language sql volatile as
    $$ select pg_advisory_xact_lock(hashtext('narada attendance'), hashtext(of_meeting::text)) $$;

-- Brings attendance or presence to what the actions say.
create function attendance_settle(of_meeting uuid, person uuid, companion uuid, companion_name text, item uuid) returns void language plpgsql volatile as $$
declare
    now_so record;
begin
    select f.* into now_so from attendance_fold(of_meeting, person, companion, item) f;
    if companion is null and item is null then
        if now_so.state is null then
            delete from attendance a where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = person;
        else
            insert into attendance as a (meeting_id, person_id, state, arrived_at, left_at, recorded_as, note)
            values (of_meeting, person, now_so.state, now_so.arrived_at, now_so.left_at, now_so.recorded_as, now_so.note)
                on conflict on constraint attendance_already do update
               set state = excluded.state, arrived_at = excluded.arrived_at, left_at = excluded.left_at, recorded_as = excluded.recorded_as, note = excluded.note
             where (a.state, a.arrived_at, a.left_at, a.recorded_as, a.note) is distinct from (excluded.state, excluded.arrived_at, excluded.left_at, excluded.recorded_as, excluded.note);
        end if;
    elsif now_so.state is null then
        delete from presence p where p.platform_id = platform_id() and p.meeting_id = of_meeting and p.person_id = person and p.companion_id is not distinct from companion
                                 and p.agenda_item_id is not distinct from item;
    else
        insert into presence as p (meeting_id, person_id, companion_id, companion_name, agenda_item_id, state, arrived_at, left_at)
        values (of_meeting, person, companion, attendance_settle.companion_name, item, now_so.state, now_so.arrived_at, now_so.left_at)
            on conflict on constraint presence_once do update set state = excluded.state, arrived_at = excluded.arrived_at, left_at = excluded.left_at;
    end if;
end
$$;

-- All of it about these people and their companions: each part of the programme that anything was said of, and the meeting.
create function attendance_settle_all(of_meeting uuid, people uuid[]) returns void language sql volatile as $$
    select attendance_settle(of_meeting, s.person_id, s.companion_id, s.companion_name, s.agenda_item_id)
      from (select a.person_id, a.companion_id, max(a.companion_name) as companion_name, a.agenda_item_id from attendance_action a
             where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = any (people) and a.kind <> 'undo'
             group by grouping sets ((a.person_id, a.companion_id, a.agenda_item_id), (a.person_id, a.companion_id))) s
     group by s.person_id, s.companion_id, s.companion_name, s.agenda_item_id
$$;

-- ── Recording ─────────────────────────────────────────────────────────────────

-- Who listens is told that something changed.
create function tell_doors(of_meeting uuid) returns void language sql volatile as $$ select pg_notify('narada_work', 'check_in ' || of_meeting) $$;

-- One action of ours, which is surely right about whom and when.
create function act_at_door(of_meeting uuid, person uuid, kind text, at timestamptz, source text, mode text default null, note text default null, said jsonb default null, was jsonb default null) returns uuid
language plpgsql volatile as $$
declare
    new_id uuid;
begin
    insert into attendance_action (meeting_id, person_id, kind, at, source, mode, note, said, was)
    values (of_meeting, person, act_at_door.kind, act_at_door.at, act_at_door.source, act_at_door.mode, nullif(btrim(act_at_door.note), ''), act_at_door.said, act_at_door.was) returning id into new_id;
    return new_id;
end
$$;

-- Whom an action is about: by id, by invitation (which a ticket was opened to), or as somebody nobody knows yet.
create function action_person(of_meeting uuid, action jsonb) returns uuid language plpgsql volatile as $$
declare
    found_id uuid;
begin
    if action->>'companion_id' is not null and action->>'person_id' is null then
        select i.person_id into found_id from companion c join invitation i on i.platform_id = c.platform_id and i.id = c.invitation_id
         where c.platform_id = platform_id() and c.id = (action->>'companion_id')::uuid and i.meeting_id = of_meeting;
    elsif action->>'invitation_id' is not null then
        select i.person_id into found_id from invitation i
         where i.platform_id = platform_id() and i.id = (action->>'invitation_id')::uuid and i.meeting_id = of_meeting and i.withdrawn_at is null;
        if found_id is null then
            perform refuse(422, 'This ticket is not of this meeting, or was withdrawn.', 'ticket_not_here', 'ticket');
        end if;
    elsif action->'person' is not null then
        if coalesce(btrim(action->'person'->>'name'), '') = '' then
            perform refuse(422, 'Say the name of who walks in.', 'required', 'person/name');
        end if;
        found_id := person_from(action->'person');
    else
        select p.id into found_id from person p where p.platform_id = platform_id() and p.id = (action->>'person_id')::uuid;
        -- A device without network knows who walked in by nothing but the action in which it said so.
        if found_id is null then
            select w.person_id into found_id from attendance_action w where w.platform_id = platform_id() and w.meeting_id = of_meeting and w.id = (action->>'person_id')::uuid;
        end if;
    end if;
    if found_id is null then
        perform refuse(422, 'There is no such person.', 'no_such_person', 'person_id');
    end if;
    return found_id;
end
$$;

-- A clock far ahead, or back beyond the day before the meeting, is wrong: then the action happened when it came in. A device that says what its clock shows
-- while it sends (`sent_at`) is put right by what it is off, if that is more than two minutes: less may be the way here.
create function action_time(claimed timestamptz, starts_at timestamptz, off interval default null) returns timestamptz language sql stable as $$
    select case when c.at <= now() + interval '10 minutes' and c.at >= least(starts_at, now()) - interval '1 day' then least(c.at, clock_timestamp()) else clock_timestamp() end
      from (select case when abs(extract(epoch from off)) > 120 then claimed + off else claimed end as at) c
$$;

-- Records one action of a device. True: it is new. The same id again, with the same content, does nothing.
create function record_action(place meeting, action jsonb, device text, source text, off interval, out person uuid, out companion uuid, out companion_name text, out item uuid, out is_new boolean, out clock_wrong boolean)
language plpgsql volatile as $$
declare
    before attendance_action;
    wanted text := case action->>'kind' when 'walk_in' then 'arrive' else action->>'kind' end;
    claimed timestamptz := (action->>'at')::timestamptz;
    at timestamptz := action_time(claimed, place.starts_at, off);
begin
    select a.* into before from attendance_action a where a.platform_id = platform_id() and a.id = (action->>'id')::uuid;
    if before.id is not null then
        if (before.meeting_id, before.kind, before.undoes) is distinct from (place.id, wanted, (action->>'undoes')::uuid) then
            perform refuse(409, 'Another action has this id.', 'action_id_taken', 'id');
        end if;
        person := before.person_id;
        is_new := false;
        return;
    end if;
    if wanted = 'undo' then
        if action->>'undoes' is null then
            perform refuse(422, 'Say which action it undoes.', 'required', 'undoes');
        end if;
        select a.person_id, a.companion_id, a.companion_name, a.agenda_item_id into person, companion, companion_name, item
          from attendance_action a where a.platform_id = platform_id() and a.id = (action->>'undoes')::uuid and a.meeting_id = place.id;
    else
        person := action_person(place.id, action);
        companion := (action->>'companion_id')::uuid;
        item := (action->>'agenda_item_id')::uuid;
    end if;
    if wanted <> 'undo' and companion is not null then
        select c.name into companion_name from companion c join invitation i on i.platform_id = c.platform_id and i.id = c.invitation_id
         where c.platform_id = platform_id() and c.id = companion and i.meeting_id = place.id and i.person_id = record_action.person;
        if companion_name is null then
            perform refuse(422, 'There is no such companion of this person.', 'no_such_companion', 'companion_id');
        end if;
    end if;
    if wanted <> 'undo' and item is not null and not exists (select from agenda_item g where g.platform_id = platform_id() and g.id = item and g.meeting_id = place.id) then
        perform refuse(422, 'There is no such item on the agenda of this meeting.', 'no_such_agenda_item', 'agenda_item_id');
    end if;
    if wanted = 'note' and coalesce(btrim(action->>'note'), '') = '' then
        perform refuse(422, 'Write what there is to note.', 'required', 'note');
    end if;
    insert into attendance_action (id, meeting_id, person_id, companion_id, companion_name, agenda_item_id, kind, at, mode, note, undoes, source, device, claimed_at)
    values ((action->>'id')::uuid, place.id, person, companion, companion_name, item, wanted, at, action->>'mode', nullif(btrim(action->>'note'), ''), (action->>'undoes')::uuid,
            case when source = 'check_in' and wanted = 'arrive' and not exists (
                select from invitation i where i.platform_id = platform_id() and i.meeting_id = place.id and i.person_id = record_action.person and i.withdrawn_at is null)
                then 'walk_in' else source end,
            device, case when abs(extract(epoch from claimed - at)) > 600 then claimed end);
    is_new := true;
    clock_wrong := abs(extract(epoch from claimed - at)) > 600;
end
$$;

-- Records what devices bring: `actions` is an array of {id, kind, at, person_id | invitation_id | companion_id | person, agenda_item_id, undoes, mode, note}; each stands or is refused alone.
-- Gives {"id", "outcome": applied | repeated | refused, "code", "detail", "person_id"} for each, in their order. `source`: where they were made (check_in, self, kiosk, link, import, …).
create function record_actions(of_meeting uuid, actions jsonb, device text default null, source text default 'check_in', sent_at timestamptz default null) returns jsonb
language plpgsql volatile set enable_seqscan = off as $$ -- plans made while a young database's tables are empty
declare
    place meeting;
    action jsonb;
    one record;
    touched jsonb := '[]';
    results jsonb := '[]';
    code text;
    sentence text;
begin
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = of_meeting;
    perform lock_attendance(of_meeting);
    for action in select a from jsonb_array_elements(actions) a loop
        begin
            select r.* into one from record_action(place, action, device, source, clock_timestamp() - sent_at) r;
            results := results || jsonb_strip_nulls(jsonb_build_object('id', action->'id', 'outcome', case when one.is_new then 'applied' else 'repeated' end, 'person_id', one.person,
                'code', case when one.is_new and one.clock_wrong then 'clock_wrong' end, 'detail', case when one.is_new and one.clock_wrong then 'The device''s clock is wrong: another time was taken.' end));
            if one.is_new and one.person is not null then
                touched := touched || jsonb_build_object('person', one.person);
            end if;
        exception when sqlstate 'NA404' or sqlstate 'NA409' or sqlstate 'NA422' or integrity_constraint_violation or data_exception then
            get stacked diagnostics code = pg_exception_detail, sentence = message_text;
            if sqlstate not like 'NA%' then
                code := 'invalid';
                sentence := 'This action does not fit.';
            end if;
            results := results || jsonb_build_object('id', action->'id', 'outcome', 'refused', 'code', code, 'detail', sentence);
        end;
    end loop;
    perform attendance_settle_all(of_meeting, array(select distinct (t->>'person')::uuid from jsonb_array_elements(touched) t));
    if touched <> '[]' then
        perform tell_doors(of_meeting);
    end if;
    return results;
end
$$;

-- One action, now; what refuses it refuses the request.
create function record_now(of_meeting uuid, action jsonb) returns jsonb language plpgsql volatile as $$
declare
    result jsonb := record_actions(of_meeting, jsonb_build_array(jsonb_build_object('id', uuidv7(), 'at', clock_timestamp()) || action))->0;
begin
    if result->>'outcome' = 'refused' then
        perform refuse(422, result->>'detail', result->>'code', result->>'member');
    end if;
    return result;
end
$$;

-- The invitation of a ticket, as `<id>.<link version>`, if it belongs to this meeting and still holds.
create function ticket_invitation(of_meeting uuid, ticket text) returns uuid language sql stable as $$
    select i.id from invitation i
     where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id = split_part(ticket, '.', 1)::uuid and i.link_version = split_part(ticket, '.', 2)::int and i.withdrawn_at is null
$$;

-- ── One at a time, by the operations of attendance ────────────────────────────

-- Records that somebody is there (or was excused, or stayed away). Who was not invited walked in.
create or replace function attend(at_meeting uuid, written jsonb, person uuid, state text, arrived_at timestamptz, note text, recorded_as text) returns void language plpgsql volatile as $$
declare
    who uuid := person;
    was_invited boolean;
begin
    if who is null then
        who := person_from(written);
    elsif not exists (select from person p where p.platform_id = platform_id() and p.id = who) then
        perform refuse(422, 'There is no such person.', 'no_such_person', 'person_id');
    end if;
    perform lock_attendance(at_meeting);
    if exists (select from attendance a where a.platform_id = platform_id() and a.meeting_id = at_meeting and a.person_id = who) then
        perform refuse(409, 'This person is on the attendance list already.', 'attendance_already', case when person is null then 'person' else 'person_id' end);
    end if;
    was_invited := exists (select from invitation i where i.platform_id = platform_id() and i.meeting_id = at_meeting and i.person_id = who and i.withdrawn_at is null);
    perform act_at_door(at_meeting, who, case attend.state when 'excused' then 'excuse' when 'absent' then 'absent' else 'arrive' end, coalesce(attend.arrived_at, now()),
        coalesce(attend.recorded_as, case when was_invited then 'check_in' else 'walk_in' end), case attend.state when 'remote' then 'online' when 'present' then 'in_person' end, attend.note);
    perform attendance_settle(at_meeting, who, null, null, null);
    perform tell_doors(at_meeting);
    perform keep_made(a.id) from attendance a where a.platform_id = platform_id() and a.meeting_id = at_meeting and a.person_id = who;
end
$$;

-- Says what was really so, whatever the devices said before.
create function attendance_correct(of_meeting uuid, person uuid, state text, arrived_at timestamptz, left_at timestamptz, note text, recorded_as text) returns void language plpgsql volatile as $$
declare
    latest timestamptz := (select max(a.at) from attendance_action a where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = attendance_correct.person);
begin
    if left_at < arrived_at then
        perform refuse(422, 'Nobody leaves before they arrive.', 'attendance_left_before_arrival', 'left_at');
    end if;
    perform lock_attendance(of_meeting);
    perform act_at_door(of_meeting, person, 'correct', greatest(clock_timestamp(), latest + interval '1 microsecond'), coalesce(recorded_as, 'correction'), null, null,
        jsonb_build_object('state', state, 'arrived_at', case when state in ('present', 'remote') then arrived_at end, 'left_at', case when state in ('present', 'remote') then left_at end,
                           'note', nullif(btrim(note), ''), 'recorded_as', coalesce(recorded_as, 'correction')),
        (select jsonb_build_object('state', a.state, 'arrived_at', a.arrived_at, 'left_at', a.left_at, 'note', a.note, 'recorded_as', a.recorded_as)
           from attendance a where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = attendance_correct.person));
    perform attendance_settle_all(of_meeting, array[person]);
    perform tell_doors(of_meeting);
end
$$;

-- Takes back all that is known about somebody at a meeting; what a device brings later counts again.
create function attendance_undo(of_meeting uuid, person uuid) returns void language plpgsql volatile as $$
begin
    perform lock_attendance(of_meeting);
    insert into attendance_action (meeting_id, person_id, kind, at, undoes, source)
    select a.meeting_id, a.person_id, 'undo', clock_timestamp(), a.id, 'correction'
      from attendance_action a
     where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = attendance_undo.person and a.companion_id is null and a.kind <> 'undo'
       and not exists (select from attendance_action u where u.platform_id = a.platform_id and u.undoes = a.id);
    perform attendance_settle_all(of_meeting, array[person]);
    perform tell_doors(of_meeting);
end
$$;

-- ── What devices keep ─────────────────────────────────────────────────────────

-- How far a device has heard: every transaction below it has ended, so that what is at or above it is all that can be new. Some of that may be told twice.
create function door_cursor() returns bigint language sql stable as $$ select pg_snapshot_xmin(pg_current_snapshot())::text::bigint $$;

-- When a row was written, on the same scale: a row knows the lower half of that number only.
create function written_in(row_xmin xid) returns bigint language sql stable as $$
    select case when f.guess > f.latest then f.guess - 4294967296 else f.guess end
      from (select c.latest, c.latest - c.latest % 4294967296 + row_xmin::text::bigint as guess from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as latest) c) f
$$;

-- Everybody who is invited or of whom something was recorded, with what holds of them at the meeting or at one part of its programme. `changed`: see door_cursor().
-- Who is not `listed` any more was withdrawn, or recorded by mistake.
create function door_people(of_meeting uuid, item uuid)
returns table (person_id uuid, invitation_id uuid, link_version int, name text, sort_name text, "position" text, organisation text, response text, mode text, brings int,
               state text, arrived_at timestamptz, left_at timestamptz, note text, attendance_id uuid, recorded_as text, listed boolean, search text, changed bigint)
language sql stable set enable_nestloop = off as $$ -- whoever knows nothing of the tables yet compares everybody with everybody
    select p.id, i.id, i.link_version, p.name, coalesce(p.sort_name, p.name), p.position, o.name, i.response,
           case when i.id is not null then case when m.format = 'hybrid' then i.mode else m.format end end, coalesce(i.companions, 0),
           h.state, h.arrived_at, h.left_at, nullif(concat_ws('; ', i.note, case when t.id is not null then t.note else a.notes end), ''), t.id, t.recorded_as,
           i.id is not null or t.id is not null or a.notes is not null, p.search || ' ' || coalesce(o.search, ''),
           greatest(written_in(p.xmin), i.changed, gone.changed, a.changed)
      from (select v.*, written_in(v.xmin) as changed from invitation v where v.platform_id = platform_id() and v.meeting_id = of_meeting and v.withdrawn_at is null) i
      full join (select x.person_id, max(x.transaction::text::bigint) as changed,
                        string_agg(x.note, '; ' order by x.at, x.id) filter (where x.kind = 'note' and x.companion_id is null
                            and not exists (select from attendance_action u where u.platform_id = x.platform_id and u.undoes = x.id)) as notes
                   from attendance_action x where x.platform_id = platform_id() and x.meeting_id = of_meeting and x.person_id is not null
                  group by x.person_id) a on a.person_id = i.person_id
      full join (select v.person_id, max(written_in(v.xmin)) as changed from invitation v
                  where v.platform_id = platform_id() and v.meeting_id = of_meeting and v.withdrawn_at is not null group by v.person_id) gone on gone.person_id = coalesce(i.person_id, a.person_id)
      join person p on p.platform_id = platform_id() and p.id = coalesce(i.person_id, a.person_id, gone.person_id)
      join meeting m on m.platform_id = platform_id() and m.id = of_meeting
      left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
      left join attendance t on t.platform_id = p.platform_id and t.meeting_id = of_meeting and t.person_id = p.id
      left join presence e on item is not null and e.platform_id = p.platform_id and e.meeting_id = of_meeting and e.person_id = p.id and e.companion_id is null and e.agenda_item_id = item
     cross join lateral (select case when item is null then t.state else e.state end as state, case when item is null then t.arrived_at else e.arrived_at end as arrived_at,
                                case when item is null then t.left_at else e.left_at end as left_at) h
$$;

-- Who comes along with somebody, and whether they are there, at the meeting or at one part of its programme.
create function door_companions(invitation uuid, item uuid) returns json language sql stable as $$
    select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'state', e.state, 'arrived_at', instant(e.arrived_at), 'left_at', instant(e.left_at)) order by c.rank), '[]')
      from companion c
      left join presence e on e.platform_id = c.platform_id and e.companion_id = c.id and e.agenda_item_id is not distinct from item
     where c.platform_id = platform_id() and c.invitation_id = invitation
$$;

-- What was done last about somebody and still stands: what "undo" takes back.
create function last_action(of_meeting uuid, person uuid, companion uuid, item uuid) returns uuid language sql stable as $$
    select a.id from attendance_action a
     where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = person and a.companion_id is not distinct from companion
       and a.agenda_item_id is not distinct from item and a.kind not in ('undo', 'note')
       and not exists (select from attendance_action u where u.platform_id = a.platform_id and u.undoes = a.id)
     order by a.received_at desc, a.id desc limit 1
$$;

-- Heads, companions among them. `inside` is who is in the room now, `remote` who is online now; `missing` accepted and has not come.
create function door_counts(of_meeting uuid, item uuid)
returns table (expected int, "here" int, inside int, remote int, "left" int, missing int, walk_ins int, companions int, excused int, absent int)
language sql stable as $$
    with heads as (
        select d.response = 'accepted' as expected, d.state, d.left_at, d.recorded_as = 'walk_in' as walked_in, false as along from door_people(of_meeting, item) d where d.listed
        union all
        select i.response = 'accepted', e.state, e.left_at, false, true
          from companion c join invitation i on i.platform_id = c.platform_id and i.id = c.invitation_id and i.meeting_id = of_meeting and i.withdrawn_at is null
          left join presence e on e.platform_id = c.platform_id and e.companion_id = c.id and e.agenda_item_id is not distinct from item
         where c.platform_id = platform_id()
    )
    select (count(*) filter (where h.expected))::int, (count(*) filter (where h.state in ('present', 'remote')))::int, (count(*) filter (where h.state = 'present' and h.left_at is null))::int,
           (count(*) filter (where h.state = 'remote' and h.left_at is null))::int, (count(*) filter (where h.left_at is not null))::int,
           (count(*) filter (where h.expected and h.state is null))::int, (count(*) filter (where h.walked_in and h.state in ('present', 'remote')))::int,
           (count(*) filter (where h.along and h.state in ('present', 'remote')))::int, (count(*) filter (where h.state = 'excused'))::int, (count(*) filter (where h.state = 'absent'))::int
      from heads h
$$;

-- ── A signed sheet ────────────────────────────────────────────────────────────

-- What somebody reads off it, for many at once: [{person_id, state}]. Only what differs from what is known is recorded; a change of what is known is a correction.
create function record_sheet(of_meeting uuid, entries jsonb) returns int language plpgsql volatile set enable_seqscan = off as $$
declare
    one record;
    changes int := 0;
begin
    perform lock_attendance(of_meeting);
    for one in
        select e.person_id, e.state, a.state as before, a.note from jsonb_to_recordset(entries) as e (person_id uuid, state text)
          join person p on p.platform_id = platform_id() and p.id = e.person_id
          left join attendance a on a.platform_id = p.platform_id and a.meeting_id = of_meeting and a.person_id = p.id
         where e.state is not null and e.state is distinct from a.state
         order by e.person_id
    loop
        perform act_at_door(of_meeting, one.person_id, 'correct', greatest(clock_timestamp(), (
            select max(x.at) + interval '1 microsecond' from attendance_action x where x.platform_id = platform_id() and x.meeting_id = of_meeting and x.person_id = one.person_id)), 'paper', null, null,
            jsonb_build_object('state', one.state, 'arrived_at', null, 'left_at', null, 'note', one.note, 'recorded_as', 'paper'),
            case when one.before is not null then jsonb_build_object('state', one.before) end);
        perform attendance_settle_all(of_meeting, array[one.person_id]);
        changes := changes + 1;
    end loop;
    if changes > 0 then
        perform tell_doors(of_meeting);
    end if;
    return changes;
end
$$;

reset role;
