-- 0013_questions.sql: what the organiser asks invitees besides whether they come, and what they answer.
--
-- A question's words are kept by *wording*: whatever changes what it means (label, choices, the text consented to) makes a new one, and an answer points at
-- the wording that was read. So an old answer is always shown with the words it was given to, and a choice that was removed stays readable: keys of choices
-- are never given to another choice. A consent holds for its wording alone: given to an older one it counts as asked again.
-- Answers are emptied, never deleted, so that their versions only grow.

set local role narada_owner;
set local search_path = narada;

create table question (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    id uuid not null default uuidv7(),
    meeting_id uuid not null,
    position int not null,
    kind text not null check (kind in ('single_choice', 'multiple_choice', 'short_text', 'long_text', 'number', 'yes_no', 'consent')),
    hint text,
    required boolean not null default false,
    sensitive boolean not null default false, -- may tell of health or belief: for organisers alone, never on paper
    shown_for text[] not null default array['accepted'] check (shown_for <@ array['accepted', 'tentative', 'declined'] and cardinality(shown_for) > 0),
    mode text check (mode in ('in_person', 'online')), -- only of those who come so; NULL: of all
    wording int not null default 1,           -- the one that is asked now
    retired_at timestamptz,                   -- not asked any more, and kept for its answers
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, id),
    constraint question_meeting foreign key (platform_id, meeting_id) references meeting on delete cascade,
    constraint consent_is_free check (kind <> 'consent' or not required)
);
create index question_of_meeting on question (platform_id, meeting_id, position, id);
create index question_required on question (platform_id, meeting_id) where required and retired_at is null;

create table question_wording (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    question_id uuid not null,
    number int not null,
    label text not null check (label <> ''),
    consent_text text,
    choices jsonb not null default '[]', -- [{"key", "label"}] in their order
    created_at timestamptz not null default clock_timestamp(),
    primary key (platform_id, question_id, number),
    constraint question_wording_question foreign key (platform_id, question_id) references question on delete cascade
);

-- Only people of these groups are asked; without any, everybody.
create table question_group (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    question_id uuid not null,
    group_id uuid not null,
    primary key (platform_id, question_id, group_id),
    constraint question_group_question foreign key (platform_id, question_id) references question on delete cascade,
    -- A group that goes must not open its questions to everybody.
    constraint group_asked foreign key (platform_id, group_id) references contact_group
);
create index question_group_of_group on question_group (platform_id, group_id);

create table answer (
    platform_id uuid not null default platform_id() references platform on delete cascade,
    invitation_id uuid not null,
    question_id uuid not null,
    wording int not null,
    text_value text,
    number_value numeric,
    boolean_value boolean,
    choices text[] check (cardinality(choices) > 0), -- keys
    given boolean not null generated always as (num_nonnulls(text_value, number_value, boolean_value, choices) > 0) stored,
    answered_at timestamptz not null default clock_timestamp(),
    on_behalf boolean not null default false,
    actor text not null default coalesce(nullif(current_setting('narada.actor', true), ''), 'narada'),
    version bigint not null default 1,
    primary key (platform_id, invitation_id, question_id),
    constraint answer_one_value check (num_nonnulls(text_value, number_value, boolean_value, choices) <= 1),
    constraint answer_invitation foreign key (platform_id, invitation_id) references invitation on delete cascade,
    constraint answer_wording foreign key (platform_id, question_id, wording) references question_wording on delete cascade
);
create index answer_of_question on answer (platform_id, question_id, wording);

select close_by_default('question', 'question_wording', 'question_group', 'answer');
grant select, insert, update, delete on question, question_group, answer to narada_service;
grant select, insert on question_wording to narada_service; -- what somebody may have answered to is never changed
create trigger touch before update on question for each row execute function touch();

-- ── Who is asked what ─────────────────────────────────────────────────────────

-- Each question that is asked with each invitation, as the invitation is now. Who waits for a seat is asked what those are who have one.
create view question_asked with (security_invoker = true) as
select i.platform_id, i.meeting_id, i.id as invitation_id, q.id as question_id, q.position, q.kind, q.required, q.sensitive, q.wording
  from invitation i
  join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
  join question q on q.platform_id = i.platform_id and q.meeting_id = i.meeting_id
 where i.withdrawn_at is null and q.retired_at is null
   and case i.response when 'waitlisted' then 'accepted' else i.response end = any (q.shown_for)
   and (q.mode is null or q.mode = case m.format when 'hybrid' then i.mode else m.format end)
   and (not exists (select from question_group g where g.platform_id = q.platform_id and g.question_id = q.id)
        or exists (select from question_group g where g.platform_id = q.platform_id and g.question_id = q.id
                      and (g.group_id = i.group_id
                           or exists (select from group_member l where l.platform_id = g.platform_id and l.group_id = g.group_id and l.person_id = i.person_id)
                           or exists (select from person p join group_member l on l.platform_id = p.platform_id and l.organisation_id = p.organisation_id
                                       where p.platform_id = i.platform_id and p.id = i.person_id and l.group_id = g.group_id))));

