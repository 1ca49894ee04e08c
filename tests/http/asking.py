"""asking.py: what tests of questions begin with: questions of every kind, somebody who comes, and answers."""

from happenings import invite, link_path

CHOICES = [{"label": "wegetariańska"}, {"label": "wegańska"}, {"label": "bez glutenu"}]
KINDS = {
    "single_choice": ({"choices": CHOICES}, {"choices": ["weganska"]}),
    "multiple_choice": ({"choices": CHOICES}, {"choices": ["wegetarianska", "bez_glutenu"]}),
    "yes_no": ({}, {"boolean": False}),
    "short_text": ({}, {"text": "z „Gminy”; Łódź, ul. 3 Maja"}),
    "long_text": ({}, {"text": "Wózek\nwinda"}),
    "number": ({}, {"number": 2.5}),
    "consent": ({"consent_text": "Wyrażam zgodę na zdjęcia."}, {"boolean": True}),
}


def ask(tenant, meeting, kind="short_text", label="Skąd?", **members):
    return tenant.organiser.create(f"meetings/{meeting['slug']}/questions", kind=kind, label=label, **{**KINDS[kind][0], **members})


def coming(tenant, meeting, name="Anna Żak", response="accepted", **members):
    """Somebody who has answered: the invitation."""
    one = invite(tenant, meeting, name, **members)
    tenant.public.post(link_path(one), {"response": response}, 200)
    return one


def asked(tenant, one):
    """{label: question} as the invitee sees them."""
    return {question["label"]: question for question in tenant.public.get(f"{link_path(one)}/details").json()["questions"]}


def answer(tenant, one, question, expect=200, **value):
    return answer_all(tenant, one, [{"question_id": question["id"], **value}], expect)


def answer_all(tenant, one, answers, expect=200):
    return tenant.public.post(f"{link_path(one)}/details", {"answers": answers}, expect).json()


def given(tenant, meeting, one):
    """{label: answer} of an invitee, as organisers see them, each with the words that were answered to."""
    sheet = tenant.organiser.get(f"meetings/{meeting['slug']}/invitations/{one['id']}/answers").json()
    return {answer["label"]: answer for answer in sheet["answers"]}


def fault(problem):
    """The code of a refusal, and the member it concerns."""
    return problem["errors"][0]["code"], problem["errors"][0]["pointer"]
