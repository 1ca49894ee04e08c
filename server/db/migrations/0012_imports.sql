-- 0012_imports.sql: inviting by a list that was uploaded or pasted: looked at first, then run in the background, row by row, and taken back as a whole.
--
-- The list is read by server/ingest and kept as it was: `import_row.cells`. What a row means follows from the import's mapping and is worked out again whenever
-- that changes (import_judge). Running and taking back go on in steps of some hundred rows, each a transaction of its own (import_step), so that progress can
-- be seen, a restart goes on where it was, and several processes share the work without harm: who steps holds the import's row.

set local role narada_owner;
set local search_path = narada;

create table import (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    state text not null default 'preview'
        check (state in ('preview', 'reading', 'running', 'done', 'undoing', 'undone', 'failed')), -- 'reading': in another encoding or separator
    format text not null check (format in ('csv', 'addresses', 'xlsx')),
    file_name text,
    encoding text,             -- NULL for a workbook
    separator text,            -- NULL: there is only one column, or none is needed
    sheet text,                -- of a workbook
    hidden_rows int not null default 0,
    with_header boolean not null,
    mapping text[] not null,   -- for each column its field, or 'ignore'
    wanted_encoding text, wanted_separator text, -- while it is read again: NULL: to be found out
    content bytea,             -- as it was sent, to be read again; gone once it is run
    problem text,              -- why it failed, or could not be read again: a code
    actor text not null default coalesce(nullif(current_setting('narada.actor', true), ''), 'narada'), -- in whose name it is run
    handled int not null default 0,       -- rows that are done, of those to be run or taken back
    handled_rank int not null default 0,  -- the last of them
    started_at timestamptz,
    finished_at timestamptz,
    expires_at timestamptz not null default now() + interval '7 days', -- it holds what people wrote about others: kept no longer than it is of use
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint import_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade
);
create index import_of_meeting on import (platform_id, meeting_id, id);
create index import_waiting on import (updated_at) where state in ('reading', 'running', 'undoing');
create index import_expires on import (expires_at);

create table import_row (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    import_id uuid not null,
    rank int not null,         -- as a spreadsheet counts the row
    cells jsonb not null,
    outcome text check (outcome in ('new', 'matched', 'already_invited', 'duplicate', 'error', 'invited', 'withdrawn')), -- NULL: the header
    code text,                 -- of an error what is wrong, else a remark
    key text,                  -- rows with the same are the same person
    written jsonb not null default '{}', -- the person, as person_from() takes one
    person_id uuid,
    made_person boolean not null default false,
    invitation_id uuid,
    primary key (platform_id, import_id, rank),
    constraint import_row_import foreign key (platform_id, import_id) references import on delete cascade,
    constraint import_row_person foreign key (platform_id, person_id) references person on delete set null (person_id),
    constraint import_row_invitation foreign key (platform_id, invitation_id) references invitation on delete set null (invitation_id)
);
create index import_row_of_person on import_row (platform_id, person_id) where person_id is not null;
create index import_row_of_invitation on import_row (platform_id, invitation_id) where invitation_id is not null;

select close_by_default('import', 'import_row');
grant select, insert, update, delete on import, import_row to narada_service;
create policy owner_functions on import to narada_owner using (true) with check (true); -- import_take() and sweep_imports() look across tenants
create trigger touch before update on import for each row execute function touch();

-- Rows that were just put in have no statistics, so that the planner takes ten thousand for one. What joins them does so without nested loops, which would go
-- through all of them for each.

-- ── What a row means ──────────────────────────────────────────────────────────

-- The cells that mean something, by field; the first line of each but of a note.
create function import_fields(cells jsonb, mapping text[]) returns jsonb language sql immutable parallel safe as $$
    select coalesce(jsonb_object_agg(m.field, case m.field when 'note' then c.value else btrim(regexp_replace(c.value, '\s+', ' ', 'g')) end), '{}')
      from jsonb_array_elements_text(cells) with ordinality c (value, at) join unnest(mapping) with ordinality m (field, at) using (at)
     where m.field <> 'ignore' and c.value <> ''
$$;

create function import_is_email(address text) returns boolean language sql immutable parallel safe as $$
    select length(address) <= 254 and address collate "und-x-icu"
           ~ '^[^[:space:]@<>()\[\],;:\\"]{1,64}@([[:alnum:]]([[:alnum:]-]{0,61}[[:alnum:]])?\.)+[[:alnum:]]([[:alnum:]-]{0,61}[[:alnum:]])?$'
       and address !~ '(^\.|\.\.|\.@)'