create function has_choices(kind text) returns boolean language sql immutable parallel safe as $$ select kind in ('single_choice', 'multiple_choice') $$;

create function wording_keys(question uuid, number int) returns text[] language sql stable as $$
    select array(select c->>'key' from question_wording w cross join jsonb_array_elements(w.choices) c
                  where w.platform_id = platform_id() and w.question_id = wording_keys.question and w.number = wording_keys.number)
$$;

-- Is this an answer to what is asked now? Not a consent to another text, nor a choice that is not offered any more.
create function answer_holds(a answer, kind text, asked_wording int) returns boolean language sql stable as $$
    select a.given and case when a.wording = asked_wording then true when kind = 'consent' then false
                            when has_choices(kind) then a.choices && wording_keys(a.question_id, asked_wording) else true end
$$;

-- How many required questions wait for an answer. Without required questions it is one look into an index.
create function details_missing(invitation uuid) returns int language sql stable as $$
    select case when exists (select from invitation i join question q on q.platform_id = i.platform_id and q.meeting_id = i.meeting_id and q.required and q.retired_at is null
                              where i.platform_id = platform_id() and i.id = details_missing.invitation)
                then (select count(*)::int from question_asked k
                        left join answer a on a.platform_id = k.platform_id and a.invitation_id = k.invitation_id and a.question_id = k.question_id
                       where k.platform_id = platform_id() and k.invitation_id = details_missing.invitation and k.required
                         and not coalesce(answer_holds(a, k.kind, k.wording), false))
                else 0 end
$$;

-- The choices that were made, with the words they had then: [{"key", "label"}]. A key that this wording lacks has the words it had last.
create function choices_shown(question uuid, number int, keys text[]) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('key', k.key, 'label', coalesce(l.label, k.key)) order by k.rank), '[]')
      from unnest(keys) with ordinality k (key, rank)
      left join lateral (select c->>'label' as label from question_wording w cross join jsonb_array_elements(w.choices) c
                          where w.platform_id = platform_id() and w.question_id = choices_shown.question and c->>'key' = k.key
                          order by w.number = choices_shown.number desc, w.number desc limit 1) l on true
$$;

create function choices_text(question uuid, number int, keys text[]) returns text language sql stable as $$
    select string_agg(c->>'label', '; ' order by n) from jsonb_array_elements(choices_shown(question, number, keys)) with ordinality o (c, n)
$$;

-- Sensitive answers are for organisers and for whose they are.
create function may_read_sensitive(of_invitation uuid default null) returns boolean language sql stable as $$
    select caller_is('organiser') or coalesce(invitation_id() = of_invitation, false)
$$;

-- ── Asking ────────────────────────────────────────────────────────────────────

create view question_shown with (security_invoker = true) as
select q.platform_id, q.id, q.meeting_id, q.position, q.kind, w.label, q.hint, w.consent_text, w.choices, q.required, q.sensitive, to_jsonb(q.shown_for) as shown_for, q.mode,
       (select coalesce(jsonb_agg(jsonb_build_object('id', g.id, 'name', g.name) order by g.name collate "pl-x-icu", g.id), '[]')
          from question_group l join contact_group g on g.platform_id = l.platform_id and g.id = l.group_id
         where l.platform_id = q.platform_id and l.question_id = q.id) as groups,
       q.wording, (select count(*)::int from answer a where a.platform_id = q.platform_id and a.question_id = q.id and a.given) as answer_count,
       q.retired_at, q.version, q.created_at, q.updated_at
  from question q join question_wording w on w.platform_id = q.platform_id and w.question_id = q.id and w.number = q.wording;
grant select on question_asked, question_shown to narada_service;

-- Choices as written, without those left empty, each with a key that no other choice of the question ever had. Who sends a key keeps that choice.
create function choices_keyed(written jsonb, taken text[]) returns jsonb language plpgsql stable as $$
declare
    used text[] := taken;
    made jsonb := '[]';
    one record;
    base text;
    free text;
begin
    for one in select c->>'key' as key, btrim(c->>'label') as label from jsonb_array_elements(coalesce(written, '[]')) with ordinality o (c, n)
                where btrim(c->>'label') <> '' order by n
    loop
        free := one.key;
        if free is null then
            base := coalesce(nullif(trim(both '_' from left(regexp_replace(fold(one.label), '[^a-z0-9]+', '_', 'g'), 40)), ''), 'choice');
            free := base;
            for number in 2 .. 1000 loop
                exit when free <> all (used);
                free := base || '_' || number;
            end loop;
        end if;
        if exists (select from jsonb_array_elements(made) m where m->>'key' = free or fold(m->>'label') = fold(one.label)) then
            perform refuse(422, 'Each choice must differ from the others: ' || one.label || '.', 'choice_repeated', 'choices');
        end if;
        made := made || jsonb_build_object('key', free, 'label', one.label);
        used := used || free;
    end loop;
    return made;
