-- 0016_inviting.sql: the organiser's side of invitations: inviting by many ways, groups that are followed, and numbers that add up.

set local role narada_owner;
set local search_path = narada;

alter table meeting_group
    add version bigint not null default 1,
    add updated_at timestamptz not null default clock_timestamp();
create trigger touch before update on meeting_group for each row execute function touch();
create index meeting_group_live on meeting_group (platform_id, meeting_id) where live;
create index invitation_by_group on invitation (platform_id, meeting_id, group_id) where group_id is not null;

-- ── Inviting ──────────────────────────────────────────────────────────────────

-- Who is in a group: its people, and the people of its organisations.
create view group_person with (security_invoker = true) as
select m.platform_id, m.group_id, m.person_id from group_member m where m.person_id is not null
union
select m.platform_id, m.group_id, p.id from group_member m join person p on p.platform_id = m.platform_id and p.organisation_id = m.organisation_id;
grant select on group_person to narada_service;

-- Invites these people, except who is invited already; an invitation that was withdrawn begins anew. Gives how many were invited.
-- One statement, however many they are, always in the same order, so that two who invite the same people at once do not wait for each other for ever.
-- Say why by because() before; the default is `invited`, or `invited_again`.
create function invite_people(to_meeting uuid, people uuid[], by_group uuid default null) returns int language plpgsql volatile as $$
declare
    made int;
begin
    perform lock_with_newcomers(to_meeting);
    if (select m.status from meeting m where m.platform_id = platform_id() and m.id = to_meeting) = 'cancelled' then
        perform refuse(409, 'The meeting was cancelled: nobody can be invited to it.', 'meeting_cancelled');
    end if;
    insert into invitation as i (meeting_id, person_id, group_id)
        select to_meeting, w.id, by_group from (select distinct id from unnest(people) id) w order by w.id
        on conflict on constraint invitation_already do update set withdrawn_at = null, group_id = excluded.group_id where i.withdrawn_at is not null;
    get diagnostics made = row_count;
    return made;
end
$$;

-- Refuses with 422 unless the thing that a body's member names is there.
create function check_named(there boolean, member text, thing text) returns void language plpgsql volatile as $$
begin
    if not there then
        perform refuse(422, 'There is no such ' || thing || '.', 'no_such_' || thing, member);
    end if;
end
$$;

-- Whom the body of create_invitation means; see InvitationNew in openapi/invitations.yaml.
create function people_meant(body jsonb) returns uuid[] language plpgsql volatile as $$
declare
    people uuid[];
    source uuid := coalesce(body->>'group_id', body->>'organisation_id', body->>'from_meeting_id');
begin
    if body ? 'person' then
        return array[person_from(body->'person')];
    elsif body ? 'person_id' then
        people := array[body->>'person_id'];
        perform check_named(exists (select from person p where p.platform_id = platform_id() and p.id = people[1]), 'person_id', 'person');
    elsif body ? 'person_ids' then
        people := array(select distinct id::uuid from jsonb_array_elements_text(body->'person_ids') id);
        perform check_named(cardinality(people) = (select count(*) from person p where p.platform_id = platform_id() and p.id = any (people)), 'person_ids', 'person');
    elsif body ? 'group_id' then
        perform check_named(exists (select from contact_group g where g.platform_id = platform_id() and g.id = source), 'group_id', 'group');
        people := array(select g.person_id from group_person g where g.platform_id = platform_id() and g.group_id = source);
    elsif body ? 'organisation_id' then
        perform check_named(exists (select from organisation o where o.platform_id = platform_id() and o.id = source), 'organisation_id', 'organisation');
        people := array(select p.id from person p where p.platform_id = platform_id() and p.organisation_id = source);
        if people = '{}' then
            perform refuse(422, 'Nobody of this organisation is known yet.', 'organisation_without_people', 'organisation_id');
        end if;
    else
        perform check_named(exists (select from meeting m where m.platform_id = platform_id() and m.id = source), 'from_meeting_id', 'meeting');
        people := case when body->>'who' = 'attended' then
                array(select a.person_id from attendance a where a.platform_id = platform_id() and a.meeting_id = source and a.state in ('present', 'remote'))
            else
                array(select i.person_id from invitation i where i.platform_id = platform_id() and i.meeting_id = source and i.withdrawn_at is null
                         and (body->>'who' = 'invited' or i.response = 'accepted')) end;
    end if;
    return people;