$$;

-- The language that a cell names, by its tag or its name in one of the pages' languages.
create function import_language(named text) returns text language sql immutable parallel safe as $$
    select l.tag from (values
        ('pl', array['pl', 'polski', 'polish', 'puola']), ('en', array['en', 'angielski', 'english', 'englanti']), ('fi', array['fi', 'finski', 'finnish', 'suomi']),
        ('sv', array['sv', 'szwedzki', 'swedish', 'ruotsi', 'svenska']), ('de', array['de', 'niemiecki', 'german', 'saksa', 'deutsch']),
        ('uk', array['uk', 'ua', 'ukrainski', 'ukrainian', 'ukraina'])) l (tag, names)
     where fold(named) = any (l.names)
$$;

-- The person of a row's fields, what tells it from others, and what is wrong with it. An e-mail cell may hold what a mail program writes: "Jan <jan@example.org>".
create function import_person(fields jsonb, out written jsonb, out key text, out code text, out faulty boolean) language plpgsql immutable parallel safe as $$
declare
    email text := fields->>'email';
    within text := substring(email from '<([^<>]*)>');
    name text := coalesce(fields->>'name', nullif(concat_ws(' ', fields->>'first_name', fields->>'last_name'), ''),
                          nullif(btrim(substring(email from '^([^<]*)<'), ' "'''), ''));
    phone text := fields->>'phone';
    tongue text := import_language(fields->>'language');
begin
    email := nullif(rtrim(regexp_replace(btrim(coalesce(within, email)), '^mailto:', '', 'i'), ' .,;'), '');
    name := coalesce(name, email);
    if phone ~ '^[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+$' then -- a spreadsheet's rounded number
        phone := null;
        code := 'import_phone_damaged';
    elsif fields ? 'language' and tongue is null then
        code := 'import_language_unknown';
    end if;
    written := jsonb_strip_nulls(jsonb_build_object('name', name, 'email', email, 'phone', phone, 'position', fields->>'position', 'organisation', fields->>'organisation',
        'language', tongue, 'note', fields->>'note',
        'sort_name', case when not fields ? 'name' and fields ? 'last_name' then concat_ws(' ', fields->>'last_name', fields->>'first_name') end));
    key := coalesce('mail ' || email_key(email), 'name ' || fold(name) || '|' || fold(coalesce(fields->>'organisation', '')));
    faulty := true;
    if name is null then
        code := 'import_nobody';
    elsif email ~ '@.*[,;\s].*@' then
        code := 'import_two_addresses';
    elsif email is not null and not import_is_email(email) then
        code := 'import_bad_email';
    elsif length(name) > 200 or length(phone) > 50 or length(fields->>'position') > 300 or length(fields->>'organisation') > 200 or length(fields->>'note') > 5000 then
        code := 'import_too_long';
    else
        faulty := false;
    end if;
end
$$;

-- Whom the platform knows already of some of an import's rows: by the address, whatever its case, or without one by name and organisation.
create function import_known(the_import uuid, after int, upto int) returns table (rank int, person_id uuid) language plpgsql stable set enable_nestloop = off as $$
#variable_conflict use_column
begin
    return query select r.rank, p.id from import_row r
      join person p on p.platform_id = r.platform_id and email_key(p.email) = email_key(r.written->>'email')
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome <> 'error';
    if exists (select from import_row r where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto
                  and r.outcome <> 'error' and r.key like 'name %') then
        return query
            with known as (
                select distinct on (k.key) k.key, k.id from (
                    select 'name ' || fold(p.name) || '|' || fold(coalesce(o.name, '')) as key, p.id
                      from person p left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
                     where p.platform_id = platform_id() and p.email is null) k
                 order by k.key, k.id)
            select r.rank, k.id from import_row r join known k on k.key = r.key
             where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome <> 'error';
    end if;
end
$$;

-- Works out anew what each row means and what would become of it.
create function import_judge(the_import uuid) returns void language plpgsql volatile set enable_nestloop = off as $$
declare
    one import;
    header int := 0;
