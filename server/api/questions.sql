-- questions.sql: what invitees are asked, and what they answered. The rules are in server/db/migrations/0013_questions.sql.

-- Says that there is no such meeting: a list without rows would not come to ask.
-- name: list_questions.there exec
select meeting_ref(:meeting);

-- For the page: the order that each question's arrows would make.
-- name: list_questions many
with ordered as (
    select s.*, row_number() over asked as place, array_agg(s.id) over (partition by s.retired_at is null order by s.position, s.id rows between unbounded preceding and unbounded following) as ids
      from question_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting)
    window asked as (partition by s.retired_at is null order by s.position, s.id)
)
select id, meeting_id, position, kind, label, hint, consent_text, choices, required, sensitive, shown_for, mode, groups, wording, answer_count, retired_at, version, created_at, updated_at,
       case when place > 1 and retired_at is null then to_jsonb(ids[: place - 2] || ids[place] || ids[place - 1] || ids[place + 1 :]) end as _up,
       case when place < cardinality(ids) and retired_at is null then to_jsonb(ids[: place - 1] || ids[place + 1] || ids[place] || ids[place + 2 :]) end as _down,
       (select string_agg(c->>'label', ' · ' order by n) from jsonb_array_elements(choices) with ordinality o (c, n)) as _choices
  from ordered order by retired_at is not null, place;

-- name: list_questions.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status, m.format = 'hybrid' as is_hybrid from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- What the form for a new question shows; all of it when it is shown again, since then nobody says which kind it was.
-- name: list_questions.fresh one when html
select :new::text as kind, :new::text is not null as is_chosen, coalesce(has_choices(:new), true) as with_choices, coalesce(:new = 'consent', true) as with_consent,
       coalesce(:new <> 'consent', true) as may_require,
       (select jsonb_agg(jsonb_build_object('index', n - 1, 'number', n)) from generate_series(1, 5) n) as choice_fields,
       (select jsonb_agg(jsonb_build_object('index', n - 1, 'number', n)) from generate_series(6, 15) n) as more_choice_fields;

-- name: list_questions.groups many when html
select g.id, g.name from contact_group g where g.platform_id = platform_id() and caller_is('organiser') order by g.name collate "pl-x-icu", g.id limit 500;

-- name: create_question.made exec
select question_make(meeting_ref(:meeting), :body::jsonb);

-- name: create_question one
select s.id, s.meeting_id, s.position, s.kind, s.label, s.hint, s.consent_text, s.choices, s.required, s.sensitive, s.shown_for, s.mode, s.groups, s.wording, s.answer_count,
       s.retired_at, s.version, s.created_at, s.updated_at
  from question_shown s where s.platform_id = platform_id() and s.id = made_id();

-- name: order_questions.ordered exec
select question_order(meeting_ref(:meeting), :items::jsonb);

-- name: order_questions many
select s.id, s.meeting_id, s.position, s.kind, s.label, s.hint, s.consent_text, s.choices, s.required, s.sensitive, s.shown_for, s.mode, s.groups, s.wording, s.answer_count,
       s.retired_at, s.version, s.created_at, s.updated_at
  from question_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting)
 order by s.retired_at is not null, s.position, s.id;

-- name: read_question one
select s.id, s.meeting_id, s.position, s.kind, s.label, s.hint, s.consent_text, s.choices, s.required, s.sensitive, s.shown_for, s.mode, s.groups, s.wording, s.answer_count,
       s.retired_at, s.version, s.created_at, s.updated_at,
       has_choices(s.kind) as _has_choices, s.kind = 'consent' as _is_consent, s.answer_count > 0 as _answered
  from question_shown s where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting) and s.id = :question::uuid;

-- name: read_question.meeting one when html
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status, m.format = 'hybrid' as is_hybrid from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- The choices there are and some empty ones for more.
-- name: read_question.choice_fields many when html
select n - 1 as number, n as shown_number, c->>'key' as key, c->>'label' as words
  from question_shown s
 cross join generate_series(1, jsonb_array_length(s.choices) + 4) n
 cross join lateral (select s.choices->(n - 1) as c) at
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting) and s.id = :question::uuid and has_choices(s.kind)
 order by n;

-- name: read_question.all_groups many when html
select g.id, g.name from contact_group g where g.platform_id = platform_id() and caller_is('organiser') order by g.name collate "pl-x-icu", g.id limit 500;

-- The words it had before, the newest first.
-- name: read_question.wordings many when html
select w.number, w.label, w.consent_text, w.created_at, (select string_agg(c->>'label', '; ' order by n) from jsonb_array_elements(w.choices) with ordinality o (c, n)) as choices_text,
       (select count(*)::int from answer a where a.platform_id = w.platform_id and a.question_id = w.question_id and a.wording = w.number and a.given) as answer_count
  from question_wording w join question q on q.platform_id = w.platform_id and q.id = w.question_id
 where w.platform_id = platform_id() and w.question_id = :question::uuid and w.number < q.wording
 order by w.number desc;

