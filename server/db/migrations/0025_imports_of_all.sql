-- 0025_imports_of_all.sql: lists of more than invitations: people, organisations, groups, an agenda, attendance; by the machinery of 0012_imports.sql.
--
-- What differs from kind to kind is a row of import_kinds() and four functions named after it: import_read_<kind>() says what a row's cells mean, import_match_<kind>()
-- whom or what they are about, import_do_<kind>() does it, and the view import_present_<kind> what is there now, under the names of the fields. All else is done once,
-- here: preview, steps, report, taking back. Lists of invitations keep the functions they have.
--
-- A list changes only what it says: an empty cell changes nothing. What a row changed is kept as it was before and as it was left, and taking the list back puts back what
-- is still as it was left; what it made goes, unless somebody changed it or something else refers to it. Which, is said by row.

set local role narada_owner;
set local search_path = narada;

alter table import add column kind text not null default 'invitations',
    add column walk_ins boolean not null default false, -- of attendance: who was not known is recorded as well
    alter column meeting_id drop not null;
alter table import_row drop constraint import_row_outcome_check,
    add constraint import_row_outcome_check check (outcome in ('new', 'matched', 'already_invited', 'duplicate', 'error', 'invited', 'withdrawn',
        'change', 'same', 'made', 'changed', 'taken_back', 'kept')),
    add column target_id uuid,  -- what the row is about
    add column changes jsonb,   -- what differs: {field: [as it was, as the list says]}
    add column was jsonb,       -- of what was changed: columns as they were, and as the list left them
    add column left_as jsonb;

-- What lists made, until it is taken back or the list is forgotten.
create table import_made (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    import_id uuid not null,
    rank int not null,
    thing text not null check (thing in ('speaker', 'agenda_item', 'group_member', 'contact_group', 'person', 'organisation')),
    id uuid not null,
    version bigint not null, -- as the list left it
    primary key (platform_id, import_id, thing, id),
    constraint import_made_import foreign key (platform_id, import_id) references import on delete cascade
);
create index import_made_of_row on import_made (platform_id, import_id, rank);
select close_by_default('import_made');
grant select, insert, update, delete on import_made to narada_service;

-- The kinds of lists: whether they belong to a meeting, what their columns may hold, and of that what at least one column has to.
create function import_kinds() returns table (kind text, of_meeting boolean, fields text[], needs text[]) language sql immutable parallel safe as $$
    values ('invitations', true, array['name', 'first_name', 'last_name', 'email', 'phone', 'position', 'organisation', 'language', 'note'],
                array['name', 'first_name', 'last_name', 'email']),
           ('people', false, array['name', 'first_name', 'last_name', 'sort_name', 'email', 'phone', 'position', 'organisation', 'language', 'note', 'external_id', 'id'],
                array['name', 'first_name', 'last_name', 'email', 'external_id', 'id']),
           ('organisations', false, array['name', 'short_name', 'kind', 'affiliation', 'parent', 'city', 'website', 'note', 'external_id', 'id'], array['name', 'external_id', 'id']),
           ('groups', false, array['group', 'description', 'external_id', 'name', 'first_name', 'last_name', 'email', 'organisation'], array['group', 'external_id']),
           ('agenda', true, array['title', 'date', 'start', 'end', 'duration', 'kind', 'abstract', 'speakers', 'id'], array['title', 'id']),
           ('attendance', true, array['name', 'first_name', 'last_name', 'email', 'organisation', 'date', 'join', 'leave', 'state', 'note'], array['name', 'first_name', 'last_name', 'email'])
$$;
alter table import add constraint import_kind_known check (kind in ('invitations', 'people', 'organisations', 'groups', 'agenda', 'attendance')),
    add constraint import_kind_meeting check ((meeting_id is not null) = (kind in ('invitations', 'agenda', 'attendance')));

-- ── What cells say ────────────────────────────────────────────────────────────

-- The value of a choice that a cell names, by its code or in one of the pages' languages; NULL: none.
create function import_choice(field text, said text) returns text language sql immutable parallel safe as $$
    select c.value from (values
        ('organisation', 'company', array['firma', 'przedsiebiorstwo', 'spolka', 'business', 'enterprise', 'yritys']),
        ('organisation', 'municipality', array['gmina', 'miasto', 'miasto i gmina', 'samorzad', 'city', 'town', 'commune', 'kunta', 'kaupunki', 'gmina lub miasto']),
        ('organisation', 'public_authority', array['urzad', 'urzad wojewodztwa', 'ministerstwo', 'administracja', 'public authority', 'authority', 'ministry', 'viranomainen']),
        ('organisation', 'agency', array['agencja', 'virasto', 'virasto tai kehitysyhtio']),
        ('organisation', 'university', array['uczelnia', 'uniwersytet', 'politechnika', 'akademia', 'yliopisto', 'korkeakoulu']),
        ('organisation', 'cluster', array['klaster', 'klusteri']),
        ('organisation', 'association', array['stowarzyszenie', 'fundacja', 'zwiazek', 'foundation', 'yhdistys', 'saatio']),
        ('organisation', 'other', array['inna', 'inne', 'muu']),
        ('affiliation', 'member', array['czlonek', 'tak', 'x', 'yes', 'jasen', 'kylla', '1', 'true', 'prawda']),
        ('affiliation', 'partner', array['partner', 'kumppani']),
        ('affiliation', 'none', array['nie', 'brak', 'no', 'ei', '0', 'false', 'falsz', '-', 'ei jasen']),
        ('item', 'talk', array['wystapienie', 'wyklad', 'referat', 'prezentacja', 'presentation', 'lecture', 'speech', 'keynote', 'puhe', 'esitys', 'luento', 'puheenvuoro']),
        ('item', 'panel', array['panel dyskusyjny', 'panel discussion', 'paneeli', 'paneelikeskustelu']),
        ('item', 'break', array['przerwa', 'przerwa kawowa', 'kawa', 'obiad', 'lunch', 'coffee', 'coffee break', 'tauko', 'kahvitauko', 'lounas']),
        ('item', 'discussion', array['dyskusja', 'keskustelu']),
        ('item', 'vote', array['glosowanie', 'voting', 'aanestys']),
        ('item', 'other', array['inne', 'muu']),
        ('state', 'present', array['obecny', 'obecna', 'obecnosc', 'tak', 'x', 'v', '✓', '✔', '+', '1', 'yes', 'y', 'true', 'prawda', 'lasna', 'paikalla', 'kylla', 'k', 'na miejscu']),
        ('state', 'remote', array['zdalnie', 'online', 'zdalny', 'etana', 'verkossa']),
        ('state', 'excused', array['usprawiedliwiony', 'usprawiedliwiona', 'nieobecnosc usprawiedliwiona', 'excused absence', 'poissa ilmoituksella', 'poissa luvalla']),
        ('state', 'absent', array['nieobecny', 'nieobecna', 'nie', 'no', 'n', '0', '-', 'false', 'falsz', 'poissa', 'ei', 'e', 'nieobecnosc'])) c (field, value, names)
     where c.field = import_choice.field and (fold(said) = c.value or fold(said) = any (c.names))
$$;

-- The moment a cell names: with its own offset as it is, else as a clock in that zone shows it; a time alone is on `day`. What the clock skips is no moment.
-- 2026-11-24 9:00, 24.11.2026 9.00, 24/11/2026, 11/24/2026 9:00 AM.
create function import_instant(said text, zone text, day date) returns timestamptz language plpgsql stable parallel safe as $$
declare
    p text[];
    half text := lower(substring(said from '([AaPp])\.?[Mm]\.?\s*$'));
    clock text := substring(said from '(?:^|[T ,])([0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?)(?:[.,][0-9]+)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*$');
    local timestamp;
begin
    if said ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|[+-][0-9]{2}:?[0-9]{2})$' then
        return said::timestamptz;
    end if;
    p := regexp_match(said, '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:$|[T ,])');
    if p is null then
        p := regexp_match(said, '^([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})(?:$|[T ,])');
        p := case when half is not null and said like '%/%' then array[p[3], p[1], p[2]] else array[p[3], p[2], p[1]] end;
    end if;
    if p[1] is not null then
        day := make_date(p[1]::int, p[2]::int, p[3]::int);
    elsif clock is null or said !~ '^[0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2})?\s*([AaPp]\.?[Mm]\.?)?$' then
        return null;
    end if;
    local := day + coalesce(replace(clock, '.', ':')::time, '00:00') + case when half = 'p' and clock::text !~ '^12' then interval '12 hours'
                                                                          when half = 'a' and clock::text ~ '^12' then interval '-12 hours' else '0' end;
    return case when (local at time zone zone) at time zone zone = local then local at time zone zone end;
exception when datetime_field_overflow or invalid_datetime_format or invalid_text_representation then
    return null;
end
$$;

-- Minutes: 45, 45 min, 1:30, 1 h 30, 1,5 h, 1 godz. 30 min.
create function import_minutes(said text) returns int language plpgsql immutable parallel safe as $$
declare
    plain text := replace(regexp_replace(lower(said), '\s+', '', 'g'), ',', '.');
    p text[];
