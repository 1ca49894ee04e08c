-- 0002_domain.sql: registers, meetings, invitations, attendance.
--
-- Every table has platform_id first in its primary key, unique keys and foreign keys, so that no row can point into another tenant.
-- Names of constraints are the codes of problems: the pages translate `problem.<constraint>`.

set local role narada_owner;
set local search_path = narada;

-- ── Registers ─────────────────────────────────────────────────────────────────

create table organisation (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    name text not null,
    short_name text,
    kind text not null default 'other'
        check (kind in ('company', 'municipality', 'public_authority', 'agency', 'university', 'cluster', 'association', 'other')),
    affiliation text not null default 'none' check (affiliation in ('member', 'partner', 'none')),
    parent_id uuid,
    city text,
    website text,
    note text,
    external_id text,
    search text not null generated always as (fold(name || ' ' || coalesce(short_name, '') || ' ' || coalesce(city, ''))) stored,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint organisation_external_id_taken unique (platform_id, external_id),
    constraint organisation_parent foreign key (platform_id, parent_id) references organisation on delete set null (parent_id),
    constraint organisation_own_parent check (parent_id <> id)
);
create unique index organisation_name_taken on organisation (platform_id, fold(name));
create index organisation_children on organisation (platform_id, parent_id);

alter table platform add constraint platform_host foreign key (id, host_organisation_id)
    references organisation (platform_id, id) on delete set null (host_organisation_id);

create table person (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    name text not null,       -- as shown, titles included
    sort_name text,           -- "Kowalska Anna"; NULL: name
    email text,
    phone text,
    position text,            -- "dyrektor Departamentu Innowacji"
    organisation_id uuid,
    language text,            -- of mails and pages; NULL: the platform's
    note text,                -- for organisers only
    external_id text,
    search text not null generated always as (fold(name || ' ' || coalesce(sort_name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(position, ''))) stored,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint person_external_id_taken unique (platform_id, external_id),
    constraint person_organisation foreign key (platform_id, organisation_id) references organisation on delete set null (organisation_id)
);
create unique index person_email_taken on person (platform_id, email_key(email));
create index person_of_organisation on person (platform_id, organisation_id);

-- "małopolskie gminy": people, and organisations standing for the people who represent them.
create table contact_group (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    name text not null,
    description text,
    external_id text,
    search text not null generated always as (fold(name || ' ' || coalesce(description, ''))) stored,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint group_external_id_taken unique (platform_id, external_id)
);
create unique index group_name_taken on contact_group (platform_id, fold(name));

create table group_member (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    group_id uuid not null,
    person_id uuid,
    organisation_id uuid,
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint group_member_group foreign key (platform_id, group_id) references contact_group on delete cascade,
    constraint group_member_person foreign key (platform_id, person_id) references person on delete cascade,
    constraint group_member_organisation foreign key (platform_id, organisation_id) references organisation on delete cascade,
    constraint group_member_one check (num_nonnulls(person_id, organisation_id) = 1),
    constraint group_member_already unique nulls not distinct (platform_id, group_id, person_id, organisation_id)
);
create index group_member_of_person on group_member (platform_id, person_id);
create index group_member_of_organisation on group_member (platform_id, organisation_id);

create table venue (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    name text not null,
    address text,
    city text,
    country text,
    room text,
    capacity int check (capacity > 0),
    directions text,
    accessibility text,
    website text,
    search text not null generated always as (fold(name || ' ' || coalesce(room, '') || ' ' || coalesce(address, '') || ' ' || coalesce(city, ''))) stored,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id)
);

create table series (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    title text not null,
    numbering text, -- "{number}. spotkanie przygotowawcze": how a meeting of it is named by number
    description text,
    host_organisation_id uuid,
    search text not null generated always as (fold(title || ' ' || coalesce(description, ''))) stored,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint series_host foreign key (platform_id, host_organisation_id) references organisation on delete set null (host_organisation_id)
);

-- ── Meetings and their programme ──────────────────────────────────────────────

