"""What belongs together is one incident."""

from __future__ import annotations

from core.alerts.incidents import CALM_MS, headline, incidents, lines_of
from core.alerts.thread import IncidentThread
from core.model.events import Announcement, EventKind, Severity
from tests.support.alarm_desk import Kept
from tests.support.fake_outbox import news

MINUTE = 60_000
KILL = news("kill", Severity.CRITICAL, EventKind.KILL_SWITCH, "Kill switch.", 10 * MINUTE)


def closed(key: str, minute: int) -> Announcement:
    return news(key, Severity.TRADE, EventKind.POSITION_CLOSED, at=minute * MINUTE)


def test_a_kill_switch_its_sales_and_its_lost_peer_are_one_incident() -> None:
    lost = news("kraken:1", Severity.WARNING, EventKind.TROUBLE, at=11 * MINUTE)
    found = incidents([closed("before", 9), KILL, closed("eth", 10), lost, closed("btc", 12)])
    assert [one.key for one in found[0].news] == ["kill", "eth", "kraken:1", "btc"]
    assert len(found) == 1 and found[0].grave and found[0].key == "kill"


def test_ordinary_trades_do_not_belong_to_a_small_trouble() -> None:
    lost = news("kraken:1", Severity.WARNING, EventKind.TROUBLE, at=MINUTE)
    back = news("kraken:2", Severity.INFO, EventKind.RECOVERED, at=3 * MINUTE)
    (one,) = incidents([lost, closed("eth", 2), back])
    assert [each.key for each in one.news] == ["kraken:1", "kraken:2"] and not one.grave


def test_after_a_calm_while_another_incident_begins() -> None:
    again = news("kill2", Severity.CRITICAL, EventKind.KILL_SWITCH, at=KILL.time_ms + CALM_MS + 1)
    late = closed("eth", 10 + CALM_MS // MINUTE)
    assert [one.key for one in incidents([KILL, again])] == ["kill", "kill2"]
    assert [len(one.news) for one in incidents([KILL, late, again])] == [3]  # it never was calm
    assert not incidents([closed("eth", 1)]) and incidents([KILL])[0].over(KILL.time_ms + CALM_MS + 1)


async def test_one_reading_serves_all_that_was_announced_before_it_and_what_came_since_reads_anew() -> None:
    kept = Kept(news=[KILL, closed("eth", 10), closed("apart", 90)])
    reads = 0

    class Counted:
        async def announced(self, from_ms: int) -> list[Announcement]:
            nonlocal reads
            reads += 1
            return await kept.announced(from_ms)

    thread = IncidentThread(Counted(), kept)
    first = await thread.of(KILL)
    assert first and [one.key for one in first.news] == ["kill", "eth"]
    assert await thread.of(kept.news[1]) == first and await thread.of(kept.news[2]) is None and reads == 1
    kept.news.insert(2, closed("btc", 12))
    later = await thread.of(kept.news[2])
    assert later and [one.key for one in later.news] == ["kill", "eth", "btc"] and reads == 2


def test_it_is_shown_in_the_owners_time_and_never_longer_than_a_message() -> None:
    many = [KILL, *(closed(f"c{n}", 11) for n in range(40))]
    (one,) = incidents(many)
    assert headline(one, "Europe/Berlin") == "Incident since 01:10: 41 events."
    lines = lines_of(one, "Europe/Berlin")
    assert lines[:2] == ["01:10 Kill switch.", "(17 more between these two are on the dashboard.)"]
    assert len(lines) == 25 and lines[2] == "01:11 text of c17" and lines[-1] == "01:11 text of c39"