begin
    if plain ~ '^[0-9]{1,4}([.]0+)?(m|min|minut|minutes|minuty|minuuttia)?[.]?$' then
        return round(substring(plain from '^[0-9.]*[0-9]')::numeric)::int;
    end if;
    p := regexp_match(plain, '^([0-9]{1,2}):([0-9]{2})(:00)?(h|t)?$');
    if p is null then
        p := regexp_match(plain, '^([0-9]{1,2}(?:[.][0-9]+)?)(?:h|t|godz[.]?|g|hours?|tuntia?)([0-9]{0,2})(?:m|min|minut|minutes|minuty|minuuttia)?[.]?$');
    end if;
    return case when p is not null then round(p[1]::numeric * 60)::int + coalesce(nullif(p[2], '')::int, 0) end;
end
$$;

create function import_moment_text(moment timestamptz) returns text language sql immutable parallel safe as $$
    select to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

-- How many characters a field may hold; the limits of the operations by which people write the same.
create function import_too_long(written jsonb) returns boolean language sql immutable parallel safe as $$
    select exists (select from jsonb_each_text(written) w
                    where length(w.value) > case when w.key in ('note', 'abstract') then 5000 when w.key = 'description' then 2000 when w.key in ('position', 'title') then 300
                                                 when w.key in ('phone', 'short_name') then 50 when w.key = 'external_id' then 100 when w.key = 'website' then 2000
                                                 when w.key = 'speakers' then 20000 else 200 end)
$$;

create function import_is_id(said text) returns boolean language sql immutable parallel safe as $$
    select said ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
$$;

create function import_read_people(fields jsonb, zone text, day date, out written jsonb, out key text, out code text, out faulty boolean) language plpgsql stable as $$
declare
    tongue text := case when fields->>'language' ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' then fields->>'language' end;
begin
    select p.written, p.key, p.code, p.faulty into written, key, code, faulty from import_person(fields) p;
    if code = 'import_nobody' and fields ?| array['id', 'external_id'] then
        code := null;
        faulty := false;
    elsif code = 'import_language_unknown' and tongue is not null then
        code := null;
        written := written || jsonb_build_object('language', tongue);
    end if;
    if not fields ?| array['name', 'first_name', 'last_name'] and not coalesce(fields->>'email' like '%<%', false) then
        written := written - 'name'; -- an address alone renames nobody
    end if;
    written := written || jsonb_strip_nulls(jsonb_build_object('sort_name', coalesce(fields->>'sort_name', written->>'sort_name'), 'external_id', fields->>'external_id', 'id', fields->>'id'));
    key := coalesce('id ' || lower(fields->>'id'), 'external ' || (fields->>'external_id'), key);
    if not faulty and fields ? 'id' and not import_is_id(fields->>'id') then
        code := 'import_bad_id';
        faulty := true;
    elsif not faulty and import_too_long(written) then
        code := 'import_too_long';
        faulty := true;
    end if;
end
$$;

create function import_read_organisations(fields jsonb, zone text, day date, out written jsonb, out key text, out code text, out faulty boolean) language plpgsql stable as $$
declare
    kind text := import_choice('organisation', fields->>'kind');
    bond text := import_choice('affiliation', fields->>'affiliation');
    site text := case when fields->>'website' ~ '^[[:alnum:].-]+\.[a-z]{2,}(/\S*)?$' then 'https://' || (fields->>'website') when fields->>'website' ~ '^https?://\S+$' then fields->>'website' end;
begin
    if (fields ? 'kind' and kind is null) or (fields ? 'affiliation' and bond is null) or (fields ? 'website' and site is null) then
        code := 'import_word_unknown';
    end if;
    written := jsonb_strip_nulls(fields || jsonb_build_object('kind', kind, 'affiliation', bond, 'website', site));
    key := coalesce('id ' || lower(fields->>'id'), 'external ' || (fields->>'external_id'), 'name ' || fold(fields->>'name'));
    faulty := true;
    if key is null then
        code := 'import_no_name';
    elsif fields ? 'id' and not import_is_id(fields->>'id') then
        code := 'import_bad_id';
    elsif import_too_long(written) then
        code := 'import_too_long';
    elsif fold(fields->>'parent') = fold(fields->>'name') then
        code := 'organisation_own_parent';
    else
        faulty := false;
    end if;
end
$$;

-- A row is a member of a group; one without anybody in it is the group alone.
create function import_read_groups(fields jsonb, zone text, day date, out written jsonb, out key text, out code text, out faulty boolean) language plpgsql stable as $$
declare
    someone boolean := fields ?| array['name', 'first_name', 'last_name', 'email'];
    whole text := coalesce('external ' || (fields->>'external_id'), 'group ' || fold(fields->>'group'));
begin
    select p.written, p.key, p.code, p.faulty into written, key, code, faulty from import_person(fields - 'phone' - 'language') p where someone;
    written := coalesce(written, '{}') - 'sort_name' || jsonb_strip_nulls(jsonb_build_object('group', fields->>'group', 'description', fields->>'description',
        'external_id', fields->>'external_id', 'organisation', fields->>'organisation'));
    key := whole || '|' || coalesce(key, 'organisation ' || fold(fields->>'organisation'), '');
    faulty := coalesce(faulty, false);
    if whole is null then
        code := 'import_no_name';
        faulty := true;
    elsif not faulty and import_too_long(written) then
        code := 'import_too_long';
        faulty := true;
    end if;
end
$$;

-- A day of its own column stands before the times of the row.
create function import_read_agenda(fields jsonb, zone text, day date, out written jsonb, out key text, out code text, out faulty boolean) language plpgsql stable as $$
declare
    on_day date := case when fields ? 'date' then (import_instant(fields->>'date', zone, null) at time zone zone)::date else day end;
    begins timestamptz := import_instant(fields->>'start', zone, on_day);
    ends timestamptz := import_instant(fields->>'end', zone, coalesce((begins at time zone zone)::date, on_day));
    minutes int := coalesce(import_minutes(fields->>'duration'), (extract(epoch from ends - begins) / 60)::int);
    kind text := import_choice('item', fields->>'kind');
begin
    written := jsonb_strip_nulls(jsonb_build_object('title', fields->>'title', 'kind', kind, 'abstract', fields->>'abstract', 'start', import_moment_text(begins), 'duration', minutes,
        'speakers', fields->>'speakers', 'id', fields->>'id'));
    key := coalesce('id ' || lower(fields->>'id'), 'item ' || fold(fields->>'title') || ' ' || coalesce(import_moment_text(begins), ''));
    if fields ? 'kind' and kind is null then
        code := 'import_word_unknown';
    end if;
    faulty := true;
    if key is null then
        code := 'import_no_title';
    elsif fields ? 'id' and not import_is_id(fields->>'id') then
        code := 'import_bad_id';
    elsif (fields ? 'date' and on_day is null) or (fields ? 'start' and begins is null) or (fields ? 'end' and ends is null) then
        code := 'import_bad_time';
    elsif (fields ? 'duration' and import_minutes(fields->>'duration') is null) or minutes not between 0 and 1440 then
        code := 'import_bad_duration';
    elsif import_too_long(written) then
        code := 'import_too_long';
    else
        faulty := false;
    end if;
end
$$;

create function import_read_attendance(fields jsonb, zone text, day date, out written jsonb, out key text, out code text, out faulty boolean) language plpgsql stable as $$
declare
    on_day date := case when fields ? 'date' then (import_instant(fields->>'date', zone, null) at time zone zone)::date else day end;
    joins timestamptz := import_instant(fields->>'join', zone, on_day);
    leaves timestamptz := import_instant(fields->>'leave', zone, coalesce((joins at time zone zone)::date, on_day));
    state text := import_choice('state', fields->>'state');
begin
    select p.written - 'sort_name', p.key, p.code, p.faulty into written, key, code, faulty from import_person(fields) p;
    written := written || jsonb_strip_nulls(jsonb_build_object('join', import_moment_text(joins), 'leave', import_moment_text(leaves), 'state', state));
    if faulty then
        return;
    elsif (fields ? 'date' and on_day is null) or (fields ? 'join' and joins is null) or (fields ? 'leave' and leaves is null) then
        code := 'import_bad_time';
        faulty := true;
    elsif leaves < joins then
        code := 'attendance_left_before_arrival';
        faulty := true;
    elsif fields ? 'state' and state is null then
        code := 'import_bad_state';
        faulty := true;
    end if;
end
$$;

-- What each row's cells mean, by the kind of its list.
create function import_read(kind text, fields jsonb, zone text, day date, out written jsonb, out key text, out code text, out faulty boolean) language plpgsql stable as $$
begin
    case kind
        when 'people' then select * into written, key, code, faulty from import_read_people(fields, zone, day);
        when 'organisations' then select * into written, key, code, faulty from import_read_organisations(fields, zone, day);
        when 'groups' then select * into written, key, code, faulty from import_read_groups(fields, zone, day);
        when 'agenda' then select * into written, key, code, faulty from import_read_agenda(fields, zone, day);
        when 'attendance' then select * into written, key, code, faulty from import_read_attendance(fields, zone, day);
    end case;
