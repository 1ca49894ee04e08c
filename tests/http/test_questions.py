"""test_questions.py: what organisers ask: every kind, who is asked, and how a question changes without changing what was answered to it."""

import pytest

from asking import CHOICES, KINDS, answer, ask, asked, coming, fault, given
from happenings import link_path, make_meeting

NOTHING = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/questions"


def labels(tenant, path):
    return [question["label"] for question in tenant.viewer.get(path).json()["items"]]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked(tenant, path, kind):
    made = tenant.organiser.post(path, {"kind": kind, "label": " Dieta? ", "hint": "Prosimy", **KINDS[kind][0]}, 201)
    question = made.json()
    assert made.headers["Location"].endswith(f"{path}/{question['id']}")
    assert (question["kind"], question["label"], question["hint"], question["required"], question["sensitive"]) == (kind, "Dieta?", "Prosimy", False, False)
    assert (question["shown_for"], question["mode"], question["groups"], question["wording"], question["answer_count"]) == (["accepted"], None, [], 1, 0)
    assert [choice["label"] for choice in question["choices"]] == ([choice["label"] for choice in CHOICES] if "choice" in kind else [])
    assert tenant.viewer.get(f"{path}/{question['id']}").json() == question
    assert tenant.viewer.get(path).json() == {"items": [question], "next": None}


@pytest.mark.parametrize("body, refusal", [
    ({"kind": "single_choice", "label": "A"}, ("choices_too_few", "/choices")),
    ({"kind": "single_choice", "label": "A", "choices": [{"label": "tak"}, {"label": " "}]}, ("choices_too_few", "/choices")),
    ({"kind": "multiple_choice", "label": "A", "choices": [{"label": "Łoś"}, {"label": "łos"}]}, ("choice_repeated", "/choices")),
    ({"kind": "number", "label": "A", "choices": [{"label": "1"}, {"label": "2"}]}, ("choices_not_here", "/choices")),
    ({"kind": "consent", "label": "A"}, ("consent_text_missing", "/consent_text")),
    ({"kind": "yes_no", "label": "A", "consent_text": "Zgoda"}, ("consent_text_not_here", "/consent_text")),
    ({"kind": "consent", "label": "A", "consent_text": "Zgoda", "required": True}, ("consent_is_free", "/required")),
    ({"kind": "yes_no", "label": "A", "group_ids": [NOTHING]}, ("no_such_group", "/group_ids")),
    ({"kind": "yes_no", "label": "A", "shown_for": ["waitlisted"]}, ("not_a_choice", "/shown_for/0")),
    ({"kind": "yes_no", "label": "A", "mode": "by_train"}, ("not_a_choice", "/mode")),
    ({"kind": "date", "label": "A"}, ("not_a_choice", "/kind")),
    ({"kind": "yes_no", "label": ""}, ("too_short", "/label")),
    ({"kind": "single_choice", "label": "A", "choices": [{"key": "Ą", "label": "a"}, {"label": "b"}]}, ("bad_pattern", "/choices/0/key")),
])  # fmt: skip
def test_what_can_not_be_asked(tenant, path, body, refusal):
    assert fault(tenant.organiser.post(path, body, 422).json()) == refusal
    assert labels(tenant, path) == []


def test_there_is_an_end_to_asking(tenant, meeting, path):
    for n in range(50):
        ask(tenant, meeting, "yes_no", f"Pytanie {n}")
    assert tenant.organiser.post(path, {"kind": "yes_no", "label": "Jeszcze jedno"}, 409).json()["code"] == "too_many_questions"


def test_the_order_is_the_organisers(tenant, meeting, path):
    questions = [ask(tenant, meeting, "yes_no", label) for label in "ABC"]
    ids = [question["id"] for question in questions]
    ordered = tenant.organiser.put(f"{path}/order", {"items": [ids[2], ids[0], ids[1]]}).json()
    assert [question["label"] for question in ordered["items"]] == ["C", "A", "B"] == labels(tenant, path)
    for wrong in (ids[:2], ids + ids[:1], ids[:2] + [NOTHING]):
        assert fault(tenant.organiser.put(f"{path}/order", {"items": wrong}, 422).json()) == ("order_not_exact", "/items")
    one = coming(tenant, meeting)
    assert list(asked(tenant, one)) == ["C", "A", "B"]


