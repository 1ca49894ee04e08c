"""Questions: the organiser asks without knowing how, the invitee answers on a phone, and the answers are read."""

import pytest
import requests

from test_every_page import look

EVERY_KIND = [
    {"kind": "single_choice", "label": "Danie", "choices": [{"label": "ryba"}, {"label": "mięso"}], "required": True},
    {"kind": "multiple_choice", "label": "Dieta", "hint": "Prosimy zaznaczyć, co dotyczy.", "choices": [{"label": "wegetariańska"}, {"label": "bezglutenowa"}], "sensitive": True},
    {"kind": "yes_no", "label": "Czy potrzebny jest parking?"},
    {"kind": "short_text", "label": "Numer rejestracyjny"},
    {"kind": "long_text", "label": "Potrzeby związane z dostępnością", "sensitive": True},
    {"kind": "number", "label": "Ile noclegów?"},
    {"kind": "consent", "label": "Zdjęcia", "consent_text": "Wyrażam zgodę na publikację zdjęć.\nZgodę można wycofać."},
]
SPOKEN = {
    "pl": {"send": "Zapisz", "consent": "Wyrażam zgodę", "needed": "To pytanie wymaga odpowiedzi."},
    "en": {"send": "Save", "consent": "I consent", "needed": "This question needs an answer."},
}


@pytest.fixture
def asked(tenant, meeting):
    return [tenant.organiser.create(f"meetings/{meeting['slug']}/questions", **question) for question in EVERY_KIND]


@pytest.fixture
def as_organiser(browser, tenant, organiser):
    name, value = organiser.cookie.split("=", 1)
    browser.go("/healthz")
    browser.driver.add_cookie({"name": name, "value": value, "path": "/"})
    return browser


def choose(browser, name, value):
    browser.run("arguments[0].scrollIntoView({block: 'center'})", browser.find(f"input[name='{name}'][value='{value}']"))
    browser.find(f"input[name='{name}'][value='{value}']").click()


def send(browser, words):
    browser.press(words, within="#details")


def sheet(tenant, meeting, invitation):
    found = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{invitation['id']}/answers").json()
    return {answer["label"]: answer for answer in found["answers"]}, found["missing"]


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("scripts", [True, False], ids=["with-js", "without-js"])
def test_an_invitee_answers_on_a_phone(browser, tenant, meeting, invitation, asked, language, scripts):
    words = SPOKEN[language]
    browser.resize(390, 844)
    browser.script(scripts)
    browser.speak(language)
    browser.go(f"{invitation['rsvp_url']}?lang={language}")
    assert not browser.all("[name^='answers.']"), "one tap first"
    browser.click("button[value=accepted]")
    assert sheet(tenant, meeting, invitation)[1] == 1
    assert browser.overflow()[0] <= 0, browser.overflow()
    assert not browser.find("input[name='answers.6.boolean'][type=checkbox]").is_selected(), "no consent is given by default"
    assert words["consent"] in browser.main and "Zgodę można wycofać." in browser.main

    choose(browser, "answers.0.choices", "mieso")
    choose(browser, "answers.1.choices", "bezglutenowa")
    choose(browser, "answers.2.boolean", "true")
    browser.fill("detail_rsvp", answers__3__text="KR 12345", answers__4__text="Wózek, winda", answers__5__number="2")
    browser.find("input[name='answers.6.boolean'][type=checkbox]").click()
    send(browser, words["send"])

    found, missing = sheet(tenant, meeting, invitation)
    assert missing == 0
    assert [found[label]["choices"][0]["label"] for label in ("Danie", "Dieta")] == ["mięso", "bezglutenowa"]
    assert (found["Czy potrzebny jest parking?"]["boolean"], found["Numer rejestracyjny"]["text"], found["Ile noclegów?"]["number"]) == (True, "KR 12345", 2)
    assert found["Zdjęcia"]["boolean"] is True and found["Zdjęcia"]["consent_text"].startswith("Wyrażam zgodę")
    assert browser.value("detail_rsvp", "answers-3-text") == "KR 12345" and browser.find("input[value=mieso]").is_selected()

    browser.fill("detail_rsvp", answers__3__text="KR 99999")
    browser.find("input[name='answers.6.boolean'][type=checkbox]").click()
    send(browser, words["send"])
    found, _ = sheet(tenant, meeting, invitation)
    assert found["Numer rejestracyjny"]["text"] == "KR 99999" and found["Zdjęcia"]["boolean"] is False, "taken back as easily as given"