end
$$;

-- ── What is there now, under the names of the fields ──────────────────────────

create view import_present_people with (security_invoker = true) as
select p.platform_id, p.id, jsonb_build_object('name', p.name, 'sort_name', p.sort_name, 'email', p.email, 'phone', p.phone, 'position', p.position, 'organisation', o.name,
           'language', p.language, 'note', p.note, 'external_id', p.external_id) as present
  from person p left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id;

create view import_present_organisations with (security_invoker = true) as
select o.platform_id, o.id, jsonb_build_object('name', o.name, 'short_name', o.short_name, 'kind', o.kind, 'affiliation', o.affiliation, 'parent', above.name, 'city', o.city,
           'website', o.website, 'note', o.note, 'external_id', o.external_id) as present
  from organisation o left join organisation above on above.platform_id = o.platform_id and above.id = o.parent_id;

create view import_present_groups with (security_invoker = true) as
select g.platform_id, g.id, jsonb_build_object('group', g.name, 'description', g.description, 'external_id', g.external_id) as present from contact_group g;

create view import_present_agenda with (security_invoker = true) as
select a.platform_id, a.id, jsonb_build_object('title', a.title, 'kind', a.kind, 'abstract', a.abstract, 'start', import_moment_text(a.begins_at), 'duration', a.duration_minutes,
           'speakers', (select string_agg(s.name, '; ' order by s.rank, s.created_at, s.id) from speaker_shown s where s.agenda_item_id = a.id)) as present
  from agenda_timeline a; -- an item that follows another begins when that ends, whether or not a list says so

create view import_present_attendance with (security_invoker = true) as
select a.platform_id, a.id, jsonb_build_object('state', a.state, 'join', import_moment_text(a.arrived_at), 'leave', import_moment_text(a.left_at), 'note', a.note) as present
  from attendance a;

grant select on import_present_people, import_present_organisations, import_present_groups, import_present_agenda, import_present_attendance to narada_service;

-- The names in a cell: one a line, or divided by semicolons, else by commas.
create function import_names(cell text) returns setof text language sql immutable parallel safe as $$
    select btrim(n) from regexp_split_to_table(cell, case when cell ~ '[;\n]' then '[;\n]' else ',' end) n where btrim(n) <> ''
$$;
-- "Jan Kowalski (Gmina Łąka)": who, and of where.
create function import_named(words text, out name text, out organisation text) language sql immutable parallel safe as $$
    select btrim(regexp_replace(words, '\s*\([^()]*\)\s*$', '')), nullif(btrim(substring(words from '\(([^()]*)\)\s*$')), '')
$$;

-- Does a cell say what is there? A telephone number has lost its plus and its blanks in many a spreadsheet; names of others are found whatever their case and accents.
create function import_agrees(field text, said text, present text) returns boolean language sql immutable parallel safe as $$
    select case when field = 'phone' then regexp_replace(said, '[^0-9]', '', 'g') = regexp_replace(present, '[^0-9]', '', 'g')
                when field in ('organisation', 'parent', 'group') then fold(said) = fold(present)
                when field = 'join' then said >= present -- the earliest coming and the latest leaving count
                when field = 'leave' then said <= present
                when field = 'speakers' then not exists (select from import_names(said) n
                    where not exists (select from import_names(present) h where fold(h) = fold((import_named(n)).name)))
                else said = present end
$$;

create function import_differences(written jsonb, present jsonb) returns jsonb language sql immutable parallel safe as $$
    select coalesce(jsonb_object_agg(w.key, jsonb_build_array(present->w.key, w.value)), '{}')
      from jsonb_each(written) w
     where present ? w.key and not coalesce(import_agrees(w.key, written->>w.key, present->>w.key), false)
$$;

-- ── Whom or what a row is about ───────────────────────────────────────────────

-- Rows of the list that are yet to be matched.
create function import_open_rows(the_import uuid, after int, upto int) returns setof import_row language sql stable as $$
    select r.* from import_row r where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new'
$$;

-- People by a name, and by where they are if that is said. `target_id` NULL: several.
create function import_people_named(the_import uuid, after int, upto int) returns table (rank int, target_id uuid) language plpgsql stable set enable_nestloop = off as $$
#variable_conflict use_column
begin
    if not exists (select from import_open_rows(the_import, after, upto) r where r.key like '%name %' and not r.written ? 'email') then
        return;
    end if;
    return query
        with people as materialized (
            select p.id, fold(p.name) as name, fold(o.name) as organisation from person p left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
             where p.platform_id = platform_id()
        ), wanted as materialized (
            select r.rank, fold(r.written->>'name') as name, fold(r.written->>'organisation') as organisation
              from import_open_rows(the_import, after, upto) r where r.written ? 'name' and not r.written ? 'email'
        )
        select w.rank, case when count(*) = 1 then min(p.id::text)::uuid end
          from wanted w join people p on p.name = w.name and (w.organisation is null or p.organisation = w.organisation) group by w.rank;
end
$$;

create function import_match_people(the_import uuid, of_meeting uuid, after int, upto int) returns void language sql volatile set enable_nestloop = off as $$
    with open as materialized (
        select r.rank, r.written, r.key, case when import_is_id(r.written->>'id') then (r.written->>'id')::uuid end as id from import_open_rows(the_import, after, upto) r
    ), found as materialized (
        select w.rank, i.id as by_id, e.id as by_external, m.id as by_mail, n.rank is not null as named, n.target_id as by_name,
               w.written->>'external_id' as external_id, coalesce(i.external_id, m.external_id) as has_external_id
          from open w
          left join person i on i.platform_id = platform_id() and i.id = w.id
          left join person e on e.platform_id = platform_id() and e.external_id = w.written->>'external_id'
          left join person m on m.platform_id = platform_id() and email_key(m.email) = email_key(w.written->>'email')
          left join import_people_named(the_import, after, upto) n on n.rank = w.rank
    ), judged as (
        select f.rank, coalesce(f.by_id, f.by_external, f.by_mail, case when f.external_id is null then f.by_name end) as target_id,
               case when f.by_id <> f.by_external or f.by_id <> f.by_mail or f.by_external <> f.by_mail
                      or (f.by_id is null and f.by_external is null and f.has_external_id <> f.external_id) then 'import_keys_disagree'
                    when coalesce(f.by_id, f.by_external, f.by_mail) is null and f.external_id is null and f.named and f.by_name is null then 'import_ambiguous' end as wrong
          from found f
    )
    update import_row r
       set target_id = case when j.wrong is null then j.target_id end, outcome = case when j.wrong is not null then 'error' else r.outcome end, code = coalesce(j.wrong, r.code)
      from judged j where r.platform_id = platform_id() and r.import_id = the_import and r.rank = j.rank;
    update import_row r set outcome = 'error', code = 'import_nobody'
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.target_id is null
       and not r.written ?| array['name', 'email'];
$$;

create function import_match_organisations(the_import uuid, of_meeting uuid, after int, upto int) returns void language sql volatile set enable_nestloop = off as $$
    with open as materialized (
        select r.rank, r.written, case when import_is_id(r.written->>'id') then (r.written->>'id')::uuid end as id from import_open_rows(the_import, after, upto) r
    ), found as materialized (
        select w.rank, i.id as by_id, e.id as by_external, n.id as by_name, w.written->>'external_id' as external_id, n.external_id as has_external_id
          from open w
          left join organisation i on i.platform_id = platform_id() and i.id = w.id
          left join organisation e on e.platform_id = platform_id() and e.external_id = w.written->>'external_id'
          left join organisation n on n.platform_id = platform_id() and fold(n.name) = fold(w.written->>'name')
    ), judged as (
        select f.rank, coalesce(f.by_id, f.by_external, f.by_name) as target_id,
               case when f.by_id <> f.by_external or f.by_id <> f.by_name or f.by_external <> f.by_name
                      or (f.by_id is null and f.by_external is null and f.has_external_id <> f.external_id) then 'import_keys_disagree' end as wrong
          from found f
    )
    update import_row r
       set target_id = case when j.wrong is null then j.target_id end, outcome = case when j.wrong is not null then 'error' else r.outcome end, code = coalesce(j.wrong, r.code)
      from judged j where r.platform_id = platform_id() and r.import_id = the_import and r.rank = j.rank;
    update import_row r set outcome = 'error', code = 'import_no_name'
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.target_id is null and not r.written ? 'name';
$$;