end
$$;

-- What the body of create_invitation asks for. What was made is kept for the next statement, as keep_made does: invited() gives it.
drop function invite(uuid, jsonb, uuid, uuid);
create function invite(to_meeting uuid, body jsonb) returns void language plpgsql volatile as $$
declare
    by_group uuid := body->>'group_id';
    people uuid[];
    made_count int;
    made_id uuid;
begin
    if by_group is not null and (body->>'live')::boolean then
        perform watch_groups(true);
    end if;
    people := people_meant(body);
    made_count := invite_people(to_meeting, people, by_group);
    if by_group is not null then
        insert into meeting_group as g (meeting_id, group_id, live, seats, organisation_seats)
            values (to_meeting, by_group, coalesce((body->>'live')::boolean, false), (body->>'seats')::int, (body->>'organisation_seats')::int)
            on conflict (platform_id, meeting_id, group_id) do update
           set live = g.live or excluded.live, seats = coalesce(excluded.seats, g.seats),
               organisation_seats = coalesce(excluded.organisation_seats, g.organisation_seats);
        if (body->>'live')::boolean and is_coming(to_meeting) then
            perform follow_leaving(to_meeting, null);
            perform because(null);
        end if;
    elsif body ?| array['person', 'person_id'] then
        if made_count = 0 then
            perform refuse(409, 'This person is invited already.', 'invitation_already', case when body ? 'person' then 'person' else 'person_id' end);
        end if;
        select i.id into made_id from invitation i where i.platform_id = platform_id() and i.meeting_id = to_meeting and i.person_id = people[1];
    end if;
    perform set_config('narada.invited', jsonb_build_object('id', made_id, 'invited', made_count, 'skipped', cardinality(people) - made_count)::text, true);
end
$$;

-- ── Groups that are followed ──────────────────────────────────────────────────
--
-- A group can be invited *live*: who joins it later is invited to the coming meetings (drafts too), and who leaves it is not any more. An organisation
-- stands for its people, so a person who changes organisation joins and leaves groups as well. Triggers notice, and look at what is true now rather than
-- at what changed: so it does not matter in which order a cascade comes along.
--
-- Nobody who has answered loses an invitation by leaving: that is written into the history and shown to the organiser, who decides. Nor is anybody invited
-- anew whose invitation an organiser withdrew.

-- Whoever makes a group live waits for those who are just changing who is in it, and the other way round: else neither would see the other's change.
-- Taken before any meeting's lock.
create function watch_groups(alone boolean) returns void language plpgsql volatile as $$
begin
    if alone then
        perform pg_advisory_xact_lock(hashtextextended('narada.live_groups ' || platform_id(), 0));
    else
        perform pg_advisory_xact_lock_shared(hashtextextended('narada.live_groups ' || platform_id(), 0));
    end if;
end
$$;

-- Locks these meetings and, in the same order of their ids, those that will follow when the transaction ends: because these people moved, or because somebody new is in
-- one of these organisations. Whoever changes both seats and people takes this lock before all others.
create function lock_with_followers(meetings uuid[], people uuid[], organisations uuid[]) returns void language plpgsql volatile as $$
begin
    perform watch_groups(false);
    perform from meeting m
      where m.platform_id = platform_id()
        and (m.id = any (meetings)
             or m.status in ('draft', 'published') and m.starts_at > now() and (
                people <> '{}' and (exists (select from live_joining(m.id, people)) or exists (select from live_leaving(m.id, people)))
                or exists (select from meeting_group g join group_member l on l.platform_id = g.platform_id and l.group_id = g.group_id
                            where g.platform_id = m.platform_id and g.meeting_id = m.id and g.live and l.organisation_id = any (organisations))))
      order by m.id for no key update;
end
$$;

-- The same for the people who were made in this transaction.
create function lock_with_newcomers(to_meeting uuid) returns void language plpgsql volatile as $$
begin
    perform lock_with_followers(array[to_meeting], '{}', array(
        select distinct p.organisation_id from person_moved v join person p on p.platform_id = v.platform_id and p.id = v.person_id
         where v.platform_id = platform_id() and p.organisation_id is not null));
end
$$;

-- Only what is still to come follows its groups.
create function is_coming(of_meeting uuid) returns boolean language sql stable as $$
    select exists (select from meeting m where m.platform_id = platform_id() and m.id = of_meeting and m.status in ('draft', 'published') and m.starts_at > now())
