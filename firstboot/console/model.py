"""What the screen says, from what the status says; no terminal in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from agent.status import words
from agent.status.model import Phase
from agent.status.words import Row, Tone
from agent.typed import Any
from agent.values.json_object import object_of, rows_of

STALE_S = 45


@dataclass(frozen=True)
class News:
    """How old the last word of the status is; `exists` is False before there was any."""

    age_s: float
    exists: bool = True

    @property
    def is_stale(self) -> bool:
        return self.age_s >= STALE_S


class Fit(Enum):
    """What becomes of a section that there is no room for."""

    WHOLE = "the screen scrolls"
    LAST_ROWS = "its first rows go"
    OR_NOT = "it goes"


@dataclass(frozen=True)
class Section:
    """A titled box of rows."""

    title: str
    rows: tuple[Row, ...]
    fit: Fit = Fit.WHOLE


@dataclass(frozen=True)
class Page:
    """One state of the screen."""

    product: str
    name: str
    sections: tuple[Section, ...]
    news: str
    is_stale: bool


def page(status: Mapping[str, Any], *, product: str, news: News, now: datetime) -> Page:
    """The boxes in the order of their weight; faults right below what they concern."""
    version = words.clean(status.get("version"))
    sections = [
        Section("This node", _node(status, news, now)),
        Section("What is wrong", words.faults(status)),
        Section("Cluster", words.cluster(status)),
        Section("Progress", words.steps(status), _fit_of_progress(status)),
    ]
    return Page(
        product=f"{product} {version}".strip(),
        name=words.clean(object_of(status.get("node")).get("name")),
        sections=tuple(section for section in sections if section.rows),
        news=_news(news),
        is_stale=news.is_stale,
    )


def _node(status: Mapping[str, Any], news: News, now: datetime) -> tuple[Row, ...]:
    rows = words.node(status, now)
    if not news.is_stale:
        return rows
    last = f", last said {words.ago(news.age_s)} ago: {rows[0].text}" if news.exists else ""
    return (Row("State", f"unknown{last}", Tone.BAD), *(_as_of_then(row) for row in rows[1:]))


def _as_of_then(row: Row) -> Row:
    """Nobody knows whether that page still answers: it is not offered."""
    return Row("Web page", f"{row.text}, not known to answer") if row.label == words.OPEN else row


def _fit_of_progress(status: Mapping[str, Any]) -> Fit:
    """Of interest while something goes on or went wrong; else where there is room."""
    went_wrong = any(
        row.get("state") in ("failed", "undone") for row in rows_of(status.get("steps"))
    )
    is_over = status.get("phase") == Phase.READY
    return Fit.OR_NOT if is_over and not went_wrong else Fit.LAST_ROWS


def _news(news: News) -> str:
    age = words.ago(news.age_s)
    if not news.exists:
        return f"waiting for the first word of this node for {age}"
    if news.is_stale:
        return f"NO NEWS for {age}: this may be out of date"
    return f"news {age} old"
