-- 0015_agenda_choices.sql: which parts of the programme an invitee joins, where they are optional; and answering all coming dates of a series at once.
--
-- An item is for everyone, or optional. Who has accepted may choose optional items. Heads on an item are its choosers with their companions, and never
-- more than its capacity. Items of one meeting that share a `choice_group` are alternatives: at most one of them, whatever their times are; items that
-- merely overlap exclude each other only if the organiser says so by that. Choices change under the meeting's lock, as seats do.

set local role narada_owner;
set local search_path = narada;

alter table agenda_item
    add joining text not null default 'everyone' check (joining in ('everyone', 'optional')),
    add capacity int check (capacity > 0),  -- of an optional item, in heads; NULL: no limit
    add choice_group text check (choice_group <> ''), -- alternatives bear the same name, which people are shown: "Warsztaty"
    add constraint agenda_item_for_everyone check (joining = 'optional' or num_nonnulls(capacity, choice_group) = 0);

create table agenda_choice (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    invitation_id uuid not null,
    agenda_item_id uuid not null,
    chosen_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, invitation_id, agenda_item_id),
    constraint agenda_choice_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade,
    constraint agenda_choice_item foreign key (platform_id, agenda_item_id) references agenda_item on delete cascade
);
create index agenda_choice_of_item on agenda_choice (platform_id, agenda_item_id);

select close_by_default('agenda_choice');
grant select, insert, update, delete on agenda_choice to narada_service;

-- ── Counting ──────────────────────────────────────────────────────────────────

create function item_heads(item uuid) returns int language sql stable as $$
    select coalesce(sum(1 + i.companions), 0)::int
      from agenda_choice c join invitation i on i.platform_id = c.platform_id and i.id = c.invitation_id
     where c.platform_id = platform_id() and c.agenda_item_id = item and i.response = 'accepted' and i.withdrawn_at is null
$$;

-- The titles of what each invitee of a meeting chose, in the order of the programme: for lists, so all at once.
create function choices_listed(of_meeting uuid) returns table (invitation_id uuid, titles text) language sql stable as $$
    select c.invitation_id, string_agg(a.title, '; ' order by a.position, a.id)
      from agenda_item a join agenda_choice c on c.platform_id = a.platform_id and c.agenda_item_id = a.id
     where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.joining = 'optional'
     group by c.invitation_id
$$;

-- Refuses if an item that the invitee chose holds more heads than it has seats. Under the meeting's lock, after choices or companions changed.
create function item_seats_check(invitation uuid) returns void language plpgsql volatile as $$
declare
    crowded text;
begin
    select a.title into crowded
      from agenda_choice c join agenda_item a on a.platform_id = c.platform_id and a.id = c.agenda_item_id
     where c.platform_id = platform_id() and c.invitation_id = item_seats_check.invitation and a.joining = 'optional' and item_heads(a.id) > a.capacity
     order by a.position, a.id limit 1;
    if crowded is not null then
        perform refuse(409, 'Not enough seats are left in this part of the programme: ' || crowded || '.', 'item_full', 'items');
    end if;
end
$$;

-- ── Choosing ──────────────────────────────────────────────────────────────────

-- What of this can't be chosen in any case: items of another meeting, items for everyone, two of the same alternatives.
create function items_choosable(of_meeting uuid, wanted uuid[]) returns void language plpgsql volatile as $$
begin
    if exists (select from unnest(wanted) w
                where not exists (select from agenda_item a where a.platform_id = platform_id() and a.meeting_id = of_meeting and a.id = w)) then
        perform refuse(422, 'The agenda of this meeting has no such item.', 'no_such_item', 'items');
    end if;
    if exists (select from agenda_item a where a.platform_id = platform_id() and a.id = any (wanted) and a.joining <> 'optional') then
        perform refuse(422, 'This part of the programme is for everyone: there is nothing to choose.', 'item_for_everyone', 'items');
    end if;
    if exists (select from agenda_item a where a.platform_id = platform_id() and a.id = any (wanted) and a.choice_group is not null
                group by a.choice_group having count(*) > 1) then
        perform refuse(422, 'Of parts that are alternatives at most one can be chosen.', 'items_alternative', 'items');
    end if;
end
$$;

-- Sets what an invitee joins to exactly these items (a JSON array of ids). The meeting is locked first, so that two who want the last seat
-- come one after the other. `on_behalf` is an organiser's: past the closing time, never past the seats.
create function choose_items(invitation uuid, items jsonb, on_behalf boolean default false) returns void language plpgsql volatile as $$
declare
    wanted uuid[] := array(select distinct w::uuid from jsonb_array_elements_text(coalesce(items, '[]')) w order by 1);
    chosen uuid[];
    one invitation := lock_invitation(choose_items.invitation);
    place meeting;
