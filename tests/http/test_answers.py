"""test_answers.py: what invitees answer: by kind, until when, by whom; who may read it; in numbers and as a table."""

import concurrent.futures
import csv
import io
import random

import pytest
import requests

from asking import KINDS, answer, answer_all, ask, asked, coming, fault, given
from happenings import all_items, form_token, invite, link_path, make_meeting

FIXED = ["invitation_id", "name", "position", "organisation", "email", "response", "mode", "missing"]


@pytest.fixture
def meeting(tenant):
    return make_meeting(tenant)


@pytest.fixture
def path(meeting):
    return f"meetings/{meeting['slug']}/answers"


def sheet_path(meeting, one):
    return f"meetings/{meeting['slug']}/invitations/{one['id']}/answers"


def details(tenant, one):
    return tenant.public.get(f"{link_path(one)}/details").json()


# ── Answering ──


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_answered_changed_and_emptied(tenant, meeting, kind):
    question = ask(tenant, meeting, kind, "Pytanie")
    one = coming(tenant, meeting)
    value = KINDS[kind][1]
    member = next(iter(value))
    seen = answer(tenant, one, question, wording=1, **value)["questions"][0]
    shown = [choice["key"] for choice in seen["chosen"]] if member == "choices" else seen[member]
    assert shown == value[member] and seen["holds"] is True and seen["answered_at"] and seen["on_behalf"] is False and seen["earlier"] is None
    again = answer(tenant, one, question, **value)["questions"][0]
    assert again == seen, "the same answer again changes nothing, not even its time"
    emptied = answer(tenant, one, question)["questions"][0]
    assert emptied["holds"] is False and emptied["answered_at"] is None and emptied["chosen"] == [] and emptied["text"] is emptied["number"] is emptied["boolean"] is None
    assert given(tenant, meeting, one) == {}


@pytest.mark.parametrize("kind, value, refusal", [
    ("single_choice", {"text": "wegańska"}, ("wrong_type", "/answers/0/text")),
    ("single_choice", {"choices": ["weganska", "bez_glutenu"]}, ("choose_one", "/answers/0/choices")),
    ("single_choice", {"choices": ["ryba"]}, ("not_a_choice", "/answers/0/choices")),
    ("multiple_choice", {"choices": ["weganska", "ryba"]}, ("not_a_choice", "/answers/0/choices")),
    ("multiple_choice", {"boolean": True}, ("wrong_type", "/answers/0/boolean")),
    ("yes_no", {"text": "tak"}, ("wrong_type", "/answers/0/text")),
    ("yes_no", {"boolean": "tak"}, ("wrong_type", "/answers/0/boolean")),
    ("consent", {"number": 1}, ("wrong_type", "/answers/0/number")),
    ("short_text", {"text": "x" * 201}, ("too_long", "/answers/0/text")),
    ("short_text", {"text": "dwa\nwiersze"}, ("too_long", "/answers/0/text")),
    ("long_text", {"text": "x" * 4001}, ("too_long", "/answers/0/text")),
    ("long_text", {"choices": ["x"]}, ("wrong_type", "/answers/0/choices")),
    ("number", {"number": "dwa"}, ("wrong_type", "/answers/0/number")),
    ("number", {"number": 1e13}, ("too_big", "/answers/0/number")),
    ("number", {"text": "2"}, ("wrong_type", "/answers/0/text")),
])  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_place(tenant, meeting, kind, value, refusal):
    question = ask(tenant, meeting, kind, "Pytanie")
    one = coming(tenant, meeting)
    assert fault(answer(tenant, one, question, 422, **value)) == refusal
    assert given(tenant, meeting, one) == {}