end
$$;

-- What no question can be, said at the member it concerns.
create function question_check(kind text, choices jsonb, consent_text text, required boolean) returns void language plpgsql stable as $$
begin
    if has_choices(kind) and jsonb_array_length(choices) < 2 then
        perform refuse(422, 'A choice is made between two answers at least.', 'choices_too_few', 'choices');
    elsif not has_choices(kind) and choices <> '[]' then
        perform refuse(422, 'A question of this kind has no choices.', 'choices_not_here', 'choices');
    elsif kind = 'consent' and consent_text is null then
        perform refuse(422, 'Write what is consented to.', 'consent_text_missing', 'consent_text');
    elsif kind <> 'consent' and consent_text is not null then
        perform refuse(422, 'Only a consent has a text of its own.', 'consent_text_not_here', 'consent_text');
    elsif kind = 'consent' and required then
        perform refuse(422, 'A consent is given freely: it can not be required.', 'consent_is_free', 'required');
    end if;
end
$$;

create function question_set_groups(question uuid, ids jsonb) returns void language plpgsql volatile as $$
begin
    if exists (select from jsonb_array_elements_text(ids) g where not exists (select from contact_group c where c.platform_id = platform_id() and c.id = g::uuid)) then
        perform refuse(422, 'There is no such group.', 'no_such_group', 'group_ids');
    end if;
    delete from question_group l where l.platform_id = platform_id() and l.question_id = question_set_groups.question
       and l.group_id not in (select g::uuid from jsonb_array_elements_text(ids) g);
    insert into question_group (question_id, group_id) select question_set_groups.question, g::uuid from jsonb_array_elements_text(ids) g on conflict do nothing;
end
$$;

create function shown_for_of(written jsonb) returns text[] language sql immutable as $$
    select coalesce(nullif(array(select distinct s from jsonb_array_elements_text(case when jsonb_typeof(written) = 'array' then written else '[]' end) s order by s), '{}'),
                    array['accepted'])
$$;

-- Asks something new, last of all. `written` is the body of the request. What was made is kept for the next statement.
create function question_make(meeting uuid, written jsonb) returns void language plpgsql volatile as $$
declare
    made uuid := uuidv7();
    new_kind text := written->>'kind';
    new_choices jsonb := choices_keyed(written->'choices', '{}');
    is_required boolean := coalesce((written->>'required')::boolean, false);
begin
    perform question_check(new_kind, new_choices, written->>'consent_text', is_required);
    perform from meeting m where m.platform_id = platform_id() and m.id = question_make.meeting for no key update;
    if (select count(*) from question q where q.platform_id = platform_id() and q.meeting_id = question_make.meeting and q.retired_at is null) >= 50 then
        perform refuse(409, 'Nobody answers more than fifty questions.', 'too_many_questions');
    end if;
    insert into question (id, meeting_id, position, kind, hint, required, sensitive, shown_for, mode)
    select made, question_make.meeting, coalesce(max(q.position), 0) + 1, new_kind, written->>'hint', is_required,
           coalesce((written->>'sensitive')::boolean, false), shown_for_of(written->'shown_for'), written->>'mode'
      from question q where q.platform_id = platform_id() and q.meeting_id = question_make.meeting;
    insert into question_wording (question_id, number, label, consent_text, choices) values (made, 1, btrim(written->>'label'), written->>'consent_text', new_choices);
    perform question_set_groups(made, coalesce(nullif(written->'group_ids', 'null'), '[]'));
    perform keep_made(made);
end
$$;

-- Changes a question by a merge patch. Its row is locked against those who are just answering: they answered to the old words or will read the new ones.
create function question_change(meeting uuid, question uuid, patch jsonb, expected bigint) returns void language plpgsql volatile as $$
declare
    one question;
    worded question_wording;
    new_kind text;
    new_choices jsonb;
    is_required boolean;
