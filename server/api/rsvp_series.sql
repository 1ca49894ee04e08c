-- rsvp_series.sql: the coming dates of a series, as the invitee whose link was opened sees and answers them together.

-- name: read_rsvp_series.published exec
select check_published(m.status) from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
 where i.platform_id = platform_id() and i.id = invitation_id();

-- What was refused in the last minutes is shown once more, after the form has led back here. `_index` numbers those that the form asks about.
-- name: read_rsvp_series many
select d.meeting, d.response, d.responded_at, d.can_answer, d.closed_reason, d.seats, d.refused,
       d.is_opened as _opened, count(*) filter (where d.can_answer) over (order by d.starts_at, d.meeting_id) - 1 as _index, d.response <> 'needs_action' as _answered,
       d.seats = 'full' as _full, d.seats = 'waitlist' as _queue
  from series_dates(invitation_id(), now() - interval '10 minutes') d
 order by d.starts_at, d.meeting_id;

-- name: read_rsvp_series.person one
select p.name, p.position, o.name as organisation, p.language as _language
  from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where i.platform_id = platform_id() and i.id = invitation_id();

-- name: read_rsvp_series.series maybe when html
select s.title, m.language from invitation i
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
  join series s on s.platform_id = m.platform_id and s.id = m.series_id
 where i.platform_id = platform_id() and i.id = invitation_id();

-- name: answer_rsvp_series.answered exec
select answer_series(invitation_id(), :response, :except::jsonb);

-- name: answer_rsvp_series many
select d.meeting, d.response, d.responded_at, d.can_answer, d.closed_reason, d.seats, d.refused
  from series_dates(invitation_id(), now()) d
 order by d.starts_at, d.meeting_id;
