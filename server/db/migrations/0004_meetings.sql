-- 0004_meetings.sql: meetings, agenda and speakers as the API shows them, and the rules of how they change.

set local role narada_owner;
set local search_path = narada;

-- ── What is shown ─────────────────────────────────────────────────────────────

-- A headline as it is set in print: in Polish a one-letter word never ends a line.
create function set_title(title text, language text) returns text language sql immutable parallel safe as $$
    select case left(set_title.language, 2) when 'pl' then regexp_replace(set_title.title, '(?<=^|[ \u00a0„(])([aiouwzAIOUWZ]) ', E'\\1\u00a0', 'g') else set_title.title end
$$;

-- A meeting as it is shown: to those with a role in the platform all of it, to everybody else what is public.
create view meeting_shown with (security_invoker = true) as
select m.id, m.slug, m.title, m.theme, m.purpose, m.information, m.starts_at, m.ends_at, m.time_zone, m.language, m.status, m.visibility, m.format,
       m.venue_id, case when v.id is not null then jsonb_build_object('id', v.id, 'name', v.name, 'room', v.room, 'address', v.address, 'city', v.city,
           'country', v.country, 'directions', v.directions, 'accessibility', v.accessibility, 'website', v.website) end as venue,
       case when caller_role() is not null then m.online_url end as online_url,
       m.capacity, m.waitlist, m.rsvp_closes_at,
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

-- Who has a part in a meeting; never an address or a telephone number, since anybody may read it.
create view speaker_shown with (security_invoker = true) as
select s.id, s.meeting_id, s.agenda_item_id, s.role, s.person_id, s.organisation_id, coalesce(p.name, o.name) as name,
       coalesce(s.position_shown, p.position) as position, coalesce(s.organisation_shown, e.name) as organisation,
       s.position_shown, s.organisation_shown, s.rank, s.version, s.created_at, s.updated_at
  from speaker s
  left join person p on p.platform_id = s.platform_id and p.id = s.person_id
  left join organisation e on e.platform_id = p.platform_id and e.id = p.organisation_id
  left join organisation o on o.platform_id = s.platform_id and o.id = s.organisation_id
 where s.platform_id = platform_id();

create function speakers_of_item(item uuid) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'role', s.role, 'person_id', s.person_id, 'organisation_id', s.organisation_id,
               'name', s.name, 'position', s.position, 'organisation', s.organisation) order by s.rank, s.created_at, s.id), '[]')
      from speaker_shown s where s.agenda_item_id = item
$$;

create function initiatives_of_item(item uuid) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'title', i.title, 'status', i.status, 'website', i.website,
               'lead', case when lead.id is not null then jsonb_build_object('id', lead.id, 'name', lead.name) end,
               'partners', (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.name collate "pl-x-icu"), '[]')
                              from initiative_partner p join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
                             where p.platform_id = i.platform_id and p.initiative_id = i.id and p.organisation_id is distinct from i.lead_organisation_id))
               order by i.created_at, i.id), '[]')
      from initiative_item l
      join initiative i on i.platform_id = l.platform_id and i.id = l.initiative_id
      left join organisation lead on lead.platform_id = i.platform_id and lead.id = i.lead_organisation_id
     where l.platform_id = platform_id() and l.agenda_item_id = item
$$;

create view agenda_shown with (security_invoker = true) as
select a.id, a.meeting_id, a.position, a.kind, a.title, a.abstract, a.starts_at, a.duration_minutes, a.begins_at, a.finishes_at,
       speakers_of_item(a.id) as speakers, initiatives_of_item(a.id) as initiatives, a.version, a.created_at, a.updated_at
  from agenda_timeline a
 where a.platform_id = platform_id();

-- A meeting as a calendar has it; the encoder's columns. A cancelled one stays for a while, so that calendars that know it learn of it.
-- Times of creation and change come from the data: a feed that did not change must be the same bytes.
create view meeting_event with (security_invoker = true) as
select m.id, m.slug, m.visibility, m.id || '@narada' as uid, m.sequence, m.updated_at as dtstamp, m.created_at as created, m.starts_at, m.ends_at, m.time_zone,
       m.language, m.title || coalesce(': ' || m.theme, '') as summary,
       nullif(concat_ws(E'\n\n', m.purpose, m.information, nullif(concat_ws(', ', m.contact_name, m.contact_email, m.contact_phone), '')), '') as description,
       nullif(concat_ws(', ', v.name, v.room, v.address, v.city), '') as location,
       case m.status when 'cancelled' then 'CANCELLED' when 'draft' then 'TENTATIVE' else 'CONFIRMED' end as status,
       coalesce(h.name, p.name) as organiser_name, coalesce(m.contact_email, p.contact_email) as organiser_email
  from meeting m
  join platform p on p.id = m.platform_id
  left join venue v on v.platform_id = m.platform_id and v.id = m.venue_id
  left join organisation h on h.platform_id = m.platform_id and h.id = m.host_organisation_id
 where m.platform_id = platform_id();

