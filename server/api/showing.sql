-- showing.sql: do those who come see each other? The rules are in server/db/migrations/0027_mail_mended.sql.

-- name: read_showing one
select s.shows, s.shown, s.version from showing_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);

-- name: update_showing.locked exec
select lock_meeting(meeting_ref(:meeting));

-- name: update_showing.checked one
select check_version(s.version, :if_match::bigint) from showing_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);

-- name: update_showing.set exec
select show_each_other(meeting_ref(:meeting), case when :has_shows::bool then :shows end);

-- name: update_showing one
select s.shows, s.shown, s.version from showing_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting);

-- name: read_rsvp_others one
select o.shows, o.shown, o.others from others_shown(invitation_id()) o;

-- name: show_rsvp.set exec
insert into invitation_showing as s (invitation_id, shown) values (invitation_id(), :shown::bool)
    on conflict (platform_id, invitation_id) do update set shown = excluded.shown, said_at = clock_timestamp();

-- name: show_rsvp one
select o.shows, o.shown, o.others from others_shown(invitation_id()) o;