begin
    select m.* into place from meeting m where m.platform_id = platform_id() and m.id = one.meeting_id;
    perform check_answerable(place.status, place.rsvp_closes_at, one.withdrawn_at, one.response, on_behalf);
    if cardinality(wanted) > 0 and one.response <> 'accepted' then
        perform refuse(409, 'Parts of the programme are for those who said that they come.', 'items_not_coming', 'items');
    end if;
    perform items_choosable(place.id, wanted);

    chosen := array(select c.agenda_item_id from agenda_choice c join agenda_item a on a.platform_id = c.platform_id and a.id = c.agenda_item_id
                     where c.platform_id = platform_id() and c.invitation_id = one.id and a.joining = 'optional' order by 1);
    if wanted = chosen then
        return;
    end if;
    delete from agenda_choice c where c.platform_id = platform_id() and c.invitation_id = one.id and c.agenda_item_id = any (chosen) and c.agenda_item_id <> all (wanted);
    insert into agenda_choice (invitation_id, agenda_item_id) select one.id, w from unnest(wanted) w on conflict do nothing;
    perform item_seats_check(one.id);
    update invitation i set updated_at = clock_timestamp() where i.platform_id = platform_id() and i.id = one.id;
    insert into invitation_event (meeting_id, invitation_id, cause, detail)
    values (one.meeting_id, one.id, 'items_chosen', jsonb_build_object('items', to_jsonb(wanted), 'on_behalf', on_behalf));
end
$$;

-- What the invitee has chosen of these, for a form that changes companions and items at once: first what is left out is dropped, then companions
-- come, then what is new is chosen. In any other order a change that fits could be refused halfway.
create function items_kept(invitation uuid, items jsonb) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(c.agenda_item_id), '[]')
      from agenda_choice c
     where c.platform_id = platform_id() and c.invitation_id = items_kept.invitation
       and c.agenda_item_id in (select w::uuid from jsonb_array_elements_text(coalesce(items, '[]')) w)
$$;

-- The substitute takes the delegator's places in the programme too, and gives them back. Before the responses change, which would free them.
create function move_choices(from_invitation uuid, to_invitation uuid) returns void language sql volatile as $$
    update agenda_choice c set invitation_id = to_invitation where c.platform_id = platform_id() and c.invitation_id = from_invitation
$$;

-- Who does not come any more holds no place in the programme.
create function free_items() returns trigger language plpgsql as $$
begin
    with freed as (
        delete from agenda_choice c where c.platform_id = new.platform_id and c.invitation_id = new.id returning c.agenda_item_id
    )
    insert into invitation_event (meeting_id, invitation_id, cause, detail)
    select new.meeting_id, new.id, 'items_freed', jsonb_build_object('items', jsonb_agg(f.agenda_item_id order by f.agenda_item_id)) from freed f
    having count(*) > 0;
    return null;
end
$$;
create trigger free_items after update of response, withdrawn_at on invitation
    for each row when (old.response = 'accepted' and old.withdrawn_at is null and (new.response <> 'accepted' or new.withdrawn_at is not null))
    execute function free_items();

-- Places that were promised stay: seats below the heads, and alternatives of which somebody chose two, are refused. Items for everyone keep the choices
-- that were made before, which count again when they are optional again. Whoever changes an item has locked the meeting before the item.
create function item_promises_hold() returns trigger language plpgsql as $$
declare
    taken int := item_heads(new.id);
begin
    if taken > new.capacity then
        perform refuse(409, 'More people have chosen it already: ' || taken || '.', 'item_capacity_below_chosen', 'capacity');
    end if;
    if exists (select from agenda_choice c
                 join agenda_choice d on d.platform_id = c.platform_id and d.invitation_id = c.invitation_id and d.agenda_item_id <> c.agenda_item_id
                 join agenda_item a on a.platform_id = d.platform_id and a.id = d.agenda_item_id
                where c.platform_id = new.platform_id and c.agenda_item_id = new.id and a.joining = 'optional' and a.choice_group = new.choice_group) then
        perform refuse(409, 'Somebody has chosen both this and another of these alternatives.', 'item_alternatives_chosen', 'choice_group');
    end if;
    return new;
end
$$;
create trigger item_promises_hold before update of joining, capacity, choice_group on agenda_item
    for each row when (new.joining = 'optional' and (new.joining, new.capacity, new.choice_group) is distinct from (old.joining, old.capacity, old.choice_group))
    execute function item_promises_hold();

-- ── What is shown ─────────────────────────────────────────────────────────────

