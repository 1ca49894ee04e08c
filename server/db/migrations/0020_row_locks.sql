-- 0020_row_locks.sql: whoever changes a person or a meeting holds up nobody who only refers to them.
--
-- A row is locked in the strongest way before a trigger sees it, if the statement sets a column of a unique constraint, whatever it sets it to. Each
-- invitation, event and mail refers to the rows of its person and meeting, so two who change both could wait for each other for ever. What a partial index keeps
-- unique does not count for that. The names stay: refusals are named after them.

set local role narada_owner;
set local search_path = narada;

alter table person drop constraint person_external_id_taken;
create unique index person_external_id_taken on person (platform_id, external_id) where external_id is not null;

alter table organisation drop constraint organisation_external_id_taken;
create unique index organisation_external_id_taken on organisation (platform_id, external_id) where external_id is not null;

alter table contact_group drop constraint group_external_id_taken;
create unique index group_external_id_taken on contact_group (platform_id, external_id) where external_id is not null;

alter table meeting drop constraint meeting_slug_taken, drop constraint meeting_external_id_taken, drop constraint meeting_series_number_taken;
create unique index meeting_slug_taken on meeting (platform_id, slug) where slug is not null;
create unique index meeting_external_id_taken on meeting (platform_id, external_id) where external_id is not null;
create unique index meeting_series_number_taken on meeting (platform_id, series_id, series_number) where series_number is not null and series_id is not null;

reset role;
