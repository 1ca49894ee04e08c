-- outbox.sql: how mails are sent: server/work/outbox.c. What the functions do is in server/db/migrations/0011_outbox.sql.

-- name: outbox_take
select * from narada.take_mail(:lease::int);

-- name: outbox_enter
select narada.enter_mail(:platform::uuid);

-- What a crash of the database forgets of this is only that an attempt was begun, so it does not wait for the disk.
-- name: outbox_start
select narada.start_mail(:mail::uuid, :domain) as goes, set_config('synchronous_commit', 'off', true);

-- name: outbox_finish
select narada.finish_mail(:mail::uuid, :attempt::int, :outcome, :why, :retry::int);

-- name: outbox_put_off
select narada.put_off_mail(:mail::uuid, :attempt::int, :milliseconds::int);

-- What goes into the recipient's calendar with it, if anything does: server/db/migrations/0018_calendars.sql.
-- name: outbox_calendar
select * from narada.take_calendar(:mail::uuid, :base_url);

-- No row once the mail was dropped.
-- name: outbox_letter
select l.* from narada.mail_letter l where l.platform_id = narada.platform_id() and l.id = :mail::uuid and l.state = 'sending';
