-- 0011_outbox.sql: mails wait here, put in the transaction of what caused them, until the job server/work/outbox.c has sent them.
--
-- A mail is queued by queue_mail() (to an invitation's person) or queue_mail_to() (to somebody who has no invitation), once for each cause.
-- Whom an invitation's mail goes to, and in which language, is looked up when it is sent: an address that was corrected while the mail waited, or
-- before it is tried again, counts. `sent_to` keeps where it went. No link and no text stands here: links are made with the server's key and
-- texts from templates when the mail is sent, so that a copy of the database holds nothing that can be answered with.

set local role narada_owner;
set local search_path = narada;

create table outbox (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    kind text not null constraint outbox_kind check (kind in ('invitation', 'reminder', 'promotion', 'substitute', 'substitution_ended',
        'registration', 'registered', 'registration_refused', 'message')),
    cause text not null,        -- what the mail is about, so that it is never mailed twice: 'promotion <event id>'
    meeting_id uuid,
    invitation_id uuid,         -- NULL: to `address`
    address text,
    name text,
    language text,
    detail jsonb not null default '{}',
    state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed', 'bounced', 'dropped')),
    reason text,                -- why it failed, waits for another try, or was not sent
    attempts int not null default 0,
    next_attempt_at timestamptz not null default clock_timestamp(), -- of one that is being sent: when somebody else may take it
    message_id text,            -- given at the first attempt, the same at each
    sent_to text,
    sent_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint outbox_cause unique (platform_id, cause),
    constraint outbox_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint outbox_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade,
    constraint outbox_somebody check ((invitation_id is null) = (address is not null))
);
create index outbox_waiting on outbox (next_attempt_at, id) where state in ('queued', 'sending');
create index outbox_of_invitation on outbox (platform_id, invitation_id, kind) where invitation_id is not null;
create index outbox_of_meeting on outbox (platform_id, meeting_id) where meeting_id is not null;

alter table outbox enable row level security;
alter table outbox force row level security;
create policy of_tenant on outbox using (platform_id = platform_id()) with check (platform_id = platform_id());
create policy owner_functions on outbox to narada_owner using (true) with check (true); -- take_mail() looks across tenants
grant select, insert, update on outbox to narada_service;

-- What one person did is answered before what goes out to thousands: such mails are queued as if an hour ago.
create function mail_due(kind text) returns timestamptz language sql volatile as $$
    select clock_timestamp() - case when kind in ('invitation', 'reminder', 'message') then interval '0' else interval '1 hour' end
$$;

-- Wakes whoever sends; many in one transaction wake once.
create function wake_mailer() returns void language sql volatile as $$ select pg_notify('narada_work', 'outbox') $$;

-- Queues a mail to the person of an invitation, unless they have no address or `cause` was mailed about before. Returns whether it did.
create function queue_mail(kind text, invitation uuid, cause text, detail jsonb default '{}') returns boolean language plpgsql volatile as $$
begin
    insert into outbox (kind, cause, meeting_id, invitation_id, detail, next_attempt_at)
    select queue_mail.kind, queue_mail.cause, i.meeting_id, i.id, coalesce(queue_mail.detail, '{}'), mail_due(queue_mail.kind)
      from invitation i join person p on p.platform_id = i.platform_id and p.id = i.person_id
     where i.platform_id = platform_id() and i.id = queue_mail.invitation and p.email is not null
        on conflict on constraint outbox_cause do nothing;
    if not found then
        return false;
    end if;
    if queue_mail.kind in ('invitation', 'substitute') then
        update invitation i set delivery = 'queued', delivery_error = null
         where i.platform_id = platform_id() and i.id = queue_mail.invitation and i.delivery <> 'queued';
    end if;
    perform wake_mailer();
    return true;
end
$$;

-- Queues a mail to an address that is no invitation's. `detail` may hold 'meeting_id'; what a link is made from ('registration_id'), never a link.
create function queue_mail_to(kind text, address text, name text, language text, cause text, detail jsonb default '{}') returns boolean
language plpgsql volatile as $$
begin
    insert into outbox (kind, cause, meeting_id, address, name, language, detail, next_attempt_at)
    values (queue_mail_to.kind, queue_mail_to.cause, (queue_mail_to.detail->>'meeting_id')::uuid, queue_mail_to.address, queue_mail_to.name,
            queue_mail_to.language, coalesce(queue_mail_to.detail, '{}'), mail_due(queue_mail_to.kind))
        on conflict on constraint outbox_cause do nothing;
    if not found then
        return false;
    end if;
    perform wake_mailer();
    return true;
end
$$;

-- That a mail went out, or could not, is no change an organiser's form would have to know of: the version stays.
drop trigger touch on invitation;
create trigger touch before update on invitation for each row
    when ((new.delivery, new.delivery_error, new.sent_at, new.reminded_at) is not distinct from (old.delivery, old.delivery_error, old.sent_at, old.reminded_at)
          or to_jsonb(new) - array['delivery', 'delivery_error', 'sent_at', 'reminded_at'] is distinct from to_jsonb(old) - array['delivery', 'delivery_error', 'sent_at', 'reminded_at'])
    execute function touch();

reset role;
