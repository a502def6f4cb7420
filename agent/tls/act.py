"""Put the wanted pair where nginx takes it from: laid down beside, checked, swapped in."""

from __future__ import annotations

from agent.errors import StepFailed
from agent.steps.step import Step
from agent.system import nginx
from agent.system.clock import stamp
from agent.system.host import Host
from agent.tls.plan import Source, TlsPlan
from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.certs.pair import Pair


def steps(plan: TlsPlan, host: Host) -> tuple[Step, ...]:
    """One step; it changes nothing when the live pair is right."""
    swap = _Swap(plan, host)
    return (Step("tls.pair", swap.do, plan.key, undo=swap.undo, holds=lambda: plan.keep),)


def beside(plan: TlsPlan, host: Host) -> tuple[Step, ...]:
    """One step for a given pair that is served beside the live one: nginx's configuration names it,
    so that nothing is swapped.
    """
    laid = _Beside(plan, host)
    return (Step("tls.portal", laid.do, plan.key, undo=laid.undo, holds=laid.holds),)


class _Beside:
    """A pair under its own name, there or not."""

    def __init__(self, plan: TlsPlan, host: Host) -> None:
        self._plan, self._host = plan, host
        self._name = nginx.pair_name(plan.certificate or "")
        self._is_new = False

    def holds(self) -> bool:
        found = nginx.pair_at(self._host.files, self._name)
        return found is not None and found.origin == self._plan.key

    def do(self) -> None:
        self._is_new = not self._host.files.exists(nginx.folder_of(self._name))
        _ = _lay(self._plan, self._host)

    def undo(self) -> None:
        if self._is_new:
            _ = self._host.files.remove(nginx.folder_of(self._name))


class _Swap:
    """The live link moved, and where it pointed before."""

    def __init__(self, plan: TlsPlan, host: Host) -> None:
        self._plan = plan
        self._host = host
        self._former = nginx.target(host.files, nginx.LIVE)
        self._is_moved = False

    def do(self) -> None:
        if self._plan.keep:
            return
        name = _lay(self._plan, self._host)
        self._is_moved = self._host.files.link(nginx.LIVE, to=name)

    def undo(self) -> None:
        if not self._is_moved:
            return
        if self._former and self._host.files.exists(nginx.folder_of(self._former)):
            _ = self._host.files.link(nginx.LIVE, to=self._former)
        else:
            _ = self._host.files.remove(nginx.LIVE)
        self._is_moved = False


def _lay(plan: TlsPlan, host: Host) -> str:
    """The pair in a folder of its own, whose name is returned."""
    pair = _make(plan, host)
    name = nginx.pair_name(pair.certificate_pem)
    told = nginx.Installed(
        plan.source,
        pair.names,
        stamp(pair.not_after),
        pair.sha256,
        plan.key,
        stamp(pair.not_before),
    )
    nginx.put_pair(
        host.files, name, told, certificate_pem=pair.certificate_pem, key_pem=pair.key_pem
    )
    nginx.check_pair(host.files, name)
    return name


def _make(plan: TlsPlan, host: Host) -> Pair:
    """Imports cryptography, so only when a pair is really wanted."""
    try:
        if plan.source is Source.GIVEN and plan.certificate and plan.private_key:
            from agent.certs.pair import read_pair

            return read_pair(plan.certificate, plan.private_key.reveal())
        from agent.certs.self_signed import self_signed

        former = host.files.read(f"{nginx.LIVE}/key.pem") if plan.keeps_key else None
        return self_signed(
            plan.names, plan.addresses, now=host.clock.now(), built=plan.built, former_key=former
        )
    except ValueError as error:
        raise StepFailed(
            f"the pair cannot be served: {error}", hint="correct tls.certificate and tls.key"
        ) from error