def test_the_second_of_two_is_pointed_at_and_neither_is_kept(tenant, meeting):
    first, second = ask(tenant, meeting, "yes_no", "Autem?"), ask(tenant, meeting, "number", "Ile osób?", required=True)
    one = coming(tenant, meeting)
    refused = answer_all(tenant, one, [{"question_id": first["id"], "boolean": True}, {"question_id": second["id"]}], 422)
    assert fault(refused) == ("answer_required", "/answers/1/number") and "Ile osób?" in refused["errors"][0]["detail"]
    assert given(tenant, meeting, one) == {}
    twice = answer_all(tenant, one, [{"question_id": first["id"], "boolean": True}, {"question_id": first["id"]}], 422)
    assert fault(twice) == ("repeated", "/answers")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "consent"])
def test_what_is_required_can_not_be_emptied(tenant, meeting, kind):
    question = ask(tenant, meeting, kind, "Pytanie", required=True)
    one = coming(tenant, meeting)
    member = next(iter(KINDS[kind][1]))
    empties = [{}, {member: []}] if member == "choices" else [{}, {member: None}]
    empties += [{"text": " \n"}] if kind == "long_text" else [{"text": "  "}] if member == "text" else []
    for empty in empties:
        assert fault(answer(tenant, one, question, 422, **empty)) == ("answer_required", f"/answers/0/{member}")
    assert details(tenant, one)["missing"] == 1
    answer(tenant, one, question, **KINDS[kind][1])
    assert details(tenant, one)["missing"] == 0
    answer(tenant, one, question, 422)
    assert len(given(tenant, meeting, one)) == 1


def test_an_answer_without_what_is_required_is_an_answer(tenant, meeting, path):
    ask(tenant, meeting, "yes_no", "Autem?", required=True)
    ask(tenant, meeting, "yes_no", "Z noclegiem?", required=True)
    ask(tenant, meeting, "yes_no", "Cokolwiek?")
    one = coming(tenant, meeting)
    assert tenant.public.get(link_path(one)).json()["response"] == "accepted"
    assert details(tenant, one)["missing"] == 2
    assert tenant.viewer.get(path).json()["items"][0]["missing"] == 2
    assert "answers missing" in tenant.organiser.page(f"meetings/{meeting['slug']}/invitations/{one['id']}").text.lower()
    assert "still asks" in tenant.public.page(link_path(one)).text
    tenant.public.post(link_path(one), {"response": "declined"}, 200)
    assert details(tenant, one)["missing"] == 0, "nothing is asked of who does not come"


def test_who_changes_the_answer_keeps_what_was_said(tenant, meeting):
    question = ask(tenant, meeting, "short_text", "Skąd?")
    one = coming(tenant, meeting)
    answer(tenant, one, question, text="Łódź")
    tenant.public.post(link_path(one), {"response": "declined"}, 200)
    assert asked(tenant, one) == {}
    tenant.public.post(link_path(one), {"response": "accepted"}, 200)
    assert asked(tenant, one)["Skąd?"]["text"] == "Łódź"


def test_the_history_tells_of_answers_and_not_what_they_are(tenant, meeting):
    question = ask(tenant, meeting, "short_text", "Skąd?")
    one = coming(tenant, meeting)
    for text in ("Łódź", "Łódź", "Kraków"):
        answer(tenant, one, question, text=text)
    tenant.organiser.patch(sheet_path(meeting, one), {"answers": [{"question_id": question["id"], "text": "Toruń"}]}, version="*")
    history = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{one['id']}/history").json()["items"]
    answers = [event for event in history if event["cause"] == "questions_answered"]
    assert [event["detail"]["on_behalf"] for event in answers] == [True, False, False]
    assert question["id"] in str(answers) and "Łódź" not in str(history)


def test_a_consent_that_was_taken_back_was_given(tenant, meeting):
    question = ask(tenant, meeting, "consent", "Zdjęcia")
    one = coming(tenant, meeting)
    answer(tenant, one, question, boolean=True)
    tenant.organiser.patch(f"meetings/{meeting['slug']}/questions/{question['id']}", {"consent_text": "Inny tekst."}, version=1)
    answer(tenant, one, question, boolean=False)
    history = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{one['id']}/history").json()["items"]
    consents = [consent for event in history for consent in event["detail"].get("consents", [])]
    assert consents == [{"question_id": question["id"], "wording": 2, "given": False}, {"question_id": question["id"], "wording": 1, "given": True}]
    earlier = tenant.organiser.page(f"meetings/{meeting['slug']}/questions/{question['id']}").text
    assert "Wyrażam zgodę na zdjęcia." in earlier, "the text that was consented to stays readable"