-- As before, and how people join each item. Alternatives that follow each other begin together: they are one slot, as long as the longest of them.
create or replace view agenda_timeline with (security_invoker = true) as
with neighbour as (
    select i.*, m.starts_at as meeting_starts_at,
           coalesce(i.starts_at is null and i.choice_group = lag(i.choice_group) over in_meeting, false) as beside,
           count(i.starts_at) over in_meeting as stretch
      from agenda_item i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
    window in_meeting as (partition by i.platform_id, i.meeting_id order by i.position, i.id)
), slotted as (
    select n.*, count(*) filter (where not n.beside) over (partition by n.platform_id, n.meeting_id order by n.position, n.id) as slot from neighbour n
), measured as (
    select s.*, coalesce(max(s.duration_minutes) over in_slot, 0) as slot_minutes, bool_or(s.duration_minutes is null) over in_slot as is_open
      from slotted s
    window in_slot as (partition by s.platform_id, s.meeting_id, s.slot)
), begun as (
    select s.*,
           case when count(*) filter (where not s.beside and s.is_open) over in_order = s.is_open::int
                then first_value(coalesce(s.starts_at, s.meeting_starts_at)) over in_order
                     + make_interval(mins => (sum(s.slot_minutes) filter (where not s.beside) over in_order - s.slot_minutes)::int) end as begins_at
      from measured s
    window in_order as (partition by s.platform_id, s.meeting_id, s.stretch order by s.position, s.id)
)
select platform_id, id, meeting_id, position, kind, title, abstract, starts_at, duration_minutes, version, created_at, updated_at,
       begins_at, begins_at + make_interval(mins => duration_minutes) as finishes_at, joining, capacity, choice_group
  from begun;

-- How many come to an item is for those who work on the meeting; how many seats are left is for everybody.
create or replace view agenda_shown with (security_invoker = true) as
select a.id, a.meeting_id, a.position, a.kind, a.title, a.abstract, a.starts_at, a.duration_minutes, a.begins_at, a.finishes_at,
       speakers_of_item(a.id) as speakers, initiatives_of_item(a.id) as initiatives, a.version, a.created_at, a.updated_at,
       a.joining, a.capacity, a.choice_group,
       case when caller_role() is not null then h.heads end as heads, a.capacity - h.heads as seats_left,
       a.joining = 'optional' as _optional, a.capacity is not null as _limited, coalesce(h.heads >= a.capacity, false) as _full
  from agenda_timeline a
 cross join lateral (select case when a.joining = 'optional' then item_heads(a.id) end as heads) h
 where a.platform_id = platform_id();

-- The optional items as one invitee sees them: those without alternatives first, then alternatives side by side. `full`: there is no room for them.
create function items_offered(invitation uuid)
returns table (id uuid, title text, begins_at timestamptz, finishes_at timestamptz, choice_group text, capacity int, seats_left int, chosen boolean, "full" boolean)
language sql stable as $$
    select a.id, a.title, a.begins_at, a.finishes_at, a.choice_group, a.capacity, a.capacity - h.heads, c.chosen,
           coalesce(not c.chosen and a.capacity - h.heads < 1 + i.companions, false)
      from invitation i
      join agenda_timeline a on a.platform_id = i.platform_id and a.meeting_id = i.meeting_id and a.joining = 'optional'
     cross join lateral (select item_heads(a.id) as heads) h
     cross join lateral (select exists (select from agenda_choice c where c.platform_id = i.platform_id and c.invitation_id = i.id and c.agenda_item_id = a.id) as chosen) c
     where i.platform_id = platform_id() and i.id = items_offered.invitation
     order by a.choice_group is not null, min(a.position) over (partition by a.choice_group), a.choice_group, a.position, a.id
$$;

-- The same inside JSON.
create function items_offered_json(invitation uuid) returns json language sql stable as $$
    select coalesce(json_agg(json_build_object('id', o.id, 'title', o.title, 'begins_at', instant(o.begins_at), 'finishes_at', instant(o.finishes_at),
               'choice_group', o.choice_group, 'capacity', o.capacity, 'seats_left', o.seats_left, 'chosen', o.chosen, 'full', o."full")), '[]')
      from items_offered(items_offered_json.invitation) o
$$;

-- ── All coming dates of a series at once ──────────────────────────────────────

-- The person's invitations to the coming dates of the opened invitation's series. A substitute's link does not open those of whoever sent that one: the substitute
-- is another person. OFFSET 0: one look-up by key after the other, as in rsvp_shown().
create function series_invitations(opened uuid) returns table (invitation_id uuid, meeting_id uuid) language sql stable as $$
    select i.id, m.id
      from (select o.platform_id, o.person_id, om.series_id
              from (select * from invitation o where o.platform_id = platform_id() and o.id = opened offset 0) o
             cross join lateral (select * from meeting om where om.platform_id = o.platform_id and om.id = o.meeting_id and om.series_id is not null offset 0) om) o
     cross join lateral (select * from invitation i where i.platform_id = o.platform_id and i.person_id = o.person_id and i.withdrawn_at is null offset 0) i
     cross join lateral (select * from meeting m where m.platform_id = i.platform_id and m.id = i.meeting_id offset 0) m
     where m.series_id = o.series_id and m.status = 'published' and m.ends_at > now()
