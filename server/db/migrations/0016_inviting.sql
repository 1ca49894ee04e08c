-- 0016_inviting.sql: its part follows.
select 1;
