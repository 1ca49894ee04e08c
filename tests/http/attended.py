"""attended.py: what tests of registers and statistics need to begin with: meetings that were, and who came to them."""


def held(tenant, day, title="Spotkanie", **members):
    """A meeting that has begun: invitations to it are made while it is a draft of days to come, so that nothing is refused."""
    made = tenant.organiser.create("meetings", title=title, starts_at=f"{day}T09:00:00Z", ends_at=f"{day}T11:00:00Z", **members)
    return tenant.organiser.patch(f"meetings/{made['slug']}", {"status": "published"}, version=made["version"]).json()


def person(tenant, name, organisation=None):
    return tenant.organiser.create("people", name=name, organisation=organisation)


def bring(tenant, meeting, one, state):
    tenant.assistant.create(f"meetings/{meeting['slug']}/attendance", person_id=one["id"], state=state)