$$;

-- Those dates as the invitee sees them, in their order. `seats` is what saying yes would give; `refused` why the last attempt since then came to nothing.
create function series_dates(opened uuid, since timestamptz)
returns table (invitation_id uuid, meeting_id uuid, starts_at timestamptz, meeting json, response text, responded_at timestamptz, can_answer boolean, closed_reason text,
               seats text, refused text, is_opened boolean)
language sql stable as $$
    select i.id, m.id, m.starts_at,
           (select row_to_json(r) from (
               select m.id, m.title, m.theme, instant(m.starts_at) as starts_at, instant(m.ends_at) as ends_at, m.time_zone, m.language, m.format, instant(m.rsvp_closes_at) as rsvp_closes_at,
                      (select concat_ws(', ', v.name, v.city) from venue v where v.platform_id = m.platform_id and v.id = m.venue_id) as place) r),
           i.response, i.responded_at, c.closed is null, c.closed,
           case when not coalesce(s.quota or case when s.hybrid and i.mode = 'online' then s.online_taken else s.room_taken end, false) then 'free'
                when s.waitlist then 'waitlist' else 'full' end,
           (select e.detail->>'code' from (select e.* from invitation_event e where e.platform_id = i.platform_id and e.invitation_id = i.id order by e.id desc limit 1) e
             where e.cause = 'series_refused' and e.at >= since),
           i.id = opened
      from (select * from series_invitations(opened) offset 0) d
     cross join lateral (select * from invitation i where i.platform_id = platform_id() and i.id = d.invitation_id offset 0) i
     cross join lateral (select * from meeting m where m.platform_id = i.platform_id and m.id = d.meeting_id offset 0) m
     cross join lateral (select case when i.response = 'delegated' then 'delegated' else closed_reason(m.status, m.rsvp_closes_at) end as closed) c
      left join lateral (select * from seats_offered(i.id) offset 0) s on i.response not in ('accepted', 'waitlisted')
     order by m.starts_at, m.id
$$;

-- What does not make sense in an answer to a series, whatever the dates are like.
create function check_series_answer(opened uuid, answer text, own jsonb) returns void language plpgsql volatile as $$
begin
    perform check_published(m.status) from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id where i.platform_id = platform_id() and i.id = opened;
    if (select count(*) <> count(distinct e->>'meeting_id') from jsonb_array_elements(own) e) then
        perform refuse(422, 'A date is named twice.', 'repeated', 'except');
    elsif exists (select from jsonb_array_elements(own) e where (e->>'meeting_id')::uuid not in (select d.meeting_id from series_invitations(opened) d)) then
        perform refuse(422, 'One of the dates is not among the coming ones any more.', 'series_date_gone', 'except');
    elsif answer is null and not exists (select from jsonb_array_elements(own) e where e->>'response' <> 'keep') then
        perform refuse(422, 'An answer must be given.', 'required', 'response');
    end if;
end
$$;

-- Answers the coming dates of a series: each with its own response of `own` ([{"meeting_id", "response"}], where 'keep' leaves the date as it is), else with `answer`.
-- A date that is refused does not undo the others: why stands in its history, and series_dates() shows it. Meetings are locked one after the other in the order of
-- their ids, so that two who answer the same dates never wait for each other.
create function answer_series(opened uuid, answer text, own jsonb) returns void language plpgsql volatile as $$
declare
    date record;
    why text;
begin
    perform check_series_answer(opened, answer, coalesce(own, '[]'));
    for date in
        select d.invitation_id, d.meeting_id, coalesce(e.response, answer) as response
          from series_dates(opened, now()) d left join jsonb_to_recordset(coalesce(own, '[]')) e (meeting_id uuid, response text) on e.meeting_id = d.meeting_id
         where coalesce(e.response, answer) <> 'keep' and (d.can_answer or e.response is not null)
         order by d.meeting_id
    loop
        begin
            perform because('answered', '{"series": true}');
            perform answer_invitation(date.invitation_id, date.response, null, false);
        exception when sqlstate 'NA409' or sqlstate 'NA410' then
            get stacked diagnostics why = pg_exception_detail;
            insert into invitation_event (meeting_id, invitation_id, cause, detail)
            values (date.meeting_id, date.invitation_id, 'series_refused', jsonb_build_object('code', why, 'response', date.response));
        end;
    end loop;
end
$$;

reset role;
