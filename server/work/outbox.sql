-- outbox.sql: how mails are sent: server/work/outbox.c and stock.c. What the functions do is in server/db/migrations/0011_outbox.sql and 0027_mail_mended.sql.

-- What a crash of the database forgets of this is that mails were taken, and they are sent once more only if it forgets that they were sent: it does not wait for the disk.
-- name: outbox_take
select t.*, set_config('synchronous_commit', 'off', true) as _lazily from narada.take_mails(:lease::int, :most::int) t;

-- A statement that is planned while few mails wait would go through all of them by the time there are thousands.
-- name: outbox_enter
select narada.enter_mail(:platform::uuid), set_config('enable_seqscan', 'off', true);

-- name: outbox_put_off
select narada.put_off_mails(:mails::jsonb);

-- name: outbox_start
select narada.start_mails(:mails::uuid[], :domain), set_config('synchronous_commit', 'off', true);

-- No row for one that was dropped, or waits for the day. The ticket goes with what is about a seat in the room. OFFSET 0: found by their ids, not among all that are
-- being sent.
-- name: outbox_letter
select * from (select l.*, narada.ticket_in_mail(l.kind, l.invitation, l.meeting, l.rsvp_url) as ticket_url, narada.ticket_in_mail(l.kind, l.invitation, l.meeting, l.rsvp_url) as ticket_code
                 from narada.mail_letter l where l.platform_id = narada.platform_id() and l.id = any (:mails::uuid[]) offset 0) l where l.state = 'sending';

-- What goes into the recipients' calendars with them.
-- name: outbox_calendar
select * from narada.take_calendars(:mails::uuid[], :base_url);

-- name: outbox_finish
select narada.finish_mails(:mails::jsonb, :retry::int);
