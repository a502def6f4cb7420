"""`bandstand node cert`: the operator's own pair put in, taken out, and ours kept fresh."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from agent.accepted import store
from agent.commands.answer import Answer, Group, table
from agent.commands.by_root import ask
from agent.errors import UsageError
from agent.status import words
from agent.system.files import Files
from agent.system.host import Host
from agent.tls import observe, plan
from agent.typed import Any
from agent.values import pem
from agent.values.json_object import list_of, object_of

# Behind a first boot that holds the lock, and nginx that reloads.
_PATIENCE_S = 180
# As much as one setting may hold, and blanks between.
_LONGEST = 200_000
_SERVED = "This certificate is served now:"
_SHARED = "The certificate that the cluster shares outranks any of this node's own, and is served:"
_KEPT = "This node's own pair is kept, and served when the node leaves its cluster."


def add(verbs: Group) -> None:
    install = verbs.add_parser("install", help="serve a pair of your own")
    _ = install.add_argument(
        "certificate",
        nargs="?",
        metavar="CERTIFICATE",
        default="-",
        help="PEM file of the certificate and its chain, and of the key unless KEY is given; "
        "- or nothing reads standard input",
    )
    _ = install.add_argument("key", nargs="?", metavar="KEY", help="PEM file of its key")
    install.set_defaults(run=run_install, host=Host())
    reset = verbs.add_parser("reset", help="back to a self-signed certificate")
    reset.set_defaults(run=run_reset, host=Host())
    renew = verbs.add_parser("renew", help="make the self-signed certificate again if it is due")
    renew.set_defaults(run=run_renew, host=Host())


def run_install(args: Namespace) -> Answer:
    """The key goes to bandstand-apply over its socket, never by an argument."""
    text = _read(args.certificate)
    pair = _parted(text) if args.key is None else (text, _read(args.key))
    settings = dict(zip(("tls.certificate", "tls.key"), pair, strict=True))
    result = _ask(args.host, "certificate.install", {"settings": settings})
    return _answer(_SERVED, result)


def run_reset(args: Namespace) -> Answer:
    return _answer(_SERVED, _ask(args.host, "certificate.reset", {}))


def run_renew(args: Namespace) -> Answer:
    """Asked every day by bandstand-certificate.timer, so what is not due costs nothing."""
    host: Host = args.host
    wanted = store.load(host.files).effective()
    why = plan.due(observe.observe(host, wanted.node.public_address))
    if not why:
        return Answer("Nothing is due.", {"renewed": False, "because": ""})
    result = _ask(host, "certificate.renew", {})
    answer = _answer(f"Made again, since {why}:", result)
    return Answer(answer.words, {**result, "renewed": True, "because": why})


def _ask(host: Host, verb: str, args: dict[str, Any]) -> dict[str, Any]:
    return ask(host, verb, args, timeout_s=_PATIENCE_S)


def _answer(head: str, result: dict[str, Any]) -> Answer:
    found = object_of(result.get("certificate"))
    head = _SHARED if words.clean(found.get("source")) == "cluster" else head
    notes = [f"# {words.clean(one)}" for one in list_of(result.get("notices"))]
    return Answer("\n".join((head, shown(found), *notes)), result)


def shown(certificate: dict[str, Any]) -> str:
    """The one in force, and what is kept beside it."""
    told = table(words.certificate(certificate))
    return f"{told}\n{_KEPT}" if certificate.get("kept") else told


def _parted(text: str) -> tuple[str, str]:
    """Certificates and key out of one text. What cannot be read goes on whole, as both: the
    validator has the words for what is wrong with it.
    """
    try:
        blocks = pem.split(text)
    except ValueError:
        return text, text
    keys = [str(block) for block in blocks if pem.is_key(block)]
    return "\n".join(str(block) for block in blocks if not pem.is_key(block)), "\n".join(keys)


def _read(name: str) -> str:
    if name == "-":
        if sys.stdin.isatty():
            _ = sys.stderr.write("Certificate, chain and key in PEM; Ctrl-D ends it:\n")
        return _bounded(sys.stdin.read(_LONGEST + 1), "standard input")
    try:
        text = Files().read(str(Path(name).absolute()))
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}") from error
    if text is None:
        raise UsageError(f"there is no file {name}")
    return _bounded(text, name)


def _bounded(text: str, name: str) -> str:
    if len(text) > _LONGEST:
        raise UsageError(f"{name} is longer than {_LONGEST} characters, which no pair is")
    return text