begin
    select i.* into one from import i where i.platform_id = platform_id() and i.id = the_import;
    if one.with_header then
        select min(r.rank) into header from import_row r where r.platform_id = platform_id() and r.import_id = the_import;
    end if;
    update import_row r
       set (written, key, code, outcome, person_id)
           = (select p.written, p.key, case when r.rank > header then p.code end, case when r.rank > header then case when p.faulty then 'error' else 'new' end end, null::uuid
                from import_person(import_fields(r.cells, one.mapping)) p)
     where r.platform_id = platform_id() and r.import_id = the_import;
    -- Of the same person the first row counts.
    update import_row r set outcome = 'duplicate'
      from (select w.rank, row_number() over (partition by w.key order by w.rank) as nth
              from import_row w where w.platform_id = platform_id() and w.import_id = the_import and w.outcome = 'new') d
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = d.rank and d.nth > 1;
    update import_row r
       set person_id = k.person_id,
           outcome = case when i.id is not null then 'already_invited' else 'matched' end
      from import_known(the_import, 0, 2147483647) k
      left join invitation i on i.platform_id = platform_id() and i.meeting_id = one.meeting_id and i.person_id = k.person_id and i.withdrawn_at is null
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = k.rank and r.outcome = 'new';
end
$$;

-- ── Making, changing, starting ────────────────────────────────────────────────

-- Refuses a mapping that names a field twice, or nothing by which anybody could be invited.
create function import_check_mapping(mapping text[], columns int) returns void language plpgsql volatile as $$
begin
    if cardinality(mapping) <> columns then
        perform refuse(422, 'The list has ' || columns || ' columns: say for each what it holds, or "ignore".', 'import_mapping_length', 'mapping');
    elsif exists (select from unnest(mapping) field where field <> 'ignore' group by field having count(*) > 1) then
        perform refuse(422, 'Two columns can not hold the same.', 'import_column_twice', 'mapping');
    elsif not mapping && array['name', 'first_name', 'last_name', 'email'] then
        perform refuse(422, 'Say which column holds the names or the e-mail addresses.', 'import_needs_column', 'mapping');
    end if;
end
$$;

create function import_rows_put(the_import uuid, rows jsonb) returns void language sql volatile as $$
    delete from import_row r where r.platform_id = platform_id() and r.import_id = the_import;
    insert into import_row (import_id, rank, cells) select the_import, (e.value->>0)::int, e.value - 0 from jsonb_array_elements(rows) e
$$;

-- What was made of the same headings before, by whoever ran that list, is made of them again.
create function import_remember(the_import uuid) returns void language sql volatile as $$
    update import i set mapping = b.mapping from (
        select e.mapping from import n
          join import e on e.platform_id = n.platform_id and e.id <> n.id and e.with_header and e.started_at is not null and cardinality(e.mapping) = cardinality(n.mapping)
         where n.platform_id = platform_id() and n.id = the_import and n.with_header
           and (select r.cells from import_row r where r.platform_id = n.platform_id and r.import_id = n.id order by r.rank limit 1)
             = (select r.cells from import_row r where r.platform_id = e.platform_id and r.import_id = e.id order by r.rank limit 1)
         order by e.started_at desc limit 1) b
     where i.platform_id = platform_id() and i.id = the_import
$$;

-- A list that was read; `told` is what the reader found out. keep_made() has the import's id.
create function import_make(of_meeting uuid, file_name text, told jsonb, rows jsonb, content bytea) returns void language plpgsql volatile as $$
declare
    made uuid;
begin
    if (select m.status from meeting m where m.platform_id = platform_id() and m.id = of_meeting) = 'cancelled' then
        perform refuse(409, 'The meeting was cancelled: nobody can be invited to it.', 'meeting_cancelled');
    end if;
    insert into import (meeting_id, file_name, format, encoding, separator, sheet, hidden_rows, with_header, mapping, content)
    values (of_meeting, import_make.file_name, told->>'format', told->>'encoding', told->>'separator', told->>'sheet', coalesce((told->>'hidden_rows')::int, 0),
            (told->>'with_header')::boolean, array(select jsonb_array_elements_text(told->'mapping')), content)
    returning id into made;
    perform import_rows_put(made, rows);
    perform import_remember(made);
    perform import_judge(made);
    perform keep_made(made);
end
$$;

create function import_wake() returns void language sql volatile as $$ select pg_notify('narada_work', 'imports') $$;

-- The import, locked, in the version that the caller saw; NULL: any.
create function import_locked(the_import uuid, of_meeting uuid, expected bigint default -1) returns import language plpgsql volatile as $$
declare
    one import;
begin
    select i.* into one from import i where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id = the_import for no key update;
    perform check_version(one.version, expected);
    return one;
end
$$;