begin
    select q.* into one from question q where q.platform_id = platform_id() and q.meeting_id = question_change.meeting and q.id = question_change.question for update;
    perform check_version(one.version, expected);
    select w.* into worded from question_wording w where w.platform_id = platform_id() and w.question_id = one.id and w.number = one.wording;
    if one.retired_at is not null then
        perform refuse(409, 'This question is not asked any more.', 'question_retired');
    end if;
    new_kind := coalesce(patch->>'kind', one.kind);
    if new_kind <> one.kind and exists (select from answer a where a.platform_id = platform_id() and a.question_id = one.id and a.given) then
        perform refuse(409, 'It was answered already: ask another question instead, and remove this one.', 'question_answered', 'kind');
    end if;
    is_required := coalesce((patch->>'required')::boolean, one.required);
    new_choices := case when patch ? 'choices' then choices_keyed(patch->'choices', array(
                   select c->>'key' from question_wording w cross join jsonb_array_elements(w.choices) c where w.platform_id = platform_id() and w.question_id = one.id))
                    else worded.choices end;
    perform question_check(new_kind, new_choices, case when patch ? 'consent_text' then patch->>'consent_text' else worded.consent_text end, is_required);

    if (btrim(coalesce(patch->>'label', worded.label)), new_choices, new_kind) is distinct from (worded.label, worded.choices, one.kind)
       or patch ? 'consent_text' and patch->>'consent_text' is distinct from worded.consent_text then
        insert into question_wording (question_id, number, label, consent_text, choices)
        values (one.id, one.wording + 1, btrim(coalesce(patch->>'label', worded.label)),
                case when patch ? 'consent_text' then patch->>'consent_text' else worded.consent_text end, new_choices);
        one.wording := one.wording + 1;
    end if;
    if patch ? 'group_ids' then
        perform question_set_groups(one.id, coalesce(nullif(patch->'group_ids', 'null'), '[]'));
    end if;
    update question q
       set kind = new_kind, required = is_required, wording = one.wording,
           hint = case when patch ? 'hint' then patch->>'hint' else q.hint end,
           sensitive = coalesce((patch->>'sensitive')::boolean, q.sensitive),
           shown_for = case when patch ? 'shown_for' then shown_for_of(patch->'shown_for') else q.shown_for end,
           mode = case when patch ? 'mode' then patch->>'mode' else q.mode end
     where q.platform_id = platform_id() and q.id = one.id;
end
$$;

-- Takes a question away; one that was answered is kept for its answers, and not asked any more.
create function question_remove(meeting uuid, question uuid, expected bigint) returns void language plpgsql volatile as $$
declare
    one question;
begin
    select q.* into one from question q
     where q.platform_id = platform_id() and q.meeting_id = question_remove.meeting and q.id = question_remove.question and q.retired_at is null for update;
    perform check_version(one.version, expected);
    if exists (select from answer a where a.platform_id = platform_id() and a.question_id = one.id and a.given) then
        update question q set retired_at = now() where q.platform_id = platform_id() and q.id = one.id;
    else
        delete from question q where q.platform_id = platform_id() and q.id = one.id;
    end if;
end
$$;

create function question_order(meeting uuid, items jsonb) returns void language plpgsql volatile as $$
declare
    wanted uuid[] := array(select i::uuid from jsonb_array_elements_text(items) with ordinality o (i, n) order by n);
begin
    perform from meeting m where m.platform_id = platform_id() and m.id = question_order.meeting for no key update;
    perform from question q where q.platform_id = platform_id() and q.meeting_id = question_order.meeting order by q.id for update; -- in the order that answering locks them
    if array(select unnest(wanted) order by 1)
       <> array(select q.id from question q where q.platform_id = platform_id() and q.meeting_id = question_order.meeting and q.retired_at is null order by 1) then
        perform refuse(422, 'The order must name every question exactly once.', 'order_not_exact', 'items');
    end if;
    update question q set position = array_position(wanted, q.id)
     where q.platform_id = platform_id() and q.meeting_id = question_order.meeting and q.retired_at is null and q.position <> array_position(wanted, q.id);
end
$$;

-- ── Answering ─────────────────────────────────────────────────────────────────

-- The member of an answer that a kind of question takes.
create function answer_member(kind text) returns text language sql immutable parallel safe as $$
    select case when has_choices(kind) then 'choices' when kind in ('short_text', 'long_text') then 'text' when kind = 'number' then 'number' else 'boolean' end
$$;

-- Refuses what a question of that kind can't be answered. `kept` are the keys chosen before, which may be kept though they are not `offered` any more, but
-- do not answer what is required. `at` is where the answer stands in the body.
create function answer_check(kind text, label text, required boolean, offered text[], kept text[], entry jsonb, at text) returns void language plpgsql stable as $$
declare
    member text := answer_member(kind);
    picked text[] := array(select jsonb_array_elements_text(coalesce(nullif(entry->'choices', 'null'), '[]')));
    other text;
begin
    select o into other from unnest(array['text', 'number', 'boolean', 'choices']) o
     where o <> member and jsonb_typeof(entry->o) not in ('null') and entry->o not in ('[]', '""') limit 1;
    if other is not null then
        perform refuse(422, 'The question "' || label || '" takes `' || member || '`.', 'wrong_type', at || '/' || other);
    elsif required and (coalesce(entry->member, 'null') = 'null' or has_choices(kind) and not picked && offered or member = 'text' and btrim(entry->>'text', E' \t\n') = '') then
        perform refuse(422, 'The question "' || label || '" needs an answer.', 'answer_required', at || '/' || member);
    elsif kind = 'single_choice' and cardinality(picked) > 1 then
        perform refuse(422, 'The question "' || label || '" takes one choice.', 'choose_one', at || '/choices');
    elsif has_choices(kind) and not picked <@ (offered || kept) then
        perform refuse(422, 'The question "' || label || '" does not offer this choice.', 'not_a_choice', at || '/choices');
    elsif kind = 'short_text' and (length(entry->>'text') > 200 or entry->>'text' like E'%\n%') then
        perform refuse(422, 'The answer to "' || label || '" is one line of at most 200 characters.', 'too_long', at || '/text');
    end if;