$$;

-- Was this invitation withdrawn because its person left a live group?
create function left_by_group(invitation uuid) returns boolean language sql stable as $$
    select coalesce((select e.cause = 'left_group' from invitation_event e
                      where e.platform_id = platform_id() and e.invitation_id = left_by_group.invitation and e.detail->'withdrawn' = 'true'
                      order by e.id desc limit 1), false)
$$;

-- Of these people, who is in a live group of the meeting and was never invited to it, or only until they left such a group.
create function live_joining(of_meeting uuid, people uuid[]) returns table (person_id uuid, group_id uuid) language sql stable as $$
    select distinct on (w.person_id) w.person_id, w.group_id
      from (select m.person_id, m.group_id from unnest(people) n (id) join group_member m on m.platform_id = platform_id() and m.person_id = n.id
            union all
            select p.id, m.group_id from unnest(people) n (id)
              join person p on p.platform_id = platform_id() and p.id = n.id
              join group_member m on m.platform_id = p.platform_id and m.organisation_id = p.organisation_id) w
      join meeting_group g on g.platform_id = platform_id() and g.meeting_id = of_meeting and g.group_id = w.group_id and g.live
      left join invitation i on i.platform_id = g.platform_id and i.meeting_id = g.meeting_id and i.person_id = w.person_id
     where i.id is null or i.withdrawn_at is not null and left_by_group(i.id)
     order by w.person_id, g.invited_at, g.group_id
$$;

-- Invitations that came by a live group which their person is not in any more. A substitute stands in for somebody else and never was in the group.
create view out_of_live_group with (security_invoker = true) as
select i.platform_id, i.meeting_id, i.id, i.person_id, i.response, i.group_id
  from meeting_group g
  join invitation i on i.platform_id = g.platform_id and i.meeting_id = g.meeting_id and i.group_id = g.group_id
  join person p on p.platform_id = i.platform_id and p.id = i.person_id
 where g.live and i.withdrawn_at is null and i.delegated_from is null
   and not exists (select from group_member m where m.platform_id = i.platform_id and m.group_id = i.group_id and m.person_id = i.person_id)
   and not exists (select from group_member m where m.platform_id = i.platform_id and m.group_id = i.group_id and m.organisation_id = p.organisation_id);
grant select on out_of_live_group to narada_service;

-- The live group of the meeting by which a person would be invited now; NULL: none.
create function live_group_of(of_meeting uuid, person uuid) returns uuid language sql stable as $$
    select g.group_id from meeting_group g
     where g.platform_id = platform_id() and g.meeting_id = of_meeting and g.live
       and exists (select from group_person w where w.platform_id = g.platform_id and w.group_id = g.group_id and w.person_id = person)
     order by g.invited_at, g.group_id limit 1
$$;

-- Of these people (NULL: of all), whose invitation came by a live group that they left, with the other live group that they are in.
create function live_leaving(of_meeting uuid, people uuid[]) returns table (invitation_id uuid, response text, group_id uuid, other_group uuid) language plpgsql stable as $$
begin
    if people is null then
        return query select o.id, o.response, o.group_id, live_group_of(of_meeting, o.person_id) from out_of_live_group o
                      where o.platform_id = platform_id() and o.meeting_id = of_meeting;
    else
        return query select o.id, o.response, o.group_id, live_group_of(of_meeting, o.person_id) from out_of_live_group o
                      where o.platform_id = platform_id() and o.meeting_id = of_meeting and o.person_id = any (people);
    end if;
end
$$;

-- Who joined is invited; by mail, too, once the others were. Needs the meeting's lock.
create function follow_joining(of_meeting uuid, people uuid[]) returns void language plpgsql volatile as $$
declare
    joined record;
    mailing boolean := exists (
        select from meeting m join invitation i on i.platform_id = m.platform_id and i.meeting_id = m.id
         where m.platform_id = platform_id() and m.id = of_meeting and m.status = 'published' and i.withdrawn_at is null and i.delivery <> 'draft');
begin
    for joined in select j.group_id, array_agg(j.person_id) as people from live_joining(of_meeting, people) j group by j.group_id order by j.group_id loop
        perform because('joined_group', jsonb_build_object('group', joined.group_id));
        perform invite_people(of_meeting, joined.people, joined.group_id);
        if mailing then
            perform queue_mail('invitation', i.id, 'invitation ' || i.id || ' ' || pg_current_xact_id()) from invitation i
              where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.person_id = any (joined.people);
        end if;
    end loop;