-- Calendars that strike nothing through still say it in the title.
create function cancelled_word(language text) returns text language sql immutable parallel safe as $$
    select case left(language, 2) when 'pl' then 'ODWOŁANE: ' when 'fi' then 'PERUTTU: ' else 'CANCELLED: ' end
$$;

grant select on meeting_shown, speaker_shown, agenda_shown, meeting_event to narada_service;

-- ── What was made ─────────────────────────────────────────────────────────────

-- What a statement made is not visible to itself; it keeps the id for the next statement of the same request, which shows it.
create function keep_made(id uuid) returns uuid language sql volatile as
    $$ select set_config('narada.made', id::text, true)::uuid $$;
create function made_id() returns uuid language sql stable as
    $$ select nullif(current_setting('narada.made', true), '')::uuid $$;

-- ── Meetings ──────────────────────────────────────────────────────────────────

-- An address for a meeting from its title and day: "miasta-i-gminy-2019-12-17", with -2, -3 … if taken.
-- Locked, so that two meetings of one title made at once do not want the same.
create function meeting_slug(title text, starts_at timestamptz, time_zone text) returns text language plpgsql volatile as $$
declare
    base text := trim(both '-' from left(regexp_replace(fold(meeting_slug.title), '[^a-z0-9]+', '-', 'g'), 60));
    day text := to_char(meeting_slug.starts_at at time zone meeting_slug.time_zone, 'YYYY-MM-DD');
    free text := concat_ws('-', nullif(trim(both '-' from base), ''), day);
begin
    base := free;
    perform pg_advisory_xact_lock(hashtextextended('meeting_slug ' || platform_id() || base, 0));
    for number in 2 .. 1000 loop
        exit when not exists (select from meeting m where m.platform_id = platform_id() and m.slug = free);
        free := base || '-' || number;
    end loop;
    return free;
end
$$;

-- Refuses what a meeting's row can't be, and says which member it is; the constraints would only say that something is wrong.
create function meeting_check(slug text, starts_at timestamptz, ends_at timestamptz, venue uuid, host uuid, series uuid) returns void language plpgsql stable as $$
begin
    if meeting_check.slug in ('new', 'edit') then
        perform refuse(409, 'This address is a page of the service itself.', 'meeting_slug_taken', 'slug');
    elsif meeting_check.ends_at <= meeting_check.starts_at then
        perform refuse(422, 'A meeting ends after it starts.', 'meeting_ends_before_start', 'ends_at');
    elsif venue is not null and not exists (select from venue v where v.platform_id = platform_id() and v.id = meeting_check.venue) then
        perform refuse(422, 'There is no such venue.', 'meeting_venue', 'venue_id');
    elsif host is not null and not exists (select from organisation o where o.platform_id = platform_id() and o.id = meeting_check.host) then
        perform refuse(422, 'There is no such organisation.', 'meeting_host', 'host_organisation_id');
    elsif series is not null and not exists (select from series s where s.platform_id = platform_id() and s.id = meeting_check.series) then
        perform refuse(422, 'There is no such series.', 'meeting_series', 'series_id');
    end if;
end
$$;

-- draft → published → cancelled or held; staying is always possible.
create function meeting_move(from_status text, to_status text) returns void language plpgsql stable as $$
begin
    if from_status <> to_status and (from_status, to_status) not in (('draft', 'published'), ('published', 'cancelled'), ('published', 'held')) then
        perform refuse(409, 'A meeting that is ' || from_status || ' can not become ' || to_status || '.', 'meeting_status_not_from_here', 'status');
    end if;
end
$$;