create table meeting (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    slug text not null,
    title text not null,
    theme text,
    purpose text,
    information text,  -- practical: how to get there, what to bring
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    time_zone text not null,
    language text not null,
    status text not null default 'draft' check (status in ('draft', 'published', 'cancelled', 'held')),
    visibility text not null default 'public' check (visibility in ('public', 'invited')),
    format text not null default 'in_person' check (format in ('in_person', 'online', 'hybrid')),
    venue_id uuid,
    online_url text,   -- only for those who accepted
    capacity int check (capacity > 0),
    waitlist boolean not null default false,
    rsvp_closes_at timestamptz,
    host_organisation_id uuid,
    series_id uuid,
    series_number int check (series_number > 0),
    contact_name text,
    contact_email text,
    contact_phone text,
    cancelled_reason text,
    external_id text,
    sequence int not null default 0, -- iCalendar's SEQUENCE: raised when time, place or status change
    search text not null generated always as (fold(title || ' ' || coalesce(theme, '') || ' ' || coalesce(purpose, ''))) stored,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint meeting_slug_taken unique (platform_id, slug),
    constraint meeting_external_id_taken unique (platform_id, external_id),
    constraint meeting_series_number_taken unique (platform_id, series_id, series_number),
    constraint meeting_venue foreign key (platform_id, venue_id) references venue on delete set null (venue_id),
    constraint meeting_host foreign key (platform_id, host_organisation_id) references organisation on delete set null (host_organisation_id),
    constraint meeting_series foreign key (platform_id, series_id) references series on delete set null (series_id),
    constraint meeting_ends_before_start check (ends_at > starts_at)
);
create index meeting_by_start on meeting (platform_id, starts_at, id);

create function raise_sequence() returns trigger language plpgsql as $$
begin
    if (new.starts_at, new.ends_at, new.time_zone, new.status, new.venue_id, new.format)
        is distinct from (old.starts_at, old.ends_at, old.time_zone, old.status, old.venue_id, old.format) then
        new.sequence := old.sequence + 1;
    end if;
    return new;
end
$$;
create trigger raise_sequence before update on meeting for each row execute function raise_sequence();

create table agenda_item (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    position int not null,
    kind text not null default 'talk' check (kind in ('talk', 'panel', 'break', 'discussion', 'vote', 'other')),
    title text not null,
    abstract text,
    starts_at timestamptz, -- fixed; NULL: follows from what comes before
    duration_minutes int check (duration_minutes between 0 and 1440),
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint agenda_item_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create index agenda_of_meeting on agenda_item (platform_id, meeting_id, position, id);

-- When each item begins and ends: from the last fixed start before it (or the meeting's), plus the durations between.
-- Unknown (NULL) after an item whose duration is not known, until the next fixed start.
create view agenda_timeline with (security_invoker = true) as
with stretch as (
    select i.*, m.starts_at as meeting_starts_at,
           count(i.starts_at) over (partition by i.platform_id, i.meeting_id order by i.position, i.id) as stretch
      from agenda_item i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
), begun as (
    select s.*,
           case when count(*) filter (where s.duration_minutes is null) over before_it = 0
                then first_value(coalesce(s.starts_at, s.meeting_starts_at)) over in_order
                     + make_interval(mins => coalesce(sum(s.duration_minutes) over before_it, 0)::int) end as begins_at
      from stretch s
    window in_order as (partition by s.platform_id, s.meeting_id, s.stretch order by s.position, s.id),
           before_it as (partition by s.platform_id, s.meeting_id, s.stretch order by s.position, s.id
                         rows between unbounded preceding and 1 preceding)
)
select platform_id, id, meeting_id, position, kind, title, abstract, starts_at, duration_minutes, version, created_at, updated_at,
       begins_at, begins_at + make_interval(mins => duration_minutes) as finishes_at
  from begun;

-- A person's (or an organisation's) part in the meeting as a whole or in one item of its agenda.
create table speaker (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    agenda_item_id uuid, -- NULL: the whole meeting
    person_id uuid,
    organisation_id uuid,
    role text not null default 'speaker' check (role in ('special_guest', 'speaker', 'moderator', 'panellist', 'host')),
    position_shown text,     -- NULL: the person's own
    organisation_shown text,
    rank int not null default 0,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint speaker_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint speaker_item foreign key (platform_id, agenda_item_id) references agenda_item on delete cascade,
    constraint speaker_person foreign key (platform_id, person_id) references person on delete cascade,
    constraint speaker_organisation foreign key (platform_id, organisation_id) references organisation on delete cascade,
    constraint speaker_somebody check (num_nonnulls(person_id, organisation_id) = 1),
    constraint speaker_already unique nulls not distinct (platform_id, meeting_id, agenda_item_id, person_id, organisation_id, role)
);
create index speaker_of_item on speaker (platform_id, agenda_item_id);
create index speaker_of_person on speaker (platform_id, person_id);

create table initiative (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    title text not null,
    description text,
    status text not null default 'idea' check (status in ('idea', 'planned', 'running', 'completed', 'cancelled')),
    financing_status text not null default 'none' check (financing_status in ('none', 'sought', 'applied', 'granted', 'refused')),
    financing text,
    lead_organisation_id uuid,
    website text,
    external_id text,
    search text not null generated always as (fold(title || ' ' || coalesce(description, ''))) stored,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint initiative_external_id_taken unique (platform_id, external_id),
    constraint initiative_lead foreign key (platform_id, lead_organisation_id) references organisation on delete set null (lead_organisation_id)
);
create unique index initiative_title_taken on initiative (platform_id, fold(title));

create table initiative_partner (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    initiative_id uuid not null,
    organisation_id uuid not null,
    primary key (platform_id, initiative_id, organisation_id),
    constraint initiative_partner_initiative foreign key (platform_id, initiative_id) references initiative on delete cascade,
    constraint initiative_partner_organisation foreign key (platform_id, organisation_id) references organisation on delete cascade
);

-- The agenda items where an initiative was presented.
create table initiative_item (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    initiative_id uuid not null,
    agenda_item_id uuid not null,
    primary key (platform_id, initiative_id, agenda_item_id),
    constraint initiative_item_initiative foreign key (platform_id, initiative_id) references initiative on delete cascade,
    constraint initiative_item_item foreign key (platform_id, agenda_item_id) references agenda_item on delete cascade
);
create index initiative_of_item on initiative_item (platform_id, agenda_item_id);

-- ── Invited, answered, came: three different facts ────────────────────────────

-- Which groups were invited, for "who is invited" on the public page.
create table meeting_group (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    meeting_id uuid not null,
    group_id uuid not null,
    invited_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, meeting_id, group_id),
    constraint meeting_group_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint meeting_group_group foreign key (platform_id, group_id) references contact_group on delete cascade
);

