-- 0012_imports.sql: its part follows.
select 1;
