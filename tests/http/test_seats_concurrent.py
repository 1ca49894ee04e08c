"""test_seats_concurrent.py: the storm of seats_storm.py for a few seconds: nothing that must hold is ever broken, and the history explains the end."""

import pytest

from seats_storm import Storm


@pytest.mark.parametrize("quota", [6, None], ids=["always limited", "limited at times"])
def test_a_short_storm(server, make_tenant, quota):
    storm = Storm(server, make_tenant(), clients=60, people=60, quota=quota)
    wrong = storm.run(3)
    print(storm.figures())
    assert not wrong, "\n".join(wrong[:20])
    assert storm.looks > 3 and sum(number for (_, status), number in storm.done.items() if status in (200, 201, 204)) > 20
