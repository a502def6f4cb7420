"""What sections say of each other; notices only, since each is right by itself."""

from __future__ import annotations

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.settings.declaration import Settings


def notices(settings: Settings) -> tuple[str, ...]:
    """A cluster's name, or a balancer's, may be the right one, so a foreign name is no fault."""
    given = {
        "tls.certificate": settings.tls.certificate,
        "portal.certificate": settings.portal.certificate,
    }
    known = _names(settings)
    return tuple(
        f"{key}: it names none of {', '.join(known)}"
        for key, certificate in given.items()
        if certificate is not None and not _covers(certificate, known)
    )


def _covers(certificate: str, known: tuple[str, ...]) -> bool:
    from agent.certs.names import covers

    return not known or covers(certificate, known)


def _names(settings: Settings) -> tuple[str, ...]:
    """Under which people will come, as far as the settings tell."""
    own, domain = settings.node.name, settings.network.domain
    full = f"{own}.{domain}" if own and domain and "." not in own else None
    interface = settings.network.interface
    address = str(interface.ip) if interface else None
    given = (own, full, address, settings.node.public_address, settings.cluster.hostname)
    return tuple(name for name in given if name)