end
$$;

-- Writes one answer down, as it was checked; true if it is another one than before.
create function answer_keep(invitation uuid, question uuid, wording int, entry jsonb, on_behalf boolean) returns boolean language plpgsql volatile as $$
declare
    before answer;
    picked text[] := nullif(array(select distinct c from jsonb_array_elements_text(coalesce(nullif(entry->'choices', 'null'), '[]')) c order by c), '{}');
    order_of text[] := wording_keys(question, wording);
    changed int;
begin
    select a.* into before from answer a where a.platform_id = platform_id() and a.invitation_id = answer_keep.invitation and a.question_id = answer_keep.question;
    if not found and not exists (select from jsonb_each(entry) e where e.key in ('text', 'number', 'boolean', 'choices') and e.value not in ('null', '[]', '""')) then
        return false;
    end if;
    -- What was chosen of an older wording and is not offered any more was not chosen again.
    if before.given and picked is not null and picked = array(select unnest(before.choices) order by 1) and not picked <@ order_of then
        return false;
    end if;
    picked := nullif(array(select p from unnest(picked) p order by array_position(order_of, p), p), '{}');
    insert into answer as a (invitation_id, question_id, wording, text_value, number_value, boolean_value, choices, on_behalf)
    values (answer_keep.invitation, answer_keep.question, answer_keep.wording, nullif(btrim(entry->>'text', E' \t\n'), ''), (entry->>'number')::numeric,
            (entry->>'boolean')::boolean, picked, answer_keep.on_behalf)
        on conflict (platform_id, invitation_id, question_id) do update
       set wording = excluded.wording, text_value = excluded.text_value, number_value = excluded.number_value, boolean_value = excluded.boolean_value,
           choices = excluded.choices, answered_at = excluded.answered_at, on_behalf = excluded.on_behalf, actor = excluded.actor, version = a.version + 1
     where (a.wording, a.text_value, a.number_value, a.boolean_value, a.choices)
           is distinct from (excluded.wording, excluded.text_value, excluded.number_value, excluded.boolean_value, excluded.choices);
    get diagnostics changed = row_count;
    return changed > 0;
end
$$;

-- The version of an invitation's answers all together.
create function answers_version(invitation uuid) returns bigint language sql stable as $$
    select 1 + coalesce(sum(a.version), 0)::bigint from answer a where a.platform_id = platform_id() and a.invitation_id = answers_version.invitation
$$;

-- Answers questions: [{"question_id", "text" | "number" | "boolean" | "choices", "wording"}]; those not named stay as they are, one without a value is emptied.
-- `wording` says which words were read: if they have changed since, the answer is refused rather than taken for one to the new words.
-- `on_behalf` is an organiser's: past the closing time, also without what is required, and with the version it saw (`expected`).
-- The history says which were answered; of consents also whether they were given and to which wording, since one that is taken back was once given.
-- It locks the invitation and the questions, so in a transaction that changes seats too it comes after that.
create function answer_questions(invitation uuid, answers jsonb, on_behalf boolean default false, of_meeting uuid default null, expected bigint default null)
returns void language plpgsql volatile as $$
declare
    one record;
    asked record;
    entry record;
    changed uuid[] := '{}';
    consents jsonb := '[]';