-- Zones to choose from in a form: those of Europe, the platform's, and the one in use.
create function time_zones(in_use text) returns table (id text, name text) language sql stable as $$
    select distinct zone, zone from (
        select unnest(array['Europe/Amsterdam', 'Europe/Athens', 'Europe/Belgrade', 'Europe/Berlin', 'Europe/Bratislava', 'Europe/Brussels', 'Europe/Bucharest',
            'Europe/Budapest', 'Europe/Copenhagen', 'Europe/Dublin', 'Europe/Helsinki', 'Europe/Istanbul', 'Europe/Kyiv', 'Europe/Lisbon', 'Europe/Ljubljana',
            'Europe/London', 'Europe/Luxembourg', 'Europe/Madrid', 'Europe/Malta', 'Europe/Oslo', 'Europe/Paris', 'Europe/Prague', 'Europe/Riga', 'Europe/Rome',
            'Europe/Sofia', 'Europe/Stockholm', 'Europe/Tallinn', 'Europe/Vienna', 'Europe/Vilnius', 'Europe/Warsaw', 'Europe/Zagreb', 'Europe/Zurich',
            'Atlantic/Reykjavik', 'Asia/Nicosia', 'UTC']) as zone
        union select p.time_zone from platform p where p.id = platform_id()
        union select in_use where in_use is not null) every
     order by 1
$$;

-- ── Agenda and speakers ───────────────────────────────────────────────────────

-- The end of the agenda, under the meeting's lock: two items added at once come one after another.
create function agenda_end(meeting uuid) returns int language plpgsql volatile as $$
begin
    perform from meeting m where m.platform_id = platform_id() and m.id = agenda_end.meeting for update;
    return (select coalesce(max(a.position), 0) + 1 from agenda_item a where a.platform_id = platform_id() and a.meeting_id = agenda_end.meeting);
end
$$;

-- The whole agenda in a new order: every item exactly once.
create function agenda_order(meeting uuid, items jsonb) returns void language plpgsql volatile as $$
declare
    wanted uuid[] := array(select i::uuid from jsonb_array_elements_text(items) with ordinality o(i, n) order by n);
begin
    perform from meeting m where m.platform_id = platform_id() and m.id = agenda_order.meeting for update;
    if array(select unnest(wanted) order by 1) <> array(select a.id from agenda_item a where a.platform_id = platform_id() and a.meeting_id = agenda_order.meeting order by 1) then
        perform refuse(422, 'The order must name every item of the agenda exactly once.', 'order_not_exact', 'items');
    end if;
    update agenda_item a set position = array_position(wanted, a.id)
     where a.platform_id = platform_id() and a.meeting_id = agenda_order.meeting and a.position <> array_position(wanted, a.id);
end
$$;

-- Sets what is presented in an item to exactly these initiatives.
create function agenda_set_initiatives(item uuid, ids jsonb) returns void language plpgsql volatile as $$
begin
    if exists (select from jsonb_array_elements_text(ids) i
                where not exists (select from initiative n where n.platform_id = platform_id() and n.id = i::uuid)) then
        perform refuse(422, 'There is no such initiative.', 'no_such_initiative', 'initiative_ids');
    end if;
    delete from initiative_item l where l.platform_id = platform_id() and l.agenda_item_id = item
       and l.initiative_id not in (select i::uuid from jsonb_array_elements_text(ids) i);
    insert into initiative_item (initiative_id, agenda_item_id) select i::uuid, item from jsonb_array_elements_text(ids) i on conflict do nothing;
end
$$;

-- The item of this meeting's agenda that a speaker belongs to, or the refusal.
create function speaker_check(meeting uuid, item uuid, person uuid, organisation uuid) returns void language plpgsql stable as $$
begin
    if item is not null and not exists (select from agenda_item a where a.platform_id = platform_id() and a.meeting_id = speaker_check.meeting and a.id = item) then
        perform refuse(422, 'The agenda of this meeting has no such item.', 'no_such_item', 'agenda_item_id');
    elsif person is not null and not exists (select from person p where p.platform_id = platform_id() and p.id = speaker_check.person) then
        perform refuse(422, 'There is no such person.', 'no_such_person', 'person_id');
    elsif organisation is not null and not exists (select from organisation o where o.platform_id = platform_id() and o.id = speaker_check.organisation) then
        perform refuse(422, 'There is no such organisation.', 'no_such_organisation', 'organisation_id');
    end if;
end
$$;

-- The person who is written out: by e-mail; without one, by name (and organisation, if it is said); made if there is none.
create function speaking_person(written jsonb) returns uuid language plpgsql volatile as $$
declare
    found_id uuid;
begin
    if nullif(btrim(written->>'email'), '') is null then
        select p.id into found_id from person p
         where p.platform_id = platform_id() and fold(p.name) = fold(btrim(written->>'name'))
           and (nullif(btrim(written->>'organisation'), '') is null or p.organisation_id = organisation_found(written->>'organisation'))
         order by p.created_at, p.id limit 1;
    end if;
    return coalesce(found_id, person_from(written));
end
$$;

reset role;
