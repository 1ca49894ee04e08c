-- 0014_registrations.sql: its part follows.
select 1;