begin
    select i.id, i.meeting_id, i.response, i.withdrawn_at, m.status, m.rsvp_closes_at into one
      from invitation i join meeting m on m.platform_id = i.platform_id and m.id = i.meeting_id
     where i.platform_id = platform_id() and i.id = answer_questions.invitation for no key update of i;
    if not found or of_meeting <> one.meeting_id then
        perform refuse(404, 'There is no such invitation.', 'not_found');
    end if;
    if on_behalf then
        perform check_version(answers_version(one.id), expected);
    end if;
    perform check_answerable(one.status, one.rsvp_closes_at, one.withdrawn_at, one.response, on_behalf);
    perform from question q where q.platform_id = platform_id() and q.meeting_id = one.meeting_id and q.retired_at is null order by q.id for share;
    if (select count(*) > count(distinct a->>'question_id') from jsonb_array_elements(answers) a) then
        perform refuse(422, 'A question can be answered only once.', 'repeated', 'answers');
    end if;

    for entry in select a as value, (a->>'question_id')::uuid as question_id, 'answers/' || n - 1 as at from jsonb_array_elements(answers) with ordinality o (a, n) order by n loop
        select q.id, q.kind, q.required, q.wording, w.label into asked
          from question q join question_wording w on w.platform_id = q.platform_id and w.question_id = q.id and w.number = q.wording
         where q.platform_id = platform_id() and q.meeting_id = one.meeting_id and q.id = entry.question_id;
        if not found then
            perform refuse(422, 'This meeting has no such question.', 'no_such_question', entry.at || '/question_id');
        elsif not exists (select from question_asked k where k.platform_id = platform_id() and k.invitation_id = one.id and k.question_id = asked.id) then
            perform refuse(422, 'The question "' || asked.label || '" is not asked here.', 'question_not_asked', entry.at || '/question_id');
        elsif (entry.value->>'wording')::int <> asked.wording then
            perform refuse(422, 'The question "' || asked.label || '" has other words now. Read it again.', 'question_changed', entry.at || '/' || answer_member(asked.kind));
        end if;
        perform answer_check(asked.kind, asked.label, asked.required and not on_behalf, wording_keys(asked.id, asked.wording),
                    coalesce((select a.choices from answer a where a.platform_id = platform_id() and a.invitation_id = one.id and a.question_id = asked.id), '{}'),
                    entry.value, entry.at);
        if answer_keep(one.id, asked.id, asked.wording, entry.value, on_behalf) then
            changed := changed || asked.id;
            if asked.kind = 'consent' then
                consents := consents || jsonb_build_object('question_id', asked.id, 'wording', asked.wording, 'given', coalesce((entry.value->>'boolean')::boolean, false));
            end if;
        end if;
    end loop;
    if changed <> '{}' then
        insert into invitation_event (meeting_id, invitation_id, cause, detail)
        values (one.meeting_id, one.id, 'questions_answered', jsonb_build_object('questions', to_jsonb(changed), 'on_behalf', on_behalf)
                || case when consents <> '[]' then jsonb_build_object('consents', consents) else '{}' end);
    end if;
end
$$;

-- An invitation that is made again after it was withdrawn begins anew.
create function answers_anew() returns trigger language plpgsql as $$
begin
    delete from answer a where a.platform_id = new.platform_id and a.invitation_id = new.id;
    return null;
end
$$;
create trigger answers_anew after update of withdrawn_at on invitation for each row
    when (old.withdrawn_at is not null and new.withdrawn_at is null) execute function answers_anew();

-- What is asked with an invitation, in its order, with what was answered. `holds`: answered, as it is asked now; `again`: it was answered, but to other words.
-- `offered` are the choices that a form shows: what was chosen before and is not offered any more stays among them, unless an answer is required.
create function questions_for(invitation uuid)
returns table (question_id uuid, "position" bigint, kind text, label text, hint text, consent_text text, choices jsonb, required boolean, wording int,
               text text, number double precision, "boolean" boolean, chosen jsonb, offered jsonb, answered_at timestamptz, answered_wording int, on_behalf boolean,
               holds boolean, again boolean, earlier jsonb)
language sql stable as $$
    select k.question_id, row_number() over (order by k.position, k.question_id), k.kind, w.label, q.hint, w.consent_text, w.choices, k.required, k.wording,
           a.text_value, a.number_value::float8, a.boolean_value, case when has_choices(k.kind) then choices_shown(k.question_id, a.wording, a.choices) end,
           case when has_choices(k.kind) then w.choices || case when k.required then '[]' else
               (select coalesce(jsonb_agg(c), '[]') from jsonb_array_elements(choices_shown(k.question_id, a.wording, a.choices)) c
                 where c->>'key' <> all (wording_keys(k.question_id, k.wording))) end end,
           case when a.given then a.answered_at end, case when a.given then a.wording end, case when a.given then a.on_behalf end,
           coalesce(answer_holds(a, k.kind, k.wording), false), coalesce(a.given and not answer_holds(a, k.kind, k.wording), false),
           case when a.given and a.wording <> k.wording then
               (select jsonb_build_object('wording', e.number, 'label', e.label, 'consent_text', e.consent_text) from question_wording e
                 where e.platform_id = a.platform_id and e.question_id = a.question_id and e.number = a.wording
                   and (e.label, e.consent_text) is distinct from (w.label, w.consent_text)) end
      from question_asked k
      join question q on q.platform_id = k.platform_id and q.id = k.question_id
      join question_wording w on w.platform_id = k.platform_id and w.question_id = k.question_id and w.number = k.wording
      left join answer a on a.platform_id = k.platform_id and a.invitation_id = k.invitation_id and a.question_id = k.question_id
     where k.platform_id = platform_id() and k.invitation_id = questions_for.invitation and (not k.sensitive or may_read_sensitive(k.invitation_id))
     order by k.position, k.question_id
$$;

-- The same as JSON, for programs.
create function questions_json(invitation uuid) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('question_id', f.question_id, 'kind', f.kind, 'label', f.label, 'hint', f.hint, 'consent_text', f.consent_text,
               'choices', f.choices, 'required', f.required, 'wording', f.wording, 'text', f.text, 'number', f.number, 'boolean', f."boolean",
               'chosen', coalesce(f.chosen, '[]'), 'answered_at', instant(f.answered_at), 'on_behalf', coalesce(f.on_behalf, false), 'holds', f.holds, 'earlier', f.earlier)
               order by f."position"), '[]')
      from questions_for(questions_json.invitation) f
