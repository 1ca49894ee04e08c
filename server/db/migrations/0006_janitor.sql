-- 0006_janitor.sql: what is deleted by itself.

set local role narada_owner;
set local search_path = narada;

-- Sessions and the links that led to them, thirty days after they ended. API tokens stay: their list shows which there were.
create function sweep_credentials() returns bigint language sql volatile security definer set search_path = narada, pg_temp as $$
    with gone as (
        delete from credential
         where kind = 'session' and least(expires_at, revoked_at) < now() - interval '30 days'
        returning 1
    ) select count(*) from gone
$$;

reset role;
