-- 0013_questions.sql: its part follows.
select 1;