-- Of a membership the target is its group; `person_id` is who it is about, if they are known.
create function import_match_groups(the_import uuid, of_meeting uuid, after int, upto int) returns void language sql volatile set enable_nestloop = off as $$
    with found as materialized (
        select w.rank, coalesce(e.id, n.id) as target_id, e.id <> n.id or (e.id is null and n.external_id <> w.written->>'external_id') as disagree, m.id as by_mail, k.target_id as by_name, k.rank is not null as named,
               w.written ? 'email' as mailed
          from import_open_rows(the_import, after, upto) w
          left join contact_group e on e.platform_id = platform_id() and e.external_id = w.written->>'external_id'
          left join contact_group n on n.platform_id = platform_id() and fold(n.name) = fold(w.written->>'group')
          left join person m on m.platform_id = platform_id() and email_key(m.email) = email_key(w.written->>'email')
          left join import_people_named(the_import, after, upto) k on k.rank = w.rank
    )
    update import_row r
       set target_id = f.target_id, person_id = coalesce(f.by_mail, f.by_name), outcome = case when f.disagree or (f.named and f.by_name is null) then 'error' else r.outcome end,
           code = case when f.disagree then 'import_keys_disagree' when f.named and f.by_name is null then 'import_ambiguous' else r.code end
      from found f where r.platform_id = platform_id() and r.import_id = the_import and r.rank = f.rank;
    update import_row r set outcome = 'error', code = 'import_no_name'
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.target_id is null and not r.written ? 'group';
$$;

-- An item by its id; by its title where there is one such item only, or one that begins then.
create function import_match_agenda(the_import uuid, of_meeting uuid, after int, upto int) returns void language sql volatile as $$
    with found as materialized (
        select w.rank, i.id as by_id, t.number, t.id as by_title, u.id as by_start, w.written ? 'title' as titled
          from import_open_rows(the_import, after, upto) w
          left join agenda_item i on i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id::text = lower(w.written->>'id')
          left join lateral (select count(*) as number, min(a.id::text)::uuid as id from agenda_item a
                              where a.platform_id = platform_id() and a.meeting_id = of_meeting and fold(a.title) = fold(w.written->>'title')) t on true
          left join lateral (select a.id from agenda_timeline a
                              where a.platform_id = platform_id() and a.meeting_id = of_meeting and fold(a.title) = fold(w.written->>'title')
                                and a.begins_at = (w.written->>'start')::timestamptz limit 1) u on true
    )
    update import_row r
       set target_id = coalesce(f.by_id, f.by_start, case when f.number = 1 then f.by_title end),
           outcome = case when f.by_id is null and f.by_start is null and (f.number > 1 or not f.titled) then 'error' else r.outcome end,
           code = case when f.by_id is null and not f.titled then 'import_no_title' when f.by_id is null and f.by_start is null and f.number > 1 then 'import_ambiguous' else r.code end
      from found f where r.platform_id = platform_id() and r.import_id = the_import and r.rank = f.rank;
$$;

create function import_match(one import, after int, upto int) returns void language plpgsql volatile as $$
begin
    case one.kind
        when 'people' then perform import_match_people(one.id, one.meeting_id, after, upto);
        when 'organisations' then perform import_match_organisations(one.id, one.meeting_id, after, upto);
        when 'groups' then perform import_match_groups(one.id, one.meeting_id, after, upto);
        when 'agenda' then perform import_match_agenda(one.id, one.meeting_id, after, upto);
        when 'attendance' then perform import_match_attendance(one.id, one.meeting_id, after, upto);
    end case;
end
$$;

-- Whether the member that a row of a list of groups names is in its group.
create function import_is_member(r import_row) returns boolean language sql stable as $$
    select case when r.key like '%|' then true
                when r.target_id is null then false
                when r.written ?| array['name', 'email'] then exists (select from group_member m where m.platform_id = platform_id() and m.group_id = r.target_id and m.person_id = r.person_id)
                else exists (select from group_member m where m.platform_id = platform_id() and m.group_id = r.target_id and m.organisation_id = organisation_found(r.written->>'organisation')) end
$$;