def test_of_another_meeting_nothing_is_there(tenant, meeting, path):
    question = ask(tenant, meeting)
    elsewhere = f"meetings/{make_meeting(tenant, title='Inne')['slug']}/questions/{question['id']}"
    tenant.organiser.get(elsewhere, 404)
    tenant.organiser.patch(elsewhere, {"label": "x"}, 404, version=1)
    tenant.organiser.delete(elsewhere, 404, version=1)


def test_of_another_platform_nothing_is_there(tenant, stranger, meeting, path):
    question = ask(tenant, meeting)
    theirs = make_meeting(stranger)
    stranger.organiser.get(f"meetings/{theirs['slug']}/questions/{question['id']}", 404)
    one = coming(stranger, theirs)
    assert fault(answer(stranger, one, question, 422, text="x")) == ("no_such_question", "/answers/0/question_id")


@pytest.mark.parametrize("shown_for", [["accepted"], ["tentative"], ["declined"], ["accepted", "declined"], ["accepted", "declined", "tentative"]])
def test_only_certain_answers_are_asked(tenant, meeting, shown_for):
    question = ask(tenant, meeting, shown_for=shown_for)
    assert question["shown_for"] == shown_for
    for response in ("accepted", "tentative", "declined"):
        one = coming(tenant, meeting, response, response)
        assert bool(asked(tenant, one)) == (response in shown_for)
        value = answer(tenant, one, question, 200 if response in shown_for else 422, text="Łódź")
        assert response in shown_for or fault(value) == ("question_not_asked", "/answers/0/question_id")


def test_who_has_not_answered_is_not_asked(tenant, meeting):
    question = ask(tenant, meeting, shown_for=["accepted", "tentative", "declined"])
    one = tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person={"name": "Jan"})
    assert asked(tenant, one) == {}
    answer(tenant, one, question, 422, text="x")


def test_who_waits_for_a_seat_is_asked_as_if_accepted(tenant):
    meeting = make_meeting(tenant, capacity=1, waitlist=True)
    ask(tenant, meeting, required=True)
    coming(tenant, meeting, "Pierwsza")
    waiting = coming(tenant, meeting, "Druga")
    assert tenant.public.get(link_path(waiting)).json()["response"] == "waitlisted"
    assert list(asked(tenant, waiting)) == ["Skąd?"]


def test_only_certain_groups_are_asked(tenant, meeting, path):
    group = tenant.owner.create("groups", name="gminy")
    tenant.owner.create(f"groups/{group['id']}/members", person={"name": "Członkini", "email": "c@example.org"})
    organisation = tenant.owner.create("organisations", name="Gmina Próbna")
    tenant.owner.create(f"groups/{group['id']}/members", organisation_id=organisation["id"])
    question = ask(tenant, meeting, group_ids=[group["id"]])
    assert question["groups"] == [{"id": group["id"], "name": "gminy"}]
    assert asked(tenant, coming(tenant, meeting, "Członkini", email="c@example.org"))
    assert asked(tenant, coming(tenant, meeting, "Wójt", organisation="Gmina Próbna"))
    other = coming(tenant, meeting, "Kto inny")
    assert asked(tenant, other) == {}
    assert fault(answer(tenant, other, question, 422, text="x"))[0] == "question_not_asked"
    assert tenant.owner.delete(f"groups/{group['id']}", 409, version="*").json()["code"] == "group_asked", "else everybody would be asked"
    tenant.organiser.patch(f"{path}/{question['id']}", {"group_ids": []}, version="*")
    assert asked(tenant, other)


def test_only_one_way_of_coming_is_asked(tenant):
    meeting = make_meeting(tenant, format="hybrid")
    ask(tenant, meeting, label="Dieta", mode="in_person")
    ask(tenant, meeting, label="Łącze", mode="online")
    for mode, label in (("in_person", "Dieta"), ("online", "Łącze")):
        one = tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person={"name": mode})
        tenant.public.post(link_path(one), {"response": "accepted", "mode": mode}, 200)
        assert list(asked(tenant, one)) == [label]
    online = make_meeting(tenant, title="Online", format="online")
    ask(tenant, online, label="Dieta", mode="in_person")
    ask(tenant, online, label="Łącze", mode="online")
    assert list(asked(tenant, coming(tenant, online))) == ["Łącze"]


def test_a_change_needs_the_version(tenant, meeting, path):
    question = ask(tenant, meeting)
    one = f"{path}/{question['id']}"
    tenant.organiser.patch(one, {"label": "Dokąd?"}, 428)
    changed = tenant.organiser.patch(one, {"label": "Dokąd?", "required": True}, version=1).json()
    assert (changed["label"], changed["required"], changed["version"], changed["wording"]) == ("Dokąd?", True, 2, 2)
    tenant.organiser.patch(one, {"label": "x"}, 412, version=1)
    tenant.organiser.delete(one, 412, version=1)


