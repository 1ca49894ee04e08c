-- 0003_registers.sql: what the registers need beyond their tables: search, things found by name, the public front page.

set local role narada_owner;
set local search_path = narada;

-- What was typed into a search box, as patterns: every word must be somewhere in `search`, in any order: `search like all (search_words(:q))`.
create function search_words(typed text) returns text[] language sql immutable strict parallel safe as $$
    select coalesce(array_agg('%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%'), '{}')
      from regexp_split_to_table(fold(typed), '\s+') word where word <> ''
$$;

-- The organisation of that name, however it is capitalised and accented; NULL if there is none.
create function organisation_found(name text) returns uuid language sql stable as $$
    select o.id from organisation o where o.platform_id = platform_id() and fold(o.name) = fold(btrim(organisation_found.name))
$$;

-- The same, made if there is none. Run it in a statement of its own: what it makes is not visible to the statement that calls it.
create function organisation_named(name text) returns uuid language plpgsql volatile as $$
declare
    found_id uuid := organisation_found(organisation_named.name);
begin
    if found_id is null and btrim(organisation_named.name) <> '' then
        insert into organisation (name) values (btrim(organisation_named.name)) on conflict do nothing returning id into found_id;
        -- Somebody else made it between the look and the insert.
        found_id := coalesce(found_id, organisation_found(organisation_named.name));
    end if;
    return found_id;
end
$$;

-- A person written out in a request ({"name", "email", "position", "organisation", …}): the one who has that e-mail already, unchanged, else a new one.
create function person_from(written jsonb) returns uuid language plpgsql volatile as $$
declare
    found_id uuid;
begin
    select p.id into found_id from person p
     where p.platform_id = platform_id() and email_key(p.email) = email_key(nullif(btrim(written->>'email'), ''));
    if found_id is null then
        insert into person (name, sort_name, email, phone, position, organisation_id, language, note)
        values (btrim(written->>'name'), written->>'sort_name', nullif(btrim(written->>'email'), ''), written->>'phone', written->>'position',
                coalesce((written->>'organisation_id')::uuid, organisation_named(written->>'organisation')), written->>'language', written->>'note')
        returning id into found_id;
    end if;
    return found_id;
end
$$;

-- A member of a group: exactly one of the three is given. Leaves the membership's id in the setting narada.made.
create function group_add(to_group uuid, person uuid, organisation uuid, written jsonb) returns uuid language plpgsql volatile as $$
declare
    new_id uuid;
begin
    perform from contact_group g where g.platform_id = platform_id() and g.id = to_group;
    if not found then
        perform refuse(404, 'There is no such group.', 'not_found');
    end if;
    if written is not null then
        person := person_from(written);
    end if;
    insert into group_member (group_id, person_id, organisation_id) values (to_group, person, organisation) returning id into new_id;
    perform set_config('narada.made', new_id::text, true);
    return new_id;
end
$$;

-- An organisation above itself would make every walk up the tree endless.
create function organisation_above_itself() returns trigger language plpgsql as $$
begin
    if exists (
        with recursive above as (
            select o.id, o.parent_id from organisation o where o.platform_id = new.platform_id and o.id = new.parent_id
            union
            select o.id, o.parent_id from organisation o join above on o.platform_id = new.platform_id and o.id = above.parent_id
        ) select from above where id = new.id) then
        perform refuse(409, 'An organisation can not be above itself.', 'organisation_above_itself', 'parent_id');
    end if;
    return new;
end
$$;
create trigger above_itself before update of parent_id on organisation
    for each row when (new.parent_id is not null) execute function organisation_above_itself();

-- Sets an initiative's partners, or the agenda items where it was presented, to exactly these. A change raises the initiative's version.
create function initiative_set_partners(initiative uuid, ids jsonb) returns void language plpgsql volatile as $$
declare
    gone bigint;
    come bigint;