create function import_change(the_import uuid, of_meeting uuid, expected bigint, body jsonb) returns void language plpgsql volatile as $$
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
    perform import_check_mapping(fields, cardinality(one.mapping));
    update import i set mapping = fields, with_header = coalesce((body->>'with_header')::boolean, i.with_header), problem = null, updated_at = clock_timestamp()
     where i.platform_id = platform_id() and i.id = one.id;
    perform import_judge(one.id);
end
$$;

-- What came of reading again what import_step() gave in that version. `why` is the code of a refusal: then all stays as it was.
create function import_reread(the_import uuid, seen bigint, told jsonb, rows jsonb, why text) returns void language plpgsql volatile as $$
begin
    perform from import i where i.platform_id = platform_id() and i.id = the_import and i.state = 'reading' and i.version = seen for no key update;
    if not found then
        return; -- somebody else did it meanwhile
    end if;
    if why is not null then
        update import i set state = 'preview', problem = why where i.platform_id = platform_id() and i.id = the_import;
        return;
    end if;
    update import i
       set state = 'preview', format = told->>'format', encoding = told->>'encoding', separator = told->>'separator',
           with_header = (told->>'with_header')::boolean, mapping = array(select jsonb_array_elements_text(told->'mapping'))
     where i.platform_id = platform_id() and i.id = the_import;
    perform import_rows_put(the_import, rows);
    perform import_judge(the_import);
end
$$;

create function import_start(the_import uuid, of_meeting uuid) returns void language plpgsql volatile as $$
declare
    one import := import_locked(the_import, of_meeting);
begin
    if one.state <> 'preview' then
        perform refuse(409, 'The list was run already, or is being read.', 'import_not_in_preview');
    end if;
    perform import_check_mapping(one.mapping, cardinality(one.mapping));
    update import i set state = 'running', actor = current_setting('narada.actor', true), started_at = clock_timestamp(), handled = 0, handled_rank = 0, problem = null
     where i.platform_id = platform_id() and i.id = one.id;
    perform import_wake();
end
$$;

create function import_undo(the_import uuid, of_meeting uuid) returns void language plpgsql volatile as $$
declare
    one import := import_locked(the_import, of_meeting);
begin
    if one.state not in ('done', 'failed') then
        perform refuse(409, 'Only a list that was run can be taken back.', 'import_not_done');
    end if;
    update import i set state = 'undoing', actor = current_setting('narada.actor', true), handled = 0, handled_rank = 0, problem = null
     where i.platform_id = platform_id() and i.id = one.id;
    perform import_wake();
end
$$;

create function import_discard(the_import uuid, of_meeting uuid, expected bigint) returns uuid language plpgsql volatile as $$
declare
    one import := import_locked(the_import, of_meeting, expected);
begin
    if one.state in ('running', 'undoing') then
        perform refuse(409, 'The list is being worked on. Wait until that is done.', 'import_at_work');
    end if;
    delete from import i where i.platform_id = platform_id() and i.id = one.id;
    return one.id;
end
$$;

-- ── Working in steps ──────────────────────────────────────────────────────────

-- Makes the people of some rows who are not known yet, with their organisations. In the order of their keys, so that two who make the same wait for each other
-- in one direction only; and before the meeting is locked, which whoever made one of them may be waiting for.
create function import_make_people(the_import uuid, after int, upto int) returns void language plpgsql volatile set enable_nestloop = off as $$
begin
    insert into organisation (name)
        select distinct on (n.folded) n.name from (
            select r.written->>'organisation' as name, fold(r.written->>'organisation') as folded, r.rank from import_row r
             where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.person_id is null
               and r.written ? 'organisation') n
         where not exists (select from organisation o where o.platform_id = platform_id() and fold(o.name) = n.folded)
         order by n.folded, n.rank
        on conflict do nothing;
    with wanted as materialized (
        select r.rank, r.key, uuidv7() as id, r.written as w from import_row r
         where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new' and r.person_id is null
    ), made as (
        insert into person (id, name, sort_name, email, phone, position, organisation_id, language, note)
        select n.id, n.w->>'name', n.w->>'sort_name', n.w->>'email', n.w->>'phone', n.w->>'position', o.id, n.w->>'language', n.w->>'note'
          from wanted n left join organisation o on o.platform_id = platform_id() and fold(o.name) = fold(n.w->>'organisation')
         order by n.key
            on conflict do nothing
        returning id
    )
    update import_row r set person_id = m.id, made_person = true
      from wanted n join made m on m.id = n.id
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = n.rank;
    -- Whom somebody else made between the look and the insert.
    update import_row r set person_id = k.person_id
      from import_known(the_import, after, upto) k
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = k.rank and r.outcome = 'new' and r.person_id is null;
end
$$;