# ── Until when ──


@pytest.mark.parametrize("change, code", [
    ({"rsvp_closes_at": "2020-01-01T10:00:00Z"}, "answers_closed"), ({"status": "cancelled"}, "meeting_cancelled"), ({"status": "held"}, "meeting_held"),
])  # fmt: skip
def test_after_the_end_answers_are_only_read(tenant, meeting, change, code):
    question = ask(tenant, meeting, "short_text", "Skąd?")
    one = coming(tenant, meeting)
    answer(tenant, one, question, text="Łódź „zachód”")
    tenant.organiser.patch(f"meetings/{meeting['slug']}", change, version="*")
    assert answer(tenant, one, question, 409, text="x")["code"] == code
    page = tenant.public.page(link_path(one)).text
    assert "Skąd?" in page and "Łódź „zachód”" in page and "answers.0.text" not in page
    tenant.organiser.patch(sheet_path(meeting, one), {"answers": [{"question_id": question["id"], "text": "Kraków"}]}, version="*")
    assert given(tenant, meeting, one)["Skąd?"]["text"] == "Kraków", "the organiser can still answer for them"


def test_a_withdrawn_invitation_takes_no_answers(tenant, meeting):
    question = ask(tenant, meeting, "short_text", "Skąd?")
    one = coming(tenant, meeting)
    answer(tenant, one, question, text="Łódź")
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{one['id']}", version="*")
    answer(tenant, one, question, 410, text="x")
    on_behalf = {"answers": [{"question_id": question["id"], "text": "x"}]}
    assert tenant.organiser.patch(sheet_path(meeting, one), on_behalf, 409, version="*").json()["code"] == "invitation_withdrawn"
    assert given(tenant, meeting, one)["Skąd?"]["text"] == "Łódź", "what was answered stays readable"
    again = invite(tenant, meeting, "Anna Żak") if one["person"]["email"] else tenant.organiser.create(f"meetings/{meeting['slug']}/invitations", person_id=one["person"]["id"])
    assert given(tenant, meeting, again) == {}, "an invitation that is made again begins anew"


# ── On behalf ──


def test_an_organiser_answers_for_somebody(tenant, meeting):
    question, other = ask(tenant, meeting, "number", "Ile osób?", required=True), ask(tenant, meeting, "yes_no", "Autem?")
    one = coming(tenant, meeting)
    sheet = tenant.viewer.get(sheet_path(meeting, one)).json()
    assert (len(sheet["questions"]), sheet["answers"], sheet["missing"], sheet["version"]) == (2, [], 1, 1)
    body = {"answers": [{"question_id": question["id"], "number": 3}]}
    tenant.organiser.patch(sheet_path(meeting, one), body, 428)
    changed = tenant.organiser.patch(sheet_path(meeting, one), body, version=1).json()
    assert (changed["missing"], changed["answers"][0]["number"], changed["answers"][0]["on_behalf"]) == (0, 3, True)
    tenant.organiser.patch(sheet_path(meeting, one), body, 412, version=1)
    answer(tenant, one, other, boolean=True)
    tenant.organiser.patch(sheet_path(meeting, one), {"answers": [{"question_id": question["id"]}]}, 412, version=changed["version"])
    emptied = tenant.organiser.patch(sheet_path(meeting, one), {"answers": [{"question_id": question["id"]}]}, version="*").json()
    assert emptied["missing"] == 1 and [a["label"] for a in emptied["answers"]] == ["Autem?"], "who does not know may leave it open"
    assert emptied["answers"][0]["on_behalf"] is False
    tenant.assistant.patch(sheet_path(meeting, one), body, 403, version="*")


