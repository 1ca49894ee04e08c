-- 0007_access_narrowed.sql: the service looks at more than it may change, and an unknown address costs as much as a known one.

set local role narada_owner;
set local search_path = narada;

-- Listed platforms and one's memberships are seen from anywhere, but changed only from inside: a policy for all commands let a DELETE without a
-- condition reach every platform that can be seen.
drop policy of_tenant on platform;
create policy seen on platform for select to narada_service
    using (id = platform_id() or listed or exists (select from membership m where m.platform_id = platform.id and m.account_id = account_id()));
create policy changed on platform for update to narada_service using (id = platform_id()) with check (id = platform_id());
create policy deleted on platform for delete to narada_service using (id = platform_id());
drop policy of_tenant on membership;
create policy seen on membership for select to narada_service using (platform_id = platform_id() or account_id = account_id());
create policy changed on membership for update to narada_service using (platform_id = platform_id()) with check (platform_id = platform_id());
create policy deleted on membership for delete to narada_service using (platform_id = platform_id());

-- As before, but who has no account waits for the same flush of the log: else the time an answer takes tells which addresses have one.
create or replace function sign_in_create(email text, link_hash text, session_hash text, link_minutes int, session_days int) returns uuid
language plpgsql volatile security definer set search_path = narada, pg_temp as $$
#variable_conflict use_column
declare
    whose uuid;
begin
    insert into credential (kind, hash, link_hash, link_expires_at, account_id, expires_at)
    select 'session', sign_in_create.session_hash, sign_in_create.link_hash, now() + make_interval(mins => link_minutes), a.id, now() + make_interval(days => session_days)
      from account a
     where email_key(a.email) = email_key(sign_in_create.email)
       -- Nobody's mailbox is to be flooded by somebody who types its address again and again.
       and (select count(*) from credential c where c.account_id = a.id and c.kind = 'session' and c.created_at > now() - interval '1 hour') < 30
    returning account_id into whose;
    if whose is null then
        perform pg_logical_emit_message(true, 'narada', 'nobody');
    end if;
    return whose;
end
$$;

reset role;
