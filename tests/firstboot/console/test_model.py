"""What the screen says: from a status to boxes of rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from firstboot.console.model import STALE_S, Fit, News, Page, page

NOW = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
READY: dict[str, Any] = {
    "version": "0.1.0",
    "node": {"name": "node-1"},
    "phase": "ready",
    "state": "ready",
    "url": "https://192.0.2.21/cluster",
    "url_answers": True,
    "steps": [{"name": "network.link", "state": "done", "seconds": 0.2}],
}


def made(status: dict[str, Any], news: News | None = None) -> Page:
    return page(status, product="Bandstand", news=news or News(2), now=NOW)


def titles(shown: Page) -> list[str]:
    return [section.title for section in shown.sections]


def test_product_name_and_version_are_said() -> None:
    shown = made(READY)

    assert (shown.product, shown.name) == ("Bandstand 0.1.0", "node-1")


def test_faults_stand_right_below_the_node() -> None:
    shown = made({**READY, "faults": [{"setting": "tls.key", "message": "does not match"}]})

    assert titles(shown) == ["This node", "What is wrong", "Cluster", "Progress"]


def test_without_faults_nothing_is_wrong() -> None:
    assert "What is wrong" not in titles(made(READY))


@pytest.mark.parametrize(
    ("changes", "fit"),
    [
        ({}, Fit.OR_NOT),
        ({"phase": "network", "state": "working"}, Fit.LAST_ROWS),
        ({"steps": [{"name": "tls.pair", "state": "failed"}]}, Fit.LAST_ROWS),
        ({"state": "degraded"}, Fit.OR_NOT),
    ],
)
def test_progress_gives_way_when_it_is_over(changes: dict[str, Any], fit: Fit) -> None:
    assert made({**READY, **changes}).sections[-1].fit is fit


def test_fresh_news_say_their_age() -> None:
    shown = made(READY, News(STALE_S - 1))

    assert shown.news == "news 44 s old"
    assert not shown.is_stale


def test_old_news_are_never_shown_as_if_they_were_new() -> None:
    shown = made(READY, News(STALE_S))
    said = {row.label: row.text for row in shown.sections[0].rows}

    assert shown.is_stale
    assert shown.news.startswith("NO NEWS for 45 s")
    assert said["State"] == "unknown, last said 45 s ago: ready"
    assert "Open this" not in said
    assert said["Web page"] == "https://192.0.2.21/cluster, not known to answer"


def test_before_the_first_word_it_says_what_it_waits_for() -> None:
    shown = made({}, News(7, exists=False))

    assert shown.news == "waiting for the first word of this node for 7 s"
    assert shown.sections[0].rows[0].text == "not known yet"


def test_if_no_word_ever_comes_that_is_an_alarm() -> None:
    shown = made({}, News(STALE_S, exists=False))

    assert shown.is_stale
    assert shown.sections[0].rows[0].text == "unknown"
