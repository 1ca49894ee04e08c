-- 0024_printing.sql: what a platform's paper looks like, and certificates of attendance.

set local role narada_owner;
set local search_path = narada;

-- ── How a platform's paper looks ──────────────────────────────────────────────

create table platform_print (
    platform_id uuid primary key default platform_id() references platform on delete cascade,
    logo_top bytea check (length(logo_top) <= 1000000),       -- PNG or JPEG: a strip as the funder's handbook orders it, one picture
    logo_bottom bytea check (length(logo_bottom) <= 1000000),
    funder_text text,       -- "Projekt współfinansowany ze środków Unii Europejskiej…"
    project_title text,
    project_number text,
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp()
);
create trigger touch before update on platform_print for each row execute function touch();
select close_by_default('platform_print');
grant select, insert, update on platform_print to narada_service;

-- A meeting that another project pays for. What is NULL is as on all the platform's paper.
create table meeting_print (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    meeting_id uuid not null,
    funder_text text,
    project_title text,
    project_number text,
    version bigint not null default 1,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, meeting_id),
    constraint meeting_print_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create trigger touch before update on meeting_print for each row execute function touch();
select close_by_default('meeting_print');
grant select, insert, update on meeting_print to narada_service;

create function picture_src(picture bytea) returns text language sql immutable parallel safe as $$
    select 'data:image/' || case when substr(picture, 1, 2) = '\xffd8' then 'jpeg' else 'png' end || ';base64,' || translate(encode(picture, 'base64'), E'\n', '')
$$;

create view platform_print_shown with (security_invoker = true) as
select f.id as platform_id, p.funder_text, p.project_title, p.project_number, p.logo_top is not null as has_logo_top, p.logo_bottom is not null as has_logo_bottom,
       coalesce(p.version, 0) as version, picture_src(p.logo_top) as logo_top_src, picture_src(p.logo_bottom) as logo_bottom_src
  from platform f left join platform_print p on p.platform_id = f.id;
grant select on platform_print_shown to narada_service;

create view meeting_print_shown with (security_invoker = true) as
select m.platform_id, m.id as meeting_id, p.funder_text, p.project_title, p.project_number, coalesce(p.version, 0) as version
  from meeting m left join meeting_print p on p.platform_id = m.platform_id and p.meeting_id = m.id;
grant select on meeting_print_shown to narada_service;

-- `strip` is 'top' or 'bottom'; NULL takes the picture away.
create function set_print_logo(strip text, picture bytea) returns void language plpgsql volatile as $$
begin
    if length(picture) > 1000000 then
        perform refuse(422, 'The picture may have at most 1 MB.', 'picture_too_big', 'picture');
    end if;
    insert into platform_print as s (logo_top, logo_bottom) values (case strip when 'top' then picture end, case strip when 'bottom' then picture end)
        on conflict (platform_id) do update
       set logo_top = case strip when 'top' then picture else s.logo_top end, logo_bottom = case strip when 'bottom' then picture else s.logo_bottom end;
end
$$;

-- What stands on every page of a meeting's paper: one row.
create function paper(of_meeting uuid) returns table (logo_top text, logo_bottom text, funder_text text, project_title text, project_number text) language sql stable as $$
    select encode(p.logo_top, 'base64'), encode(p.logo_bottom, 'base64'), coalesce(m.funder_text, p.funder_text), coalesce(m.project_title, p.project_title),
           coalesce(m.project_number, p.project_number)
      from (select) one
      left join platform_print p on p.platform_id = platform_id()
      left join meeting_print m on m.platform_id = platform_id() and m.meeting_id = of_meeting
$$;

-- What its head says: one row, or none.
create function paper_meeting(of_meeting uuid)
returns table (title text, theme text, purpose text, starts_at timestamptz, ends_at timestamptz, time_zone text, language text, place text, platform text, organiser text, several_days boolean, slug text)
language sql stable as $$
    select m.title, m.theme, m.purpose, m.starts_at, m.ends_at, m.time_zone, m.language, nullif(concat_ws(', ', v.name, v.room, v.address, v.city), ''), f.name, coalesce(h.name, f.name),
           (m.starts_at at time zone m.time_zone)::date <> (m.ends_at at time zone m.time_zone)::date, m.slug
      from meeting m
      join platform f on f.id = m.platform_id
      left join venue v on v.platform_id = m.platform_id and v.id = m.venue_id
      left join organisation h on h.platform_id = m.platform_id and h.id = m.host_organisation_id
     where m.platform_id = platform_id() and m.id = of_meeting
$$;

