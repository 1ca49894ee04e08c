-- 0009_answers_in_depth.sql: what an invitation and a meeting hold beyond yes and no: companions, substitutes, two ways of coming, quotas, a history.
--
-- The rules are in 0010_seats.sql.

set local role narada_owner;
set local search_path = narada;

alter table meeting
    add substitutes boolean not null default true,          -- an invitee may send somebody in their place
    add companions_allowed int not null default 0 check (companions_allowed between 0 and 20), -- how many each may bring
    add online_capacity int check (online_capacity > 0),    -- of a hybrid meeting: how many may join online; `capacity` is then the room's
    add organisation_quota int check (organisation_quota > 0), -- how many heads of one organisation; NULL: no limit
    add group_quotas boolean not null default false,        -- some group has a quota of its own (kept by a trigger on meeting_group)
    add registration text not null default 'closed' check (registration in ('closed', 'open', 'approval')), -- may people register themselves
    add quorum int check (quorum > 0);                      -- how many of the invited must come for the meeting to decide

alter table meeting_group
    add live boolean not null default false,                -- who joins the group is invited, who leaves it is not any more
    add seats int check (seats > 0),                        -- at most so many heads of those invited with the group
    add organisation_seats int check (organisation_seats > 0); -- at most so many of each organisation ("two per municipality")

alter table invitation
    add mode text not null default 'in_person' check (mode in ('in_person', 'online')), -- how they come to a hybrid meeting
    add companions int not null default 0 check (companions between 0 and 20),           -- how many rows of `companion` there are
    add delegated_to uuid,                                  -- the substitute's invitation (iCalendar's DELEGATED-TO)
    add delegated_from uuid,                                -- whose place the substitute takes (DELEGATED-FROM)
    add queue_kept bigint,                                  -- the number in the queue from which it was promoted
    add promoted_at timestamptz,
    add held_back boolean not null default false,           -- on the waitlist, but passed over until the organiser accepts it
    add delivery text not null default 'draft' check (delivery in ('draft', 'queued', 'sent', 'failed', 'bounced')),
    add delivery_error text,                                -- why it failed or bounced
    add sent_at timestamptz,
    add reminded_at timestamptz,
    add constraint invitation_delegated_to foreign key (platform_id, delegated_to) references invitation on delete set null (delegated_to),
    add constraint invitation_delegated_from foreign key (platform_id, delegated_from) references invitation on delete set null (delegated_from),
    add constraint invitation_delegated check (delegated_to is null or response = 'delegated');

-- Seats are counted from the index alone.
drop index invitation_by_response;
create index invitation_by_response on invitation (platform_id, meeting_id, response, mode) include (companions) where withdrawn_at is null;
create index invitation_delegate on invitation (platform_id, delegated_from) where delegated_from is not null;
create index invitation_delegator on invitation (platform_id, delegated_to) where delegated_to is not null;

-- Who comes along with an invitee. They have no link of their own; each takes a seat.
create table companion (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    invitation_id uuid not null,
    rank int not null,
    name text not null check (name <> ''),
    primary key (platform_id, id),
    constraint companion_rank unique (platform_id, invitation_id, rank) deferrable initially deferred,
    constraint companion_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade
);

