"""What sections say of each other; notices only, since each is right by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.settings.declaration import Settings


def notices(settings: Settings) -> tuple[str, ...]:
    """A cluster's name, or a balancer's, may be the right one, so a foreign name is no fault."""
    certificate, known = settings.tls.certificate, _names(settings)
    if certificate is None or not known:
        return ()
    from agent.certs.names import covers

    if covers(certificate, known):
        return ()
    return (f"tls.certificate: it names none of {', '.join(known)}",)


def _names(settings: Settings) -> tuple[str, ...]:
    """Under which people will come, as far as the settings tell."""
    own, domain = settings.node.name, settings.network.domain
    full = f"{own}.{domain}" if own and domain and "." not in own else None
    interface = settings.network.interface
    address = str(interface.ip) if interface else None
    return tuple(name for name in (own, full, address, settings.cluster.hostname) if name)
