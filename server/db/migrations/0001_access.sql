-- 0001_access.sql: the schema, who may see what, and what every request does first and last.
--
-- narada_owner migrates and owns everything; narada_service is what the daemon runs as: it owns nothing and row-level security binds it.

do $roles$
begin
    if not exists (select from pg_roles where rolname = 'narada_owner') then
        create role narada_owner;
    end if;
    if not exists (select from pg_roles where rolname = 'narada_service') then
        create role narada_service;
    end if;
    -- Whoever migrates (the owner itself, or an administrator's login) acts as the owner, and may let the daemon act as the service.
    if current_user <> 'narada_owner' then
        execute format('grant narada_owner, narada_service to %I', current_user);
        execute format('grant create on database %I to narada_owner', current_database());
    end if;
end
$roles$;

create schema if not exists narada;
alter schema narada owner to narada_owner;
set local role narada_owner;
grant usage on schema narada to narada_service;
set local search_path = narada;

-- ── What is asked of every row ────────────────────────────────────────────────

-- RFC 9562 version 7: 48 bits of milliseconds, then random, so that ids made one after another lie beside each other in an index.
create function uuidv7() returns uuid language sql volatile parallel safe as $$
    select encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                    placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
                    from 1 for 6),
            52, 1), 53, 1),
        'hex')::uuid
$$;

-- Settings that enter() makes for the transaction. Unset reads as NULL, and a NULL tenant matches no row: closed by default.
create function platform_id() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('narada.platform_id', true), '')::uuid $$;
create function account_id() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('narada.account_id', true), '')::uuid $$;
create function credential_id() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('narada.credential_id', true), '')::uuid $$;
create function invitation_id() returns uuid language sql stable parallel safe as
    $$ select nullif(current_setting('narada.invitation_id', true), '')::uuid $$;
create function caller_role() returns text language sql stable parallel safe as
    $$ select nullif(current_setting('narada.role', true), '') $$;

create function role_rank(role text) returns int language sql immutable parallel safe as
    $$ select coalesce(array_position(array['viewer', 'assistant', 'organiser', 'owner'], role), 0) $$;
-- Whether the caller has at least that role in the platform.
create function caller_is(role text) returns boolean language sql stable parallel safe as
    $$ select role_rank(caller_role()) >= role_rank(role) $$;

-- Refuses the request: SQLSTATE NA<status>, a sentence, a code that pages translate, the body member it concerns.
create function refuse(status int, sentence text, code text, member text default null) returns void language plpgsql volatile as $$
begin
    raise exception using errcode = 'NA' || status, message = sentence, detail = code, column = coalesce(member, '');
end
$$;

-- For `update … where check_version(version, :if_match)`: true, or the refusal that fits. -1 stands for "If-Match: *".
create function check_version(current bigint, expected bigint) returns boolean language plpgsql volatile as $$
begin
    if current is null then
        perform refuse(404, 'There is no such thing here.', 'not_found');
    elsif expected is null then
        perform refuse(428, 'Say which version you are changing: send If-Match with the ETag you read.', 'needs_version');
    elsif expected not in (current, -1) then
        perform refuse(412, 'It was changed by somebody else in the meantime. Read it again and repeat the change.', 'stale');
    end if;
    return true;
end
$$;