-- The history of each invitation: written by triggers, never changed. Names and addresses stay out of it: `detail` holds ids and numbers.
create table invitation_event (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    invitation_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    actor text not null default coalesce(nullif(current_setting('narada.actor', true), ''), 'narada'),
    cause text not null,        -- 'invited', 'answered', 'promoted', …: see because() in 0010_seats.sql
    from_response text,
    to_response text,
    detail jsonb not null default '{}',
    primary key (platform_id, id),
    constraint invitation_event_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade,
    constraint invitation_event_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create index invitation_history on invitation_event (platform_id, invitation_id, id);
create index meeting_history on invitation_event (platform_id, meeting_id, id);

-- What every table of a tenant begins with: no row is there without a tenant, for its owner too, and none of another's is ever there.
create function close_by_default(variadic tenant_tables text[]) returns void language plpgsql as $$
declare
    tenant_table text;
begin
    foreach tenant_table in array tenant_tables loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format('create policy of_tenant on %I using (platform_id = platform_id()) with check (platform_id = platform_id())', tenant_table);
    end loop;
end
$$;
revoke execute on function close_by_default(text[]) from public;
select close_by_default('companion', 'invitation_event');
grant select, insert, update, delete on companion to narada_service;
grant select, insert on invitation_event to narada_service;

-- What would contradict itself: seats online where everybody sits in one room, and a registration that nobody can find.
create function meeting_answers_check(format text, online_capacity int, visibility text, registration text) returns void language plpgsql stable as $$
begin
    if online_capacity is not null and format <> 'hybrid' then
        perform refuse(422, 'Only a meeting in person and online counts the seats online.', 'online_capacity_not_hybrid', 'online_capacity');
    elsif registration <> 'closed' and visibility <> 'public' then
        perform refuse(422, 'Only a public meeting can be open to registration.', 'registration_needs_public', 'registration');
    end if;
end
$$;

-- A meeting as it is shown: to those with a role in the platform all of it, to everybody else what is public.
drop view meeting_shown;
create view meeting_shown with (security_invoker = true) as
select m.id, m.slug, m.title, m.theme, m.purpose, m.information, m.starts_at, m.ends_at, m.time_zone, m.language, m.status, m.visibility, m.format,
       m.venue_id, case when v.id is not null then jsonb_build_object('id', v.id, 'name', v.name, 'room', v.room, 'address', v.address, 'city', v.city,
           'country', v.country, 'directions', v.directions, 'accessibility', v.accessibility, 'website', v.website) end as venue,
       case when caller_role() is not null then m.online_url end as online_url,
       m.capacity, m.waitlist,
       case when caller_role() is not null then m.substitutes end as substitutes, case when caller_role() is not null then m.companions_allowed end as companions_allowed,
       case when caller_role() is not null then m.online_capacity end as online_capacity, case when caller_role() is not null then m.organisation_quota end as organisation_quota,
       m.registration, case when caller_role() is not null then m.quorum end as quorum, m.rsvp_closes_at,
       m.host_organisation_id, case when h.id is not null then jsonb_build_object('id', h.id, 'name', h.name, 'short_name', h.short_name, 'website', h.website) end as host,
       m.series_id, case when s.id is not null then jsonb_build_object('id', s.id, 'title', s.title) end as series, m.series_number,
       replace(s.numbering, '{number}', m.series_number::text) as series_label,
       (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) order by g.name collate "pl-x-icu"), '[]')
          from meeting_group i join contact_group g on g.platform_id = i.platform_id and g.id = i.group_id
         where i.platform_id = m.platform_id and i.meeting_id = m.id) as invited_groups,
       m.contact_name, m.contact_email, m.contact_phone, m.cancelled_reason,
       case when caller_role() is not null then m.external_id end as external_id,
       m.version, m.created_at, m.updated_at,
       m.search as _search, m.sequence as _sequence,
       m.ends_at < now() as _past, m.status = 'draft' as _draft, m.status = 'cancelled' as _cancelled, m.status = 'held' as _held, m.status = 'published' as _published,
       set_title(coalesce(m.theme, m.title), m.language) as _headline, m.format = 'in_person' as _in_person, coalesce(m.contact_name, m.contact_email, m.contact_phone) is not null as _contact,
       date_trunc('day', m.starts_at at time zone m.time_zone) = date_trunc('day', m.ends_at at time zone m.time_zone) as _one_day
  from meeting m
  left join venue v on v.platform_id = m.platform_id and v.id = m.venue_id
  left join organisation h on h.platform_id = m.platform_id and h.id = m.host_organisation_id
  left join series s on s.platform_id = m.platform_id and s.id = m.series_id
 where m.platform_id = platform_id() and (caller_role() is not null or (m.status <> 'draft' and m.visibility = 'public'));
grant select on meeting_shown to narada_service;

reset role;