end
$$;

-- Who left keeps the invitation by another live group, or loses it while it is unanswered. Needs the meeting's lock.
create function follow_leaving(of_meeting uuid, people uuid[]) returns void language plpgsql volatile as $$
declare
    gone record;
begin
    for gone in select * from live_leaving(of_meeting, people) order by invitation_id loop
        perform because('left_group', jsonb_build_object('group', gone.group_id));
        if gone.response = 'needs_action' and gone.other_group is not null then
            update invitation i set group_id = gone.other_group where i.platform_id = platform_id() and i.id = gone.invitation_id;
        elsif gone.response = 'needs_action' then
            perform withdraw_invitation(gone.invitation_id, of_meeting, -1);
        elsif gone.other_group is null then
            insert into invitation_event (meeting_id, invitation_id, cause, from_response, to_response, detail)
                select of_meeting, gone.invitation_id, 'left_group_kept', gone.response, gone.response, said_detail()
                 where not exists (select from invitation_event e where e.platform_id = platform_id() and e.invitation_id = gone.invitation_id
                                      and e.cause = 'left_group_kept' and e.detail->>'group' = gone.group_id::text);
        end if;
    end loop;
end
$$;

-- Lets one meeting follow its live groups, as far as these people are concerned; it is locked only when there is something to do.
create function follow_groups_in(of_meeting uuid, people uuid[]) returns void language plpgsql volatile as $$
declare
    cause text := said_cause();
    detail jsonb := said_detail();
begin
    if exists (select from live_joining(of_meeting, people)) or exists (select from live_leaving(of_meeting, people)) then
        perform lock_meeting(of_meeting);
        perform follow_joining(of_meeting, people);
        perform follow_leaving(of_meeting, people);
        perform because(cause, detail);
    end if;
end
$$;

-- The same for all coming meetings.
create function follow_groups(people uuid[]) returns void language plpgsql volatile as $$
declare
    coming uuid;
begin
    perform watch_groups(false);
    for coming in
        select m.id from meeting m
         where m.platform_id = platform_id() and is_coming(m.id)
           and exists (select from meeting_group g where g.platform_id = m.platform_id and g.meeting_id = m.id and g.live)
         order by m.id
    loop
        perform follow_groups_in(coming, people);
    end loop;
end
$$;

create function group_members_changed() returns trigger language plpgsql as $$
begin
    perform follow_groups(array(
        select c.person_id from changed c where c.person_id is not null
        union
        select p.id from changed c join person p on p.platform_id = c.platform_id and p.organisation_id = c.organisation_id));
    return null;
end
$$;
create trigger follow_joined after insert on group_member referencing new table as changed for each statement execute function group_members_changed();
create trigger follow_left after delete on group_member referencing old table as changed for each statement execute function group_members_changed();

-- A person's organisation counts when the transaction ends: who makes a person and then invites them has the word first. Until then they are noted here;
-- so ten thousand people of an imported list are looked at once, all together.
create table person_moved (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    person_id uuid not null,
    primary key (platform_id, person_id)
);
select close_by_default('person_moved');
grant select, insert, delete on person_moved to narada_service;

create function person_organisation_changed() returns trigger language plpgsql as $$
begin
    perform watch_groups(false);
    insert into person_moved (person_id) select new.id where exists (select from meeting_group g where g.platform_id = new.platform_id and g.live)
        on conflict do nothing;
    return null;
end
$$;
create trigger organisation_made after insert on person for each row
    when (new.organisation_id is not null) execute function person_organisation_changed();
create trigger organisation_changed after update of organisation_id on person for each row
    when (new.organisation_id is distinct from old.organisation_id) execute function person_organisation_changed();

create function follow_moved() returns trigger language plpgsql as $$
declare
    people uuid[];
begin
    with moved as (delete from person_moved m where m.platform_id = platform_id() returning m.person_id)
    select array_agg(person_id) into people from moved;
    if people is not null then
        perform follow_groups(people);
    end if;
    return null;
end
$$;
create constraint trigger follow_moved after insert on person_moved deferrable initially deferred for each row execute function follow_moved();

