"""test_mails.py: mails as they are read on a phone."""

import pytest

from happenings import invite, make_meeting

KINDS = ("invitation", "confirmation", "changed", "cancelled")


@pytest.mark.parametrize("language", ["pl", "en", "fi"])
def test_nothing_long_makes_a_mail_wider_than_a_phone(browser, tenant, tmp_path, language):
    """Addresses of rooms that are online have a hundred characters and more, and no place to break."""
    meeting = make_meeting(
        tenant, title="Kiertotalousyhteistyöverkostonkehittämishankkeenohjausryhmänkokous", language=language, format="online",
        online_url="https://meet.example.org/" + "z" * 150, contact_name="Biuro", contact_email="b" * 40 + "@" + "k" * 40 + ".example.org",
    )  # fmt: skip
    one = invite(tenant, meeting, "Anna Żak", email="anna@example.org")
    tenant.organiser.patch(f"meetings/{meeting['slug']}/invitations/{one['id']}", {"response": "accepted"}, version=one["version"])
    browser.resize(390)
    for kind in KINDS:
        shown = tmp_path / f"{kind}.html"
        shown.write_text(tenant.organiser.page(f"meetings/{meeting['slug']}/mails/{kind}", params={"lang": language}).text)
        browser.driver.get(shown.as_uri())
        assert meeting["title"] in browser.text and browser.overflow() == (0, []), kind
