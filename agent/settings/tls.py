"""The web certificate that the operator brings: the settings of class `tls`."""

from __future__ import annotations

from agent.settings import kinds
from agent.settings.declare import section, setting
from agent.settings.secret import Secret
from agent.typed import NamedTuple


@section
class Tls(NamedTuple):
    """Both or neither; `certificate` is the PEM chain, leaf first, `key` its PEM key."""

    certificate: str | None = setting(
        kinds.CERTIFICATES,
        label="Certificate",
        help="Certificate of the web pages in PEM with its chain, in any order.",
        unset="self-signed",
        aliases=("appliance.tls_cert",),
    )
    key: Secret | None = setting(
        kinds.PRIVATE_KEY,
        label="Private key",
        help="Private key of the certificate in PEM, without a passphrase.",
        unset="self-signed",
        secret=True,
        aliases=("appliance.tls_cert_key",),
    )