-- Invites some rows' people, each in its own fate: who is invited already stays as they are, whatever they answered.
create function import_invite_rows(the_import uuid, of_meeting uuid, after int, upto int) returns void language plpgsql volatile set enable_nestloop = off as $$
declare
    people uuid[];
begin
    -- The preview may be a day old.
    update import_row r set person_id = null, outcome = 'new'
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome in ('new', 'matched', 'already_invited');
    update import_row r set person_id = k.person_id
      from import_known(the_import, after, upto) k
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank = k.rank and r.outcome = 'new';
    perform import_make_people(the_import, after, upto);
    perform lock_with_newcomers(of_meeting);
    people := array(select r.person_id from import_row r
                     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new'
                       and not exists (select from invitation i where i.platform_id = platform_id() and i.meeting_id = of_meeting and i.person_id = r.person_id
                                          and i.withdrawn_at is null));
    perform because('imported', jsonb_build_object('import', the_import));
    perform invite_people(of_meeting, people);
    perform because(null);
    update import_row r set outcome = case when r.person_id = any (people) then 'invited' else 'already_invited' end, invitation_id = i.id
      from invitation i
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'new'
       and i.platform_id = platform_id() and i.meeting_id = of_meeting and i.person_id = r.person_id;
end
$$;

-- Should some rows fail together, for a reason that nobody thought of, each is tried by itself, and only those that fail again are said to.
create function import_invite_each(the_import uuid, of_meeting uuid, after int, upto int) returns void language plpgsql volatile as $$
declare
    one int;
begin
    perform import_invite_rows(the_import, of_meeting, after, upto);
exception when others then
    if sqlstate like 'NA%' or sqlstate ~ '^(40|53|55|57|58)' then
        raise;
    end if;
    for one in select r.rank from import_row r where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto order by r.rank loop
        begin
            perform import_invite_rows(the_import, of_meeting, one - 1, one);
        exception when others then
            if sqlstate like 'NA%' or sqlstate ~ '^(40|53|55|57|58)' then
                raise;
            end if;
            update import_row r set outcome = 'error', code = 'import_row_failed' where r.platform_id = platform_id() and r.import_id = the_import and r.rank = one and r.outcome is not null;
        end;
    end loop;
end
$$;

-- Of these people those to whom nothing refers but their invitation of that meeting, whichever tables there are.
create function import_unused(people uuid[], of_meeting uuid) returns uuid[] language plpgsql stable as $$
declare
    link record;
    used uuid[];
begin
    for link in
        select c.conrelid::regclass as tab, (select a.attname from pg_attribute a where a.attrelid = c.conrelid and a.attnum = c.conkey[cardinality(c.conkey)]) as col
          from pg_constraint c where c.contype = 'f' and c.confrelid = 'person'::regclass and c.conrelid <> 'import_row'::regclass
    loop
        execute format('select array_agg(t.%1$I) from %2$s t where t.platform_id = platform_id() and t.%1$I = any ($1)%3$s', link.col, link.tab,
                       case when link.tab = 'invitation'::regclass then ' and t.meeting_id <> $2' else '' end)
           into used using people, of_meeting;
        people := array(select p from unnest(people) p where p <> all (coalesce(used, '{}')));
    end loop;
    return people;
end
$$;

-- Takes back some rows: invitations that nobody answered end, and people who were made for them go, unless they were used, changed or written to since.
create function import_undo_rows(the_import uuid, of_meeting uuid, after int, upto int) returns void language plpgsql volatile set enable_nestloop = off as $$
declare
    people uuid[];