def test_an_organiser_answers_by_a_form(tenant, meeting):
    diet, photos = ask(tenant, meeting, "multiple_choice", "Dieta"), ask(tenant, meeting, "consent", "Zdjęcia")
    one = coming(tenant, meeting)
    answer(tenant, one, photos, boolean=True)
    page = f"meetings/{meeting['slug']}/invitations/{one['id']}"
    shown = tenant.organiser.page(page).text
    assert 'name="answers.0.choices"' in shown and 'name="answers.1.boolean"' in shown
    fields = {"_if_match": shown.split("/answers")[1].split('name="_if_match" value="')[1].split('"')[0], "answers.0.question_id": diet["id"], "answers.0.wording": "1",
              "answers.0.choices": ["", "weganska", "wegetarianska"], "answers.1.question_id": photos["id"], "answers.1.wording": "1", "answers.1.boolean": ["false", "true"]}  # fmt: skip
    tenant.organiser.form(sheet_path(meeting, one), fields, method="PATCH")
    kept = given(tenant, meeting, one)
    assert [choice["label"] for choice in kept["Dieta"]["choices"]] == ["wegetariańska", "wegańska"], "in the order of the question"
    assert kept["Zdjęcia"]["on_behalf"] is False, "an unchanged answer stays the invitee's own"
    assert "entered by the organiser" in tenant.organiser.page(page).text
    assert 'name="answers.0' not in tenant.viewer.page(page).text
    refused = tenant.organiser.form(sheet_path(meeting, one), {**fields, "_if_match": "*", "answers.0.choices": "ryba"}, 422, method="PATCH").text
    assert "Choose one of" in refused or "form-problem" in refused


def test_of_another_meeting_or_platform_nothing_is_there(tenant, stranger, meeting):
    question = ask(tenant, meeting)
    one = coming(tenant, meeting)
    other = make_meeting(tenant, title="Inne")
    body = {"answers": [{"question_id": question["id"], "text": "x"}]}
    tenant.organiser.get(sheet_path(other, one), 404)
    tenant.organiser.patch(sheet_path(other, one), body, 404, version="*")
    theirs = make_meeting(stranger)
    stranger.organiser.patch(sheet_path(theirs, one), body, 404, version="*")
    foreign = ask(tenant, other, label="Inne?")
    assert fault(answer(tenant, one, foreign, 422, text="x")) == ("no_such_question", "/answers/0/question_id")


# ── The invitee's page ──


def test_the_form_of_the_page(tenant, meeting):
    questions = [ask(tenant, meeting, kind, f"Pytanie {kind}", required=kind != "consent") for kind in KINDS]
    one = coming(tenant, meeting)
    page = tenant.public.page(link_path(one), language="pl")
    assert all(question["label"] in page.text for question in questions) and "Wyrażam zgodę na zdjęcia." in page.text
    fields = {"_form": form_token(page), "_return": link_path(one)}
    for n, question in enumerate(questions):
        assert f'name="answers.{n}.question_id" value="{question["id"]}"' in page.text
        member, value = next(iter(KINDS[question["kind"]][1].items()))
        typed = {"choices": value, "boolean": ["false", "true"] if question["kind"] == "consent" else str(value).lower(), "text": value, "number": str(value)}[member]
        fields |= {f"answers.{n}.question_id": question["id"], f"answers.{n}.wording": "1", f"answers.{n}.{member}": typed}
    tenant.public.form(f"{link_path(one)}/details", fields)
    kept = given(tenant, meeting, one)
    for question in questions:
        member, value = next(iter(KINDS[question["kind"]][1].items()))
        found = kept[question["label"]][member]
        assert ([choice["key"] for choice in found] if member == "choices" else found) == value
    again = tenant.public.page(link_path(one)).text
    assert 'value="z „Gminy”; Łódź, ul. 3 Maja"' in again and 'value="2.5"' in again and again.count(" checked") == 5


