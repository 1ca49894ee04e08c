-- mail_in.sql: mails that came in. What they mean is decided in server/db/migrations/0019_mail_in.sql.

-- name: receive_mail one
select id, kind, outcome, reason from receive_mail(:facts::jsonb, :content::bytea);

-- name: list_incoming_mail many
select s.id, s.received_at, s.kind, s.outcome, s.reason, s."from", s.subject, s.excerpt, s.meeting, s.person, s.invitation_id, s.mail_id, s.event, s.bounce,
       null::text as raw, s.open, s.can_accept, s.decided_at, s.decided_as, s.version, s.kind = 'counter' as _proposal, jsonb_build_array(s.id) as _cursor
  from incoming_shown s
 where s.platform_id = platform_id()
   and case coalesce(:show, 'all') when 'all' then s.outcome <> 'ignored' when 'open' then s.open else s.outcome = :show end
   and (:meeting_id::uuid is null or s.meeting_id = :meeting_id::uuid)
   and (:q::text is null or s.search like all (search_words(:q)))
   and (:after::jsonb is null or s.id < (:after::jsonb->>0)::uuid)
 order by s.id desc
 limit :limit::int + 1;

-- How many wait, and what else there is.
-- name: list_incoming_mail.shows many when html
select v.show, (select count(*)::int from incoming_shown s where s.platform_id = platform_id() and (:meeting_id::uuid is null or s.meeting_id = :meeting_id::uuid)
                   and case v.show when 'all' then s.outcome <> 'ignored' when 'open' then s.open else s.outcome = v.show end) as number,
       v.show = coalesce(:show, 'all') as selected
  from unnest(array['open', 'all', 'bounced', 'unmatched']) with ordinality v (show, rank)
 where v.show <> 'unmatched' or caller_is('owner')
 order by v.rank;

-- The meeting it is narrowed to.
-- name: list_incoming_mail.about maybe when html
select m.id, m.slug, m.title from meeting m where m.platform_id = platform_id() and m.id = :meeting_id::uuid;

-- name: read_incoming_mail one
select s.id, s.received_at, s.kind, s.outcome, s.reason, s."from", s.subject, s.excerpt, s.meeting, s.person, s.invitation_id, s.mail_id, s.event, s.bounce,
       case when caller_is('owner') then encode(s.raw, 'escape') end as raw, s.open, s.can_accept, s.decided_at, s.decided_as, s.version,
       s.kind = 'counter' as _proposal, s.event->>'partstat' is not null as _answer, s.outcome = 'pending' as _pending,
       s.outcome = 'refused' as _refused, s.outcome <> 'refused' and s.reason is not null as _known,
       s.outcome = 'proposal' as _waits, s.event->>'starts_at' is not null and s.event->>'ends_at' is not null as _adoptable
  from incoming_shown s where s.platform_id = platform_id() and s.id = :incoming::uuid;

-- name: accept_incoming_mail.decided exec
select decide_incoming(:incoming::uuid, 'accepted');

-- name: accept_incoming_mail one
select s.id, s.received_at, s.kind, s.outcome, s.reason, s."from", s.subject, s.excerpt, s.meeting, s.person, s.invitation_id, s.mail_id, s.event, s.bounce,
       case when caller_is('owner') then encode(s.raw, 'escape') end as raw, s.open, s.can_accept, s.decided_at, s.decided_as, s.version
  from incoming_shown s where s.platform_id = platform_id() and s.id = :incoming::uuid;

-- name: dismiss_incoming_mail.decided exec
select decide_incoming(:incoming::uuid, 'dismissed');

-- name: dismiss_incoming_mail one
select s.id, s.received_at, s.kind, s.outcome, s.reason, s."from", s.subject, s.excerpt, s.meeting, s.person, s.invitation_id, s.mail_id, s.event, s.bounce,
       case when caller_is('owner') then encode(s.raw, 'escape') end as raw, s.open, s.can_accept, s.decided_at, s.decided_as, s.version
  from incoming_shown s where s.platform_id = platform_id() and s.id = :incoming::uuid;

-- name: adopt_proposal.decided exec
select decide_proposal(:incoming::uuid, true);

-- name: adopt_proposal one
select s.id, s.received_at, s.kind, s.outcome, s.reason, s."from", s.subject, s.excerpt, s.meeting, s.person, s.invitation_id, s.mail_id, s.event, s.bounce,
       case when caller_is('owner') then encode(s.raw, 'escape') end as raw, s.open, s.can_accept, s.decided_at, s.decided_as, s.version
  from incoming_shown s where s.platform_id = platform_id() and s.id = :incoming::uuid;

-- name: refuse_proposal.decided exec
select decide_proposal(:incoming::uuid, false);

-- name: refuse_proposal one
select s.id, s.received_at, s.kind, s.outcome, s.reason, s."from", s.subject, s.excerpt, s.meeting, s.person, s.invitation_id, s.mail_id, s.event, s.bounce,
       case when caller_is('owner') then encode(s.raw, 'escape') end as raw, s.open, s.can_accept, s.decided_at, s.decided_as, s.version
  from incoming_shown s where s.platform_id = platform_id() and s.id = :incoming::uuid;
