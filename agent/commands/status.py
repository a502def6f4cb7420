"""`bandstand status`: how this node stands, once or live."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator

from agent.commands.answer import Answer, Group, table
from agent.errors import NotNow
from agent.status import words
from agent.status.merge import STATUS, published
from agent.status.words import Row
from agent.system.changes import Changes, signals
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import object_of

_AGE_S = 15
_CLEAR = "\x1b[H\x1b[2J"


def add(group: Group) -> None:
    parser = group.add_parser("status", help="how this node stands")
    _ = parser.add_argument("--watch", action="store_true", help="again at each change")
    parser.set_defaults(run=run, host=Host())


def run(args: Namespace) -> Answer | Iterable[Answer]:
    host: Host = args.host
    if args.watch:
        return _watch(host, is_json=args.json)
    return _answer(host, _read(host))


def _read(host: Host) -> dict[str, Any]:
    status = published(host.files)
    if not status:
        raise NotNow(
            f"this node tells nothing yet: there is no {STATUS}",
            hint="systemctl status bandstand-firstboot bandstand-agent says why",
        )
    return status


def _watch(host: Host, *, is_json: bool) -> Iterator[Answer]:
    """Once now and at each change, until it is interrupted; nothing runs in between.

    A screen is cleared each time, a pipe gets one after another. On a screen the age of news that
    do not come any more is told now and then.
    """
    folder = host.files.path(STATUS).parent
    is_screen = sys.stdout.isatty() and not is_json
    clear = _CLEAR if is_screen else ""
    last: dict[str, Any] | None = None if is_json else {}
    with signals() as signalled:
        while True:
            # Before the reading: what comes between the two is not missed.
            with Changes(folder) as changes:
                status = published(host.files)
                if not status and last == {}:
                    yield Answer("This node tells nothing yet; the first word of it is waited for.")
                    last = None
                if status and status != last:
                    answer = _answer(host, status)
                    yield Answer(clear + answer.words, answer.data)
                    last = status
                limit_s = _AGE_S if is_screen else None
                has_news = changes.wait(limit_s, or_ready=(signalled,))
            if not has_news:
                last = None


def _answer(host: Host, status: dict[str, Any]) -> Answer:
    now = host.clock.now()
    name = words.clean(object_of(status.get("node")).get("name"))
    version = words.clean(status.get("version"))
    head = [Row("Node", name or "no name yet"), Row("Version", version)]
    body = [*head, *words.node(status, now), *words.cluster(status)]
    body += [*words.faults(status), *words.notices(status), *words.drift(status)]
    age_s = words.seconds_since(status.get("updated"), now)
    foot = [] if age_s is None else [Row("Told", f"{words.ago(age_s)} ago")]
    return Answer(table((*body, *foot)), status)
