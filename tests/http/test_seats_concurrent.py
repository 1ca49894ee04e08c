"""test_seats_concurrent.py: the storm of seats_storm.py for a few seconds: nothing that must hold is ever broken, and the history explains the end."""

from seats_storm import Storm


def test_a_short_storm(server, make_tenant):
    storm = Storm(server, make_tenant(), clients=60, people=60)
    wrong = storm.run(4)
    print(storm.figures())
    assert not wrong, "\n".join(wrong[:20])
    assert storm.looks > 3 and sum(number for (_, status), number in storm.done.items() if status in (200, 201, 204)) > 20
