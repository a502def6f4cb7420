"""What every screen may look at: the status, how old it is, and what this person may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agent.status import words
from agent.status.words import Row
from agent.typed import Any
from agent.values.json_object import list_of, object_of, text_of

STALE_S = 45
# The agent says every 15 s that all is as it was.
_LIVE_S, _STEP_S = 30, 5
LINES, WHOLE = "Line by line", "Whole screen"
LOGIN, PASSWORD, DISPLAY = "login", "password", "display"
_FREE = frozenset({"home", "help", LOGIN})
# The keymap is chosen before the password that is typed by it.
_TO_A_PASSWORD = (PASSWORD, DISPLAY)
_IN_RECOVERY = ("network", "trial", "recovery", *_TO_A_PASSWORD)


@dataclass(frozen=True)
class News:
    """How old the last word of the status is; `exists` is False before there was any."""

    age_s: float
    exists: bool = True

    @property
    def is_stale(self) -> bool:
        return self.age_s >= STALE_S

    @property
    def text(self) -> str:
        """In steps, so that a screen on which nothing changes is not drawn again."""
        if not self.exists:
            return f"waiting for the first word of this node for {words.ago(self.age_s)}"
        if self.is_stale:
            return f"NO NEWS for {words.ago(self.age_s)}: this may be out of date"
        if self.age_s < _LIVE_S:
            return "live"
        return f"news {words.ago(self.age_s // _STEP_S * _STEP_S)} old"


@dataclass(frozen=True)
class Access:
    """What bandstand-apply says of who may do what; `is_known` once it said anything.
    `shell_until_s` is by the clock that nobody sets: while somebody is logged in it is not asked.
    """

    is_known: bool = False
    claim: str = ""
    by: str = ""
    wants_password: bool = False
    recovery: bool = False
    logged_in: bool = False
    locked_for_s: int = 0
    shell_until_s: float = 0.0
    may: tuple[str, ...] = ()

    @classmethod
    def of(cls, said: Mapping[str, Any], now_s: float) -> Access:
        shell = object_of(said.get("shell"))
        left_s = _whole(shell.get("left_s")) if shell.get("open") is True else 0
        return cls(
            is_known=True,
            claim=text_of(said.get("claim")),
            by=words.clean(said.get("by")),
            wants_password=said.get("wants_password") is True,
            recovery=said.get("recovery") is True,
            logged_in=said.get("logged_in") is True,
            locked_for_s=_whole(said.get("locked_for_s")),
            shell_until_s=now_s + left_s if left_s > 0 else 0.0,
            may=tuple(one for one in list_of(said.get("may")) if isinstance(one, str)),
        )

    @property
    def is_claimed(self) -> bool:
        return self.claim == "claimed"

    @property
    def needs_login(self) -> bool:
        """Whether the menu wants the administrator's password first."""
        return self.way_to("") == LOGIN

    def way_to(self, noun: str) -> str:
        """The screen that comes before that one, if any; bandstand-apply judges it in the end."""
        if not self.is_claimed or self.logged_in or noun in _FREE:
            return ""
        if self.recovery and noun in ("", *_IN_RECOVERY):
            return ""
        if self.wants_password:
            return "" if noun in _TO_A_PASSWORD else PASSWORD
        return LOGIN

    @property
    def is_first_password(self) -> bool:
        """Whoever is here may set one, and what it is typed by, and ask for nothing else."""
        return self.is_claimed and self.wants_password and not self.logged_in


@dataclass(frozen=True)
class World:
    """One moment. `is_private` where nobody but who stands there sees or records the screen;
    `away` is why bandstand-apply does not answer, `rows` what there is for a screen, `other_face`
    what may take over from this one, as a button says it.
    """

    now: datetime
    monotonic_s: float = 0.0
    product: str = "Bandstand"
    status: Mapping[str, Any] = field(default_factory=dict[str, Any])
    news: News = News(0.0)
    access: Access = Access()
    rows: int = 22
    code: str = ""
    is_private: bool = True
    away: str = ""
    other_face: str = ""

    @property
    def name(self) -> str:
        return words.clean(object_of(self.status.get("node")).get("name"))

    @property
    def is_off(self) -> bool:
        """Whether this console shows the status only."""
        is_off = object_of(self.status.get("node")).get("console") is False
        return is_off and self.access.is_claimed and not self.access.recovery

    @property
    def shell_left_s(self) -> float:
        """How long the shell's window is open still; 0 where it is closed."""
        return max(0.0, self.access.shell_until_s - self.monotonic_s)

    @property
    def trial(self) -> str:
        """The state of a trial of the network, if any."""
        return text_of(object_of(self.status.get("trial")).get("state"))

    @property
    def url(self) -> str:
        """Only while it is known to answer."""
        answers = self.status.get("url_answers") is True and not self.news.is_stale
        return words.clean(self.status.get("url")) if answers else ""

    def rows_of(self, *labels: str) -> tuple[Row, ...]:
        """Lines of the status by their labels, with those that go on with them."""
        found: list[Row] = []
        is_wanted = False
        for row in words.node(self.status, self.now):
            is_wanted = row.label in labels if row.label else is_wanted
            found += [row] if is_wanted else []
        return tuple(found)


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
