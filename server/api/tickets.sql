-- tickets.sql: tickets. What makes them valid is in server/db/migrations/0022_tickets.sql.

-- name: read_ticket.opened exec
select ticket_opened(:ticket::uuid, :ticket_version::int);

-- name: read_ticket one
select t.meeting, t.person, t.response, t.mode, t.valid, t.fault, t.today, t.state, t.arrived_at, t.companions, t.ticket_url, t.ticket_code, t._language, t._meeting_slug
  from ticket_shown(:ticket::uuid) t;

-- What the door sees beyond that, and a template can't compare.
-- name: read_ticket.is one when html
select caller_is('assistant') as at_door, t.fault = 'cancelled' as cancelled, t.fault = 'not_accepted' as not_accepted, t.state in ('present', 'remote') as here,
       t.valid and t.today and t.state is distinct from 'present' as good, not t.today as other_day, t.fault is distinct from 'cancelled' and t.today and not are_all_here(:ticket::uuid) as lets_in,
       set_title(coalesce(t.meeting->>'theme', t.meeting->>'title'), t.meeting->>'language') as headline
  from ticket_shown(:ticket::uuid) t;

-- Who comes along is for the door only: a ticket is shown to many.
-- name: read_ticket.company many when html
select c.id, c.name, is_companion_here(c.id) as here from companion c where c.platform_id = platform_id() and c.invitation_id = :ticket::uuid and caller_is('assistant') order by c.rank;

-- name: arrive_ticket.opened exec
select ticket_opened(:ticket::uuid, :ticket_version::int);

-- name: arrive_ticket.arrived exec
select check_in_ticket(:ticket::uuid, array(select c::uuid from jsonb_array_elements_text(:companions::jsonb) c));

-- name: arrive_ticket one
select t.meeting, t.person, t.response, t.mode, t.valid, t.fault, t.today, t.state, t.arrived_at, t.companions, t.ticket_url, t.ticket_code, t._language
  from ticket_shown(:ticket::uuid) t;

-- name: remember_ticket exec
select ticket_opened(:ticket::uuid, :ticket_version::int);