begin
    delete from initiative_partner p
     where p.platform_id = platform_id() and p.initiative_id = initiative
       and p.organisation_id not in (select i::uuid from jsonb_array_elements_text(ids) i);
    get diagnostics gone = row_count;
    insert into initiative_partner (initiative_id, organisation_id)
        select initiative, i::uuid from jsonb_array_elements_text(ids) i on conflict do nothing;
    get diagnostics come = row_count;
    update initiative i set updated_at = clock_timestamp() where gone + come > 0 and i.platform_id = platform_id() and i.id = initiative;
end
$$;

create function initiative_set_items(initiative uuid, ids jsonb) returns void language plpgsql volatile as $$
declare
    gone bigint;
    come bigint;
begin
    delete from initiative_item p
     where p.platform_id = platform_id() and p.initiative_id = initiative
       and p.agenda_item_id not in (select i::uuid from jsonb_array_elements_text(ids) i);
    get diagnostics gone = row_count;
    insert into initiative_item (initiative_id, agenda_item_id)
        select initiative, i::uuid from jsonb_array_elements_text(ids) i on conflict do nothing;
    get diagnostics come = row_count;
    update initiative i set updated_at = clock_timestamp() where gone + come > 0 and i.platform_id = platform_id() and i.id = initiative;
end
$$;

-- ── The front page looks across platforms, at what is public and nothing else ──

create policy public_face on meeting for select to narada_owner using (status <> 'draft' and visibility = 'public');

-- What comes next in a platform, whoever asks: for lists of platforms, where no tenant is set.
create function next_public_meeting(of_platform uuid) returns table (slug text, title text, starts_at timestamptz, time_zone text)
language sql stable security definer set search_path = narada, pg_temp as $$
    select m.slug, m.title, m.starts_at, m.time_zone from meeting m
     where m.platform_id = of_platform and m.status = 'published' and m.visibility = 'public' and m.ends_at > now()
     order by m.starts_at, m.id limit 1
$$;

-- The role of whoever asks in that platform; NULL for none. Outside any platform a token has a tenant, a session has none.
create function own_role(of_platform uuid) returns text language sql stable as $$
    select case when platform_id() is null then (select m.role from membership m where m.platform_id = of_platform and m.account_id = account_id())
                when platform_id() = of_platform then caller_role() end
$$;

-- An address made of a name: "Biogospodarka i GOZ" is biogospodarka-i-goz.
create function slug_of(name text) returns text language sql immutable strict parallel safe as $$
    select left(trim(both '-' from regexp_replace(fold(name), '[^a-z0-9]+', '-', 'g')), 60)
$$;

-- The account a sign-in link is for, or the refusal that the page shows.
create function sign_in_accept(link_hash text) returns table (account_id uuid, name text, expires_at timestamptz)
language plpgsql stable as $$
begin
    return query select * from sign_in_open(sign_in_accept.link_hash);
    if not found then
        perform refuse(410, 'This sign-in link has expired or was used to sign out. Ask for a new one.', 'sign_in_link_expired');
    end if;
end
$$;

-- A new API token of the caller's platform, its id left in the setting narada.made. Its role is never above the maker's, and it is good for nothing
-- once the maker leaves the platform.
create function token_create(hash text, name text, role text, expires_at timestamptz) returns uuid language plpgsql volatile as $$
declare
    new_id uuid := uuidv7();
begin
    if role_rank(token_create.role) > role_rank(caller_role()) then
        perform refuse(403, 'A token can not have a higher role than you have.', 'role_above_own', 'role');
    elsif token_create.expires_at <= now() then
        perform refuse(422, 'The token would have expired already.', 'in_the_past', 'expires_at');
    end if;
    insert into credential (id, kind, name, hash, account_id, platform_id, role, created_by, expires_at)
    values (new_id, 'api', token_create.name, token_create.hash, account_id(), platform_id(), token_create.role, account_id(), token_create.expires_at);
    perform set_config('narada.made', new_id::text, true);
    return new_id;
end
$$;

reset role;