$$;

-- ── Reading answers ───────────────────────────────────────────────────────────

-- What one invitee has answered, with the words that were answered to. `outdated`: given to other words than those asked now.
create function answers_shown(invitation uuid) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('question_id', a.question_id, 'kind', q.kind, 'label', w.label, 'consent_text', w.consent_text, 'wording', a.wording,
               'text', a.text_value, 'number', a.number_value, 'boolean', a.boolean_value,
               'choices', choices_shown(a.question_id, a.wording, coalesce(a.choices, '{}')),
               'answered_at', instant(a.answered_at), 'on_behalf', a.on_behalf, 'outdated', a.wording <> q.wording) order by q.retired_at is not null, q.position, q.id), '[]')
      from answer a
      join question q on q.platform_id = a.platform_id and q.id = a.question_id
      join question_wording w on w.platform_id = a.platform_id and w.question_id = a.question_id and w.number = a.wording
     where a.platform_id = platform_id() and a.invitation_id = answers_shown.invitation and a.given and (not q.sensitive or may_read_sensitive(a.invitation_id))
$$;

-- A number as it is written in that language.
create function number_text(number numeric, language text) returns text language sql immutable parallel safe as $$
    select case when left(language, 2) in ('pl', 'fi') then replace(trim_scale(number)::text, '.', ',') else trim_scale(number)::text end
$$;

-- One answer as a line of text; NULL for yes and no, which are words of the reader's language.
create function answer_text(a answer, language text) returns text language sql stable as $$
    select case when a.choices is not null then choices_text(a.question_id, a.wording, a.choices) else coalesce(a.text_value, number_text(a.number_value, language)) end
$$;

-- The same for pages.
create function answers_listed(invitation uuid, language text) returns jsonb language sql stable as $$
    select jsonb_agg(jsonb_build_object('label', w.label, 'sensitive', q.sensitive, 'shown', answer_text(a, language), 'said_yes', coalesce(a.boolean_value, false),
               'said_no', not coalesce(a.boolean_value, true), 'outdated', a.wording <> q.wording, 'on_behalf', a.on_behalf) order by q.retired_at is not null, q.position, q.id)
      from answer a
      join question q on q.platform_id = a.platform_id and q.id = a.question_id
      join question_wording w on w.platform_id = a.platform_id and w.question_id = a.question_id and w.number = a.wording
     where a.platform_id = platform_id() and a.invitation_id = answers_listed.invitation and a.given and (not q.sensitive or may_read_sensitive(a.invitation_id))
$$;

-- The fields of a form that asks an invitee, in a row each. `must`: the form insists on an answer.
create function question_fields(of_invitation uuid, insists boolean, language text)
returns table (index bigint, question_id uuid, wording int, label text, hint text, consent_text text, required boolean, must boolean, is_one boolean, is_many boolean, is_yes_no boolean,
               is_short boolean, is_long boolean, is_number boolean, is_consent boolean, offered jsonb, chosen_keys jsonb, said text, text text, number text,
               given boolean, again boolean, earlier jsonb, shown text, said_yes boolean, said_no boolean)
language sql stable as $$
    select f."position" - 1, f.question_id, f.wording, f.label, f.hint, f.consent_text, f.required, f.required and insists, f.kind = 'single_choice', f.kind = 'multiple_choice', f.kind = 'yes_no',
           f.kind = 'short_text', f.kind = 'long_text', f.kind = 'number', f.kind = 'consent',
           (select jsonb_agg(jsonb_build_object('id', o->'key', 'name', o->'label') order by n) from jsonb_array_elements(f.offered) with ordinality e (o, n)),
           (select jsonb_agg(c->'key') from jsonb_array_elements(f.chosen) c),
           case when f.kind <> 'consent' or f.holds then f."boolean"::text end, f.text, trim_scale(f.number::numeric)::text,
           f.answered_at is not null, f.again, f.earlier,
           coalesce((select string_agg(c->>'label', '; ' order by n) from jsonb_array_elements(f.chosen) with ordinality e (c, n)), f.text, number_text(f.number::numeric, language)),
           coalesce(f."boolean", false), not coalesce(f."boolean", true)
      from questions_for(of_invitation) f
     order by f."position"
$$;

