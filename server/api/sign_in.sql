-- sign_in.sql: a link instead of a password. The session is made with the link; opening the link only hands its cookie over (server/api/sign_in.c).

-- name: show_sign_in one
select (select name from account where id = account_id()) as signed_in_as, :return::text as _return;

-- The columns stay hidden: the answer is the same whether there is such an account or not.
-- name: request_sign_in maybe
select made as _account_id, mail_sign_in(made, :seed, :way) as _mailed from sign_in_create(:email, :link_hash, :session_hash, 60, 30) made where made is not null;

-- name: open_sign_in one
select name, expires_at from sign_in_accept(:link_hash);

-- name: read_session one
select a.id as account_id, coalesce(a.name, current_setting('narada.actor', true)) as name, a.email, a.language,
       case when platform_id() is null then 'session' else 'token' end as kind, p.slug as platform, caller_role() as role
  from (select) caller
  left join account a on a.id = account_id()
  left join platform p on p.id = platform_id();

-- name: end_session exec
select sign_out();
