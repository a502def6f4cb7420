"""What the findings of a check of the connections mean, and what to do about them; asks nobody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from ipaddress import IPv4Interface, IPv6Interface

from agent.system import chrony
from agent.system.http import Answer
from agent.system.netstate import Link
from agent.system.reach import Port
from agent.typed import NamedTuple

_FIRST_ERROR = 400
_CABLE = "connect the network card in the machine's settings, or its cable"
_CLOCK = "see that network.ntp names servers that this node reaches; chronyc sources lists them"


class CheckState(StrEnum):
    """skipped: there is nothing to ask, or nobody can be asked."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


class Check(NamedTuple):
    """One of them, in a sentence, with what to do where it failed."""

    name: str
    state: CheckState
    message: str
    hint: str = ""

    def as_json(self) -> dict[str, str]:
        return {key: str(value) for key, value in self._asdict().items()}


def well(name: str, message: str) -> Check:
    return Check(name, CheckState.OK, message)


def failed(name: str, message: str, hint: str) -> Check:
    return Check(name, CheckState.FAILED, message, hint)


def skipped(name: str, message: str) -> Check:
    return Check(name, CheckState.SKIPPED, message)


def link(name: str, card: Link | None) -> Check:
    if card is None:
        hint = "give the machine a network card; it is configured when it comes"
        return failed("link", f"there is no network card {name}", hint)
    if not card.has_carrier:
        return failed("link", f"{name} has no carrier", _CABLE)
    return well("link", f"{name} has carrier")


def address(held: Sequence[IPv4Interface | IPv6Interface], *, is_static: bool) -> Check:
    if held:
        return well("address", ", ".join(map(str, held)))
    hint = (
        "see what bandstand network show says of it"
        if is_static
        else "mend the DHCP server, or give the node a static address"
    )
    return failed("address", "this node has no address", hint)


def gateway(answered: Mapping[str, bool]) -> Check:
    """Of each default gateway whether it answers on the link."""
    if not answered:
        return skipped("gateway", "no gateway is set")
    silent = [name for name, does in answered.items() if not does]
    if silent:
        hint = "see that it is right, and that the gateway is up and on this link"
        return failed("gateway", f"{_and(silent)} {_do(silent)} not answer on this link", hint)
    return well("gateway", f"{_and(answered)} {_do(answered, 'answer')}")


def resolvers(asked: Sequence[object], silent: Sequence[object]) -> Check:
    if not asked:
        return skipped("resolvers", "no resolver is set")
    answers = [str(one) for one in asked if one not in silent]
    if silent:
        names = list(map(str, silent))
        others = f"; {_and(answers)} {_do(answers, 'answer')}" if answers else ""
        hint = "see that network.dns is right, and reached through the gateway"
        said = f"{_and(names)} {_do(names)} not answer as a resolver{others}"
        return failed("resolvers", said, hint)
    return well("resolvers", f"{_and(answers)} {_do(answers, 'answer')}")


def time(tracking: str) -> Check:
    """By what `chronyc -c tracking` says; blank where chrony does not run."""
    found = chrony.parse(tracking)
    if found is None:
        return failed("time", "chrony does not answer", "bandstand node restart chrony")
    if not found.is_synchronised:
        return failed("time", "the clock is not synchronised", _CLOCK)
    return well("time", f"synchronised with {found.source}, {_apart(found.offset_s)}")


def _apart(text: str) -> str:
    try:
        return f"{abs(float(text)):.3f} s apart"
    except ValueError:
        return "how far apart it does not say"


def seeds(asked: Sequence[Port], closed: Mapping[Port, str], *, one_is_enough: bool) -> Check:
    """To join, any seed will do; a member wants to reach all the others."""
    if not asked:
        return skipped("seeds", "no other node is to be reached")
    reached = [str(one) for one in asked if one not in closed]
    lost = [f"{port}: {why}" for port, why in closed.items()]
    if lost and not (reached and one_is_enough):
        hint = "see that those nodes run, and that nothing between closes the port"
        return failed("seeds", "; ".join(lost), hint)
    also = f"; {'; '.join(lost)}" if lost else ""
    return well("seeds", f"reached {_and(reached)}{also}")


def database(asked: Port | None, closed: Mapping[Port, str]) -> Check:
    if asked is None:
        return skipped("database", "no database is set")
    if asked in closed:
        hint = "see that database.host and database.port are right, and that it lets this node in"
        return failed("database", f"{asked}: {closed[asked]}", hint)
    return well("database", f"{asked} is reached")


def page(answer: Answer | None, url: str, sha256: str) -> Check:
    """`sha256` is of the certificate that lies there; None is no answer."""
    hint = "bandstand node restart nginx; journalctl -u nginx says why it does not serve"
    if not sha256:
        return skipped("page", "no certificate is served yet")
    if answer is None:
        return failed("page", f"{url} does not answer", hint)
    if answer.certificate_sha256 != sha256:
        return failed("page", f"{url} shows another certificate than the one that lies here", hint)
    if answer.status >= _FIRST_ERROR:
        hint = "bandstand node restart portal; journalctl -u bandstand-portal says why"
        return failed("page", f"{url} answers with error {answer.status}", hint)
    return well("page", f"{url} answers, with the certificate of this node")


def _and(names: Sequence[str] | Mapping[str, bool]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1))


def _do(names: Sequence[str] | Mapping[str, bool], verb: str = "do") -> str:
    """The verb as one of them, or several, have it."""
    if len(names) > 1:
        return verb
    return "does" if verb == "do" else f"{verb}s"