-- Matches rows, says what differs, and so what would become of them.
create function import_weigh(one import, after int, upto int) returns void language plpgsql volatile set enable_nestloop = off as $$
begin
    perform import_match(one, after, upto);
    -- Two keys may be one and the same.
    if one.kind not in ('groups', 'attendance') then
        update import_row r set outcome = 'duplicate'
          from (select w.rank, row_number() over (partition by w.target_id order by w.rank) as nth from import_row w
                 where w.platform_id = platform_id() and w.import_id = one.id and w.target_id is not null and w.outcome in ('new', 'change', 'same', 'made', 'changed')) d
         where r.platform_id = platform_id() and r.import_id = one.id and r.rank = d.rank and d.nth > 1 and r.outcome = 'new' and r.rank > after and r.rank <= upto;
    end if;
    execute format('update import_row r set changes = import_differences(case when $4 = ''groups'' then r.written - ''name'' else r.written end, n.present) from %I n
                     where r.platform_id = platform_id() and r.import_id = $1 and r.rank > $2 and r.rank <= $3 and r.outcome = ''new''
                       and n.platform_id = platform_id() and n.id = r.target_id', 'import_present_' || one.kind) using one.id, after, upto, one.kind;
    update import_row r set outcome = case when one.kind = 'groups' and not import_is_member(r) then 'new' when r.changes = '{}' then 'same' else 'change' end
     where r.platform_id = platform_id() and r.import_id = one.id and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.target_id is not null;
end
$$;

-- The cells that mean something, by field; what may have lines keeps them.
create function import_cells(cells jsonb, mapping text[]) returns jsonb language sql immutable parallel safe as $$
    select coalesce(jsonb_object_agg(m.field, case when m.field in ('note', 'abstract', 'description', 'speakers') then c.value else btrim(regexp_replace(c.value, '\s+', ' ', 'g')) end), '{}')
      from jsonb_array_elements_text(cells) with ordinality c (value, at) join unnest(mapping) with ordinality m (field, at) using (at)
     where m.field <> 'ignore' and c.value <> ''
$$;

-- The zone in which a list's times are meant, and the day of those without one.
create function import_clock(one import, out zone text, out day date) language sql stable as $$
    select coalesce(m.time_zone, p.time_zone), (m.starts_at at time zone m.time_zone)::date
      from platform p left join meeting m on m.platform_id = p.id and m.id = one.meeting_id where p.id = platform_id()
$$;

alter function import_judge(uuid) rename to import_judge_invitations;

-- Works out anew what each row means and what would become of it. Of the same key the first row counts; of attendance all do, and the first stands for them.
create function import_judge(the_import uuid) returns void language plpgsql volatile set enable_nestloop = off as $$
declare
    one import;
    clock record;
    header int := 0;
begin
    select i.* into one from import i where i.platform_id = platform_id() and i.id = the_import;
    if one.kind = 'invitations' then
        perform import_judge_invitations(the_import);
        return;
    end if;
    select * into clock from import_clock(one);
    if one.with_header then
        select min(r.rank) into header from import_row r where r.platform_id = platform_id() and r.import_id = the_import;
    end if;
    update import_row r
       set (written, key, code, outcome, target_id, person_id, changes)
           = (select p.written, p.key, case when r.rank > header then p.code end, case when r.rank > header then case when p.faulty then 'error' else 'new' end end, null::uuid, null::uuid, null::jsonb
                from import_read(one.kind, import_cells(r.cells, one.mapping), clock.zone, clock.day) p)
     where r.platform_id = platform_id() and r.import_id = the_import;
    update import_row r set outcome = 'duplicate', code = case when one.kind = 'attendance' then 'import_put_together' end
      from (select w.rank, row_number() over (partition by w.key order by w.rank) as nth
              from import_row w where w.platform_id = platform_id() and w.import_id = the_import and w.outcome = 'new') d
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = d.rank and d.nth > 1;
    if one.kind = 'attendance' then
        perform import_put_together(the_import);
    end if;
    perform import_weigh(one, 0, 2147483647);
end
$$;

-- ── Making, changing, starting: as in 0012, for every kind ────────────────────

drop function import_check_mapping(text[], int);
create function import_check_mapping(one import, mapping text[]) returns void language plpgsql volatile as $$
declare
    kind record;
begin
    select k.kind, k.fields, k.needs into kind from import_kinds() k where k.kind = one.kind;
    if cardinality(mapping) <> cardinality(one.mapping) then
        perform refuse(422, 'The list has ' || cardinality(one.mapping) || ' columns: say for each what it holds, or "ignore".', 'import_mapping_length', 'mapping');
    elsif exists (select from unnest(mapping) field where field <> 'ignore' group by field having count(*) > 1) then
        perform refuse(422, 'Two columns can not hold the same.', 'import_column_twice', 'mapping');
    elsif not mapping <@ array_append(kind.fields, 'ignore') then
        perform refuse(422, 'A list of this kind has no such column.', 'import_no_such_column', 'mapping');
    elsif not mapping && kind.needs then
        perform refuse(422, 'Say which column holds one of these: ' || array_to_string(kind.needs, ', ') || '.',
                       case when one.kind in ('invitations', 'people', 'attendance') then 'import_needs_column' else 'import_needs_name' end, 'mapping');
    end if;
end
$$;

-- Refuses an import that is not of these kinds, so that each operation finds its own only; gives its meeting, if it has one.
create function import_of(kinds text[], the_import uuid) returns uuid language plpgsql stable as $$
declare
    one import;
begin
    select i.* into one from import i where i.platform_id = platform_id() and i.id = the_import and i.kind = any (kinds);
    if one.id is null then
        perform refuse(404, 'There is no such list.', 'not_found');
    end if;
    return one.meeting_id;
end
$$;

create or replace function import_remember(the_import uuid) returns void language sql volatile as $$
    update import i set mapping = b.mapping from (
        select e.mapping from import n
          join import e on e.platform_id = n.platform_id and e.id <> n.id and e.kind = n.kind and e.with_header and e.started_at is not null and cardinality(e.mapping) = cardinality(n.mapping)
         where n.platform_id = platform_id() and n.id = the_import and n.with_header
           and (select r.cells from import_row r where r.platform_id = n.platform_id and r.import_id = n.id order by r.rank limit 1)
             = (select r.cells from import_row r where r.platform_id = e.platform_id and r.import_id = e.id order by r.rank limit 1)
         order by e.started_at desc limit 1) b
     where i.platform_id = platform_id() and i.id = the_import
$$;

drop function import_make(uuid, text, jsonb, jsonb, bytea);
-- A list that was read; `told` is what the reader found out. keep_made() has the import's id.
create function import_make(kind text, of_meeting uuid, file_name text, told jsonb, rows jsonb, content bytea) returns void language plpgsql volatile as $$
declare
    made uuid;
begin
    if kind = 'invitations' and (select m.status from meeting m where m.platform_id = platform_id() and m.id = of_meeting) = 'cancelled' then
        perform refuse(409, 'The meeting was cancelled: nobody can be invited to it.', 'meeting_cancelled');
    end if;
    insert into import (kind, meeting_id, file_name, format, encoding, separator, sheet, hidden_rows, with_header, mapping, content)
    values (import_make.kind, of_meeting, import_make.file_name, told->>'format', told->>'encoding', told->>'separator', told->>'sheet', coalesce((told->>'hidden_rows')::int, 0),
            (told->>'with_header')::boolean, array(select jsonb_array_elements_text(told->'mapping')), content)
    returning id into made;
    perform import_rows_put(made, rows);
    perform import_remember(made);
    perform import_judge(made);
    perform keep_made(made);
end
$$;

create or replace function import_locked(the_import uuid, of_meeting uuid, expected bigint default -1) returns import language plpgsql volatile as $$
declare
    one import;
begin
    select i.* into one from import i where i.platform_id = platform_id() and i.meeting_id is not distinct from of_meeting and i.id = the_import for no key update;
    perform check_version(one.version, expected);
    return one;
end
$$;

create or replace function import_change(the_import uuid, of_meeting uuid, expected bigint, body jsonb) returns void language plpgsql volatile as $$
declare
    one import := import_locked(the_import, of_meeting, expected);
    fields text[] := case when body ? 'mapping' then array(select jsonb_array_elements_text(body->'mapping')) else one.mapping end;
    coded text := case when body ? 'encoding' then body->>'encoding' else one.encoding end;
    parted text := case when body ? 'separator' then body->>'separator' else one.separator end;
    again boolean := coded is distinct from one.encoding or parted is distinct from one.separator;
begin
    if one.state <> 'preview' then
        perform refuse(409, 'The list was run already, or is being read.', 'import_not_in_preview');
    elsif again and one.content is null then
        perform refuse(409, 'A workbook says itself how it is written.', 'import_is_workbook', case when body ? 'encoding' then 'encoding' else 'separator' end);
    elsif again then
        update import i set state = 'reading', wanted_encoding = coded, wanted_separator = parted, problem = null where i.platform_id = platform_id() and i.id = one.id;
        perform import_wake();
        return;
    end if;
    perform import_check_mapping(one, fields);
    update import i
       set mapping = fields, with_header = coalesce((body->>'with_header')::boolean, i.with_header), walk_ins = coalesce((body->>'walk_ins')::boolean, i.walk_ins), problem = null,
           updated_at = clock_timestamp()
     where i.platform_id = platform_id() and i.id = one.id;
    perform import_judge(one.id);
end
$$;

create or replace function import_start(the_import uuid, of_meeting uuid) returns void language plpgsql volatile as $$
declare
    one import := import_locked(the_import, of_meeting);
begin
    if one.state <> 'preview' then
        perform refuse(409, 'The list was run already, or is being read.', 'import_not_in_preview');
    end if;
    perform import_check_mapping(one, one.mapping);
    update import i set state = 'running', actor = current_setting('narada.actor', true), started_at = clock_timestamp(), handled = 0, handled_rank = 0, problem = null
     where i.platform_id = platform_id() and i.id = one.id;
    perform import_wake();
end
$$;

-- ── Doing it ──────────────────────────────────────────────────────────────────

create function import_remember_made(one import, of_rank int, what text, the_id uuid, its_version bigint default 1) returns void language sql volatile as $$
    insert into import_made (import_id, rank, thing, id, version) values (one.id, of_rank, what, the_id, its_version)
    on conflict (platform_id, import_id, thing, id) do update set version = its_version
$$;

-- The organisation of that name, made if there is none.
create function import_organisation(one import, of_rank int, name text) returns uuid language plpgsql volatile as $$
declare
    its_id uuid := organisation_found(name);
begin
    if its_id is null and btrim(name) <> '' then
        insert into organisation (name) values (btrim(import_organisation.name)) on conflict do nothing returning id into its_id;
        if its_id is null then
            return organisation_found(name); -- somebody else made it meanwhile
        end if;
        perform import_remember_made(one, of_rank, 'organisation', its_id);
    end if;
    return its_id;
end
$$;

-- A new person of what is written of them.
create function import_person_made(one import, of_rank int, w jsonb) returns uuid language plpgsql volatile as $$
declare
    its_id uuid;
    employer uuid := import_organisation(one, of_rank, w->>'organisation');
begin
    insert into person (name, sort_name, email, phone, position, organisation_id, language, note, external_id)
    values (coalesce(w->>'name', w->>'email'), w->>'sort_name', w->>'email', w->>'phone', w->>'position', employer, w->>'language', w->>'note', w->>'external_id')
    returning id into its_id;
    perform import_remember_made(one, of_rank, 'person', its_id);
    return its_id;
end
$$;

-- Sets columns of a row, and gives them as they were and as they were left.
create function import_put(the_table regclass, the_id uuid, columns jsonb, out was jsonb, out left_as jsonb, out version bigint) language plpgsql volatile as $$
declare
    names text[] := array(select jsonb_object_keys(columns));
    listed text := (select string_agg(quote_ident(n), ', ') from unnest(names) n);
    earlier jsonb;
    now jsonb;
begin
    execute format('select to_jsonb(t) from %s t where t.platform_id = platform_id() and t.id = $1 for no key update', the_table) into earlier using the_id;
    execute format('update %1$s t set (%2$s) = (select %2$s from jsonb_populate_record(t, $2)) where t.platform_id = platform_id() and t.id = $1 returning to_jsonb(t)', the_table, listed)
       into now using the_id, columns;
    select jsonb_object_agg(n, earlier->n), jsonb_object_agg(n, now->n), (now->>'version')::bigint into was, left_as, version from unnest(names) n;
end
$$;

-- Changes what the row is about, and remembers how it was; what this very list made is made, whatever is changed about it afterwards.
create function import_alter(one import, r import_row, thing text, columns jsonb) returns void language plpgsql volatile as $$
declare
    put record;
    now jsonb;
    own boolean := exists (select from import_made m where m.platform_id = platform_id() and m.import_id = one.id and m.thing = import_alter.thing and m.id = r.target_id);
    asked boolean := columns <> '{}';
begin
    -- A row above may have said the same.
    execute format('select to_jsonb(t) from %I t where t.platform_id = platform_id() and t.id = $1', thing) into now using r.target_id;
    select coalesce(jsonb_object_agg(c.key, c.value), '{}') into columns from jsonb_each(columns) c where now->c.key is distinct from c.value;
    if columns <> '{}' then
        select * into put from import_put(thing::regclass, r.target_id, columns);
        if own then
            perform import_remember_made(one, r.rank, thing, r.target_id, put.version);
        else
            update import_row t set was = put.was, left_as = put.left_as where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank;
        end if;
    end if;
    update import_row t set outcome = case when asked and columns = '{}' then 'same' when own then 'made' else 'changed' end
     where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank;
end
$$;

create function import_done(one import, of_rank int, target uuid) returns void language sql volatile as $$
    update import_row t set outcome = 'made', target_id = target where t.platform_id = platform_id() and t.import_id = one.id and t.rank = of_rank
$$;

-- What the list says and what differs: of something new all of it.
create function import_news(r import_row) returns jsonb language sql stable as $$
    select case when r.target_id is null then r.written - 'id'
                else (select coalesce(jsonb_object_agg(c.key, c.value->1), '{}') from jsonb_each(coalesce(r.changes, '{}')) c) end
$$;

create function import_do_people(one import, r import_row) returns void language plpgsql volatile as $$
declare
    news jsonb := import_news(r);
begin
    if r.target_id is null then
        perform import_done(one, r.rank, import_person_made(one, r.rank, news));
        return;
    end if;
    if news ? 'organisation' then
        news := news - 'organisation' || jsonb_build_object('organisation_id', import_organisation(one, r.rank, news->>'organisation'));
    end if;
    perform import_alter(one, r, 'person', news);
end
$$;

create function import_do_organisations(one import, r import_row) returns void language plpgsql volatile as $$
declare
    news jsonb;
    its_id uuid;
begin
    -- A row above may have made it, as somebody's parent.
    if r.target_id is null then
        r.target_id := organisation_found(r.written->>'name');
        r.changes := (select import_differences(r.written, n.present) from import_present_organisations n where n.platform_id = platform_id() and n.id = r.target_id);
        update import_row t set target_id = r.target_id, changes = r.changes where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank;
    end if;
    news := import_news(r);
    if news ? 'parent' then
        news := news - 'parent' || jsonb_build_object('parent_id', import_organisation(one, r.rank, news->>'parent'));
    end if;
    if r.target_id is not null then
        perform import_alter(one, r, 'organisation', news);
        return;
    end if;
    insert into organisation (name, short_name, kind, affiliation, parent_id, city, website, note, external_id)
    values (news->>'name', news->>'short_name', coalesce(news->>'kind', 'other'), coalesce(news->>'affiliation', 'none'), (news->>'parent_id')::uuid, news->>'city', news->>'website',
            news->>'note', news->>'external_id')
    returning id into its_id;
    perform import_remember_made(one, r.rank, 'organisation', its_id);
    perform import_done(one, r.rank, its_id);
end
$$;

create function import_do_groups(one import, r import_row) returns void language plpgsql volatile as $$
declare
    w jsonb := r.written;
    the_group uuid := coalesce(r.target_id, (select g.id from contact_group g where g.platform_id = platform_id() and fold(g.name) = fold(r.written->>'group')));
    news jsonb := (select coalesce(jsonb_object_agg(case c.key when 'group' then 'name' else c.key end, c.value->1), '{}') from jsonb_each(coalesce(r.changes, '{}')) c);
    member uuid;
    made uuid;
begin
    if the_group is null then
        insert into contact_group (name, description, external_id) values (w->>'group', w->>'description', w->>'external_id') returning id into the_group;
        perform import_remember_made(one, r.rank, 'contact_group', the_group);
        news := '{}';
    end if;
    r.target_id := the_group;
    if w ?| array['name', 'email'] then
        member := coalesce(r.person_id, (select p.id from person p where p.platform_id = platform_id() and email_key(p.email) = email_key(w->>'email')),
                           (select m.target_id from import_people_named(one.id, r.rank - 1, r.rank) m));
        member := coalesce(member, import_person_made(one, r.rank, w - 'external_id' - 'description' - 'group'));
        insert into group_member (group_id, person_id) values (the_group, member) on conflict do nothing returning id into made;
    elsif w ? 'organisation' then
        member := import_organisation(one, r.rank, w->>'organisation');
        insert into group_member (group_id, organisation_id) values (the_group, member) on conflict do nothing returning id into made;
    end if;
    if made is not null then
        perform import_remember_made(one, r.rank, 'group_member', made, 0);
    end if;
    if news <> '{}' then
        perform import_alter(one, r, 'contact_group', news);
    end if;
    if made is not null or news = '{}' then
        perform import_done(one, r.rank, the_group);
    end if;
end
$$;

-- Those a cell names speak in the item; who speaks already is left as they are, and nobody is left out.
create function import_speakers(one import, r import_row, item uuid) returns void language plpgsql volatile as $$
declare
    who record;
    found_people uuid[];
    whom uuid;
    made speaker;
begin
    for who in select n.at, (import_named(n.words)).* from import_names(r.written->>'speakers') with ordinality n (words, at) loop
        found_people := array(select p.id from person p
                               where p.platform_id = platform_id() and fold(p.name) = fold(who.name)
                                 and (who.organisation is null or p.organisation_id = organisation_found(who.organisation)));
        if cardinality(found_people) > 1 then
            perform refuse(422, 'Several people have this name: ' || who.name || '.', 'import_ambiguous');
        end if;
        whom := coalesce(found_people[1], import_person_made(one, r.rank, jsonb_strip_nulls(jsonb_build_object('name', who.name, 'organisation', who.organisation))));
        insert into speaker (meeting_id, agenda_item_id, person_id, rank)
        select one.meeting_id, item, whom, who.at
         where not exists (select from speaker s where s.platform_id = platform_id() and s.meeting_id = one.meeting_id and s.agenda_item_id = item and s.person_id = whom)
        returning * into made;
        if made.id is not null then
            perform import_remember_made(one, r.rank, 'speaker', made.id, made.version);
        end if;
    end loop;
end
$$;

create function import_do_agenda(one import, r import_row) returns void language plpgsql volatile as $$
declare
    news jsonb := import_news(r);
    item agenda_item;
begin
    if r.target_id is null then
        insert into agenda_item (meeting_id, position, kind, title, abstract, starts_at, duration_minutes)
        values (one.meeting_id, agenda_end(one.meeting_id), coalesce(news->>'kind', 'talk'), news->>'title', news->>'abstract', (news->>'start')::timestamptz, (news->>'duration')::int)
        returning * into item;
        perform import_remember_made(one, r.rank, 'agenda_item', item.id, item.version);
        perform import_done(one, r.rank, item.id);
    else
        perform import_alter(one, r, 'agenda_item', news - 'speakers' - 'start' - 'duration'
            || case when news ? 'start' then jsonb_build_object('starts_at', news->'start') else '{}' end
            || case when news ? 'duration' then jsonb_build_object('duration_minutes', news->'duration') else '{}' end);
    end if;
    if news ? 'speakers' then
        perform import_speakers(one, r, coalesce(r.target_id, item.id));
    end if;
end
$$;

-- One row, whose fate is its own.
create function import_run_row(one import, at int) returns void language plpgsql volatile as $$
declare
    r import_row;
    why text;
begin
    for attempt in 1 .. 2 loop
        select t.* into r from import_row t where t.platform_id = platform_id() and t.import_id = one.id and t.rank = at;
        exit when r.outcome not in ('new', 'change');
        begin
            case one.kind
                when 'people' then perform import_do_people(one, r);
                when 'organisations' then perform import_do_organisations(one, r);
                when 'groups' then perform import_do_groups(one, r);
                when 'agenda' then perform import_do_agenda(one, r);
                when 'attendance' then perform import_do_attendance(one, r);
            end case;
            return;
        exception when others then
            if sqlstate ~ '^(40|53|55|57|58)' then
                raise;
            end if;
            get stacked diagnostics why = pg_exception_detail;
            why := case when sqlstate like 'NA%' then why else 'import_row_failed' end;
            -- Somebody else may have made the same meanwhile: it is looked for once more.
            if attempt = 1 and sqlstate = '23505' then
                update import_row t set outcome = 'new', target_id = null, person_id = null, changes = null where t.platform_id = platform_id() and t.import_id = one.id and t.rank = at;
                perform import_weigh(one, at - 1, at);
            else
                update import_row t set outcome = 'error', code = why where t.platform_id = platform_id() and t.import_id = one.id and t.rank = at;
                return;
            end if;
        end;
    end loop;
end
$$;

-- The preview may be a day old: what the rows are about is looked for anew.
create function import_run_rows(one import, after int, upto int) returns void language plpgsql volatile as $$
declare
    at int;
begin
    update import_row r set outcome = 'new', target_id = null, person_id = null, changes = null
     where r.platform_id = platform_id() and r.import_id = one.id and r.rank > after and r.rank <= upto and r.outcome in ('new', 'change', 'same');
    perform import_weigh(one, after, upto);
    for at in select r.rank from import_row r
               where r.platform_id = platform_id() and r.import_id = one.id and r.rank > after and r.rank <= upto and r.outcome in ('new', 'change') order by r.rank loop
        perform import_run_row(one, at);
    end loop;
end
$$;

-- ── Taking it back ────────────────────────────────────────────────────────────

-- Of these rows of a table those to which nothing else refers, whichever tables there are. What was done at a door and undone is nothing.
create function import_unreferred(the_table regclass, ids uuid[]) returns uuid[] language plpgsql stable as $$
declare
    link record;
    used uuid[];
begin
    for link in
        select c.conrelid::regclass as tab, (select a.attname from pg_attribute a where a.attrelid = c.conrelid and a.attnum = c.conkey[1]) as tenant,
               (select a.attname from pg_attribute a where a.attrelid = c.conrelid and a.attnum = c.conkey[cardinality(c.conkey)]) as col
          from pg_constraint c where c.contype = 'f' and c.confrelid = the_table and c.conrelid not in ('import_row'::regclass, 'import_made'::regclass)
    loop
        exit when ids = '{}';
        execute format('select array_agg(t.%1$I) from %2$s t where t.%3$I = platform_id() and t.%1$I = any ($1)%4$s', link.col, link.tab, link.tenant,
                       case when link.tab = 'attendance_action'::regclass
                            then ' and t.kind <> ''undo'' and not exists (select from attendance_action u where u.platform_id = t.platform_id and u.undoes = t.id)' else '' end) into used using ids;
        ids := array(select i from unnest(ids) i where i <> all (coalesce(used, '{}')));
    end loop;
    return ids;
end
$$;

-- Removes what some rows made, as far as it is as the list left it and nothing refers to it; what is held by something that goes later is tried again at the end.
create function import_remove(one import, after int, upto int) returns int language plpgsql volatile as $$
declare
    what text;
    ids uuid[];
    removed int := 0;
begin
    foreach what in array array['speaker', 'agenda_item', 'group_member', 'contact_group', 'person', 'organisation'] loop
        execute format('select array_agg(t.id) from import_made m join %1$I t on t.platform_id = m.platform_id and t.id = m.id%2$s
                         where m.platform_id = platform_id() and m.import_id = $1 and m.rank > $2 and m.rank <= $3 and m.thing = $4',
                       what, case when what <> 'group_member' then ' and t.version = m.version' else '' end) into ids using one.id, after, upto, what;
        ids := import_unreferred(what::regclass, coalesce(ids, '{}'));
        execute format('delete from %I t where t.platform_id = platform_id() and t.id = any ($1)', what) using ids;
        delete from import_made m where m.platform_id = platform_id() and m.import_id = one.id and m.thing = what and m.rank > after and m.rank <= upto
           and (m.id = any (ids) or not exists (select from person p where what = 'person' and p.platform_id = platform_id() and p.id = m.id) and what = 'person');
        removed := removed + cardinality(ids);
    end loop;
    return removed;
end
$$;

-- Puts a changed row back as far as it is as the list left it.
create function import_restore(one import, r import_row, thing text) returns void language plpgsql volatile as $$
declare
    now jsonb;
    back jsonb;
begin
    execute format('select to_jsonb(t) from %I t where t.platform_id = platform_id() and t.id = $1 for no key update', thing) into now using r.target_id;
    select coalesce(jsonb_object_agg(b.key, b.value), '{}') into back from jsonb_each(r.was) b where now->b.key = r.left_as->b.key;
    if back <> '{}' then
        perform import_put(thing::regclass, r.target_id, back);
    end if;
    update import_row t
       set outcome = case when back = r.was then 'taken_back' else 'kept' end, code = case when now is null then 'import_kept_gone' when back <> r.was then 'import_kept_changed' end
     where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank;
exception when unique_violation or foreign_key_violation then -- what was there before belongs to another now
    update import_row t set outcome = 'kept', code = 'import_kept_changed' where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank;
end
$$;

create function import_unmake_rows(one import, after int, upto int) returns void language plpgsql volatile as $$
declare
    r import_row;
    thing text := case one.kind when 'people' then 'person' when 'organisations' then 'organisation' when 'groups' then 'contact_group' else 'agenda_item' end;
begin
    for r in select t.* from import_row t
              where t.platform_id = platform_id() and t.import_id = one.id and t.rank > after and t.rank <= upto and t.outcome in ('changed', 'made')
                and (t.was is not null or one.kind = 'attendance') order by t.rank desc loop
        if one.kind = 'attendance' then
            perform import_undo_attendance(one, r);
        else
            perform import_restore(one, r, thing);
        end if;
    end loop;
    perform import_remove(one, after, upto);
end
$$;

-- At the end: what waited for something else to go, and which rows left anything.
create function import_end_undo(one import) returns void language plpgsql volatile set enable_nestloop = off as $$
begin
    loop
        exit when import_remove(one, 0, 2147483647) = 0;
    end loop;
    -- Those only named on the way, like an employer, may well have become of use: they do not speak for their row.
    update import_row r set outcome = case when m.rank is null then 'taken_back' else 'kept' end, code = case when m.rank is not null then 'import_kept_used' end
      from import_row s
      left join (select distinct m.rank from import_made m join import_row t on t.platform_id = m.platform_id and t.import_id = m.import_id and t.rank = m.rank
                  where m.platform_id = platform_id() and m.import_id = one.id
                    and (m.id = t.target_id or m.thing in ('group_member', 'speaker'))) m on m.rank = s.rank
     where r.platform_id = platform_id() and r.import_id = one.id and s.platform_id = r.platform_id and s.import_id = r.import_id and s.rank = r.rank
       and r.outcome in ('made', 'changed');
end
$$;

drop function import_step();
-- One step of one import; no row: nothing waits. What is to be read again is given to the caller, who calls import_reread() in a transaction of its own.
create function import_step() returns table (platform uuid, import uuid, kind text, state text, version bigint, content text, encoding text, separator text) language plpgsql volatile as $$
#variable_conflict use_column
declare
    one import;
    upto int;
    rows int;
    why text;
begin
    select t.platform_id, t.id into one.platform_id, one.id from import_take() t;
    if one.id is null then
        return;
    end if;
    perform set_config('narada.platform_id', one.platform_id::text, true);
    select i.* into one from import i where i.platform_id = platform_id() and i.id = one.id;
    perform set_config('narada.actor', one.actor, true);
    if one.state = 'reading' then
        return query select one.platform_id, one.id, one.kind, one.state, one.version, one.content::text, one.wanted_encoding, one.wanted_separator;
        return;
    end if;
    select max(r.rank), count(*) into upto, rows from (
        select r.rank from import_row r
         where r.platform_id = platform_id() and r.import_id = one.id and r.rank > one.handled_rank and r.outcome is not null
         order by r.rank limit 500) r;
    begin
        if one.handled = 500 then
            perform import_count_tables();
        end if;
        if rows > 0 and one.kind = 'invitations' and one.state = 'running' then
            perform import_invite_each(one.id, one.meeting_id, one.handled_rank, upto);
        elsif rows > 0 and one.kind = 'invitations' then
            perform import_undo_rows(one.id, one.meeting_id, one.handled_rank, upto);
        elsif rows > 0 and one.state = 'running' then
            perform import_run_rows(one, one.handled_rank, upto);
        elsif rows > 0 then
            perform import_unmake_rows(one, one.handled_rank, upto);
        end if;
        if rows < 500 and one.kind <> 'invitations' and one.state = 'undoing' then
            perform import_end_undo(one);
        end if;
        update import i
           set handled = i.handled + rows, handled_rank = coalesce(upto, i.handled_rank),
               state = case when rows = 500 then i.state when i.state = 'running' then 'done' else 'undone' end,
               finished_at = case when rows < 500 then clock_timestamp() end, content = case when rows = 500 then i.content end,
               expires_at = case when rows < 500 then now() + interval '30 days' else i.expires_at end, updated_at = clock_timestamp()
         where i.platform_id = platform_id() and i.id = one.id;
    exception when others then
        if sqlstate ~ '^(40|53|55|57|58)' then
            raise; -- busy: the same step may work in a moment
        end if;
        get stacked diagnostics why = pg_exception_detail;
        update import i set state = 'failed', problem = case when sqlstate like 'NA%' then why else 'import_broken' end, content = null, finished_at = clock_timestamp(),
                            expires_at = now() + interval '30 days'
         where i.platform_id = platform_id() and i.id = one.id;
    end;
    return query select one.platform_id, one.id, i.kind, i.state, i.version, null::text, null::text, null::text from import i where i.platform_id = platform_id() and i.id = one.id;
end
$$;

-- ── What is shown ─────────────────────────────────────────────────────────────

create or replace view import_shown with (security_invoker = true) as
select i.platform_id, i.id, i.meeting_id, i.state, i.format, i.file_name, i.encoding, i.separator, i.sheet, i.hidden_rows, i.with_header,
       (select jsonb_agg(jsonb_build_object('heading', h.cells->>(m.at::int - 1), 'field', m.field, 'samples', s.samples) order by m.at)
          from unnest(i.mapping) with ordinality m (field, at)
          left join lateral (select r.cells from import_row r where r.platform_id = i.platform_id and r.import_id = i.id and i.with_header order by r.rank limit 1) h on true
         cross join lateral (select coalesce(jsonb_agg(v.cell) filter (where v.cell <> ''), '[]') as samples from (
             select r.cells->>(m.at::int - 1) as cell from import_row r
              where r.platform_id = i.platform_id and r.import_id = i.id and r.outcome is not null order by r.rank limit 5) v) s) as columns,
       (select jsonb_build_object('rows', (select count(*) from import_row r where r.platform_id = i.platform_id and r.import_id = i.id and r.outcome is not null))
               || jsonb_object_agg(o.outcome, coalesce(c.number, 0))
          from unnest(case when i.kind = 'invitations' then array['new', 'matched', 'already_invited', 'duplicate', 'error', 'invited', 'withdrawn']
                           else array['new', 'change', 'same', 'duplicate', 'error', 'made', 'changed', 'taken_back', 'kept'] end) o (outcome)
          left join (select r.outcome, count(*) as number from import_row r where r.platform_id = i.platform_id and r.import_id = i.id group by r.outcome) c on c.outcome = o.outcome) as counts,
       i.handled, i.problem, i.actor, i.created_at, i.started_at, i.finished_at, i.expires_at, i.version, i.updated_at, i.kind, i.walk_ins
  from import i;
grant select on import_shown to narada_service;

-- ── Attendance ────────────────────────────────────────────────────────────────

-- A conferencing tool has a row each time somebody joins: the first row of a key gets the earliest coming, the latest leaving and what else the others know.
create function import_put_together(the_import uuid) returns void language sql volatile set enable_nestloop = off as $$
    update import_row r set written = r.written || t.more
      from (select w.key, min(w.rank) filter (where w.outcome = 'new') as first,
                   jsonb_strip_nulls(jsonb_build_object('join', min(w.written->>'join'), 'leave', max(coalesce(w.written->>'leave', w.written->>'join')) filter (where w.written ? 'leave'),
                       'state', (array_agg(w.written->>'state' order by w.rank) filter (where w.written ? 'state'))[1])) as more
              from import_row w where w.platform_id = platform_id() and w.import_id = the_import and w.outcome in ('new', 'duplicate') group by w.key having count(*) > 1) t
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = t.first
$$;

-- By the address; else by a name that only one of those invited or recorded has, else only one person of the platform. A name may stand the other way round.
create function import_match_attendance(the_import uuid, of_meeting uuid, after int, upto int) returns void language plpgsql volatile set enable_nestloop = off as $$
begin
    with open as materialized (
        select r.rank, r.written, fold(r.written->>'name') as name from import_open_rows(the_import, after, upto) r
    ), near as materialized (
        select i.person_id as id from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.withdrawn_at is null
        union select a.person_id from attendance a where a.platform_id = platform_id() and a.meeting_id = of_meeting
    ), called as materialized (
        select p.id, fold(p.name) as name, n.id is not null as near from person p left join near n on n.id = p.id where p.platform_id = platform_id()
        union select p.id, fold(p.sort_name), n.id is not null from person p left join near n on n.id = p.id where p.platform_id = platform_id() and p.sort_name is not null
        union select p.id, regexp_replace(fold(p.name), '^(.*) (\S+)$', '\2 \1'), n.id is not null from person p left join near n on n.id = p.id where p.platform_id = platform_id()
    ), named as materialized (
        select w.rank, count(distinct c.id) filter (where c.near) as nearby, count(distinct c.id) as everywhere,
               (min(c.id::text) filter (where c.near))::uuid as one_near, min(c.id::text)::uuid as one
          from open w join called c on c.name = w.name group by w.rank
    )
    update import_row r
       set person_id = coalesce(m.id, case when n.nearby = 1 then n.one_near when n.nearby = 0 and n.everywhere = 1 then n.one end),
           code = case when m.id is null and (n.nearby > 1 or n.nearby = 0 and n.everywhere > 1) then 'import_ambiguous' else r.code end
      from open w
      left join person m on m.platform_id = platform_id() and email_key(m.email) = email_key(w.written->>'email')
      left join named n on n.rank = w.rank
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = w.rank;
    update import_row r set outcome = 'error', code = coalesce(r.code, 'import_not_known')
      from import i
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.person_id is null
       and i.platform_id = platform_id() and i.id = the_import and (not i.walk_ins or r.code = 'import_ambiguous');
    -- One person by the address in one row and by the name in another.
    update import_row r set written = r.written || t.more, outcome = case when r.rank = t.first then 'new' else 'duplicate' end, code = case when r.rank = t.first then r.code else 'import_put_together' end
      from (select w.person_id, min(w.rank) as first,
                   jsonb_strip_nulls(jsonb_build_object('join', min(w.written->>'join'), 'leave', max(w.written->>'leave'))) as more
              from import_open_rows(the_import, after, upto) w where w.person_id is not null group by w.person_id having count(*) > 1) t
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.person_id = t.person_id;
    update import_row r set target_id = a.id
      from attendance a
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new'
       and a.platform_id = platform_id() and a.meeting_id = of_meeting and a.person_id = r.person_id;
end
$$;

-- Through the actions of the doors (0021), so that what devices bring later fits in. Who is said to be there without a time is so by the list's word.
create function import_do_attendance(one import, r import_row) returns void language plpgsql volatile as $$
declare
    news jsonb := case when r.target_id is null then r.written else import_news(r) end;
    whom uuid := coalesce(r.person_id, import_person_made(one, r.rank, r.written - 'note'));
    before attendance;
    state text;
    done uuid[];
begin
    perform lock_attendance(one.meeting_id);
    select a.* into before from attendance a where a.platform_id = platform_id() and a.meeting_id = one.meeting_id and a.person_id = whom;
    state := coalesce(news->>'state', before.state, (select case when m.format = 'in_person' then 'present' else 'remote' end from meeting m where m.platform_id = platform_id() and m.id = one.meeting_id));
    if state in ('excused', 'absent') or not news ? 'join' and (before.id is null or news ? 'state') then
        done := array[act_at_door(one.meeting_id, whom, 'correct', clock_timestamp(), 'import', null, null,
            jsonb_build_object('state', state, 'arrived_at', before.arrived_at, 'left_at', case when state in ('present', 'remote') then news->>'leave' end, 'note', coalesce(news->>'note', before.note),
                               'recorded_as', 'import'))];
    else
        if news ? 'join' then
            done := done || act_at_door(one.meeting_id, whom, 'arrive', (news->>'join')::timestamptz, 'import', case state when 'remote' then 'online' else 'in_person' end);
        end if;
        if news ? 'leave' then
            done := done || act_at_door(one.meeting_id, whom, 'leave', (news->>'leave')::timestamptz, 'import');
        end if;
        if news ? 'note' then
            done := done || act_at_door(one.meeting_id, whom, 'note', clock_timestamp(), 'import', null, news->>'note');
        end if;
    end if;
    perform attendance_settle(one.meeting_id, whom, null, null, null);
    perform tell_doors(one.meeting_id);
    update import_row t
       set outcome = case when before.id is null then 'made' else 'changed' end, person_id = whom, was = to_jsonb(before) - array['version', 'updated_at', 'id'], left_as = to_jsonb(done),
           target_id = (select a.id from attendance a where a.platform_id = platform_id() and a.meeting_id = one.meeting_id and a.person_id = whom)
     where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank;
end
$$;

-- Undoes the actions of a row; where somebody said something else meanwhile, that stays, and is said.
create function import_undo_attendance(one import, r import_row) returns void language plpgsql volatile as $$
declare
    now attendance;
begin
    perform lock_attendance(one.meeting_id);
    insert into attendance_action (meeting_id, person_id, kind, at, undoes, source)
    select a.meeting_id, a.person_id, 'undo', clock_timestamp(), a.id, 'import'
      from attendance_action a
     where a.platform_id = platform_id() and a.meeting_id = one.meeting_id and to_jsonb(a.id::text) <@ r.left_as
       and not exists (select from attendance_action u where u.platform_id = a.platform_id and u.undoes = a.id);
    perform attendance_settle(one.meeting_id, r.person_id, null, null, null);
    perform tell_doors(one.meeting_id);
    select a.* into now from attendance a where a.platform_id = platform_id() and a.meeting_id = one.meeting_id and a.person_id = r.person_id;
    update import_row t
       set outcome = case when coalesce(to_jsonb(now) - array['version', 'updated_at', 'id', 'created_at'] = r.was - 'created_at', now.id is null) then 'taken_back' else 'kept' end
     where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank;
    update import_row t set code = 'import_kept_changed' where t.platform_id = platform_id() and t.import_id = one.id and t.rank = r.rank and t.outcome = 'kept';
end
$$;

-- What a row is about, in words; what differs, as lines; its cells, where they were not understood.
create function import_row_name(r import_row) returns text language sql stable as $$
    select coalesce(r.written->>'title', nullif(concat_ws(': ', r.written->>'group', coalesce(r.written->>'name', r.written->>'email', case when r.written ? 'group' then r.written->>'organisation' end)), ''),
                    r.written->>'external_id', r.written->>'id')
$$;
create function import_row_changes(r import_row) returns jsonb language sql stable as $$
    select jsonb_agg(jsonb_build_object('field', c.key, 'from', c.value->>0, 'to', c.value->>1) order by c.key) from jsonb_each(r.changes) c
$$;
create function import_row_cells(r import_row) returns text language sql stable as $$
    select string_agg(c, ' · ') from jsonb_array_elements_text(r.cells) c where c <> ''
$$;

reset role;