def test_what_does_not_change_the_meaning_keeps_the_wording(tenant, meeting, path):
    question = ask(tenant, meeting, "single_choice", "Dieta")
    one = f"{path}/{question['id']}"
    body = {"hint": "Prosimy", "required": True, "sensitive": True, "shown_for": ["accepted", "tentative"], "mode": "online", "label": "Dieta", "choices": question["choices"]}
    changed = tenant.organiser.patch(one, body, version=1).json()
    assert (changed["wording"], changed["hint"], changed["sensitive"], changed["mode"]) == (1, "Prosimy", True, "online")
    assert tenant.organiser.patch(one, {"choices": question["choices"][::-1]}, version=2).json()["wording"] == 2


def test_the_kind_changes_until_somebody_answers(tenant, meeting, path):
    question = ask(tenant, meeting, "single_choice", "Dieta")
    one = f"{path}/{question['id']}"
    assert fault(tenant.organiser.patch(one, {"kind": "yes_no"}, 422, version=1).json()) == ("choices_not_here", "/choices")
    assert tenant.organiser.patch(one, {"kind": "yes_no", "choices": []}, version=1).json()["kind"] == "yes_no"
    answer(tenant, coming(tenant, meeting), question, boolean=True)
    assert tenant.organiser.patch(one, {"kind": "number"}, 409, version=2).json()["code"] == "question_answered"


def test_choices_keep_their_keys(tenant, meeting, path):
    question = ask(tenant, meeting, "single_choice", "Dieta")
    one = f"{path}/{question['id']}"
    assert [choice["key"] for choice in question["choices"]] == ["wegetarianska", "weganska", "bez_glutenu"]
    renamed = [{"key": "weganska", "label": "roślinna"}, {"key": "bez_glutenu", "label": ""}, {"label": "Wegańska!"}, {"label": "☃"}]
    changed = tenant.organiser.patch(one, {"choices": renamed}, version=1).json()
    assert changed["choices"] == [{"key": "weganska", "label": "roślinna"}, {"key": "weganska_2", "label": "Wegańska!"}, {"key": "choice", "label": "☃"}]
    again = tenant.organiser.patch(one, {"choices": [{"label": "bez glutenu"}, {"label": "inna"}]}, version=2).json()
    assert [choice["key"] for choice in again["choices"]] == ["bez_glutenu_2", "inna"], "a key is never given to another choice"


def test_an_old_answer_keeps_the_old_words(tenant, meeting, path):
    question = ask(tenant, meeting, "yes_no", "Przyjazd autem?")
    early, late = coming(tenant, meeting, "Wczesna"), coming(tenant, meeting, "Późny")
    answer(tenant, early, question, boolean=True)
    tenant.organiser.patch(f"{path}/{question['id']}", {"label": "Przyjazd autobusem?"}, version=1)
    answer(tenant, late, question, boolean=True)
    assert given(tenant, meeting, early)["Przyjazd autem?"]["boolean"] is True and given(tenant, meeting, early)["Przyjazd autem?"]["outdated"] is True
    assert given(tenant, meeting, late)["Przyjazd autobusem?"]["outdated"] is False
    seen = asked(tenant, early)["Przyjazd autobusem?"]
    assert (seen["boolean"], seen["holds"], seen["earlier"]["label"]) == (True, True, "Przyjazd autem?")
    summary = tenant.viewer.get(f"meetings/{meeting['slug']}/answers/summary").json()["items"]
    assert [(row["label"], row["is_current"], row["answered"], row["counts"][0]["count"]) for row in summary] == [
        ("Przyjazd autobusem?", True, 1, 1), ("Przyjazd autem?", False, 1, 1)]  # fmt: skip
    page = tenant.organiser.page(f"{path}/{question['id']}").text
    assert "Przyjazd autem?" in page and "Earlier words" in page