def test_a_refused_form_keeps_what_was_typed_and_shows_the_place(tenant, meeting):
    text, number, choice = ask(tenant, meeting, "long_text", "Uwagi"), ask(tenant, meeting, "number", "Ile?", required=True), ask(tenant, meeting, "single_choice", "Dieta")
    one = coming(tenant, meeting)
    fields = {"_form": form_token(tenant.public.page(link_path(one))), "answers.0.question_id": text["id"], "answers.0.text": "Długi „tekst”", "answers.1.question_id": number["id"],
              "answers.1.number": "", "answers.2.question_id": choice["id"], "answers.2.choices": "weganska"}  # fmt: skip
    page = tenant.public.form(f"{link_path(one)}/details", fields, 422, language="pl").text
    assert "Długi „tekst”" in page and 'id="detail_rsvp-answers-1-number-error"' in page and "To pytanie wymaga odpowiedzi." in page
    assert 'href="#detail_rsvp-answers-1-number"' in page
    assert " checked" in page.split('value="weganska"')[1].split(">")[0]
    page = tenant.public.form(f"{link_path(one)}/details", {**fields, "answers.1.number": "dwa"}, 422, language="pl").text
    assert 'value="dwa"' in page and given(tenant, meeting, one) == {}


def test_what_was_typed_to_a_question_that_went_stands_at_no_other(tenant, meeting):
    gone, stays = ask(tenant, meeting, "short_text", "Zniknie?"), ask(tenant, meeting, "short_text", "Zostanie?")
    one = coming(tenant, meeting)
    answer(tenant, one, stays, text="zostało")
    fields = {"_form": form_token(tenant.public.page(link_path(one))), "answers.0.question_id": gone["id"], "answers.0.text": "do znikającego",
              "answers.1.question_id": stays["id"], "answers.1.text": "do drugiego"}  # fmt: skip
    answer(tenant, coming(tenant, meeting, "Inny"), gone, text="x")
    tenant.organiser.delete(f"meetings/{meeting['slug']}/questions/{gone['id']}", version=1)
    page = tenant.public.form(f"{link_path(one)}/details", fields, 422).text
    assert "This question is not asked here any more." in page and "do znikającego" not in page
    assert 'name="answers.0.text"' in page and 'value="zostało"' in page


def test_answering_while_questions_change(tenant, meeting):
    """Whoever answers and whoever changes the questions at the same time wait for each other, and never for ever."""
    questions = [ask(tenant, meeting, "short_text", f"Pytanie {n}") for n in range(6)]
    people = [coming(tenant, meeting, f"Osoba {n}") for n in range(4)]
    path, ids = f"meetings/{meeting['slug']}/questions", [question["id"] for question in questions]

    def answer_often(one):
        body = lambda n: {"answers": [{"question_id": id, "text": f"{n}"} for id in (ids if n % 2 else ids[::-1])]}
        return {requests.post(tenant.server.url(f"{link_path(one)}/details"), json=body(n), timeout=60).status_code for n in range(15)}

    def change_often(seed):
        headers, url = {"Authorization": f"Bearer {tenant.tokens['organiser']}", "If-Match": "*"}, tenant.server.url(f"/platforms/{tenant.slug}/{path}")
        found = set()
        for n in range(10):
            found.add(requests.put(f"{url}/order", json={"items": random.Random(seed + n).sample(ids, 6)}, headers=headers, timeout=60).status_code)
            found.add(requests.patch(f"{url}/{ids[n % 6]}", json={"label": f"Pytanie {n} {seed}"}, headers=headers, timeout=60).status_code)
        return found

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        work = [pool.submit(answer_often, one) for one in people] + [pool.submit(change_often, seed) for seed in (1, 2)]
        assert set.union(*[one.result() for one in work]) == {200}
    for one in people:
        assert {found["text"] for found in given(tenant, meeting, one).values()} == {"14"} and len(asked(tenant, one)) == 6


# ── Reading ──


