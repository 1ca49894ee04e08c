-- unsubscriptions.sql: who wants no more reminders and messages of a platform. What that stops is said in server/db/migrations/0017_mail_kinds.sql.

-- name: read_unsubscription one
select f.name as platform_name, has_unsubscribed(p.id) as unsubscribed, p.language as _language
  from person p join platform f on f.id = p.platform_id where p.platform_id = platform_id() and p.id = :person_id::uuid;

-- name: unsubscribe.kept exec
insert into unsubscription (person_id) select p.id from person p where p.platform_id = platform_id() and p.id = :person_id::uuid on conflict do nothing;

-- name: unsubscribe one
select f.name as platform_name, has_unsubscribed(p.id) as unsubscribed, p.language as _language
  from person p join platform f on f.id = p.platform_id where p.platform_id = platform_id() and p.id = :person_id::uuid;

-- name: resubscribe.gone exec
delete from unsubscription u where u.platform_id = platform_id() and u.person_id = :person_id::uuid;

-- name: resubscribe one
select f.name as platform_name, has_unsubscribed(p.id) as unsubscribed, p.language as _language
  from person p join platform f on f.id = p.platform_id where p.platform_id = platform_id() and p.id = :person_id::uuid;