-- Everybody for whom a place is prepared: a row a head, companions below their host. `who`: 'accepted', 'expected' (also those who may still come), 'came'; for the room
-- only, since who comes by link signs nothing. Whoever came without an invitation is there too. Ordered as the reader's language does.
create function paper_people(of_meeting uuid, who text, reader text)
returns table (name text, "position" text, organisation text, email text, ticket_url text, place bigint) language sql stable as $$
    select h.name, case when h.rank = 1 then d.position end, d.organisation, case when h.rank = 1 then d.email end,
           case when h.rank = 1 and d.response = 'accepted' and d.mode is distinct from 'online' then i.id || '.' || i.link_version end,
           row_number() over (order by case when reader = 'fi' then d.sort_name end collate "fi-x-icu", case when reader = 'en' then d.sort_name end collate "en-x-icu",
                                       d.sort_name collate "pl-x-icu", d.person_id, h.rank)
      from attendees(of_meeting) d
      left join invitation i on i.platform_id = platform_id() and i.id = d.invitation_id
     cross join lateral unnest(array_prepend(d.name, d.companions)) with ordinality h (name, rank)
     where d.mode is distinct from 'online'
       and case who when 'came' then d.attended and h.rank = 1
                    when 'expected' then coalesce(d.response, 'accepted') not in ('declined', 'delegated') or d.attended
                    else d.response = 'accepted' or d.attended end
$$;

-- ── Certificates ──────────────────────────────────────────────────────────────

-- What a certificate says, and whether it still holds: as long as the attendance says that the person was there.
create view certificate_shown with (security_invoker = true) as
select a.platform_id, a.meeting_id, a.id, p.name, p.position, o.name as organisation, a.state = 'remote' as remote, a.state in ('present', 'remote') as holds, coalesce(p.language, m.language) as language,
       coalesce(p.sort_name, p.name) as sort_name, a.id || '.1' as certificate_url, a.state, m.title, m.theme, m.starts_at, m.ends_at, m.time_zone, m.language as meeting_language
  from attendance a
  join meeting m on m.platform_id = a.platform_id and m.id = a.meeting_id
  join person p on p.platform_id = a.platform_id and p.id = a.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id;
grant select on certificate_shown to narada_service;

-- A certificate whose MAC was right: refused if what it said is not so any more.
create function certificate_opened(attendance uuid) returns void language plpgsql stable as $$
begin
    if not coalesce((select c.holds from certificate_shown c where c.platform_id = platform_id() and c.id = certificate_opened.attendance), false) then
        perform refuse(410, 'This certificate does not hold any more: the attendance was corrected.', 'certificate_over');
    end if;
end
$$;

-- ── The report ────────────────────────────────────────────────────────────────

-- Invited, answered, came: of one organisation or group each.
create function report_parts(of_meeting uuid, by_group boolean) returns table (name text, invited int, answered int, accepted int, declined int, came int) language sql stable as $$
    with heads as (
        select d.person_id, d.response, d.invitation_id is not null as invited, d.attended, case when by_group then i.group_id else d.organisation_id end as id
          from attendees(of_meeting) d left join invitation i on i.platform_id = platform_id() and i.id = d.invitation_id
    )
    select coalesce(g.name, o.name), (count(*) filter (where h.invited))::int, (count(*) filter (where h.invited and h.response <> 'needs_action'))::int,
           (count(*) filter (where h.response = 'accepted'))::int, (count(*) filter (where h.response = 'declined'))::int, (count(*) filter (where h.attended))::int
      from heads h
      left join contact_group g on by_group and g.platform_id = platform_id() and g.id = h.id
      left join organisation o on not by_group and o.platform_id = platform_id() and o.id = h.id
     where h.id is not null
     group by h.id, g.name, o.name
     order by coalesce(g.name, o.name) collate "pl-x-icu"
$$;

create function report_counts(of_meeting uuid)
returns table (invited int, accepted int, tentative int, declined int, delegated int, waitlisted int, needs_action int, came int, came_in_person int, came_remotely int, walk_ins int, excused int, no_shows int)
language sql stable as $$
    select (count(*) filter (where d.invitation_id is not null))::int, (count(*) filter (where d.response = 'accepted'))::int, (count(*) filter (where d.response = 'tentative'))::int,
           (count(*) filter (where d.response = 'declined'))::int, (count(*) filter (where d.response = 'delegated'))::int, (count(*) filter (where d.response = 'waitlisted'))::int,
           (count(*) filter (where d.response = 'needs_action'))::int, (count(*) filter (where d.attended))::int, (count(*) filter (where d.state = 'present'))::int,
           (count(*) filter (where d.state = 'remote'))::int, (count(*) filter (where d.attended and d.invitation_id is null))::int, (count(*) filter (where d.state = 'excused'))::int,
           (count(*) filter (where d.response = 'accepted' and not d.attended and d.state is distinct from 'excused'))::int
      from attendees(of_meeting) d
$$;

reset role;