def test_answers_of_everybody(tenant, meeting, path):
    question = ask(tenant, meeting, "single_choice", "Dieta", required=True)
    anna, jan = coming(tenant, meeting, "Anna Żak", position="wójt", organisation="Gmina A", email="anna@example.org"), coming(tenant, meeting, "Jan Ćma")
    coming(tenant, meeting, "Ewa", "declined")
    invite(tenant, meeting, "Milcząca")
    answer(tenant, anna, question, choices=["weganska"])
    items = {item["name"]: item for item in all_items(tenant.viewer, f"{path}?limit=1")}
    assert set(items) == {"Anna Żak", "Jan Ćma"}
    assert (items["Anna Żak"]["invitation_id"], items["Anna Żak"]["organisation"], items["Anna Żak"]["missing"]) == (anna["id"], "Gmina A", 0)
    assert items["Anna Żak"]["answers"][0]["choices"] == [{"key": "weganska", "label": "wegańska"}]
    names = lambda query: [one["name"] for one in tenant.viewer.get(f"{path}?{query}").json()["items"]]
    assert names("missing=true") == ["Jan Ćma"] and names("missing=false") == ["Anna Żak"] and names("q=gmina") == ["Anna Żak"] and names("response=declined") == []
    tenant.public.post(link_path(anna), {"response": "declined"}, 200)
    assert names("response=declined") == ["Anna Żak"], "who answered is listed, whatever came after"
    page = tenant.organiser.page(path, language="pl").text
    assert "wegańska" in page and "Jan Ćma" in page and "Brakujące odpowiedzi" in page and "answers.csv?excel=true" in page
    assert jan["id"] in page


def test_all_answers_in_numbers(tenant, meeting, path):
    diet, number, text, yes = (ask(tenant, meeting, kind, kind) for kind in ("multiple_choice", "number", "long_text", "yes_no"))
    people = [coming(tenant, meeting, f"Osoba {n}") for n in range(4)]
    for n, one in enumerate(people):
        answer_all(tenant, one, [{"question_id": diet["id"], "choices": ["weganska", "bez_glutenu"][: n % 2 + 1]}, {"question_id": number["id"], "number": n + 0.5},
                                 {"question_id": text["id"], "text": f"Uwaga {n}"}, {"question_id": yes["id"], "boolean": n == 1}])  # fmt: skip
    tenant.public.post(link_path(people[3]), {"response": "declined"}, 200)
    tenant.organiser.delete(f"meetings/{meeting['slug']}/invitations/{people[2]['id']}", version="*")
    rows = {row["kind"]: row for row in tenant.viewer.get(f"{path}/summary").json()["items"]}
    counted = lambda row: {one["label"] or one["key"]: one["count"] for one in row["counts"]}
    assert counted(rows["multiple_choice"]) == {"wegetariańska": 0, "wegańska": 2, "bez glutenu": 1}
    assert counted(rows["yes_no"]) == {"true": 1, "false": 1}
    assert rows["number"]["sum"] == 2.0 and [one["text"] for one in rows["long_text"]["texts"]] == ["Uwaga 0", "Uwaga 1"]
    assert [(row["asked"], row["answered"]) for row in rows.values()] == [(2, 2)] * 4
    page = tenant.viewer.page(path).text
    assert "<strong>2</strong> wegańska" in page and "Total: <strong>2</strong>" in page and "Uwaga 1" in page


