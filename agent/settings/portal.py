"""Where the portal is served: the settings of class `portal`."""

from __future__ import annotations

from agent.settings import kinds
from agent.settings.declare import section, setting
from agent.settings.secret import Secret
from agent.typed import NamedTuple

USUAL_PORT = 443


@section
class Portal(NamedTuple):
    """A pair goes with a port of its own: by address, no browser says which one it wants."""

    port: int = setting(
        kinds.PORT,
        label="Portal port",
        help="A port of their own for the pages /cluster and /admin; 443 then sends there.",
        example="8443",
        default=USUAL_PORT,
        unset="443, under the names and addresses of the node",
    )
    certificate: str | None = setting(
        kinds.CERTIFICATES,
        label="Portal certificate",
        help="Certificate of that port in PEM with its chain, in any order.",
        unset="the certificate of the web pages",
    )
    key: Secret | None = setting(
        kinds.PRIVATE_KEY,
        label="Portal private key",
        help="Private key of that certificate in PEM, without a passphrase.",
        unset="the key of the web pages",
        secret=True,
    )

    @property
    def has_own_port(self) -> bool:
        return self.port != USUAL_PORT