begin
    perform lock_meeting(of_meeting);
    perform because('withdrawn', jsonb_build_object('import', the_import));
    perform withdraw_invitation(u.id, of_meeting, u.version) from (
        select i.id, i.version from import_row r join invitation i on i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id = r.invitation_id
         where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'invited'
           and i.withdrawn_at is null and i.response = 'needs_action' and i.responded_at is null
         order by i.id) u;
    perform because(null);
    update import_row r set outcome = case when i.withdrawn_at is null and i.id is not null then 'invited' else 'withdrawn' end,
                            code = case when i.withdrawn_at is null and i.id is not null then 'import_kept_answered' end
      from import_row s left join invitation i on i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id = s.invitation_id
     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'invited'
       and s.platform_id = r.platform_id and s.import_id = r.import_id and s.rank = r.rank;
    people := array(select p.id from import_row r
                      join person p on p.platform_id = r.platform_id and p.id = r.person_id and p.version = 1
                      join invitation i on i.platform_id = platform_id() and i.meeting_id = of_meeting and i.id = r.invitation_id and i.delivery = 'draft' and i.sent_at is null
                     where r.platform_id = platform_id() and r.import_id = the_import and r.rank > after and r.rank <= upto and r.outcome = 'withdrawn' and r.made_person);
    people := import_unused(people, of_meeting);
    delete from person p where p.platform_id = platform_id() and p.id = any (people);
end
$$;

-- The import that waits longest, of whatever platform, locked for the rest of the transaction.
create function import_take() returns table (platform_id uuid, id uuid) language sql volatile security definer set search_path = narada, pg_temp as $$
    select i.platform_id, i.id from import i where i.state in ('reading', 'running', 'undoing') order by i.updated_at, i.id limit 1 for update skip locked
$$;

-- In a young database thousands of rows may come before anybody has counted those there are, and each key would be looked up as if in an empty table.
create function import_count_tables() returns void language plpgsql volatile security definer set search_path = narada, pg_temp as $$
begin
    analyze person, organisation, invitation, import_row;
end
$$;

-- One step of one import; no row: nothing waits. What is to be read again is given to the caller, who calls import_reread() in a transaction of its own.
create function import_step() returns table (platform uuid, import uuid, state text, version bigint, content text, encoding text, separator text) language plpgsql volatile as $$
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
        return query select one.platform_id, one.id, one.state, one.version, one.content::text, one.wanted_encoding, one.wanted_separator;
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
        if rows > 0 and one.state = 'running' then
            perform import_invite_each(one.id, one.meeting_id, one.handled_rank, upto);
        elsif rows > 0 then
            perform import_undo_rows(one.id, one.meeting_id, one.handled_rank, upto);
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
    return query select one.platform_id, one.id, i.state, i.version, null::text, null::text, null::text from import i where i.platform_id = platform_id() and i.id = one.id;
end
$$;

-- Goes into a platform that import_step() named, for the rest of the transaction.
create function import_enter(platform uuid) returns void language sql volatile as $$
    select set_config('narada.platform_id', platform::text, true), set_config('narada.actor', 'narada', true)
$$;

create function sweep_imports() returns bigint language sql volatile security definer set search_path = narada, pg_temp as $$
    with gone as (delete from import where expires_at < now() and state not in ('running', 'undoing') returning 1) select count(*) from gone
$$;

-- ── What is shown ─────────────────────────────────────────────────────────────

create view import_shown with (security_invoker = true) as
select i.platform_id, i.id, i.meeting_id, i.state, i.format, i.file_name, i.encoding, i.separator, i.sheet, i.hidden_rows, i.with_header,
       (select jsonb_agg(jsonb_build_object('heading', h.cells->>(m.at::int - 1), 'field', m.field, 'samples', s.samples) order by m.at)
          from unnest(i.mapping) with ordinality m (field, at)
          left join lateral (select r.cells from import_row r where r.platform_id = i.platform_id and r.import_id = i.id and i.with_header order by r.rank limit 1) h on true
         cross join lateral (select coalesce(jsonb_agg(v.cell) filter (where v.cell <> ''), '[]') as samples from (
             select r.cells->>(m.at::int - 1) as cell from import_row r
              where r.platform_id = i.platform_id and r.import_id = i.id and r.outcome is not null order by r.rank limit 5) v) s) as columns,
       (select jsonb_build_object('rows', count(*), 'new', count(*) filter (where r.outcome = 'new'), 'matched', count(*) filter (where r.outcome = 'matched'),
                   'already_invited', count(*) filter (where r.outcome = 'already_invited'), 'duplicate', count(*) filter (where r.outcome = 'duplicate'),
                   'error', count(*) filter (where r.outcome = 'error'), 'invited', count(*) filter (where r.outcome = 'invited'),
                   'withdrawn', count(*) filter (where r.outcome = 'withdrawn'))
          from import_row r where r.platform_id = i.platform_id and r.import_id = i.id and r.outcome is not null) as counts,
       i.handled, i.problem, i.actor, i.created_at, i.started_at, i.finished_at, i.expires_at, i.version, i.updated_at
  from import i;
grant select on import_shown to narada_service;

reset role;
