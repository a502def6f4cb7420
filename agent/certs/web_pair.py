"""The web certificate that a cluster's own authority issues: for servers only, for browsers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.certs import template
from agent.certs.authority import CLOCK_SLACK, KeyPair, new_key, own_key
from agent.certs.self_signed import LIFE


def issue_web(
    root: KeyPair,
    *,
    names: Sequence[str],
    addresses: Sequence[str],
    now: datetime,
    key_pem: str | None = None,
) -> KeyPair:
    """For these names and addresses, with a fresh key unless one is given."""
    from cryptography import x509

    issuer = x509.load_pem_x509_certificate(root.certificate_pem.encode())
    key_pem = key_pem or new_key()
    builder = template.new(
        template.common_name((*names, *addresses, "bandstand")[0]),
        issuer.subject,
        own_key(key_pem).public_key(),
        not_before=now - CLOCK_SLACK,
        not_after=now - CLOCK_SLACK + LIFE,
    )
    builder = template.for_server(builder, also_client=False)
    builder = template.issued_by(builder, issuer)
    signed = template.signed(template.holding_for(builder, names, addresses), own_key(root.key_pem))
    return KeyPair(signed, key_pem)