def test_a_removed_choice_stays_readable(tenant, meeting, path):
    question = ask(tenant, meeting, "single_choice", "Dieta", required=True)
    one = coming(tenant, meeting)
    answer(tenant, one, question, choices=["weganska"])
    kept = [choice for choice in question["choices"] if choice["key"] != "weganska"]
    tenant.organiser.patch(f"{path}/{question['id']}", {"choices": kept}, version=1)
    seen = asked(tenant, one)["Dieta"]
    assert (seen["chosen"], seen["holds"]) == ([{"key": "weganska", "label": "wegańska"}], False)
    assert given(tenant, meeting, one)["Dieta"]["choices"] == [{"key": "weganska", "label": "wegańska"}]
    assert tenant.public.get(f"{link_path(one)}/details").json()["missing"] == 1, "what is not offered any more is no answer to what is required"
    assert fault(answer(tenant, one, question, 422, choices=["weganska"])) == ("answer_required", "/answers/0/choices")
    tenant.organiser.patch(f"{path}/{question['id']}", {"required": False}, version=2)
    answer(tenant, one, question, choices=["weganska"])
    assert given(tenant, meeting, one)["Dieta"]["wording"] == 1, "sent again with the form, it stays the answer to the old words"
    assert fault(answer(tenant, coming(tenant, meeting, "Inny"), question, 422, choices=["weganska"])) == ("not_a_choice", "/answers/0/choices")


def test_a_renamed_choice_is_counted_by_the_words_that_were_chosen(tenant, meeting, path):
    question = ask(tenant, meeting, "single_choice", "Danie", choices=[{"label": "ryba"}, {"label": "mięso"}])
    answer(tenant, coming(tenant, meeting, "Pierwsza"), question, choices=["ryba"])
    tenant.organiser.patch(f"{path}/{question['id']}", {"choices": [{"key": "ryba", "label": "owoce morza"}, {"key": "mieso", "label": "mięso"}]}, version=1)
    answer(tenant, coming(tenant, meeting, "Druga"), question, choices=["ryba"])
    counts = tenant.viewer.get(f"meetings/{meeting['slug']}/answers/summary").json()["items"][0]["counts"]
    assert [(one["label"], one["count"]) for one in counts] == [("owoce morza", 1), ("mięso", 0), ("ryba", 1)]


def test_a_consent_to_an_old_text_is_asked_again(tenant, meeting, path):
    question = ask(tenant, meeting, "consent", "Zdjęcia")
    one = coming(tenant, meeting)
    answer(tenant, one, question, boolean=True)
    tenant.organiser.patch(f"{path}/{question['id']}", {"consent_text": "Wyrażam zgodę na zdjęcia i nagrania."}, version=1)
    seen = asked(tenant, one)["Zdjęcia"]
    assert (seen["holds"], seen["consent_text"], seen["earlier"]["consent_text"]) == (False, "Wyrażam zgodę na zdjęcia i nagrania.", "Wyrażam zgodę na zdjęcia.")
    kept = given(tenant, meeting, one)["Zdjęcia"]
    assert (kept["boolean"], kept["consent_text"], kept["wording"], kept["outdated"]) == (True, "Wyrażam zgodę na zdjęcia.", 1, True)
    assert " checked" not in tenant.public.page(link_path(one)).text.split('name="answers.0.boolean"')[2].split(">")[0], "unticked until it is given again"
    answer(tenant, one, question, boolean=True, wording=2)
    kept = given(tenant, meeting, one)["Zdjęcia"]
    assert (kept["consent_text"], kept["wording"], kept["outdated"]) == ("Wyrażam zgodę na zdjęcia i nagrania.", 2, False)


def test_an_answer_to_words_that_just_changed_is_refused(tenant, meeting, path):
    question = ask(tenant, meeting, "consent", "Zdjęcia")
    one = coming(tenant, meeting)
    tenant.organiser.patch(f"{path}/{question['id']}", {"consent_text": "Coś innego."}, version=1)
    assert fault(answer(tenant, one, question, 422, boolean=True, wording=1)) == ("question_changed", "/answers/0/boolean")
    assert given(tenant, meeting, one) == {}


def test_a_question_without_answers_is_gone(tenant, meeting, path):
    question = ask(tenant, meeting)
    tenant.organiser.delete(f"{path}/{question['id']}", version=1)
    tenant.organiser.get(f"{path}/{question['id']}", 404)
    tenant.organiser.delete(f"{path}/{question['id']}", 404, version=1)