@pytest.mark.parametrize("language", SPOKEN)
def test_what_is_missing_is_shown_at_its_place(browser, tenant, meeting, invitation, asked, language):
    browser.resize(390, 844)
    browser.speak(language)
    browser.go(f"{invitation['rsvp_url']}?lang={language}")
    browser.click("button[value=accepted]")
    browser.fill("detail_rsvp", answers__4__text="Długi „opis”")
    browser.run("document.querySelector('#details').noValidate = true")
    send(browser, SPOKEN[language]["send"])
    assert SPOKEN[language]["needed"] in browser.error("detail_rsvp", "answers-0-choices")
    assert browser.find(".form-problem a").get_attribute("href").endswith("#detail_rsvp-answers-0-choices")
    assert browser.value("detail_rsvp", "answers-4-text") == "Długi „opis”"
    assert sheet(tenant, meeting, invitation)[0] == {}
    wrong = look(browser)
    assert not wrong, "\n".join(wrong)


def test_an_old_consent_is_asked_again_with_what_it_was_given_to(browser, tenant, meeting, invitation):
    question = tenant.organiser.create(f"meetings/{meeting['slug']}/questions", **EVERY_KIND[6])
    requests.post(invitation["rsvp_url"], json={"response": "accepted"}, timeout=30).raise_for_status()
    requests.post(invitation["rsvp_url"] + "/details", json={"answers": [{"question_id": question["id"], "boolean": True}]}, timeout=30).raise_for_status()
    tenant.organiser.patch(f"meetings/{meeting['slug']}/questions/{question['id']}", {"consent_text": "Wyrażam zgodę na zdjęcia i nagrania."}, version=1)
    browser.go(invitation["rsvp_url"])
    assert "Treść pytania się zmieniła" in browser.main and "Wyrażam zgodę na publikację zdjęć." in browser.main and "zdjęcia i nagrania" in browser.main
    assert not browser.find("input[name='answers.0.boolean'][type=checkbox]").is_selected()


def test_after_the_deadline_answers_are_read_only(browser, tenant, meeting, invitation, asked):
    requests.post(invitation["rsvp_url"], json={"response": "accepted"}, timeout=30).raise_for_status()
    answers = [{"question_id": asked[0]["id"], "choices": ["ryba"]}, {"question_id": asked[2]["id"], "boolean": False}]
    requests.post(invitation["rsvp_url"] + "/details", json={"answers": answers}, timeout=30).raise_for_status()
    tenant.organiser.patch(f"meetings/{meeting['slug']}", {"rsvp_closes_at": "2020-01-01T10:00:00Z"}, 200, version="*")
    browser.go(invitation["rsvp_url"])
    assert "Danie" in browser.main and "ryba" in browser.main and not browser.all("[name^='answers.']")
    wrong = look(browser)
    assert not wrong, "\n".join(wrong)


def test_an_organiser_asks(as_organiser, tenant, meeting):
    browser, path = as_organiser, f"/platforms/{tenant.slug}/meetings/{meeting['slug']}/questions"
    browser.go(path)
    assert "Nie ma jeszcze żadnych pytań." in browser.main
    browser.press("Dieta")
    browser.press("Zgoda na publikację zdjęć", within="#new ~ .cards")
    browser.follow("jedna z możliwości", within="main")
    browser.fill("create_question", label="Danie główne", choices__0__label="ryba", choices__1__label="mięso")
    browser.find("#create_question-required").click()
    browser.press("Dodaj", within="form.form")
    found = tenant.organiser.get(f"meetings/{meeting['slug']}/questions").json()["items"]
    assert [(one["label"], one["kind"], one["required"], one["sensitive"]) for one in found] == [
        ("Dieta", "multiple_choice", False, True), ("Zgoda na publikację zdjęć", "consent", False, False), ("Danie główne", "single_choice", True, False)]  # fmt: skip
    browser.press("Wyżej\n: Danie główne")
    browser.follow("Danie główne", within="main")
    browser.fill("update_question", choices__0__label="łosoś", choices__2__label="kasza")
    browser.press("Zapisz")
    found = {one["label"]: one for one in tenant.organiser.get(f"meetings/{meeting['slug']}/questions").json()["items"]}
    assert list(found) == ["Dieta", "Danie główne", "Zgoda na publikację zdjęć"]
    assert found["Danie główne"]["choices"] == [{"key": "ryba", "label": "łosoś"}, {"key": "mieso", "label": "mięso"}, {"key": "kasza", "label": "kasza"}]
    browser.follow("Danie główne", within="main")
    browser.press("Usuń pytanie")
    assert browser.path.split("?")[0] == path and "Danie główne" not in browser.find(".cards").text


