"""`bandstand network`: what the card has, and other settings tried, kept or taken back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from agent.accepted import store
from agent.commands import given
from agent.commands.answer import Answer, Group
from agent.commands.by_root import ask, by_root
from agent.errors import NotNow
from agent.settings import normal
from agent.settings.declaration import Settings
from agent.status import words
from agent.status.merge import published
from agent.steps.trial import LIMIT_S
from agent.system.host import Host
from agent.typed import Any
from agent.values.json_object import list_of, object_of, rows_of

# Behind a first boot that holds the lock, a DHCP server and nginx, each as slow as it may be.
_PATIENCE_S = 180
_LABEL_COLUMNS = 14


def add(group: Group) -> None:
    parser = group.add_parser("network", help="the card's settings: show, try, keep, take back")
    verbs = parser.add_subparsers(metavar="VERB")
    show = verbs.add_parser("show", help="addresses, gateway, resolvers, and what is accepted")
    show.set_defaults(run=run_show, host=Host())
    _add_set(verbs)
    trial = verbs.add_parser("trial", help="what is tried, and the seconds left")
    trial.set_defaults(run=run_trial, host=Host())
    confirm = verbs.add_parser("confirm", help="keep what is tried")
    confirm.set_defaults(run=run_confirm, host=Host())
    undo = verbs.add_parser("undo", help="take the trial back, or what was kept last")
    undo.set_defaults(run=run_undo, host=Host())


def _add_set(verbs: Group) -> None:
    parser = verbs.add_parser("set", help="try other settings until they are confirmed")
    given.add(parser, "address=192.0.2.10/24")
    _ = parser.add_argument(
        "--within", type=int, default=LIMIT_S, metavar="SECONDS", help="the time to confirm"
    )
    _ = parser.add_argument(
        "--no-confirm", action="store_true", help="keep it at once where all of it answers"
    )
    parser.set_defaults(run=run_set, host=Host())


def run_show(args: Namespace) -> Answer:
    files = args.host.files
    status = published(files)
    if not status:
        raise NotNow("this node tells nothing yet", hint="systemctl status bandstand-agent")
    accepted = normal.to_text(Settings(network=store.load(files).own.network))
    found, trial = object_of(status.get("network")), object_of(status.get("trial"))
    rows = [*words.network(status), *words.trial(trial, args.host.clock.now())]
    said = [f"{key}: {words.clean(text)}" for key, text in accepted.items()]
    told = ["Accepted:", *(f"  {line}" for line in said or ["nothing: DHCP"])]
    data = {"network": found, "accepted": accepted, "trial": trial}
    shown = [f"{row.label:<{_LABEL_COLUMNS}}{row.text}".rstrip() for row in rows]
    return Answer("\n".join([*shown, *told]), data)


def run_set(args: Namespace) -> Answer:
    wanted = {
        "settings": given.given(args, "network", "bandstand network set"),
        "attended": not args.no_confirm,
        "within_s": args.within,
    }
    return _answer(_ask(args.host, "network-set", wanted))


def run_trial(args: Namespace) -> Answer:
    host: Host = args.host

    def directly() -> dict[str, Any]:
        from agent.apply import network

        return network.show(host)

    return _answer(by_root(host, "network-trial", directly))


def run_confirm(args: Namespace) -> Answer:
    return _answer(_ask(args.host, "network-confirm", {}))


def run_undo(args: Namespace) -> Answer:
    return _answer(_ask(args.host, "network-undo", {}))


def _ask(host: Host, verb: str, args: Mapping[str, Any]) -> dict[str, Any]:
    """By bandstand-apply, so that it stands in the trail who asked."""
    return ask(host, verb, args, timeout_s=_PATIENCE_S)


def _answer(said: Mapping[str, Any]) -> Answer:
    state, left = words.clean(said.get("state")), words.clean(said.get("seconds_left"))
    told = {
        "none": "No trial of the network is under way.",
        "applying": "Other settings of the network are being tried.",
        "waiting": f"The network is tried. In {left} s it is taken back, unless you keep it:\n"
        "  bandstand network confirm",
        "keeping": "What was tried is being kept.",
        "kept": "The network is kept as it was asked.",
        "restored": "The network is as it was before the last change.",
        "taken-back": f"The trial was taken back: {words.clean(said.get('because'))}.",
    }
    notes = [words.clean(one) for one in list_of(said.get("notices"))]
    faults = [words.clean(row.get("message")) for row in rows_of(said.get("faults"))]
    return Answer("\n".join([told.get(state, state), *faults, *notes]), said)