-- Sets how a meeting invites a group. Making it live brings the list of invitations up to the group.
create function set_meeting_group(of_meeting uuid, of_group uuid, written jsonb, expected bigint) returns void language plpgsql volatile as $$
declare
    one meeting_group;
    is_live boolean;
begin
    if (written->>'live')::boolean then
        perform watch_groups(true);
    end if;
    perform lock_meeting(of_meeting);
    select g.* into one from meeting_group g where g.platform_id = platform_id() and g.meeting_id = of_meeting and g.group_id = of_group;
    perform check_version(one.version, expected);
    is_live := coalesce((written->>'live')::boolean, one.live);
    update meeting_group g
       set live = is_live,
           seats = case when written ? 'seats' then (written->>'seats')::int else g.seats end,
           organisation_seats = case when written ? 'organisation_seats' then (written->>'organisation_seats')::int else g.organisation_seats end
     where g.platform_id = platform_id() and g.meeting_id = of_meeting and g.group_id = of_group;
    if is_live and not one.live and is_coming(of_meeting) then
        perform follow_groups_in(of_meeting, array(
            select gp.person_id from group_person gp where gp.platform_id = platform_id() and gp.group_id = of_group
            union
            select i.person_id from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.group_id = of_group));
    end if;
end
$$;

-- ── What organisers see ───────────────────────────────────────────────────────

-- Who an invitation is of: for the invitations that one refers to.
create function invitee_of(invitation uuid) returns json language sql stable as $$
    select row_to_json(r) from (
        select i.id, p.name from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
         where i.platform_id = platform_id() and i.id = invitee_of.invitation) r
$$;

-- An invitation as organisers see it; its link only for those who may hand it on. What only few invitations have is looked up only for those.
drop view invitation_shown;
create view invitation_shown with (security_invoker = true) as
select i.platform_id, i.id, i.meeting_id, i.person_id, i.group_id,
       (select row_to_json(r) from (select p.id, p.name, p.email, p.position, p.organisation_id, o.name as organisation) r) as person,
       case when g.id is not null then (select row_to_json(r) from (select g.id, g.name) r) end as invited_with,
       i.response, case when m.format = 'hybrid' then i.mode else m.format end as mode, i.responded_at,
       i.responded_at is not null and coalesce((
           select e.cause in ('on_behalf', 'held_back') from invitation_event e
            where e.platform_id = i.platform_id and e.invitation_id = i.id and e.cause in ('answered', 'answered_by_mail', 'on_behalf', 'held_back')
              and e.to_response is distinct from e.from_response
            order by e.id desc limit 1), false) as on_behalf,
       i.note,
       case when i.companions = 0 then '[]' else
           (select json_agg(c.name order by c.rank) from companion c where c.platform_id = i.platform_id and c.invitation_id = i.id) end as companions,
       case when i.delegated_to is not null then invitee_of(i.delegated_to) end as delegated_to,
       case when i.delegated_from is not null then invitee_of(i.delegated_from) end as delegated_from,
       i.queue_number, i.promoted_at, i.held_back, i.delivery, i.delivery_error, i.sent_at, i.reminded_at,
       details_missing(i.id) as details_missing,
       case when i.withdrawn_at is null and caller_is('organiser') then i.id || '.' || i.link_version end as rsvp_url,
       i.withdrawn_at, i.version, i.created_at, i.updated_at,
       p.organisation_id, coalesce(p.sort_name, p.name) as sort_name, p.search || ' ' || coalesce(o.search, '') as search
  from invitation i
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
  join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
  left join contact_group g on g.platform_id = i.platform_id and g.id = i.group_id;
grant select on invitation_shown to narada_service;

-- ── Counts ────────────────────────────────────────────────────────────────────

