-- 0017_mail_kinds.sql: its part follows.
select 1;
