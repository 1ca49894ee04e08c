-- 0028_archives.sql: a whole meeting as one document, and such a document as a meeting again.
--
-- The format ("narada-meeting", version 1) is an object: `format`, `version`, `made_at`, `platform` (name, language, time_zone), `meeting`, `files` (none yet), and a list for
-- each other row of archive_parts(). What is in a list has the members of the API's resource, in one table's words; what is empty is left out; what refers to something else
-- has its id, which is in the archive too. Left out is what belongs to a platform or is a secret: links and their versions, tokens, mails in the outbox, who may sign in.
--
-- What a later version adds is a row there. Taking an archive in adds what is not there and changes nothing that is: people, organisations, groups, venues, series and
-- initiatives that the platform knows stay as they are, and stand for those of the archive. No mail is sent by it.

set local role narada_owner;
set local search_path = narada;

-- Which meetings came from archives.
create table archive_taken (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    meeting_id uuid not null,
    taken_at timestamptz not null default clock_timestamp(),
    actor text not null default coalesce(nullif(current_setting('narada.actor', true), ''), 'narada'),
    from_platform text not null,
    made jsonb not null default '{}',  -- how many of each part were added
    known jsonb not null default '{}', -- and how many were there
    whole boolean not null default false,
    primary key (platform_id, meeting_id),
    constraint archive_taken_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
select close_by_default('archive_taken');
grant select, insert on archive_taken to narada_service;

-- The parts in the order in which they can be made: the table, what of its row is not told, which columns refer to which part, whether it has a meeting_id, whether it may be known.
create function archive_parts() returns table (rank int, part text, of_table text, without text[], refers jsonb, has_meeting boolean, may_be_known boolean) language sql immutable parallel safe as $$
    values (1, 'organisations', 'organisation', array['search', 'version'], '{"parent_id": "organisations"}'::jsonb, false, true),
           (2, 'venues', 'venue', array['search', 'version'], '{}', false, true),
           (3, 'series', 'series', array['search', 'version'], '{"host_organisation_id": "organisations"}', false, true),
           (4, 'people', 'person', array['search', 'version'], '{"organisation_id": "organisations"}', false, true),
           (5, 'groups', 'contact_group', array['search', 'version'], '{}', false, true),
           (6, 'group_members', 'group_member', array[]::text[], '{"group_id": "groups", "person_id": "people", "organisation_id": "organisations"}', false, false),
           (7, 'meeting', 'meeting', array['search', 'version'], '{"venue_id": "venues", "host_organisation_id": "organisations", "series_id": "series"}', false, false),
           (8, 'meeting_groups', 'meeting_group', array['version'], '{"group_id": "groups"}', true, false),
           (9, 'initiatives', 'initiative', array['search', 'version'], '{"lead_organisation_id": "organisations"}', false, true),
           (10, 'initiative_partners', 'initiative_partner', array[]::text[], '{"initiative_id": "initiatives", "organisation_id": "organisations"}', false, false),
           (11, 'agenda', 'agenda_item', array['version'], '{}', true, false),
           (12, 'initiative_items', 'initiative_item', array[]::text[], '{"initiative_id": "initiatives", "agenda_item_id": "agenda"}', false, false),
           (13, 'speakers', 'speaker', array['version'], '{"agenda_item_id": "agenda", "person_id": "people", "organisation_id": "organisations"}', true, false),
           (14, 'questions', 'question', array['version'], '{}', true, false),
           (15, 'question_wordings', 'question_wording', array[]::text[], '{"question_id": "questions"}', false, false),
           (16, 'question_groups', 'question_group', array[]::text[], '{"question_id": "questions", "group_id": "groups"}', false, false),
           (17, 'invitations', 'invitation', array['version', 'link_version'],
                '{"person_id": "people", "group_id": "groups", "delegated_to": "invitations", "delegated_from": "invitations"}', true, false),
           (18, 'companions', 'companion', array[]::text[], '{"invitation_id": "invitations"}', false, false),
           (19, 'agenda_choices', 'agenda_choice', array[]::text[], '{"invitation_id": "invitations", "agenda_item_id": "agenda"}', false, false),
           (20, 'answers', 'answer', array['given', 'version'], '{"invitation_id": "invitations", "question_id": "questions"}', false, false),
           -- A companion, and what is undone, need not be there any more.
           (21, 'attendance_actions', 'attendance_action', array['transaction', 'device'],
                '{"person_id": "people", "agenda_item_id": "agenda", "companion_id": "", "undoes": ""}', true, false),
           (22, 'attendance', 'attendance', array['version'], '{"person_id": "people"}', true, false),
           (23, 'presence', 'presence', array[]::text[], '{"person_id": "people", "agenda_item_id": "agenda", "companion_id": ""}', true, false),
           (24, 'messages', 'message', array[]::text[], '{}', true, false),
           (25, 'history', 'invitation_event', array[]::text[], '{"invitation_id": "invitations"}', true, false)
$$;

-- ── Out ───────────────────────────────────────────────────────────────────────

-- What a meeting has to do with, part by part: the ids of what is not its own.
create function archive_concerned(of_meeting uuid) returns table (part text, id uuid) language sql stable as $$
    with recursive groups as (
        select g.group_id as id from meeting_group g where g.platform_id = platform_id() and g.meeting_id = of_meeting
        union select i.group_id from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.group_id is not null
        union select q.group_id from question_group q join question o on o.platform_id = q.platform_id and o.id = q.question_id where q.platform_id = platform_id() and o.meeting_id = of_meeting
    ), people as (
        select i.person_id as id from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting
        union select s.person_id from speaker s where s.platform_id = platform_id() and s.meeting_id = of_meeting and s.person_id is not null
        union select a.person_id from attendance a where a.platform_id = platform_id() and a.meeting_id = of_meeting
    ), initiatives as (
        select distinct l.initiative_id as id from initiative_item l join agenda_item a on a.platform_id = l.platform_id and a.id = l.agenda_item_id
         where l.platform_id = platform_id() and a.meeting_id = of_meeting
    ), place as (
        select m.venue_id, m.series_id, m.host_organisation_id from meeting m where m.platform_id = platform_id() and m.id = of_meeting
    ), organisations as (
        select p.host_organisation_id as id from place p where p.host_organisation_id is not null
        union select s.host_organisation_id from series s join place p on p.series_id = s.id where s.platform_id = platform_id() and s.host_organisation_id is not null
        union select p.organisation_id from person p join people c on c.id = p.id where p.platform_id = platform_id() and p.organisation_id is not null
        union select s.organisation_id from speaker s where s.platform_id = platform_id() and s.meeting_id = of_meeting and s.organisation_id is not null
        union select n.lead_organisation_id from initiative n join initiatives c on c.id = n.id where n.platform_id = platform_id() and n.lead_organisation_id is not null
        union select n.organisation_id from initiative_partner n join initiatives c on c.id = n.initiative_id where n.platform_id = platform_id()
        union select o.parent_id from organisation o join organisations c on c.id = o.id where o.platform_id = platform_id() and o.parent_id is not null
    )
    select 'groups', g.id from groups g union all select 'people', p.id from people p union all select 'initiatives', n.id from initiatives n
    union all select 'organisations', o.id from organisations o union all select 'venues', p.venue_id from place p union all select 'series', p.series_id from place p
$$;

-- The rows of a part that belong to a meeting. What is known by its meeting is found by that, the rest by whom it belongs to.
create function archive_rows(of_part text, of_meeting uuid) returns setof jsonb language plpgsql stable as $$
declare
    p record;
    held text;
begin
    select * into p from archive_parts() a where a.part = of_part;
    held := case
        when of_part = 'meeting' then 't.id = $1'
        when p.has_meeting then 't.meeting_id = $1'
        when p.may_be_known then 't.id in (select c.id from archive_concerned($1) c where c.part = $2)'
        when of_part = 'group_members' then 't.group_id in (select c.id from archive_concerned($1) c where c.part = ''groups'')
            and coalesce(t.person_id, t.organisation_id) in (select c.id from archive_concerned($1) c where c.part in (''people'', ''organisations''))'
        when of_part = 'initiative_partners' then 't.initiative_id in (select c.id from archive_concerned($1) c where c.part = ''initiatives'')'
        when of_part = 'initiative_items' then 't.agenda_item_id in (select a.id from agenda_item a where a.platform_id = platform_id() and a.meeting_id = $1)'
        when of_part in ('question_wordings', 'question_groups') then 't.question_id in (select q.id from question q where q.platform_id = platform_id() and q.meeting_id = $1)'
        else 't.invitation_id in (select i.id from invitation i where i.platform_id = platform_id() and i.meeting_id = $1)' end;
    return query execute format('select jsonb_strip_nulls(to_jsonb(t) - ''platform_id'' - %L::text[]) from %I t where t.platform_id = platform_id() and %s order by 1',
                                p.without || case when p.has_meeting then array['meeting_id'] else '{}' end, p.of_table, held) using of_meeting, of_part;
end
$$;

create function archive_of(of_meeting uuid) returns jsonb language sql stable set timezone = 'UTC' set enable_nestloop = off as $$
    select jsonb_build_object('format', 'narada-meeting', 'version', 1, 'made_at', to_char(clock_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'files', '[]'::jsonb,
               'platform', (select jsonb_build_object('name', p.name, 'language', p.language, 'time_zone', p.time_zone) from platform p where p.id = platform_id()))
        || jsonb_build_object('meeting', (select r from archive_rows('meeting', of_meeting) r))
        || (select jsonb_object_agg(a.part, (select coalesce(jsonb_agg(r), '[]') from archive_rows(a.part, of_meeting) r)) from archive_parts() a where a.part <> 'meeting')
$$;

-- ── In: is it one? ────────────────────────────────────────────────────────────

create function archive_refuse(member text, detail text) returns void language plpgsql volatile as $$
begin
    perform refuse(422, 'In the archive, ' || member || ': ' || detail, 'archive_member', 'file');
end
$$;

-- What is wrong with a text, as the operations that take it by itself would say; NULL: nothing.
create function archive_text_fault(references_of text[], member text, said text) returns text language sql immutable parallel safe as $$
    select case
        when length(said) > 20000 then 'is too long'
        when member not in ('note', 'purpose', 'information', 'abstract', 'description', 'directions', 'accessibility', 'hint', 'text_value', 'consent_text', 'cancelled_reason', 'financing', 'body',
                            'address') and (said ~ '[\u0001-\u001f\u007f]' or length(said) > 2000) then 'is not one line of text'
        when member in ('email', 'contact_email') and not import_is_email(said) then 'is no e-mail address'
        when member in ('website', 'online_url', 'link') and said !~ '^https?://\S+$' then 'is no address of the web'
        when member = 'slug' and (said !~ '^[a-z0-9]+(-[a-z0-9]+)*$' or length(said) > 100 or said in ('new', 'edit')) then 'is no slug'
        when member = 'language' and said !~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' then 'is no language'
        when (member = 'id' or member = any (references_of)) and not import_is_id(said) then 'is no id' end
$$;

-- One thing of a part: its members, and that each is of its kind.
create function archive_check_one(p record, place text, one jsonb) returns void language plpgsql stable as $$
declare
    m record;
    fault text;
begin
    if jsonb_typeof(one) <> 'object' then
        perform archive_refuse(place, 'must be an object.');
    end if;
    for m in select e.key, e.value, e.value #>> '{}' as said from jsonb_each(one) e loop
        if m.key = 'platform_id' or m.key = any (p.without) or (p.has_meeting and m.key = 'meeting_id')
           or not exists (select from pg_attribute a where a.attrelid = p.of_table::regclass and a.attname = m.key and a.attnum > 0 and a.attgenerated = '') then
            perform archive_refuse(place || '.' || m.key, 'is not known.');
        end if;
        fault := case when jsonb_typeof(m.value) = 'string' then archive_text_fault(array(select jsonb_object_keys(p.refers)), m.key, m.said) end;
        if fault is not null then
            perform archive_refuse(place || '.' || m.key, fault || '.');
        end if;
        begin
            execute format('select from jsonb_populate_record(null::%I, $1)', p.of_table) using jsonb_build_object(m.key, m.value);
        exception when others then
            perform archive_refuse(place || '.' || m.key, 'is not of the right kind.');
        end;
    end loop;
end
$$;

-- All things of a part at once where nothing is wrong, which is checked first; one by one where something is.
create function archive_check_part(p record, things jsonb) returns void language plpgsql stable as $$
declare
    known text[] := array(select a.attname::text from pg_attribute a where a.attrelid = p.of_table::regclass and a.attnum > 0 and a.attgenerated = ''
                             and a.attname <> all (array_prepend('platform_id', p.without)) and not (p.has_meeting and a.attname = 'meeting_id'));
    references_of text[] := array(select jsonb_object_keys(p.refers));
    bad record;
begin
    if jsonb_typeof(things) <> 'array' then
        perform archive_refuse(p.part, 'must be a list.');
    end if;
    begin
        execute format('select count(*) from jsonb_populate_recordset(null::%I, $1)', p.of_table) into bad using things;
        select e.at into bad from jsonb_array_elements(things) with ordinality e (one, at) cross join lateral jsonb_each(e.one) m
         where m.key <> all (known) or (jsonb_typeof(m.value) = 'string' and archive_text_fault(references_of, m.key, m.value #>> '{}') is not null)
         limit 1;
    exception when others then
        bad := row(1);
    end;
    if bad is not null then
        for bad in select e.one, case when p.part = 'meeting' then 'meeting' else p.part || '[' || e.at - 1 || ']' end as place from jsonb_array_elements(things) with ordinality e (one, at) loop
            perform archive_check_one(p, bad.place, bad.one);
        end loop;
    end if;
end
$$;

-- Every id that is referred to is of something in the archive, and no id is there twice.
create function archive_check_references(doc jsonb) returns void language plpgsql stable set enable_nestloop = off as $$
declare
    p record;
    bad record;
begin
    for p in select a.part, r.key as member, r.value as of_part from archive_parts() a cross join jsonb_each_text(a.refers) r where r.value <> '' order by a.rank loop
        select e.at, e.one->>p.member as id into bad from jsonb_array_elements(case when p.part = 'meeting' then jsonb_build_array(doc->p.part) else doc->p.part end) with ordinality e (one, at)
          left join jsonb_array_elements(doc->p.of_part) o (one) on o.one->>'id' = e.one->>p.member
         where e.one ? p.member and o.one is null limit 1;
        if bad.id is not null then
            perform archive_refuse(case when p.part = 'meeting' then 'meeting' else p.part || '[' || bad.at - 1 || ']' end || '.' || p.member, 'refers to nothing in ' || p.of_part || '.');
        end if;
    end loop;
    for p in select a.part from archive_parts() a where a.part <> 'meeting' order by a.rank loop
        select e.one->>'id' as id into bad from jsonb_array_elements(doc->p.part) e (one) where e.one ? 'id' group by 1 having count(*) > 1 limit 1;
        if bad.id is not null then
            perform archive_refuse(p.part, 'has the id ' || bad.id || ' twice.');
        end if;
    end loop;
end
$$;

create function archive_check(doc jsonb) returns void language plpgsql stable as $$
declare
    p record;
    stranger text;
begin
    if jsonb_typeof(doc) <> 'object' or doc->>'format' is distinct from 'narada-meeting' then
        perform refuse(422, 'The archive is not one of a meeting: its "format" is not "narada-meeting".', 'archive_not_ours', 'file');
    elsif doc->'version' is distinct from '1' then
        perform refuse(422, 'The archive is of a version that is not known here: ' || coalesce(doc->>'version', 'none') || '.', 'archive_version', 'file');
    end if;
    select k into stranger from jsonb_object_keys(doc) k
     where k not in ('format', 'version', 'made_at', 'files', 'platform') and k not in (select a.part from archive_parts() a) limit 1;
    if stranger is not null then
        perform archive_refuse(left(stranger, 100), 'is not known.');
    elsif jsonb_typeof(doc->'platform'->'name') is distinct from 'string' or length(doc->'platform'->>'name') > 200 then
        perform archive_refuse('platform.name', 'is missing.');
    elsif doc->'files' <> '[]' then
        perform archive_refuse('files', 'can not hold anything in this version.');
    elsif jsonb_typeof(doc->'meeting') is distinct from 'object' then
        perform archive_refuse('meeting', 'is missing.');
    end if;
    for p in select * from archive_parts() a order by a.rank loop
        if not doc ? p.part then
            perform archive_refuse(p.part, 'is missing.');
        end if;
        perform archive_check_part(p, case when p.part = 'meeting' then jsonb_build_array(doc->'meeting') else doc->p.part end);
        select case when p.part = 'meeting' then 'meeting' else p.part || '[' || e.at - 1 || ']' end into stranger
          from jsonb_array_elements(case when p.part = 'meeting' then jsonb_build_array(doc->'meeting') else doc->p.part end) with ordinality e (one, at)
         where not e.one ? 'id' and exists (select from pg_attribute a where a.attrelid = p.of_table::regclass and a.attname = 'id') limit 1;
        if stranger is not null then
            perform archive_refuse(stranger || '.id', 'is missing.');
        end if;
    end loop;
    if not exists (select from pg_timezone_names z where z.name = doc->'meeting'->>'time_zone') then
        perform archive_refuse('meeting.time_zone', 'is no time zone.');
    end if;
    perform archive_check_references(doc);
end
$$;

-- ── In: taking it ─────────────────────────────────────────────────────────────

-- The id that stands for one of the archive: that of what is known, a new one where it was taken, else itself.
create function archive_id(ids jsonb, old uuid) returns uuid language sql immutable parallel safe as $$ select coalesce((ids->>old::text)::uuid, old) $$;
create function archive_actor(ids jsonb, old text) returns text language sql immutable parallel safe as $$
    select case when old ~ '^invitation [0-9a-f-]{36}$' then 'invitation ' || archive_id(ids, substring(old from 12)::uuid) else old end
$$;

-- The ids within what an event or a message says of itself.
create function archive_detail(ids jsonb, old jsonb) returns jsonb language plpgsql immutable parallel safe as $$
declare
    said text := old::text;
    one text;
begin
    if ids <> '{}' and said ~ '[0-9a-f]{8}-[0-9a-f]{4}-' then
        for one in select m[1] from regexp_matches(old::text, '"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"', 'g') m where ids ? m[1] loop
            said := replace(said, one, ids->>one);
        end loop;
    end if;
    return said::jsonb;
end
$$;

-- Who and what the platform knows already: {id in the archive: id here}. By the number in another system, then by the address or name, then by the id, if it has the name.
create function archive_known(of_part text, things jsonb) returns jsonb language plpgsql stable set enable_nestloop = off as $$
declare
    found jsonb;
begin
    case of_part
        when 'people' then
            select jsonb_object_agg(e.one->>'id', coalesce(x.id, m.id, i.id)) into found from jsonb_array_elements(things) e (one)
              left join person x on x.platform_id = platform_id() and x.external_id = e.one->>'external_id'
              left join person m on m.platform_id = platform_id() and email_key(m.email) = email_key(e.one->>'email')
              left join person i on i.platform_id = platform_id() and i.id = (e.one->>'id')::uuid and fold(i.name) = fold(e.one->>'name')
             where coalesce(x.id, m.id, i.id) is not null;
        when 'organisations' then
            select jsonb_object_agg(e.one->>'id', coalesce(x.id, n.id)) into found from jsonb_array_elements(things) e (one)
              left join organisation x on x.platform_id = platform_id() and x.external_id = e.one->>'external_id'
              left join organisation n on n.platform_id = platform_id() and fold(n.name) = fold(e.one->>'name')
             where coalesce(x.id, n.id) is not null;
        when 'groups' then
            select jsonb_object_agg(e.one->>'id', coalesce(x.id, n.id)) into found from jsonb_array_elements(things) e (one)
              left join contact_group x on x.platform_id = platform_id() and x.external_id = e.one->>'external_id'
              left join contact_group n on n.platform_id = platform_id() and fold(n.name) = fold(e.one->>'name')
             where coalesce(x.id, n.id) is not null;
        when 'initiatives' then
            select jsonb_object_agg(e.one->>'id', coalesce(x.id, n.id)) into found from jsonb_array_elements(things) e (one)
              left join initiative x on x.platform_id = platform_id() and x.external_id = e.one->>'external_id'
              left join initiative n on n.platform_id = platform_id() and fold(n.title) = fold(e.one->>'title')
             where coalesce(x.id, n.id) is not null;
        when 'series' then
            select jsonb_object_agg(e.one->>'id', n.id) into found from jsonb_array_elements(things) e (one)
              join lateral (select s.id from series s where s.platform_id = platform_id() and fold(s.title) = fold(e.one->>'title') order by s.id limit 1) n on true;
        when 'venues' then
            select jsonb_object_agg(e.one->>'id', n.id) into found from jsonb_array_elements(things) e (one)
              join lateral (select v.id from venue v where v.platform_id = platform_id() and (v.name, v.room, v.address, v.city) is not distinct from
                                   (e.one->>'name', e.one->>'room', e.one->>'address', e.one->>'city') order by v.id limit 1) n on true;
    end case;
    return coalesce(found, '{}');
end
$$;

-- New ids for those of a part that something else here has.
create function archive_renumbered(p record, things jsonb) returns jsonb language plpgsql volatile set enable_nestloop = off as $$
declare
    found jsonb;
begin
    if p.part = 'meeting' or not exists (select from pg_attribute a where a.attrelid = p.of_table::regclass and a.attname = 'id') then
        return '{}';
    end if;
    execute format('select jsonb_object_agg(t.id, uuidv7()) from jsonb_array_elements($1) e (one) join %I t on t.platform_id = platform_id() and t.id = (e.one->>''id'')::uuid', p.of_table)
       into found using things;
    return coalesce(found, '{}');
end
$$;

-- The things of a part become rows; where the database refuses, it is said which part, and what.
create function archive_put(p record, things jsonb, ids jsonb, the_meeting uuid) returns void language plpgsql volatile as $$
declare
    columns text[] := array(select distinct k from jsonb_array_elements(things) e (one) cross join lateral jsonb_object_keys(e.one) k order by 1);
    listed text := (select string_agg(quote_ident(c), ', ') from unnest(columns) c);
    values_of text := (select string_agg(case when c = 'id' or p.refers ? c then format('archive_id($2, r.%I)', c) when c = 'actor' then 'archive_actor($2, r.actor)'
                                          when c in ('detail', 'audience') then format('archive_detail($2, r.%I)', c) else 'r.' || quote_ident(c) end, ', ')
                         from unnest(columns) c);
    what text;
    which text;
begin
    execute format('insert into %1$I (%2$s%3$s) select %4$s%5$s from jsonb_populate_recordset(null::%1$I, $1) r', p.of_table, listed,
                   case when p.has_meeting then ', meeting_id' else '' end || case when p.part = 'invitations' then ', link_version' else '' end, values_of,
                   case when p.has_meeting then ', $3' else '' end || case when p.part = 'invitations' then ', 1 + floor(random() * 60000)::int' else '' end)
      using things, ids, the_meeting;
exception when not_null_violation or check_violation or unique_violation or foreign_key_violation then
    get stacked diagnostics what = column_name, which = constraint_name;
    if sqlstate = '23502' then
        select case when p.part = 'meeting' then 'meeting' else p.part || '[' || e.at - 1 || ']' end into which from jsonb_array_elements(things) with ordinality e (one, at) where not e.one ? what limit 1;
        perform archive_refuse(coalesce(which, p.part) || '.' || what, 'is missing.');
    elsif sqlstate = '23505' and p.part = 'meeting' then
        perform refuse(409, 'Something here has what should be the meeting''s alone: ' || which || '.', which, 'file');
    end if;
    perform archive_refuse(p.part, 'something breaks the rule ' || which || '.');
end
$$;

-- A meeting that is being taken in has no history but the archive's.
create function archive_quieten(the_meeting uuid) returns void language sql volatile security definer set search_path = narada, pg_temp as $$
    delete from invitation_event e using archive_taken t
     where t.platform_id = platform_id() and t.meeting_id = the_meeting and not t.whole and e.platform_id = platform_id() and e.meeting_id = the_meeting
$$;
-- And at the end, no mail waits for it that its history called forth.
create function archive_close(the_meeting uuid, counts_made jsonb, counts_known jsonb) returns void language plpgsql volatile security definer set search_path = narada, pg_temp as $$
begin
    update archive_taken t set made = counts_made, known = counts_known, whole = true where t.platform_id = platform_id() and t.meeting_id = the_meeting and not t.whole;
    if found then
        delete from outbox o where o.platform_id = platform_id() and o.meeting_id = the_meeting;
        delete from planned_mail l where l.platform_id = platform_id() and l.meeting_id = the_meeting;
    end if;
end
$$;

-- Takes an archive in, all of it or nothing; keep_made() has the meeting's id.
create function archive_take(document text) returns void language plpgsql volatile set timezone = 'UTC' as $$
declare
    doc jsonb;
    ids jsonb := '{}';
    known jsonb := '{}';
    counts_made jsonb := '{}';
    counts_known jsonb := '{}';
    found jsonb;
    things jsonb;
    the_meeting uuid;
    p record;
begin
    begin
        doc := document::jsonb;
    exception when others then
        perform refuse(422, 'The archive''s document can not be read as JSON.', 'archive_broken', 'file');
    end;
    perform archive_check(doc);
    the_meeting := (doc->'meeting'->>'id')::uuid;
    perform pg_advisory_xact_lock(hashtextextended('narada.archive ' || platform_id(), 0));
    if exists (select from meeting m where m.platform_id = platform_id() and (m.id = the_meeting or m.external_id = doc->'meeting'->>'external_id')) then
        perform refuse(409, 'The meeting of this archive is here already.', 'archive_already_there', 'file');
    end if;
    perform watch_groups(false);
    for p in select * from archive_parts() a order by a.rank loop
        things := case when p.part = 'meeting' then jsonb_build_array(doc->'meeting') else doc->p.part end;
        if p.may_be_known then
            found := archive_known(p.part, things);
            known := known || found;
            counts_known := counts_known || jsonb_build_object(p.part, (select count(*) from jsonb_object_keys(found)));
            things := (select coalesce(jsonb_agg(e.one), '[]') from jsonb_array_elements(things) e (one) where not found ? (e.one->>'id'));
            ids := ids || found;
        elsif p.part in ('group_members', 'initiative_partners') then -- what is known keeps its own
            things := (select coalesce(jsonb_agg(e.one), '[]') from jsonb_array_elements(things) e (one) where not known ? coalesce(e.one->>'group_id', e.one->>'initiative_id'));
        elsif p.part = 'meeting' and exists (select from meeting m where m.platform_id = platform_id() and m.slug = doc->'meeting'->>'slug') then
            things := jsonb_build_array(doc->'meeting' || jsonb_build_object('slug',
                meeting_slug(doc->'meeting'->>'title', (doc->'meeting'->>'starts_at')::timestamptz, doc->'meeting'->>'time_zone')));
        elsif p.part = 'history' then
            perform archive_quieten(the_meeting);
        end if;
        ids := ids || archive_renumbered(p, things);
        if things <> '[]' then
            perform archive_put(p, things, ids, the_meeting);
        end if;
        if p.part = 'meeting' then
            insert into archive_taken (meeting_id, from_platform) values (the_meeting, doc->'platform'->>'name');
        end if;
        counts_made := counts_made || jsonb_build_object(p.part, jsonb_array_length(things));
    end loop;
    perform archive_close(the_meeting, counts_made, counts_known);
    perform keep_made(the_meeting);
end
$$;

reset role;
