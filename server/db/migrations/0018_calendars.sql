-- 0018_calendars.sql: its part follows.
select 1;
