-- mail_samples.sql: how mails look, before anybody gets them.

-- name: read_mail_settings one
select s.sender_name, s.reply_to, s.footer, s.has_logo, s.version, s.logo_src as _logo_src from platform_mail_shown s where s.platform_id = platform_id();

-- name: update_mail_settings.locked exec
select from platform p where p.id = platform_id() for no key update;

-- name: update_mail_settings.checked one
select check_version(s.version, :if_match::bigint) from platform_mail_shown s where s.platform_id = platform_id();

-- name: update_mail_settings.set exec
insert into platform_mail as s (sender_name, reply_to, footer) values (:sender_name, :reply_to, :footer)
    on conflict (platform_id) do update
   set sender_name = case when :has_sender_name::bool then :sender_name else s.sender_name end,
       reply_to = case when :has_reply_to::bool then :reply_to else s.reply_to end,
       footer = case when :has_footer::bool then :footer else s.footer end;

-- name: update_mail_settings one
select s.sender_name, s.reply_to, s.footer, s.has_logo, s.version from platform_mail_shown s where s.platform_id = platform_id();

-- name: set_mail_logo.set exec
insert into platform_mail as s (logo) values (logo_checked(coalesce(:logo::bytea, decode(:png, 'base64')))) on conflict (platform_id) do update set logo = excluded.logo;

-- name: set_mail_logo one
select s.sender_name, s.reply_to, s.footer, s.has_logo, s.version from platform_mail_shown s where s.platform_id = platform_id();

-- name: delete_mail_logo exec
update platform_mail s set logo = null where s.platform_id = platform_id() and s.logo is not null;

-- name: list_samples.there exec
select meeting_ref(:meeting);

-- name: list_samples many
select k as kind from unnest(array['invitation', 'reminder', 'day_before', 'confirmation', 'promotion', 'changed', 'cancelled', 'withdrawn', 'substitute', 'practical', 'message', 'thanks']) k
 where meeting_ref(:meeting) is not null;

-- name: list_samples.meeting one when html
select m.id, m.slug, m.title, m.starts_at, m.time_zone from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: list_samples.own maybe when html
select a.email from account a where a.id = account_id();

-- name: preview_mail.chosen exec
select set_config('narada.sample', jsonb_build_object('platform_id', platform_id(), 'id', uuidv7(), 'kind', :kind::text, 'meeting_id', meeting_ref(:meeting), 'state', 'sending',
                  'detail', sample_mail(meeting_ref(:meeting), :kind, :invitation_id::uuid))::text, true);

-- name: preview_mail one
select l.kind, l.to_name as to, l.detail->>'as' as invitation_id from mail_sample l;

-- name: preview_mail.letter one when html
select 'mail/' || l.kind || '.html' as template, l.detail, l.to_name, l.meeting, l.platform, l.invitation, :language::text as language, '#link' as confirm_url,
       'data:image/png;base64,' || l.logo as logo_src from mail_sample l;

-- name: preview_mail_text.chosen exec
select set_config('narada.sample', jsonb_build_object('platform_id', platform_id(), 'id', uuidv7(), 'kind', :kind::text, 'meeting_id', meeting_ref(:meeting), 'state', 'sending',
                  'detail', sample_mail(meeting_ref(:meeting), :kind, :invitation_id::uuid))::text, true);

-- name: preview_mail_text one
select l.kind, l.to_name as to, l.detail->>'as' as invitation_id from mail_sample l;

-- name: preview_mail_text.letter one when html
select 'mail/' || l.kind || '.txt' as template, l.detail, l.to_name, l.meeting, l.platform, l.invitation, '#link' as confirm_url from mail_sample l;

-- name: preview_mail_text.about one when html
select m.id, m.slug, m.title from meeting m where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: try_mail.asked exec
select refuse(409, 'Only somebody who is signed in has an address to send it to.', 'no_own_address') where not exists (select from account a where a.id = account_id() and a.email <> '');

-- name: try_mail.queued exec
select queue_mail_to(:kind, a.email, null, coalesce(:in_language, m.language), 'sample ' || uuidv7(),
                     sample_mail(m.id, :kind, :invitation_id::uuid) || jsonb_build_object('meeting_id', m.id))
  from account a, meeting m where a.id = account_id() and m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- name: try_mail one
select :kind::text as kind, a.email as "to" from account a where a.id = account_id();
