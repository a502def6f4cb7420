"""`bandstand node`: the facts of this node, its certificate, its services."""

from __future__ import annotations

from argparse import Namespace

from agent.apply.restart import UNITS
from agent.commands import (
    certificate,
    check,
    code,
    node_set,
    node_undo,
    power,
    recovery_seen,
    reset,
    secrets,
    shell,
    support,
)
from agent.commands.answer import Answer, Group, table
from agent.commands.by_root import ask
from agent.errors import NotNow
from agent.status import words
from agent.status.merge import published
from agent.status.words import Row
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import object_of

# A unit that takes its time to stop.
_PATIENCE_S = 120
_SHORT = {unit.removesuffix(".service").removeprefix("bandstand-"): unit for unit in UNITS}


def add(group: Group) -> None:
    parser = group.add_parser("node", help="this node: its facts, certificate and services")
    verbs = parser.add_subparsers(metavar="VERB")
    show = verbs.add_parser("show", help="name, network, URL")
    show.set_defaults(run=run_show, host=Host())
    below = verbs.add_parser("cert", help="the web certificate").add_subparsers(metavar="VERB")
    shown = below.add_parser("show", help="source, names, last day, fingerprint")
    shown.set_defaults(run=run_cert_show, host=Host())
    certificate.add(below)
    restart = verbs.add_parser("restart", help="start one of the node's services anew")
    _ = restart.add_argument("unit", choices=sorted(_SHORT), help="which service")
    restart.set_defaults(run=run_restart, host=Host())
    firewall = verbs.add_parser("firewall", help="load the accepted rules once more")
    firewall.set_defaults(run=run_firewall, host=Host())
    node_set.add(verbs)
    node_undo.add(verbs)
    power.add(verbs)
    check.add(verbs)
    reset.add(verbs)
    secrets.add(verbs)
    support.add(verbs)
    code.add(verbs)
    shell.add(verbs)
    recovery_seen.add(verbs)


def run_show(args: Namespace) -> Answer:
    status = _status(args.host)
    data = {key: status.get(key) for key in ("version", "node", "network", "url", "url_answers")}
    name = words.clean(object_of(status.get("node")).get("name"))
    rows = words.node(status, args.host.clock.now())
    return Answer(table((Row("Node", name or "no name yet"), *rows)), data)


def run_cert_show(args: Namespace) -> Answer:
    found = object_of(_status(args.host).get("certificate"))
    if not found:
        raise NotNow("no certificate is served yet", hint="bandstand status says how far it is")
    return Answer(certificate.shown(found), found)


def run_restart(args: Namespace) -> Answer:
    """By bandstand-apply, so that it stands in the trail who asked."""
    result = ask(args.host, "restart", {"unit": _SHORT[args.unit]}, timeout_s=_PATIENCE_S)
    return Answer(f"{words.clean(result.get('unit'))} runs anew.", result)


def run_firewall(args: Namespace) -> Answer:
    result = ask(args.host, "firewall", {}, timeout_s=_PATIENCE_S)
    were = "They were others before." if result.get("changed") else "They were the same before."
    return Answer(f"The firewall has the accepted rules. {were}", result)


def _status(host: Host) -> dict[str, Any]:
    status = published(host.files)
    if not status:
        raise NotNow("this node tells nothing yet", hint="systemctl status bandstand-agent")
    return status