-- Lower case without diacritics, also where Unicode does not decompose (ł, ø, đ, ß, æ, œ), for search.
create function fold(words text) returns text language sql immutable strict parallel safe as $$
    select replace(replace(replace(translate(
               regexp_replace(normalize(lower(words collate "und-x-icu"), NFKD), '[\u0300-\u036f]', '', 'g'),
               'łøđħıŧ', 'lodhit'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')
$$;

-- E-mail addresses are one when they differ in case only; they are stored and shown as typed.
create function email_key(address text) returns text language sql immutable strict parallel safe as
    $$ select lower(address collate "und-x-icu") $$;

-- A generated column has no value yet when this runs, so `search` is left out of the comparison.
create function touch() returns trigger language plpgsql as $$
begin
    if new is distinct from old and to_jsonb(new) - 'search' is distinct from to_jsonb(old) - 'search' then
        new.version := old.version + 1;
        new.updated_at := clock_timestamp();
    end if;
    return new;
end
$$;

-- The same for tables with a generated column `search`, which is not computed yet when this runs and would always look changed.
create function touch_searched() returns trigger language plpgsql as $$
begin
    if to_jsonb(new) - 'search' is distinct from to_jsonb(old) - 'search' then
        new.version := old.version + 1;
        new.updated_at := clock_timestamp();
    end if;
    return new;
end
$$;

-- ── Platforms and who may act in them ─────────────────────────────────────────

create table platform (
    id uuid primary key default uuidv7(),
    slug text not null constraint platform_slug_taken unique,
    name text not null,
    description text,
    language text not null default 'pl',
    time_zone text not null default 'Europe/Warsaw',
    contact_email text,
    website text,
    listed boolean not null default true, -- on the front page
    host_organisation_id uuid,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);

create table account (
    id uuid primary key default uuidv7(),
    email text not null,
    name text not null,
    language text,
    created_at timestamptz not null default clock_timestamp()
);
create unique index account_email_taken on account (email_key(email));

create table membership (
    platform_id uuid not null references platform on delete cascade,
    account_id uuid not null references account on delete cascade,
    role text not null check (role in ('viewer', 'assistant', 'organiser', 'owner')),
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, account_id)
);
create index membership_of_account on membership (account_id);

-- API tokens and browser sessions. Only hashes are here. A session made for a sign-in link also has the link's hash: see ARCHITECTURE.md.
create table credential (
    id uuid primary key default uuidv7(),
    kind text not null check (kind in ('api', 'session')),
    name text not null default '',
    hash text not null unique,
    link_hash text unique,
    link_expires_at timestamptz,
    account_id uuid references account on delete cascade,
    platform_id uuid references platform on delete cascade,
    role text check (role in ('viewer', 'assistant', 'organiser', 'owner')),
    created_at timestamptz not null default clock_timestamp(),
    created_by uuid references account on delete set null,
    expires_at timestamptz,
    revoked_at timestamptz,
    check (case kind when 'api' then platform_id is not null and role is not null
                     else account_id is not null and platform_id is null and role is null end)
);
create index credential_of_platform on credential (platform_id) where platform_id is not null;
create index credential_of_account on credential (account_id) where account_id is not null;

create table audit_event (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    at timestamptz not null default clock_timestamp(),
    operation text not null,
    path text not null,
    actor text not null,
    account_id uuid,
    request_id text,
    detail jsonb,
    primary key (platform_id, id)
);

-- Access tables let the owner's own functions (security definer, below) look across tenants; nobody else.
alter table platform enable row level security;
alter table platform force row level security;
alter table account enable row level security;
alter table account force row level security;
alter table membership enable row level security;
alter table membership force row level security;
alter table credential enable row level security;
alter table credential force row level security;
alter table audit_event enable row level security;
alter table audit_event force row level security;

create policy owner_functions on platform to narada_owner using (true) with check (true);
create policy owner_functions on account to narada_owner using (true) with check (true);
create policy owner_functions on membership to narada_owner using (true) with check (true);
create policy owner_functions on credential to narada_owner using (true) with check (true);

create policy of_tenant on platform to narada_service
    using (id = platform_id() or listed or exists (select from membership m where m.platform_id = platform.id and m.account_id = account_id()))
    with check (id = platform_id());
create policy of_tenant on membership to narada_service
    using (platform_id = platform_id() or account_id = account_id())
    with check (platform_id = platform_id());
create policy of_tenant on account to narada_service
    using (id = account_id() or exists (select from membership m where m.account_id = account.id and m.platform_id = platform_id()));
create policy of_tenant on credential to narada_service
    using (platform_id = platform_id()) with check (platform_id = platform_id());
create policy of_tenant on audit_event using (platform_id = platform_id()) with check (platform_id = platform_id());

grant select, update, delete on platform, membership to narada_service;
grant select on account to narada_service;
grant select (id, kind, name, account_id, platform_id, role, created_at, created_by, expires_at, revoked_at) on credential to narada_service;
grant insert, update (revoked_at) on credential to narada_service;
grant select, insert on audit_event to narada_service;

create trigger touch before update on platform for each row execute function touch();
create trigger touch before update on membership for each row execute function touch();

-- A platform is never left without an owner. Counted under a lock on the platform, else two owners could leave at once.
create function keep_an_owner() returns trigger language plpgsql security definer set search_path = narada, pg_temp as $$
begin
    perform from platform where id = old.platform_id for update;
    if found and not exists (select from membership where platform_id = old.platform_id and role = 'owner') then
        perform refuse(409, 'A platform needs at least one owner.', 'last_owner', 'role');
    end if;
    return null;
end
$$;
create trigger keep_an_owner after update of role or delete on membership
    for each row when (old.role = 'owner') execute function keep_an_owner();

-- ── Enter and audit ───────────────────────────────────────────────────────────

-- Statement one of every request: who is asking, and for which tenant. Sets what row-level security reads.
-- NA401 nobody, NA404 no such platform or nothing of the caller's, NA403 role too low. See ARCHITECTURE.md.
create function enter(credential_hash text, slug text, required_role text, request_id text)
returns table (platform_id uuid, platform_slug text, platform_name text, language text, time_zone text,
               account_id uuid, account_name text, account_language text, role text)
language plpgsql volatile security definer set search_path = narada, pg_temp as $$
#variable_conflict use_column
declare
    holder credential;
    place platform;
    person account;
    has_role text;
begin
    if credential_hash is not null then
        select * into holder from credential c
         where c.hash = credential_hash and c.revoked_at is null and (c.expires_at is null or c.expires_at > now());
    end if;
    if holder.id is null and required_role <> 'public' then
        perform refuse(401, 'Sign in first.', 'not_signed_in');
    end if;

    if enter.slug is not null then
        select * into place from platform p where p.slug = enter.slug;
        if place.id is null or holder.platform_id <> place.id then
            perform refuse(404, 'There is no such platform.', 'not_found');
        end if;
    end if;

    if holder.account_id is not null then
        select * into person from account a where a.id = holder.account_id;
        select m.role into has_role from membership m
         where m.account_id = holder.account_id and m.platform_id = coalesce(place.id, holder.platform_id);
    end if;
    -- A token acts with its own role, and never with more than its account still has.
    if holder.kind = 'api' and (holder.account_id is null or role_rank(has_role) > role_rank(holder.role)) then
        has_role := holder.role;
    end if;

    if required_role not in ('public', 'session') then
        if has_role is null then
            perform refuse(404, 'There is no such platform.', 'not_found');
        elsif role_rank(has_role) < role_rank(required_role) then
            perform refuse(403, 'Your role does not allow this: it needs ' || required_role || '.', 'role_too_low');
        end if;
    end if;

    perform set_config('narada.platform_id', coalesce(coalesce(place.id, holder.platform_id)::text, ''), true),
            set_config('narada.account_id', coalesce(person.id::text, ''), true),
            set_config('narada.credential_id', coalesce(holder.id::text, ''), true),
            set_config('narada.role', coalesce(has_role, ''), true),
            set_config('narada.actor', case holder.kind when 'api' then 'token ' || holder.name when 'session' then person.name else 'public' end, true),
            set_config('narada.request_id', coalesce(enter.request_id, ''), true);
    return query select place.id, place.slug, place.name, place.language, place.time_zone,
                        person.id, coalesce(person.name, holder.name), person.language, has_role;
end
$$;

-- Statement one for an RSVP link whose MAC was right: the link is the invitee's only credential.
-- NA410 when the organiser revoked it by raising the version, or withdrew the invitation. Needs table invitation, which the next migration makes.
create function enter_invitation(slug text, invitation uuid, link_version int, request_id text)
returns table (platform_id uuid, platform_slug text, platform_name text, language text, time_zone text,
               account_id uuid, account_name text, account_language text, role text)
language plpgsql volatile security definer set search_path = narada, pg_temp as $$
#variable_conflict use_column
declare
    place platform;
    current_version int;
    withdrawn timestamptz;
begin
    select * into place from platform p where p.slug = enter_invitation.slug;
    perform set_config('narada.platform_id', coalesce(place.id::text, ''), true);
    select i.link_version, i.withdrawn_at into current_version, withdrawn
      from invitation i where i.platform_id = place.id and i.id = enter_invitation.invitation;
    if current_version is null then
        perform refuse(404, 'This link leads to no invitation.', 'no_such_link');
    elsif current_version <> enter_invitation.link_version then
        perform refuse(410, 'This link was replaced by a newer one. Ask the organiser to send it again.', 'link_revoked');
    elsif withdrawn is not null then
        perform refuse(410, 'This invitation was withdrawn.', 'invitation_withdrawn');
    end if;
    perform set_config('narada.invitation_id', enter_invitation.invitation::text, true),
            set_config('narada.actor', 'invitation ' || enter_invitation.invitation::text, true),
            set_config('narada.request_id', coalesce(enter_invitation.request_id, ''), true);
    return query select place.id, place.slug, place.name, place.language, place.time_zone, null::uuid, null::text, null::text, null::text;
end
$$;

-- The last statement of every unsafe request. What happens outside any platform (signing in) leaves no row.
create function audit(operation text, path text, detail jsonb) returns void language sql volatile as $$
    insert into audit_event (operation, path, actor, account_id, request_id, detail)
    select audit.operation, audit.path, coalesce(nullif(current_setting('narada.actor', true), ''), 'system'), account_id(),
           nullif(current_setting('narada.request_id', true), ''), audit.detail
     where platform_id() is not null
$$;

-- ── Accounts, sessions, tokens: what the service may do to tables it can't write ──

create function account_for(email text, name text) returns uuid
language plpgsql volatile security definer set search_path = narada, pg_temp as $$
#variable_conflict use_column
declare
    found_id uuid;
begin
    insert into account (email, name) values (account_for.email, coalesce(nullif(account_for.name, ''), account_for.email))
        on conflict (email_key(email)) do nothing returning id into found_id;
    if found_id is null then
        select a.id into found_id from account a where email_key(a.email) = email_key(account_for.email);
    end if;
    return found_id;
end
$$;

-- Makes the caller's new platform and its owner, and goes on inside it.
create function platform_create(slug text, name text, description text, language text, time_zone text) returns uuid
language plpgsql volatile security definer set search_path = narada, pg_temp as $$
declare
    new_id uuid := uuidv7();
begin
    -- Outside any platform only a token has a tenant: its own.
    if account_id() is null or platform_id() is not null then
        perform refuse(403, 'A token belongs to one platform and can not make another. Sign in.', 'needs_session');
    end if;
    insert into platform (id, slug, name, description, language, time_zone)
    values (new_id, platform_create.slug, platform_create.name, platform_create.description, platform_create.language, platform_create.time_zone);
    insert into membership (platform_id, account_id, role) values (new_id, account_id(), 'owner');
    perform set_config('narada.platform_id', new_id::text, true), set_config('narada.role', 'owner', true);
    return new_id;
end
$$;

-- Adds a person to the caller's platform by e-mail; an account is made if there is none. Gives the account's id.
create function member_add(email text, name text, role text) returns uuid
language plpgsql volatile security definer set search_path = narada, pg_temp as $$
#variable_conflict use_column
declare
    who uuid := account_for(member_add.email, member_add.name);
begin
    if not caller_is('owner') then
        perform refuse(403, 'Only an owner adds members.', 'role_too_low');
    end if;
    insert into membership (platform_id, account_id, role) values (platform_id(), who, member_add.role) on conflict do nothing;
    if not found then
        perform refuse(409, 'This person is a member already.', 'member_already', 'email');
    end if;
    return who;
end
$$;

-- A sign-in link and the session it leads to, for an account that exists. NULL when there is none: the answer to the public is the same.
create function sign_in_create(email text, link_hash text, session_hash text, link_minutes int, session_days int) returns uuid
language sql volatile security definer set search_path = narada, pg_temp as $$
    insert into credential (kind, hash, link_hash, link_expires_at, account_id, expires_at)
    select 'session', sign_in_create.session_hash, sign_in_create.link_hash, now() + make_interval(mins => link_minutes), a.id, now() + make_interval(days => session_days)
      from account a
     where email_key(a.email) = email_key(sign_in_create.email)
       -- Nobody's mailbox is to be flooded by somebody who types its address again and again.
       and (select count(*) from credential c where c.account_id = a.id and c.kind = 'session' and c.created_at > now() - interval '1 hour') < 30
 returning account_id
$$;

-- Whom a sign-in link is for, while it works: opening it changes nothing.
create function sign_in_open(link_hash text) returns table (account_id uuid, name text, expires_at timestamptz)
language sql stable security definer set search_path = narada, pg_temp as $$
    select a.id, a.name, c.expires_at from credential c join account a on a.id = c.account_id
     where c.link_hash = sign_in_open.link_hash and c.link_expires_at > now() and c.expires_at > now() and c.revoked_at is null
$$;

-- Ends the caller's session (or the token that asks).
create function sign_out() returns void language sql volatile security definer set search_path = narada, pg_temp as $$
    update credential set revoked_at = now() where id = credential_id() and revoked_at is null
$$;

reset role;
