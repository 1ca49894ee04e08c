-- 0030_door_mended.sql: what the door needs beyond 0021: it hears at once of answers and withdrawals, and keeps who was there through changes of a list.

set local role narada_owner;
set local search_path = narada;

-- ── Companions stay who they are ──────────────────────────────────────────────

-- A list that is written anew has the same people where it has the same names, so that whoever has come stays so. Two of one name are told apart by their order.
create function write_companions(invitation uuid, wanted text[]) returns void language plpgsql volatile as $$
declare
    kept uuid[];
begin
    with new as (
        select w as name, n as rank, row_number() over (partition by fold(w) order by n) as nth from unnest(wanted) with ordinality o (w, n)
    ), old as (
        select c.id, c.name, row_number() over (partition by fold(c.name) order by c.rank) as nth
          from companion c where c.platform_id = platform_id() and c.invitation_id = write_companions.invitation
    ), moved as (
        update companion c set rank = new.rank, name = new.name
          from new join old on fold(old.name) = fold(new.name) and old.nth = new.nth
         where c.platform_id = platform_id() and c.id = old.id
        returning c.id
    ), made as (
        insert into companion (invitation_id, rank, name)
        select write_companions.invitation, new.rank, new.name from new where not exists (select from old where fold(old.name) = fold(new.name) and old.nth = new.nth)
        returning id
    )
    select array(select m.id from moved m union all select m.id from made m) into kept;
    delete from companion c where c.platform_id = platform_id() and c.invitation_id = write_companions.invitation and c.id <> all (kept);
end
$$;

-- As in 0010, but for that.
create or replace function set_companions(invitation uuid, names jsonb, on_behalf boolean default false) returns void language plpgsql volatile as $$
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
    perform write_companions(one.id, wanted);
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

-- ── The door hears of it ──────────────────────────────────────────────────────

-- On the day, whatever changes who is expected is told to the doors. On other days nobody stands there, and answers need not wait for each other to tell it.
create function tell_doors_today(of_meeting uuid) returns void language sql volatile as $$
    select tell_doors(m.id) from meeting m where m.platform_id = platform_id() and m.id = of_meeting and is_meeting_day(m.starts_at, m.ends_at, m.time_zone)
$$;
create function tell_doors_of_answer() returns trigger language plpgsql volatile as $$
begin
    perform tell_doors_today(new.meeting_id);
    return null;
end
$$;
create function tell_doors_of_invited() returns trigger language plpgsql volatile as $$
begin
    perform tell_doors_today(i.meeting_id) from (select distinct v.meeting_id from invited v) i;
    return null;
end
$$;
create trigger tell_doors_invited after insert on invitation referencing new table as invited for each statement execute function tell_doors_of_invited();
create trigger tell_doors_answered after update on invitation for each row
    when (old.response is distinct from new.response or old.withdrawn_at is distinct from new.withdrawn_at or old.companions is distinct from new.companions
          or old.mode is distinct from new.mode or old.link_version is distinct from new.link_version)
    execute function tell_doors_of_answer();

-- As in 0021, but for organisations that got another name.
create or replace function door_people(of_meeting uuid, item uuid)
returns table (person_id uuid, invitation_id uuid, link_version int, name text, sort_name text, "position" text, organisation text, response text, mode text, brings int,
               state text, arrived_at timestamptz, left_at timestamptz, note text, attendance_id uuid, recorded_as text, listed boolean, search text, changed bigint)
language sql stable set enable_nestloop = off as $$ -- whoever knows nothing of the tables yet compares everybody with everybody
    select p.id, i.id, i.link_version, p.name, coalesce(p.sort_name, p.name), p.position, o.name, i.response,
           case when i.id is not null then case when m.format = 'hybrid' then i.mode else m.format end end, coalesce(i.companions, 0),
           h.state, h.arrived_at, h.left_at, nullif(concat_ws('; ', i.note, case when t.id is not null then t.note else a.notes end), ''), t.id, t.recorded_as,
           i.id is not null or t.id is not null or a.notes is not null, p.search || ' ' || coalesce(o.search, ''),
           greatest(written_in(p.xmin), written_in(o.xmin), i.changed, gone.changed, a.changed)
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

-- As in 0021, but for those who come along with somebody who does not come.
create or replace function door_companions(invitation uuid, item uuid) returns json language sql stable as $$
    select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'state', e.state, 'arrived_at', instant(e.arrived_at), 'left_at', instant(e.left_at)) order by c.rank), '[]')
      from companion c
      join invitation i on i.platform_id = c.platform_id and i.id = c.invitation_id
      left join presence e on e.platform_id = c.platform_id and e.companion_id = c.id and e.agenda_item_id is not distinct from item
     where c.platform_id = platform_id() and c.invitation_id = door_companions.invitation and (i.response not in ('declined', 'delegated') or e.state is not null)
$$;

-- As in 0021, but for the times, which paper does not tell: what the door saw stays.
create or replace function record_sheet(of_meeting uuid, entries jsonb) returns int language plpgsql volatile set enable_seqscan = off as $$
declare
    one record;
    changes int := 0;
begin
    perform lock_attendance(of_meeting);
    for one in
        select e.person_id, e.state, a.state as before, a.note, a.arrived_at, a.left_at, e.state in ('present', 'remote') as there from jsonb_to_recordset(entries) as e (person_id uuid, state text)
          join person p on p.platform_id = platform_id() and p.id = e.person_id
          left join attendance a on a.platform_id = p.platform_id and a.meeting_id = of_meeting and a.person_id = p.id
         where e.state is not null and e.state is distinct from a.state
         order by e.person_id
    loop
        perform act_at_door(of_meeting, one.person_id, 'correct', greatest(clock_timestamp(), (
            select max(x.at) + interval '1 microsecond' from attendance_action x where x.platform_id = platform_id() and x.meeting_id = of_meeting and x.person_id = one.person_id)), 'paper', null, null,
            jsonb_build_object('state', one.state, 'arrived_at', case when one.there then one.arrived_at end, 'left_at', case when one.there then one.left_at end, 'note', one.note, 'recorded_as', 'paper'),
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

-- As in 0022, but that the same tap twice is one guest.
drop function walk_in_by_kiosk(uuid, uuid, text, text);
create function walk_in_by_kiosk(of_meeting uuid, kiosk uuid, action uuid, name text, organisation text) returns void language plpgsql volatile as $$
declare
    it record;
    lately int;
    done jsonb;
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
    done := record_actions(of_meeting, jsonb_build_array(jsonb_build_object('id', coalesce(action, uuidv7()), 'kind', 'walk_in', 'at', clock_timestamp(),
        'person', jsonb_strip_nulls(jsonb_build_object('name', name, 'organisation', organisation)))), null, 'walk_in')->0;
    if done->>'outcome' = 'refused' then
        perform refuse(422, done->>'detail', done->>'code');
    end if;
    perform keep_made(a.id) from attendance a where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = (done->>'person_id')::uuid;
end
$$;

reset role;
