"""Put the wanted pair where nginx takes it from: laid down beside, checked, swapped in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agent.errors import StepFailed
from agent.steps.step import Step
from agent.system import nginx
from agent.system.clock import stamp
from agent.system.host import Host
from agent.tls.plan import Source, TlsPlan

if TYPE_CHECKING:
    from agent.certs.pair import Pair


def steps(plan: TlsPlan, host: Host) -> tuple[Step, ...]:
    """One step; it changes nothing when the live pair is right."""
    swap = _Swap(plan, host)
    return (Step("tls.pair", swap.do, plan.key, undo=swap.undo, holds=lambda: plan.keep),)


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
        pair = _make(self._plan, self._host)
        name = f"pair-{hashlib.sha256(pair.certificate_pem.encode()).hexdigest()[:16]}"
        told = nginx.Installed(
            self._plan.source,
            pair.names,
            stamp(pair.not_after),
            pair.sha256,
            self._plan.key,
            stamp(pair.not_before),
        )
        files = self._host.files
        nginx.put_pair(
            files, name, told, certificate_pem=pair.certificate_pem, key_pem=pair.key_pem
        )
        nginx.check_pair(files, name)
        self._is_moved = files.link(nginx.LIVE, to=name)

    def undo(self) -> None:
        if not self._is_moved:
            return
        if self._former and self._host.files.exists(nginx.folder_of(self._former)):
            _ = self._host.files.link(nginx.LIVE, to=self._former)
        else:
            _ = self._host.files.remove(nginx.LIVE)
        self._is_moved = False


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
