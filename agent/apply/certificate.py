"""The verbs certificate.install, .reset and .renew: whose pair this node has, and that it lasts.

args of install: settings {"tls.certificate": text, "tls.key": text}, as people paste them.
A pair is staged, tested by nginx, swapped in, seen over TLS by its fingerprint, and accepted then;
or all of it is taken back. What a cluster shares outranks it: then it is kept for later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.accepted import store
from agent.accepted.store import Accepted
from agent.apply import editing, righted
from agent.apply.change import bring, refuse_before_first_boot
from agent.ask.serve import TellStep
from agent.certs.names import covers
from agent.change import STAGES, Stage
from agent.errors import Fault, InputRefused
from agent.settings.accept import accept
from agent.settings.tls import Tls
from agent.system import own
from agent.system.host import Host
from agent.tls import told
from agent.typed import Any
from agent.values.json_object import is_object

_FIELDS = ("tls.certificate", "tls.key")


def install(
    host: Host, args: Mapping[str, Any], tell: TellStep, *, stages: Sequence[Stage] = STAGES
) -> dict[str, Any]:
    """Raises InputRefused with all that is wrong with the pair; the former one is served then."""
    editing.refuse_lost(host.files, "tls")
    tls, notices = _judged(args.get("settings"))
    result = _own(host, tls, tell, stages)
    return {**result, "notices": [*notices, *_foreign(host, tls)]}


def reset(host: Host, tell: TellStep, *, stages: Sequence[Stage] = STAGES) -> dict[str, Any]:
    """Back to a self-signed one."""
    return _own(host, Tls(), tell, stages)


def renew(host: Host, tell: TellStep, *, stages: Sequence[Stage] = STAGES) -> dict[str, Any]:
    """A self-signed one that is due is made again; what is accepted stays as it is."""
    return _with_certificate(host, bring(host, lambda accepted: accepted, tell, stages=stages))


def _own(host: Host, tls: Tls, tell: TellStep, stages: Sequence[Stage]) -> dict[str, Any]:
    refuse_before_first_boot(host.files)

    def make(accepted: Accepted) -> Accepted:
        return accepted._replace(own=accepted.own._replace(tls=tls))

    result = bring(host, make, tell, stages=stages)
    righted.put_right(host, frozenset(_FIELDS))
    return _with_certificate(host, result)


def _with_certificate(host: Host, result: dict[str, Any]) -> dict[str, Any]:
    return {**result, "certificate": told.in_force(host.files, host.clock.now())}


def _judged(texts: object) -> tuple[Tls, tuple[str, ...]]:
    is_pair = is_object(texts) and set(texts) <= set(_FIELDS)
    if (
        not is_object(texts)
        or not is_pair
        or not all(isinstance(one, str) for one in texts.values())
    ):
        raise InputRefused(
            (Fault("settings", f"is not an object of texts, {' and '.join(_FIELDS)}"),)
        )
    acceptance = accept(texts, strict=True)
    if acceptance.faults:
        raise InputRefused(acceptance.faults)
    if acceptance.settings.tls.certificate is None:
        hint = "bandstand node cert reset goes back to a self-signed certificate"
        blank = "is blank; accepted is a certificate with its chain, and its key"
        raise InputRefused((Fault("tls.certificate", blank, hint, "missing"),))
    return acceptance.settings.tls, acceptance.notices


def _foreign(host: Host, tls: Tls) -> tuple[str, ...]:
    """A cluster's name, or a balancer's, may be the right one, so a foreign name is no fault."""
    public = store.load(host.files).effective().cluster.hostname
    known = (*own.names(host.files), *own.addresses(host.files), *((public,) if public else ()))
    if not known or covers(tls.certificate or "", known):
        return ()
    return (f"tls.certificate: it names none of {', '.join(known)}",)
