-- calendars.sql: calendars to subscribe to. The rules are in server/db/migrations/0018_calendars.sql.

-- name: read_series_calendar one
select s.title from series s
 where s.platform_id = platform_id() and s.id = :series::uuid
   and (caller_role() is not null or exists (select from meeting m where m.platform_id = s.platform_id and m.series_id = s.id and m.visibility = 'public' and m.status <> 'draft'));

-- name: read_series_calendar.event many when ics
select e.uid, e.sequence, e.dtstamp, e.created, e.starts_at, e.ends_at, e.time_zone, case e.status when 'CANCELLED' then cancelled_word(e.language) else '' end || e.summary as summary,
       e.description, e.location, :base_url || '/platforms/' || (select p.slug from platform p where p.id = platform_id()) || '/meetings/' || e.slug as url, e.status,
       e.organiser_name, e.organiser_email
  from meeting m join meeting_event e on e.id = m.id
 where m.platform_id = platform_id() and m.series_id = :series::uuid and e.visibility = 'public' and in_feed(e.status, e.starts_at, e.ends_at)
 order by e.starts_at, e.id;

-- name: subscribe_member.made exec
select make_feed(null, account_id());

-- name: subscribe_member one
select feed_link(null, account_id()) as calendar_url, feed_link(null, account_id()) as webcal_url;

-- name: unsubscribe_member exec
select end_feed(null, account_id());

-- name: subscribe_rsvp.made exec
select make_feed(person_of_invitation(), null);

-- name: subscribe_rsvp one
select feed_link(person_of_invitation(), null) as calendar_url, feed_link(person_of_invitation(), null) as webcal_url;

-- name: unsubscribe_rsvp exec
select end_feed(person_of_invitation(), null);

-- name: read_feed one
select feed_opened(:feed::uuid, :feed_version::int) as title;

-- name: read_feed.event many when ics
select e.uid, e.sequence, e.dtstamp, e.created, e.starts_at, e.ends_at, e.time_zone, case e.status when 'CANCELLED' then cancelled_word(e.language) else '' end || e.summary as summary,
       e.description, e.location, 
       :base_url || '/platforms/' || (select p.slug from platform p where p.id = platform_id()) || '/meetings/' || e.public_slug as url, e.status, e.busy,
       e.organiser_name, e.organiser_email
  from feed_events(:feed::uuid) e
 order by e.starts_at, e.id;
