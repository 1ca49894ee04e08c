-- 0019_mail_in.sql: its part follows.
select 1;