-- invitation_counts() in parts: by the group that people were invited with, or by organisation. Each of the two adds up to the whole.
create function part_counts(of_meeting uuid, by_group boolean)
returns table (id uuid, name text, invited int, delivered int, needs_action int, accepted int, tentative int, declined int, delegated int, waitlisted int, companions int, heads int)
language sql stable as $$
    select c.id, coalesce(g.name, o.name), c.invited, c.delivered, c.needs_action, c.accepted, c.tentative, c.declined, c.delegated, c.waitlisted,
           c.heads - c.accepted, c.heads
      from (select case when by_group then i.group_id else p.organisation_id end as id,
                   count(*)::int as invited,
                   count(*) filter (where i.delivery = 'sent')::int as delivered,
                   count(*) filter (where i.response = 'needs_action')::int as needs_action,
                   count(*) filter (where i.response = 'accepted')::int as accepted,
                   count(*) filter (where i.response = 'tentative')::int as tentative,
                   count(*) filter (where i.response = 'declined')::int as declined,
                   count(*) filter (where i.response = 'delegated')::int as delegated,
                   count(*) filter (where i.response = 'waitlisted')::int as waitlisted,
                   coalesce(sum(1 + i.companions) filter (where i.response = 'accepted'), 0)::int as heads
              from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
             where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null
             group by 1) c
      left join contact_group g on by_group and g.platform_id = platform_id() and g.id = c.id
      left join organisation o on not by_group and o.platform_id = platform_id() and o.id = c.id
     order by c.id is null, coalesce(g.name, o.name) collate "pl-x-icu", c.id
$$;

-- How many of the invited are there, by the attendance list: what a quorum needs. Substitutes are invited, companions and walk-ins are not.
create function present_invited(of_meeting uuid) returns int language sql stable as $$
    select count(*)::int from attendance a join invitation i on i.platform_id = a.platform_id and i.meeting_id = a.meeting_id and i.person_id = a.person_id
     where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.state in ('present', 'remote') and i.withdrawn_at is null
$$;

-- Who had accepted an earlier meeting, and whether they came; only meetings at which attendance was taken.
create function kept_promises(before_meeting uuid) returns table (meeting_id uuid, person_id uuid, kind text, came boolean) language sql stable as $$
    select m.id, i.person_id, o.kind, coalesce(a.state in ('present', 'remote'), false)
      from meeting this
      join meeting m on m.platform_id = this.platform_id and m.id <> this.id and m.starts_at < this.starts_at and m.ends_at < now() and m.status in ('published', 'held')
      join invitation i on i.platform_id = m.platform_id and i.meeting_id = m.id and i.withdrawn_at is null and i.response = 'accepted'
      join person p on p.platform_id = i.platform_id and p.id = i.person_id
      left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
      left join attendance a on a.platform_id = i.platform_id and a.meeting_id = i.meeting_id and a.person_id = i.person_id
     where this.platform_id = platform_id() and this.id = before_meeting
       and exists (select from attendance t where t.platform_id = m.platform_id and t.meeting_id = m.id and t.state in ('present', 'remote'))
$$;

-- How many heads to cater for: those of everybody who accepted to come in person, times how likely they are to come. A person's rate begins at that of
-- their kind of organisation, as if it had been seen twice, and that of a kind at the platform's in the same way (Laplace's smoothing): one meeting decides nothing.
create function expected_heads(of_meeting uuid) returns json language sql stable as $$
    with promise as materialized (
        select * from kept_promises(of_meeting)
    ), whole as (
        select count(distinct meeting_id)::int as meetings, count(*)::int as promised, count(*) filter (where came)::int as kept,
               (count(*) filter (where came) + 1.0) / (count(*) + 2) as rate from promise
    ), of_kind as (
        select kind, count(*)::int as promised, count(*) filter (where came)::int as kept from promise group by kind
    ), of_person as (
        select person_id, count(*) as promised, count(*) filter (where came) as kept from promise group by person_id
    ), coming as (
        select i.person_id, o.kind, 1 + i.companions as heads
          from invitation i
          join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id and (m.format = 'in_person' or m.format = 'hybrid' and i.mode = 'in_person')
          join person p on p.platform_id = i.platform_id and p.id = i.person_id
          left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
         where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null and i.response = 'accepted'
    ), likely as (
        select c.kind, c.heads, coalesce(k.promised, 0) as promised, coalesce(k.kept, 0) as kept,
               (coalesce(p.kept, 0) + 2 * (coalesce(k.kept, 0) + 2 * w.rate) / (coalesce(k.promised, 0) + 2)) / (coalesce(p.promised, 0) + 2) as rate
          from coming c cross join whole w
          left join of_kind k on k.kind is not distinct from c.kind
          left join of_person p on p.person_id = c.person_id
    ), by_kind as (
        select l.kind, sum(l.heads)::int as heads, case when w.promised > 0 then round(sum(l.heads * l.rate), 1) end as expected, l.promised, l.kept
          from likely l cross join whole w group by l.kind, l.promised, l.kept, w.promised order by l.kind nulls last
    )
    select json_build_object('heads', coalesce((select sum(heads) from coming), 0),
                             'expected', (select round(sum(l.heads * l.rate), 1) from likely l where w.promised > 0),
                             'meetings', w.meetings, 'promised', w.promised, 'kept', w.kept,
                             'kinds', coalesce((select json_agg(row_to_json(k)) from by_kind k), '[]'))
      from whole w