def test_a_table_with_a_column_a_question(tenant, meeting, path):
    questions = {kind: ask(tenant, meeting, kind, f'Pytanie "{kind}"; ąż') for kind in KINDS}
    anna, ewa = coming(tenant, meeting, "Anna Żak"), coming(tenant, meeting, "=cmd()")
    answer_all(tenant, anna, [{"question_id": questions[kind]["id"], **KINDS[kind][1]} for kind in KINDS])
    answer(tenant, ewa, questions["short_text"], text="=1+1")
    file = tenant.organiser.get(f"{path}.csv")
    assert 'filename="answers.csv"' in file.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(file.content.decode(), newline="")))
    assert rows[0] == FIXED + [f'Pytanie "{kind}"; ąż' for kind in KINDS]
    by_name = {row[1]: row[len(FIXED):] for row in rows[1:]}
    assert by_name["Anna Żak"] == ["wegańska", "wegetariańska; bez glutenu", "false", "z „Gminy”; Łódź, ul. 3 Maja", "Wózek\nwinda", "2.5", "true"]
    assert by_name["=cmd()"] == ["", "", "", "=1+1", "", "", ""]
    excel = tenant.organiser.get(f"{path}.csv?excel=true").content
    assert excel.startswith(b"\xef\xbb\xbfinvitation_id;")
    cells = [row for row in csv.reader(io.StringIO(excel.decode("utf-8-sig"), newline=""), delimiter=";")]
    assert cells[1][8 + 3].startswith("'=") or cells[2][8 + 3].startswith("'=")


def test_an_earlier_wording_has_a_column_of_its_own(tenant, meeting, path):
    question, unanswered = ask(tenant, meeting, "consent", "Zdjęcia"), ask(tenant, meeting, "yes_no", "Autem?")
    early, late = coming(tenant, meeting, "Wczesna"), coming(tenant, meeting, "Późny")
    answer(tenant, early, question, boolean=True)
    questions = f"meetings/{meeting['slug']}/questions"
    tenant.organiser.patch(f"{questions}/{question['id']}", {"consent_text": "Inny tekst."}, version=1)
    tenant.organiser.patch(f"{questions}/{unanswered['id']}", {"label": "Autobusem?"}, version=1)
    answer(tenant, late, question, boolean=True)
    rows = list(csv.reader(io.StringIO(tenant.organiser.get(f"{path}.csv").text, newline="")))
    assert rows[0][len(FIXED):] == ["Zdjęcia", "Zdjęcia (1)", "Autobusem?"]
    assert {row[1]: row[len(FIXED):] for row in rows[1:]} == {"Wczesna": ["", "true", ""], "Późny": ["true", "", ""]}


def test_a_table_without_questions_has_its_fixed_columns(tenant, meeting, path):
    assert tenant.viewer.get(f"{path}.csv").text == ",".join(FIXED) + "\r\n"
    assert tenant.viewer.send("HEAD", f"{path}.csv", 200).content == b""


def test_sensitive_answers_are_for_organisers(tenant, meeting, path):
    diet, other = ask(tenant, meeting, "short_text", "Dieta", sensitive=True), ask(tenant, meeting, "short_text", "Skąd?")
    one = coming(tenant, meeting)
    answer_all(tenant, one, [{"question_id": diet["id"], "text": "bez orzechów"}, {"question_id": other["id"], "text": "Łódź"}])
    page = f"meetings/{meeting['slug']}/invitations/{one['id']}"
    for api, reads in ((tenant.organiser, True), (tenant.owner, True), (tenant.assistant, False), (tenant.viewer, False)):
        for text in (api.get(path).text, api.get(f"{path}.csv").text, api.get(f"{path}/summary").text, api.get(sheet_path(meeting, one)).text, api.page(path).text, api.page(page).text):
            assert ("bez orzechów" in text) is reads and "Łódź" in text
        assert ("Dieta" in api.get(f"{path}.csv").text) is reads
    assert asked(tenant, one)["Dieta"]["text"] == "bez orzechów", "whose answer it is, reads it"
    printed = tenant.organiser.page(path).text
    assert printed.count('class="panel screen-only"') == 1 and '<div class="screen-only"><dt>Dieta' in printed


def test_the_table_is_whole(tenant, meeting, path):
    question = ask(tenant, meeting, "number", "Ile?")
    for n in range(55):
        one = coming(tenant, meeting, f"Osoba {n:02}")
        if n % 9 == 0:
            answer(tenant, one, question, number=n)
    rows = tenant.viewer.get(f"{path}.csv?limit=3").text.splitlines()
    assert len(rows) == 56 and rows[1].endswith(",0,0") and rows[10].endswith(",0,9")
