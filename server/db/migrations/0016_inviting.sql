-- 0016_inviting.sql: the organiser's side of invitations: inviting by many ways, groups that are followed, and numbers that add up.

set local role narada_owner;
set local search_path = narada;

-- ── What organisers see ───────────────────────────────────────────────────────

-- Who an invitation is of: for the invitations that one refers to.
create function invitee_of(invitation uuid) returns json language sql stable as $$
    select row_to_json(r) from (
        select i.id, p.name from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
         where i.platform_id = platform_id() and i.id = invitee_of.invitation) r
$$;

-- An invitation as organisers see it; its link only for those who may hand it on. What only few invitations have is looked up only for those.
drop view invitation_shown;
create view invitation_shown with (security_invoker = true) as
select i.platform_id, i.id, i.meeting_id, i.person_id, i.group_id,
       (select row_to_json(r) from (select p.id, p.name, p.email, p.position, p.organisation_id, o.name as organisation) r) as person,
       case when g.id is not null then (select row_to_json(r) from (select g.id, g.name) r) end as invited_with,
       i.response, case when m.format = 'hybrid' then i.mode else m.format end as mode, i.responded_at,
       i.responded_at is not null and coalesce((
           select e.cause in ('on_behalf', 'held_back') from invitation_event e
            where e.platform_id = i.platform_id and e.invitation_id = i.id and e.cause in ('answered', 'on_behalf', 'held_back')
              and e.to_response is distinct from e.from_response
            order by e.id desc limit 1), false) as on_behalf,
       i.note,
       case when i.companions = 0 then '[]' else
           (select json_agg(c.name order by c.rank) from companion c where c.platform_id = i.platform_id and c.invitation_id = i.id) end as companions,
       case when i.delegated_to is not null then invitee_of(i.delegated_to) end as delegated_to,
       case when i.delegated_from is not null then invitee_of(i.delegated_from) end as delegated_from,
       i.queue_number, i.promoted_at, i.held_back, i.delivery, i.delivery_error, i.sent_at, i.reminded_at,
       case when i.withdrawn_at is null and caller_is('organiser') then i.id || '.' || i.link_version end as rsvp_url,
       i.withdrawn_at, i.version, i.created_at, i.updated_at,
       p.organisation_id, coalesce(p.sort_name, p.name) as sort_name, p.search || ' ' || coalesce(o.search, '') as search
  from invitation i
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
  join person p on p.platform_id = i.platform_id and p.id = i.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
  left join contact_group g on g.platform_id = i.platform_id and g.id = i.group_id;
grant select on invitation_shown to narada_service;

reset role;