$$;

-- ── Groups of a meeting ───────────────────────────────────────────────────────

create view meeting_group_shown with (security_invoker = true) as
select g.platform_id, g.meeting_id, g.group_id as id, c.name, g.live, g.seats, g.organisation_seats, g.invited_at,
       (select count(*)::int from group_person p where p.platform_id = g.platform_id and p.group_id = g.group_id) as member_count,
       t.invited, t.accepted, t.heads, t.waitlisted, g.version, g.updated_at
  from meeting_group g
  join contact_group c on c.platform_id = g.platform_id and c.id = g.group_id
 cross join lateral (
       select count(*)::int as invited, count(*) filter (where i.response = 'accepted')::int as accepted,
              coalesce(sum(1 + i.companions) filter (where i.response = 'accepted'), 0)::int as heads,
              count(*) filter (where i.response = 'waitlisted')::int as waitlisted
         from invitation i where i.platform_id = g.platform_id and i.meeting_id = g.meeting_id and i.group_id = g.group_id and i.withdrawn_at is null) t;
grant select on meeting_group_shown to narada_service;

-- Who joined or left live groups, as the history has it.
create view group_change_shown with (security_invoker = true) as
select e.platform_id, e.meeting_id, e.id, e.at, case e.cause when 'joined_group' then 'joined' else 'left' end as change,
       (select row_to_json(r) from (select i.id, p.name) r) as invitation,
       case when g.id is not null then (select row_to_json(r) from (select g.id, g.name) r) end as from_group,
       i.response, e.cause = 'left_group_kept' and i.withdrawn_at is null as kept, i.withdrawn_at is not null as withdrawn, i.version as invitation_version, i.person_id
  from invitation_event e
  join invitation i on i.platform_id = e.platform_id and i.id = e.invitation_id
  join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join contact_group g on g.platform_id = e.platform_id and g.id = (e.detail->>'group')::uuid
 where e.cause in ('joined_group', 'left_group', 'left_group_kept');
grant select on group_change_shown to narada_service;

-- ── Who came ──────────────────────────────────────────────────────────────────

-- Everybody who was invited or came, once: see 0005. `companions`: who comes along with those who come or wait; NULL for nobody.
drop function attendees(uuid);
create function attendees(of_meeting uuid)
returns table (person_id uuid, name text, sort_name text, "position" text, organisation text, organisation_id uuid, email text, groups text,
               invitation_id uuid, response text, responded_at timestamptz, attended boolean, arrived_at timestamptz, note text,
               attendance_id uuid, attendance_version bigint, state text, recorded_as text, search text, mode text, companions text[])
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
    ), along as (
        select c.invitation_id, array_agg(c.name order by c.rank) as names
          from companion c join invitation i on i.platform_id = c.platform_id and i.id = c.invitation_id
         where c.platform_id = platform_id() and i.meeting_id = of_meeting
         group by c.invitation_id
    )
    select p.id, p.name, coalesce(p.sort_name, p.name), p.position, o.name, p.organisation_id, p.email, b.groups,
           i.id, i.response, i.responded_at, coalesce(a.state in ('present', 'remote'), false), a.arrived_at, nullif(concat_ws('; ', i.note, a.note), ''),
           a.id, a.version, a.state, a.recorded_as, p.search || ' ' || coalesce(o.search, ''),
           case when i.id is not null then case when m.format = 'hybrid' then i.mode else m.format end end,
           case when i.response in ('accepted', 'waitlisted') then w.names end
      from (select * from invitation where platform_id = platform_id() and meeting_id = of_meeting and withdrawn_at is null) i
      full join (select * from attendance where platform_id = platform_id() and meeting_id = of_meeting) a on a.person_id = i.person_id
      join person p on p.platform_id = platform_id() and p.id = coalesce(i.person_id, a.person_id)
      join meeting m on m.platform_id = platform_id() and m.id = of_meeting
      left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
      left join belongs b on b.person_id = p.id
      left join along w on w.invitation_id = i.id
$$;

reset role;