def test_a_question_with_answers_is_kept_for_them(tenant, meeting, path):
    question, other = ask(tenant, meeting, required=True), ask(tenant, meeting, label="Dokąd?")
    one = coming(tenant, meeting)
    answer(tenant, one, question, text="Łódź")
    tenant.organiser.delete(f"{path}/{question['id']}", version=1)
    kept = tenant.organiser.get(f"{path}/{question['id']}").json()
    assert kept["retired_at"] and kept["answer_count"] == 1
    assert labels(tenant, path) == ["Dokąd?", "Skąd?"]
    assert list(asked(tenant, one)) == ["Dokąd?"] and given(tenant, meeting, one)["Skąd?"]["text"] == "Łódź"
    assert fault(answer(tenant, one, question, 422, text="x"))[0] == "question_not_asked"
    assert tenant.organiser.patch(f"{path}/{question['id']}", {"label": "x"}, 409, version=2).json()["code"] == "question_retired"
    tenant.organiser.delete(f"{path}/{question['id']}", 404, version=2)
    tenant.organiser.put(f"{path}/order", {"items": [other["id"]]})
    assert "not asked any more" in tenant.organiser.page(f"{path}/{question['id']}").text


def test_questions_go_with_their_meeting(tenant):
    draft = tenant.owner.create("meetings", title="Szkic", starts_at="2031-05-06T08:00:00Z", ends_at="2031-05-06T10:00:00Z")
    ask(tenant, draft)
    tenant.organiser.delete(f"meetings/{draft['slug']}", version="*")
    tenant.organiser.get(f"meetings/{draft['slug']}/questions", 404)


def test_an_organiser_asks_by_a_form(tenant, meeting, path):
    page = tenant.organiser.page(f"{path}?new=single_choice").text
    assert 'name="choices.0.label"' in page and 'name="consent_text"' not in page
    fields = {"kind": "single_choice", "label": "Dieta", "hint": "", "choices.0.label": "wege", "choices.1.label": "", "choices.2.label": "ryba", "choices.3.label": "", "required": ["false", "true"],
              "sensitive": "false", "shown_for": ["", "accepted", "declined"]}  # fmt: skip
    tenant.organiser.form(path, fields)
    made = tenant.viewer.get(path).json()["items"][0]
    assert ([choice["label"] for choice in made["choices"]], made["required"], made["shown_for"]) == (["wege", "ryba"], True, ["accepted", "declined"])
    edit = {"_if_match": "1", "label": "Dieta", "hint": "", "choices.0.key": "wege", "choices.0.label": "", "choices.1.key": "ryba", "choices.1.label": "ryby", "choices.2.label": "mięso",
            "required": "false", "sensitive": "false", "shown_for": ["", "accepted"]}  # fmt: skip
    tenant.organiser.form(f"{path}/{made['id']}", edit, method="PATCH")
    changed = tenant.viewer.get(f"{path}/{made['id']}").json()
    assert changed["choices"] == [{"key": "ryba", "label": "ryby"}, {"key": "mieso", "label": "mięso"}] and changed["required"] is False


def test_a_form_that_was_refused_keeps_what_was_typed(tenant, meeting, path):
    again = tenant.organiser.form(path, {"kind": "single_choice", "label": "Dieta „jaka”?", "choices.0.label": "wege"}, 422).text
    assert "At least two choices are needed." in again and 'value="Dieta „jaka”?"' in again and 'value="wege"' in again
    question = ask(tenant, meeting, "consent", "Zdjęcia")
    again = tenant.organiser.form(f"{path}/{question['id']}", {"_if_match": "1", "label": "Foto", "consent_text": "Zgoda", "required": "true"}, 422, method="PATCH").text
    assert 'value="Foto"' in again and "it can not be required" in again


def test_the_ready_made_examples_work(tenant, path):
    page = tenant.organiser.page(path, language="pl").text
    forms = [form for form in page.split("<form ") if 'name="kind"' in form]
    assert len(forms) == 4
    for form in forms:
        fields = {}
        for tag in form.split("<input ")[1:]:
            fields[tag.split('name="')[1].split('"')[0]] = tag.split('value="')[1].split('"')[0]
        tenant.organiser.form(path, fields)
    made = {question["kind"]: question for question in tenant.viewer.get(path).json()["items"]}
    assert set(made) == {"multiple_choice", "long_text", "yes_no", "consent"}
    assert made["multiple_choice"]["sensitive"] and made["long_text"]["sensitive"]
    assert not any(question["required"] for question in made.values())


def test_viewers_see_and_do_not_change(tenant, meeting, path):
    question = ask(tenant, meeting)
    page = tenant.viewer.page(path).text
    assert "Skąd?" in page and 'name="kind"' not in page and "<form method" not in page.split("<main")[1]
    tenant.viewer.page(f"{path}/{question['id']}")
    tenant.assistant.post(path, {"kind": "yes_no", "label": "x"}, 403)
    tenant.public.get(path, 401)