def test_an_organiser_reads_and_corrects(as_organiser, tenant, meeting, invitation, asked):
    browser = as_organiser
    requests.post(invitation["rsvp_url"], json={"response": "accepted"}, timeout=30).raise_for_status()
    here = f"/platforms/{tenant.slug}/meetings/{meeting['slug']}"
    browser.go(f"{here}/answers")
    assert "nie odpowiedziały na wszystkie wymagane pytania" in browser.main and "Ewa Próbna" in browser.main
    browser.follow("Ewa Próbna", within="main")
    browser.open("Odpowiedzi na pytania w imieniu tej osoby")
    choose(browser, "answers.0.choices", "ryba")
    choose(browser, "answers.1.choices", "wegetarianska")
    browser.fill("update_answers", answers__4__text="Pętla indukcyjna")
    browser.press("Zapisz", within="form[action$='/answers']")
    found, missing = sheet(tenant, meeting, invitation)
    assert missing == 0 and found["Danie"]["on_behalf"] is True
    assert "wpisane przez organizatora" in browser.main
    browser.go(f"{here}/answers")
    assert "1\nryba" in browser.main.replace("1 ryba", "1\nryba") and "Pętla indukcyjna" in browser.main


def test_sensitive_answers_are_not_printed(as_organiser, tenant, meeting, invitation, asked, tmp_path):
    browser = as_organiser
    requests.post(invitation["rsvp_url"], json={"response": "accepted"}, timeout=30).raise_for_status()
    answers = [{"question_id": asked[0]["id"], "choices": ["ryba"]}, {"question_id": asked[4]["id"], "text": "Pętla indukcyjna"}]
    requests.post(invitation["rsvp_url"] + "/details", json={"answers": answers}, timeout=30).raise_for_status()
    here = f"/platforms/{tenant.slug}/meetings/{meeting['slug']}"
    for page in ("answers", f"invitations/{invitation['id']}"):
        browser.go(f"{here}/{page}")
        assert "Pętla indukcyjna" in browser.run("return document.body.innerText + [...document.querySelectorAll('textarea')].map(e => e.value).join()")
        _, paper = browser.printed(tmp_path)
        assert "ryba" in paper and "Pętla" not in paper


def test_every_page_of_questions(as_organiser, tenant, meeting, invitation, asked):
    browser, here = as_organiser, f"/platforms/{tenant.slug}/meetings/{meeting['slug']}"
    requests.post(invitation["rsvp_url"], json={"response": "accepted"}, timeout=30).raise_for_status()
    answers = [{"question_id": asked[n]["id"], **value} for n, value in enumerate([{"choices": ["ryba"]}, {"choices": ["wegetarianska"]}, {"boolean": True}, {"text": "KR"}, {"text": "Wózek"}, {"number": 1.5}, {"boolean": True}])]
    requests.post(invitation["rsvp_url"] + "/details", json={"answers": answers}, timeout=30).raise_for_status()
    for question in asked:
        tenant.organiser.patch(f"meetings/{meeting['slug']}/questions/{question['id']}", {"label": question["label"] + " (nowe)"}, version="*")
    paths = ["questions", "answers", f"invitations/{invitation['id']}", f"questions/{asked[0]['id']}", f"questions/{asked[6]['id']}"]
    paths += [f"questions?new={kind}" for kind in ("single_choice", "consent", "number")]
    wrong = []
    for address in [f"{here}/{path}" for path in paths] + [invitation["rsvp_url"]]:
        browser.resize(1280)
        browser.go(address)
        wrong += [f"{address}: {what}" for what in look(browser)]
        wrong += [f"{address}: console: {complaint}" for complaint in browser.complaints()]
    empty = tenant.owner.create("meetings", title="Puste", starts_at="2031-01-02T10:00:00Z", ends_at="2031-01-02T11:00:00Z")
    for path in ("questions", "answers"):
        browser.go(f"/platforms/{tenant.slug}/meetings/{empty['slug']}/{path}")
        wrong += [f"empty {path}: {what}" for what in look(browser)]
    assert not wrong, "\n".join(wrong)
