"""test_janitor.py: what the janitor deletes, and what it leaves. When it runs is its own affair; here the statement is run by hand."""

from database import psql


def test_sessions_go_thirty_days_after_their_end_and_tokens_stay(server, tenant):
    psql(server, "narada_owner", """
        insert into credential (kind, hash, account_id, expires_at, revoked_at)
        select 'session', 'janitor-' || v.hash, a.id, now() + v.expires, now() + v.revoked
          from (values ('lives', interval '1 day', null), ('just ended', interval '-29 days', null), ('long ended', interval '-31 days', null),
                       ('signed out', interval '1 day', interval '-31 days')) v (hash, expires, revoked),
               (select id from account limit 1) a;
        update credential set expires_at = now() - interval '60 days' where kind = 'api' and name = 'test viewer' and platform_id = (select id from platform where slug = '%s');
    """ % tenant.slug)
    psql(server, "narada_service", "select sweep_credentials()")
    left = psql(server, "narada_owner", "select replace(hash, ' ', '_') from credential where hash like 'janitor-%' order by 1")
    assert left == ["janitor-just_ended", "janitor-lives"]
    assert {"test viewer"} <= {token["name"] for token in tenant.owner.get("tokens").json()["items"]}
