"""pages.py: every page there is, as the contract lists them, with an address in the demo for each.

A page of the contract whose path parameters the table below cannot fill is an error: a new page needs a row here, and then has all these tests.
"""

import re

MEETING = "2019-12-17-miasta-i-gminy-w-obiegu-zamknietym"

# Where the first thing of a kind is found, by the path parameter that names it.
LISTS = {
    "document": f"meetings/{MEETING}/documents",
    "mail": "outbox",
    "incoming": "incoming-mail",
    "item": f"meetings/{MEETING}/agenda",
    "speaker": f"meetings/{MEETING}/speakers",
    "invitation": f"meetings/{MEETING}/invitations",
    "attendance": f"meetings/{MEETING}/attendance",
    "group": f"meetings/{MEETING}/groups",
    "import": f"meetings/{MEETING}/imports",
    "list": "imports/people",
    "initiative": "initiatives",
    "member": "members",
    "message": f"meetings/{MEETING}/messages",
    "organisation": "organisations",
    "person": "people",
    "question": f"meetings/{MEETING}/questions",
    "series": "series",
    "venue": "venues",
}
MAILS = {"preview_mail"}  # shows a mail as it will look, inside a page: no page of its own
PASSING = {"read_room"}  # where a room's screen leads: over within a minute, looked at by test_entrance.py
LINK = "/r/{platform}/{token}"  # the invitee's pages, all by a link of the demo


def page_operations(document):
    """{operationId: (path, role)} of what answers a GET with a page."""
    found = {}
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation and operation["operationId"] not in MAILS | PASSING and "text/html" in operation["responses"].get("200", {}).get("content", {}):
            public = {} in operation.get("security", [{}]) or not operation.get("security")
            found[operation["operationId"]] = (path, "public" if public else "member")
    return found


def addresses(document, demo, get, sign_in_link, confirmation, unsubscription, entrance):
    """{operationId: (address, role)}; `get` reads JSON of the demo platform as its owner; `confirmation` is the link of a registration, `unsubscription` that of a mail,
    `entrance` has those of a ticket and a kiosk by operation."""
    values, found = {"platform": demo["platform"], "meeting": MEETING, "kind": "invitation", "register": "people", "part": "agenda"}, {}
    for operation, (path, role) in page_operations(document).items():
        if path.startswith(LINK):
            path = demo["rsvp_urls"][-1] + path.removeprefix(LINK)
        elif operation == "open_sign_in":
            path = sign_in_link
        elif operation == "read_confirmation":
            path = confirmation
        elif operation == "read_unsubscription":
            path = unsubscription
        path = entrance.get(operation, path)
        for name in re.findall(r"\{(\w+)\}", path):
            if name not in values:
                assert name in LISTS, f"{operation}: pages.py does not know where to find a {name} for {path}"
                values[name] = get(LISTS[name])["items"][0]["id"]
            path = path.replace("{" + name + "}", values[name])
        found[operation] = (path, role)
    return found