create table invitation (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    person_id uuid not null,
    group_id uuid, -- the group it came by; NULL: invited as a person
    response text not null default 'needs_action'
        check (response in ('needs_action', 'accepted', 'tentative', 'declined', 'delegated', 'waitlisted')),
    responded_at timestamptz,
    note text,              -- of the invitee to the organiser
    queue_number bigint,    -- order on the waitlist; given under the meeting's lock, so it is the order of answering
    link_version int not null default 1 check (link_version between 1 and 65535),
    withdrawn_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint invitation_already unique (platform_id, meeting_id, person_id),
    constraint invitation_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint invitation_person foreign key (platform_id, person_id) references person on delete cascade,
    constraint invitation_group foreign key (platform_id, group_id) references contact_group on delete set null (group_id),
    constraint invitation_queued check ((response = 'waitlisted') = (queue_number is not null))
);
create index invitation_by_response on invitation (platform_id, meeting_id, response) where withdrawn_at is null;
create index invitation_of_person on invitation (platform_id, person_id);
create unique index invitation_queue on invitation (platform_id, meeting_id, queue_number) where queue_number is not null;

create table attendance (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    person_id uuid not null,
    state text not null default 'present' check (state in ('present', 'remote', 'excused', 'absent')),
    arrived_at timestamptz,
    left_at timestamptz,
    recorded_as text not null default 'check_in' check (recorded_as in ('check_in', 'walk_in', 'paper', 'correction')),
    note text,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint attendance_already unique (platform_id, meeting_id, person_id),
    constraint attendance_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint attendance_person foreign key (platform_id, person_id) references person on delete cascade,
    constraint attendance_left_before_arrival check (left_at >= arrived_at)
);
create index attendance_of_person on attendance (platform_id, person_id);

-- A meeting by id or slug; drafts and meetings for the invited only are there for those with a role in the platform.
create function meeting_ref(ref text) returns uuid language plpgsql stable as $$
declare
    found_id uuid;
begin
    select id into found_id from meeting m
     where m.platform_id = platform_id()
       and (case when ref ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then m.id = ref::uuid else m.slug = ref end)
       and (caller_role() is not null or (m.status <> 'draft' and m.visibility = 'public'));
    if found_id is null then
        perform refuse(404, 'There is no such meeting.', 'not_found');
    end if;
    return found_id;
end
$$;

-- ── Closed by default ─────────────────────────────────────────────────────────

do $closed$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['organisation', 'person', 'contact_group', 'group_member', 'venue', 'series', 'meeting', 'agenda_item', 'speaker',
                                        'initiative', 'initiative_partner', 'initiative_item', 'meeting_group', 'invitation', 'attendance'] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format('create policy of_tenant on %I using (platform_id = platform_id()) with check (platform_id = platform_id())', tenant_table);
        execute format('grant select, insert, update, delete on %I to narada_service', tenant_table);
    end loop;
    foreach tenant_table in array array['organisation', 'person', 'contact_group', 'venue', 'series', 'meeting', 'agenda_item', 'speaker', 'initiative', 'invitation', 'attendance'] loop
        execute format('create trigger touch before update on %I for each row execute function %I()', tenant_table,
                       case when exists (select from pg_attribute where attrelid = tenant_table::regclass and attname = 'search') then 'touch_searched' else 'touch' end);
    end loop;
end
$closed$;
grant select on agenda_timeline to narada_service;

reset role;