-- name: update_question.changed exec
select question_change(meeting_ref(:meeting), :question::uuid, :body::jsonb, :if_match::bigint);

-- name: update_question one
select s.id, s.meeting_id, s.position, s.kind, s.label, s.hint, s.consent_text, s.choices, s.required, s.sensitive, s.shown_for, s.mode, s.groups, s.wording, s.answer_count,
       s.retired_at, s.version, s.created_at, s.updated_at
  from question_shown s where s.platform_id = platform_id() and s.id = :question::uuid;

-- name: delete_question exec
select question_remove(meeting_ref(:meeting), :question::uuid, :if_match::bigint);

-- name: list_answers.there exec
select meeting_ref(:meeting);

-- The columns of the CSV over which the cells in `answers` are spread.
-- name: list_answers.columns many when csv,xlsx
select c.name from answer_columns(meeting_ref(:meeting)) c order by c.rank;

-- name: list_answers many
with columns as materialized (
    select * from answer_columns(meeting_ref(:meeting))
)
select s.id as invitation_id, p.name, p.position, o.name as organisation, p.email, s.response, s.mode, details_missing(s.id) as missing,
       case when :limit::int is not null then answers_shown(s.id)
            else (select coalesce(jsonb_agg(answer_cell(a) order by c.rank), '[]') from columns c
                    left join answer a on a.platform_id = s.platform_id and a.invitation_id = s.id and a.question_id = c.question_id and a.wording = any (c.wordings)) end as answers,
       nullif(details_missing(s.id), 0) as _missing, case when :limit::int is not null then answers_listed(s.id, :language) end as _given,
       jsonb_build_array(coalesce(p.sort_name, p.name), s.id) as _cursor
  from answerer s
  join person p on p.platform_id = s.platform_id and p.id = s.person_id
  left join organisation o on o.platform_id = p.platform_id and o.id = p.organisation_id
 where s.platform_id = platform_id() and s.meeting_id = meeting_ref(:meeting)
   and (:q::text is null or p.search || ' ' || coalesce(o.search, '') like all (search_words(:q)))
   and (:response::text is null or s.response = :response)
   and (:missing::bool is null or (details_missing(s.id) > 0) = :missing::bool)
   and (:after::jsonb is null or (coalesce(p.sort_name, p.name) collate "pl-x-icu", s.id) > (:after::jsonb->>0, (:after::jsonb->>1)::uuid))
 order by coalesce(p.sort_name, p.name) collate "pl-x-icu", s.id
 limit :limit::int + 1;

-- name: list_answers.meeting one when html,csv,xlsx
select m.id, m.slug, m.title, m.theme, m.starts_at, m.time_zone, m.status from meeting m
 where m.platform_id = platform_id() and m.id = meeting_ref(:meeting);

-- What a file may have as columns, and whether it usually has it.
-- name: list_answers.offered many when html
select c.name, c.name <> all (array['invitation_id']) as usual
  from unnest(array['invitation_id', 'name', 'position', 'organisation', 'email', 'response', 'mode', 'missing', 'answers']) with ordinality c (name, rank) order by c.rank;

-- name: list_answers.summary many when html
select s.*, s.kind in ('short_text', 'long_text') as is_text, s.kind = 'number' as is_number, not s.is_current and not s.is_retired as is_earlier, s.asked - s.answered as unanswered, number_text(s.sum::numeric, :language) as shown_sum
  from answers_summary(meeting_ref(:meeting)) s;

-- name: list_answers.filter one when html
select :response::text is not null or :missing::bool is not null or :q::text is not null as filtered, coalesce(:missing::bool, false) as missing,
       (select nullif(count(*)::int, 0) from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.withdrawn_at is null and details_missing(i.id) > 0) as number_missing;

-- name: list_answers.responses many when html
select v.response, v.response = :response as selected from unnest(array['accepted', 'tentative', 'declined', 'waitlisted']) with ordinality v (response, rank) order by v.rank;

-- name: sum_up_answers.there exec
select meeting_ref(:meeting);

-- name: sum_up_answers many
select s.question_id, s.label, s.consent_text, s.kind, s.sensitive, s.is_current, s.is_retired, s.asked, s.answered, s.counts, s.sum, s.texts
  from answers_summary(meeting_ref(:meeting)) s order by s.rank;

-- name: read_answers one
select i.id as invitation_id, questions_json(i.id) as questions, answers_shown(i.id) as answers, details_missing(i.id) as missing, answers_version(i.id) as version
  from invitation i where i.platform_id = platform_id() and i.meeting_id = meeting_ref(:meeting) and i.id = :invitation::uuid;

-- name: update_answers.answered exec
select answer_questions(:invitation::uuid, :answers::jsonb, true, meeting_ref(:meeting), :if_match::bigint);

-- name: update_answers one
select i.id as invitation_id, questions_json(i.id) as questions, answers_shown(i.id) as answers, details_missing(i.id) as missing, answers_version(i.id) as version
  from invitation i where i.platform_id = platform_id() and i.id = :invitation::uuid;
