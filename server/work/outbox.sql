-- outbox.sql: how mails are sent: server/work/outbox.c. What the functions do is in server/db/migrations/0011_outbox.sql.

-- name: outbox_take
select * from narada.take_mail(:lease::int);

-- name: outbox_enter
select narada.enter_mail(:platform::uuid);

-- name: outbox_start
select narada.start_mail(:mail::uuid, :domain) as goes;

-- name: outbox_finish
select narada.finish_mail(:mail::uuid, :attempt::int, :outcome, :why, :retry::int);

-- What the templates in web/mail see, and what the header needs. No row once the mail was dropped.
-- name: outbox_letter
select o.id, o.kind, o.message_id, o.detail, o.sent_to as to_address, coalesce(o.name, p.name) as to_name,
       coalesce(o.language, p.language, m.language, f.language) as language,
       case when m.id is not null then (select row_to_json(r) from (
           select m.title, m.theme, m.purpose, instant(m.starts_at) as starts_at, instant(m.ends_at) as ends_at, m.time_zone, m.format, m.status,
                  instant(m.rsvp_closes_at) as rsvp_closes_at, m.cancelled_reason, m.contact_name, m.contact_email, m.contact_phone, m.substitutes,
                  (m.starts_at at time zone m.time_zone)::date = (m.ends_at at time zone m.time_zone)::date as one_day,
                  (select h.name from organisation h where h.platform_id = m.platform_id and h.id = m.host_organisation_id) as host,
                  (select row_to_json(w) from (select v.name, v.address, v.city, v.room from venue v where v.platform_id = m.platform_id and v.id = m.venue_id) w) as venue,
                  case when m.visibility = 'public' and m.status <> 'draft' then m.slug end as public_slug) r) end as meeting,
       (select row_to_json(r) from (select f.slug, f.name, f.language, f.time_zone, f.contact_email, f.website) r) as platform,
       case when i.id is not null then (select row_to_json(r) from (
           select i.response, i.response = 'accepted' as accepted, i.response = 'waitlisted' as waitlisted, i.response = 'needs_action' as unanswered, i.queue_number, i.companions,
                  m.format = 'hybrid' as chosen, case when m.format = 'hybrid' then i.mode else m.format end as mode,
                  case when i.response = 'accepted' and (m.format <> 'hybrid' or i.mode = 'online') then m.online_url end as online_url,
                  (select d.name from invitation s join person d on d.platform_id = s.platform_id and d.id = s.person_id
                    where s.platform_id = i.platform_id and s.id = i.delegated_from) as in_place_of) r) end as invitation,
       i.id || '.' || i.link_version as rsvp_url, o.detail->>'registration_id' as registration_id, g.reason as refused_because,
       -- Mails about one invitation stand together in a mailbox. OFFSET 0: by the invitation's index, not through all mails by their ids.
       (select b.message_id from (select * from outbox e where e.platform_id = o.platform_id and e.invitation_id = o.invitation_id offset 0) b
         where b.state = 'sent' and b.id <> o.id order by b.id limit 1) as follows,
       coalesce(m.contact_email, f.contact_email) as reply_to, case when m.contact_email is not null then m.contact_name else f.name end as reply_name
  from outbox o
  join platform f on f.id = o.platform_id
  left join meeting m on m.platform_id = o.platform_id and m.id = o.meeting_id
  left join invitation i on i.platform_id = o.platform_id and i.id = o.invitation_id
  left join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join registration g on g.platform_id = o.platform_id and g.id = (o.detail->>'registration_id')::uuid
 where o.platform_id = platform_id() and o.id = :mail::uuid and o.state = 'sending';
