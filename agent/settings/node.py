"""Who the node is and who may enter: the settings of class `node`."""

from __future__ import annotations

from agent.settings import kinds
from agent.settings.declare import EVERY_FACE, Face, Setters, section, setting
from agent.settings.kinds import Updates
from agent.settings.secret import Secret
from agent.typed import NamedTuple

DEFAULT_ZONE = "Etc/UTC"
DEFAULT_KEYBOARD = "us"

# Who administers a cluster by the portal does not thereby become root on its nodes.
_NOT_PORTAL = EVERY_FACE - {Face.PORTAL}
# A screen that turns itself off could not turn itself on again.
_NOT_CONSOLE = EVERY_FACE - {Face.CONSOLE}


@section
class Node(NamedTuple):
    """`admin_password` is clear text or a crypt hash (agent.values.accounts.is_hash tells)."""

    name: str | None = setting(
        kinds.NODE_NAME,
        label="Host name",
        help="Short or full name of this node.",
        example="node1.example.com",
        unset="`bandstand-` and the last six hex digits of the MAC",
        aliases=("guestinfo.hostname", "network.fqdn"),
    )
    admin_password: Secret | None = setting(
        kinds.PASSWORD,
        label="Administrator's password",
        help="Password of the account admin, in clear text or as a crypt hash.",
        unset="no password: the console sets one, or keys",
        secret=True,
        aliases=("guestinfo.root_password", "appliance.root_pwd"),
        setters=Setters(_NOT_PORTAL, _NOT_PORTAL),
    )
    ssh: bool | None = setting(
        kinds.BOOLEAN,
        label="SSH",
        help="Whether the node listens for SSH.",
        example="True",
        unset="on if keys are given, else off",
    )
    ssh_keys: tuple[str, ...] = setting(
        kinds.SSH_KEYS,
        label="SSH keys",
        help="OpenSSH public keys of the account admin, one a line.",
        example="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPtw5aLRFDtTUhYtYfjRGHqTe9LRe9W7OZaCQl5dSnIT "
        "me@example.com",
        default=(),
        unset="none",
        setters=Setters(_NOT_PORTAL, _NOT_PORTAL),
    )
    timezone: str = setting(
        kinds.ZONE,
        label="Time zone",
        help="IANA time zone of the node's clock on screens and in logs.",
        example="Europe/Berlin",
        default=DEFAULT_ZONE,
        unset="`Etc/UTC`",
    )
    keyboard: str = setting(
        kinds.KEYBOARD,
        label="Keyboard",
        help="Keymap of the console.",
        example="de-latin1",
        default=DEFAULT_KEYBOARD,
        unset="`us`",
    )
    console: bool = setting(
        kinds.BOOLEAN,
        label="Console",
        help="Whether the console does more than show the state of a node that is claimed.",
        example="False",
        default=True,
        unset="on",
        setters=Setters(_NOT_CONSOLE, _NOT_CONSOLE),
    )
    syslog: str | None = setting(
        kinds.SYSLOG,
        label="Syslog",
        help="Collector that the journal is forwarded to; tls checks its certificate against the "
        "system's and node.ca_certificates.",
        example="tls://logs.example.com:6514",
        unset="none",
    )
    updates: Updates = setting(
        kinds.UPDATES,
        label="Updates",
        help="Which updates the node installs by itself. A restart that one needs is shown, and "
        "never taken.",
        example="off",
        default=Updates.SECURITY,
        unset="`security`",
    )
    mirror: str | None = setting(
        kinds.MIRROR,
        label="Mirror",
        help="Where packages come from: debian and debian-security lie below it.",
        example="https://mirror.example.com",
        unset="the distribution's own servers",
    )
    ca_certificates: str | None = setting(
        kinds.CERTIFICATES,
        label="Private CAs",
        help="Certificates in PEM of authorities that this node trusts besides the public ones.",
        unset="none",
    )
    reapply: bool = setting(
        kinds.BOOLEAN,
        label="Apply changed properties",
        help="Whether properties that are changed later apply at the next boot. "
        "To allow it counts from when it was accepted, not by the same change.",
        example="True",
        default=False,
        unset="off: changed ones are shown, and apply nothing",
    )
    public_address: str | None = setting(
        kinds.REACHED,
        label="Public address",
        help="Name or address that clients reach this node at, where it is not its own.",
        example="node1.example.com",
        unset="the address of ens32",
    )
    peer_address: str | None = setting(
        kinds.PEER,
        label="Address for other nodes",
        help="Name or address that other nodes reach this node at, where it is not its own.",
        example="192.0.2.10",
        unset="the address of ens32",
        # The others have it in the database: to change it is a verb of the cluster's.
        setters=Setters(EVERY_FACE, frozenset({Face.COMMAND})),
    )

    @property
    def ssh_wanted(self) -> bool:
        """Whether SSH is to listen, said or by default."""
        return bool(self.ssh_keys) if self.ssh is None else self.ssh