-- The columns of a table of answers: one a question, and one more for each earlier wording that meant something else and was answered. `wordings` are those
-- that mean the same: they differ in their choices alone.
create function answer_columns(of_meeting uuid)
returns table (question_id uuid, wordings int[], name text, label text, consent_text text, kind text, sensitive boolean, is_current boolean, is_retired boolean, rank bigint)
language sql stable as $$
    select c.id, c.wordings, case when c.number < c.newest then c.label || ' (' || c.number || ')' else c.label end,
           c.label, c.consent_text, c.kind, c.sensitive, c.number = c.newest, c.retired, row_number() over (order by c.retired, c.position, c.id, c.number desc)
      from (select q.id, q.kind, q.sensitive, q.position, q.wording as newest, q.retired_at is not null as retired, w.label, w.consent_text,
                   array_agg(w.number) as wordings, max(w.number) as number
              from question q join question_wording w on w.platform_id = q.platform_id and w.question_id = q.id
             where q.platform_id = platform_id() and q.meeting_id = of_meeting and (not q.sensitive or may_read_sensitive())
             group by q.id, q.kind, q.sensitive, q.position, q.wording, q.retired_at, w.label, w.consent_text) c
     where c.number = c.newest
        or exists (select from answer a where a.platform_id = platform_id() and a.question_id = c.id and a.wording = any (c.wordings) and a.given)
$$;

-- One answer as a cell of a table.
create function answer_cell(a answer) returns jsonb language sql stable as $$
    select case when a.choices is not null then to_jsonb(choices_text(a.question_id, a.wording, a.choices)) else coalesce(to_jsonb(a.text_value), to_jsonb(a.number_value), to_jsonb(a.boolean_value)) end
$$;

-- Who was asked or has answered, once each.
create view answerer with (security_invoker = true) as
select i.platform_id, i.id, i.meeting_id, i.person_id, i.response, i.responded_at, i.mode
  from invitation i
 where i.withdrawn_at is null
   and (exists (select from question_asked k where k.platform_id = i.platform_id and k.invitation_id = i.id)
        or exists (select from answer a where a.platform_id = i.platform_id and a.invitation_id = i.id and a.given));
grant select on answerer to narada_service;

-- All answers in numbers, a row for each column of the table. Only those count who would be asked now: a diet of somebody who declined is cooked for nobody.
create function answers_summary(of_meeting uuid)
returns table (question_id uuid, label text, consent_text text, kind text, sensitive boolean, is_current boolean, is_retired boolean, asked int, answered int,
               counts jsonb, sum double precision, texts jsonb, rank bigint)
language sql stable as $$
    with given as materialized (
        select c.rank, a.*, i.person_id
          from answer_columns(of_meeting) c
          join answer a on a.platform_id = platform_id() and a.question_id = c.question_id and a.wording = any (c.wordings) and a.given
          join invitation i on i.platform_id = a.platform_id and i.id = a.invitation_id and i.withdrawn_at is null
         where c.is_retired or exists (select from question_asked k where k.platform_id = a.platform_id and k.invitation_id = a.invitation_id and k.question_id = a.question_id)
    ), asked as (
        select k.question_id, count(*)::int as number from question_asked k where k.platform_id = platform_id() and k.meeting_id = of_meeting group by k.question_id
    ), counted as (
        select g.rank, v.key, v.label, count(*)::int as number from given g
         cross join lateral (select s->>'key' as key, s->>'label' as label from jsonb_array_elements(choices_shown(g.question_id, g.wording, g.choices)) s
                             union all select g.boolean_value::text, null where g.boolean_value is not null) v
         group by g.rank, v.key, v.label
    ), possible as (
        select c.rank, o->>'key' as key, o->>'label' as label, n from answer_columns(of_meeting) c
          join question_wording w on w.platform_id = platform_id() and w.question_id = c.question_id and w.number = (select max(x) from unnest(c.wordings) x)
         cross join jsonb_array_elements(w.choices) with ordinality e (o, n)
        union all
        select c.rank, v.key, null, v.n from answer_columns(of_meeting) c cross join (values ('true', 1), ('false', 2)) v (key, n) where c.kind in ('yes_no', 'consent')
    )
    select c.question_id, c.label, c.consent_text, c.kind, c.sensitive, c.is_current, c.is_retired, coalesce(s.number, 0),
           (select count(*)::int from given g where g.rank = c.rank),
           (select coalesce(jsonb_agg(jsonb_build_object('key', coalesce(p.key, d.key), 'label', coalesce(p.label, d.label), 'count', coalesce(d.number, 0))
                                      order by p.n nulls last, d.label), '[]')
              from (select * from possible p where p.rank = c.rank) p
              full join (select * from counted d where d.rank = c.rank) d on d.key = p.key and coalesce(d.label, '') = coalesce(p.label, '')),
           (select sum(g.number_value)::float8 from given g where g.rank = c.rank),
           (select coalesce(jsonb_agg(jsonb_build_object('invitation_id', g.invitation_id, 'name', p.name, 'text', g.text_value)
                                      order by coalesce(p.sort_name, p.name) collate "pl-x-icu", p.id), '[]')
              from given g join person p on p.platform_id = g.platform_id and p.id = g.person_id where g.rank = c.rank and g.text_value is not null),
           c.rank
      from answer_columns(of_meeting) c left join asked s on s.question_id = c.question_id and c.is_current
     order by c.rank
$$;

reset role;
