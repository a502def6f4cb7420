"""`bandstand node`: the facts of this node, its certificate."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from agent.commands.answer import Answer, Group
from agent.errors import NotNow
from agent.status import words
from agent.status.merge import published
from agent.status.words import Row
from agent.system.host import Host
from agent.values.json_object import object_of

_LABEL_COLUMNS = 14


def add(group: Group) -> None:
    parser = group.add_parser("node", help="this node: its facts and its certificate")
    verbs = parser.add_subparsers(metavar="VERB")
    show = verbs.add_parser("show", help="name, network, URL")
    show.set_defaults(run=run_show, host=Host())
    certificate = verbs.add_parser("cert", help="the web certificate")
    below = certificate.add_subparsers(metavar="VERB")
    shown = below.add_parser("show", help="source, names, last day, fingerprint")
    shown.set_defaults(run=run_cert_show, host=Host())


def run_show(args: Namespace) -> Answer:
    status = _status(args.host)
    data = {key: status.get(key) for key in ("version", "node", "network", "url", "url_answers")}
    name = words.clean(object_of(status.get("node")).get("name"))
    rows = words.node(status, args.host.clock.now())
    return Answer(_lines((Row("Node", name or "no name yet"), *rows)), data)


def run_cert_show(args: Namespace) -> Answer:
    found = object_of(_status(args.host).get("certificate"))
    if not found:
        raise NotNow("no certificate is served yet", hint="bandstand status says how far it is")
    return Answer(_lines(words.certificate(found)), found)


def _status(host: Host) -> dict[str, Any]:
    status = published(host.files)
    if not status:
        raise NotNow("this node tells nothing yet", hint="systemctl status bandstand-agent")
    return status


def _lines(rows: tuple[Row, ...]) -> str:
    return "\n".join(f"{row.label:<{_LABEL_COLUMNS}}{row.text}".rstrip() for row in rows)
