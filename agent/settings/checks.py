"""What values of one section must have in common; each check gives the section's normal form."""

from __future__ import annotations

from collections.abc import Iterator, Set
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address

from agent.errors import Fault
from agent.settings.database import Database
from agent.settings.kinds import DatabaseTls, Ipv6Mode, Mode
from agent.settings.network import Network
from agent.settings.node import Node
from agent.settings.portal import Portal
from agent.settings.secret import Secret
from agent.settings.tls import Tls
from agent.typed import Any, Generic, NamedTuple, TypeVar

Section = TypeVar("Section")

# From this prefix on, a network has no address of its own and no broadcast (RFC 3021).
_POINT_TO_POINT = 31
# A prefix shorter than this can reach into what no link has.
_SHORT = 16
_SPECIAL = {
    "this host's own network": "0.0.0.0/8",
    "loopback": "127.0.0.0/8",
    "link-local": "169.254.0.0/16",
    "multicast": "224.0.0.0/4",
    "reserved": "240.0.0.0/4",
}
_SEARCHED, _SEARCHED_CHARACTERS = 6, 256


class Checked(NamedTuple, Generic[Section]):
    """The section in its normal form, with what is wrong and what is worth saying."""

    section: Section
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()


def check_network(network: Network, bad: Set[str]) -> Checked[Network]:
    """`bad` are the fields whose text could not be read: nothing more is said about those."""
    ipv6 = _check_ipv6(network, bad)
    ipv4 = _check_ipv4(ipv6.section, bad)
    return Checked(ipv4.section, ipv4.faults + ipv6.faults, ipv4.notices + ipv6.notices)


def _check_ipv4(network: Network, bad: Set[str]) -> Checked[Network]:
    has_address = network.address is not None or "address" in bad
    if network.mode is Mode.STATIC or (network.mode is Mode.AUTO and has_address):
        return _check_static(network, bad)
    if network.mode is Mode.AUTO and network.gateway_address is not None:
        return Checked(network, (_gateway_alone(network.gateway_address),))
    why = "network.mode is dhcp" if network.mode is Mode.DHCP else "no network.address is given"
    checked = _without(network, ("address", "netmask", "gateway"), why)
    return checked._replace(notices=(*checked.notices, *_search_notices(network)))


def _check_ipv6(network: Network, bad: Set[str]) -> Checked[Network]:
    has_address = network.ipv6_address is not None or "ipv6_address" in bad
    if network.ipv6 is Ipv6Mode.OFF:
        return _without_ipv6(network)
    if network.ipv6 is Ipv6Mode.AUTO and not has_address:
        why = "no network.ipv6_address is given"
        return _without(network, ("ipv6_address", "ipv6_gateway"), why)
    section = network._replace(ipv6=Ipv6Mode.STATIC)
    if not has_address:
        accepted = "an IPv6 address with its prefix length"
        message = f"is blank, and network.ipv6 is static; accepted is {accepted}"
        hint = "Leave network.ipv6 blank to take what routers advertise."
        return Checked(section, (Fault("network.ipv6_address", message, hint, "missing"),))
    return Checked(section, tuple(_ipv6_gateway_faults(network)))


def _without_ipv6(network: Network) -> Checked[Network]:
    """Resolvers that cannot be reached are for a person to see, and cost no good address."""
    checked = _without(network, ("ipv6_address", "ipv6_gateway"), "network.ipv6 is off")
    resolvers = network.resolvers
    if resolvers and all(isinstance(one, IPv6Address) for one in resolvers):
        told = "network.dns: none of them can be reached, since network.ipv6 is off"
        return checked._replace(notices=(*checked.notices, told))
    return checked


def _ipv6_gateway_faults(network: Network) -> list[Fault]:
    gateway, interface = network.ipv6_gateway, network.ipv6_address
    if gateway is None or interface is None:
        return []
    if gateway == interface.ip:
        problem = "is the node's own address"
    elif gateway not in interface.network and not gateway.is_link_local:
        problem = f"is not on the link of {interface}"
    else:
        return []
    accepted = f"an address in {interface.network}, or a link-local one"
    return [Fault("network.ipv6_gateway", f"'{gateway}' {problem}; accepted is {accepted}")]


def _without(network: Network, names: tuple[str, ...], why: str) -> Checked[Network]:
    """The section without these fields; that they were given is worth saying."""
    unused = [f"network.{name}" for name in names if getattr(network, name) is not None]
    notices = (f"{', '.join(unused)}: not used, since {why}",) if unused else ()
    cleared: dict[str, Any] = dict.fromkeys(names)
    return Checked(network._replace(**cleared), notices=notices)


def _gateway_alone(gateway: IPv4Address) -> Fault:
    """Clients fill a netmask in by themselves, but nobody types a gateway and wants DHCP's."""
    return Fault(
        "network.address",
        f"is blank, but network.gateway is '{gateway}'; accepted is an address with its prefix",
        hint="Leave network.gateway blank too for DHCP, or say dhcp as network.mode.",
        code="missing",
    )


def _check_static(network: Network, bad: Set[str]) -> Checked[Network]:
    faults = [*_missing(network, bad), *_mask_faults(network)]
    interface = _interface(network)
    if interface is not None:
        faults += _host_faults(interface)
        faults += _gateway_faults(network.gateway_address, interface)
        faults += _resolver_faults(network.resolvers, interface)
    section = network._replace(mode=Mode.STATIC, address=interface, netmask=None)
    return Checked(section, tuple(faults), _search_notices(network))


def _missing(network: Network, bad: Set[str]) -> list[Fault]:
    needed = {
        "address": (network.address is None, "an IPv4 address with its prefix"),
        "netmask": (
            isinstance(network.address, IPv4Address)
            and not isinstance(network.address, IPv4Interface)
            and network.netmask is None,
            f"a prefix length or mask, or {network.address}/24 and the like as network.address",
        ),
        "gateway": (network.gateway is None, "an address on the link, or none"),
        "dns": (network.dns is None, "a list of addresses, or none"),
    }
    return [
        Fault(
            f"network.{name}",
            f"is blank, and a static address needs it; accepted is {accepted}",
            hint="Leave network.address blank for DHCP.",
            code="missing",
        )
        for name, (is_missing, accepted) in needed.items()
        if is_missing and name not in bad
    ]


def _mask_faults(network: Network) -> list[Fault]:
    address, prefix = network.address, network.netmask
    if not isinstance(address, IPv4Interface) or prefix in (None, address.network.prefixlen):
        return []
    message = (
        f"'{prefix}' is not the prefix of network.address '{address}'; "
        "accepted is the same one, or blank"
    )
    return [Fault("network.netmask", message)]


def _interface(network: Network) -> IPv4Interface | None:
    if isinstance(network.address, IPv4Interface):
        return network.address
    if network.address is None or network.netmask is None:
        return None
    return IPv4Interface((network.address, network.netmask))


def _host_faults(interface: IPv4Interface) -> list[Fault]:
    role = _reserved_role(interface.ip, interface)
    if role is not None:
        message = f"'{interface}' is {role} {interface.network}; accepted is {_range(interface)}"
        return [Fault("network.address", message)]
    is_short = interface.network.prefixlen < _SHORT
    for name, network in _SPECIAL.items() if is_short else ():
        if interface.network.overlaps(IPv4Network(network)):
            message = f"'{interface}' makes {network}, which is {name}, a part of the link"
            return [Fault("network.address", f"{message}; accepted is a longer prefix")]
    return []


def _gateway_faults(gateway: IPv4Address | None, interface: IPv4Interface) -> list[Fault]:
    if gateway is None:
        return []
    role = _reserved_role(gateway, interface)
    if gateway not in interface.network:
        problem = f"is not on the link of {interface}"
    elif gateway == interface.ip:
        problem = "is the node's own address"
    elif role is not None:
        problem = f"is {role} {interface.network}"
    else:
        return []
    message = f"'{gateway}' {problem}; accepted is {_gateways(interface)}"
    return [Fault("network.gateway", message)]


def _gateways(interface: IPv4Interface) -> str:
    is_alone = interface.network.num_addresses == 1
    return "none, since nobody else is on it" if is_alone else f"{_range(interface)}, or none"


def _resolver_faults(
    resolvers: tuple[IPv4Address | IPv6Address, ...], interface: IPv4Interface
) -> Iterator[Fault]:
    """The node serves no DNS, and nobody can have the two addresses at the ends of its network."""
    for resolver in resolvers:
        if not isinstance(resolver, IPv4Address):
            continue
        role = _reserved_role(resolver, interface) if resolver in interface.network else None
        problem = f"is {role} {interface.network}" if role else "is the node's own address"
        if role or resolver == interface.ip:
            message = (
                f"holds '{resolver}', which {problem}; accepted is a list of addresses, or none"
            )
            yield Fault("network.dns", message)


def _search_notices(network: Network) -> tuple[str, ...]:
    """What resolv.conf(5) tells of older C libraries; the node's own takes more."""
    domains = dict.fromkeys((*((network.domain,) if network.domain else ()), *network.search))
    if len(domains) <= _SEARCHED and len(" ".join(domains)) <= _SEARCHED_CHARACTERS:
        return ()
    told = (
        f"network.search: programs with a resolver of their own may stop after {_SEARCHED} domains"
    )
    return (f"{told} or {_SEARCHED_CHARACTERS} characters, and network.domain counts too",)


def _reserved_role(address: IPv4Address, interface: IPv4Interface) -> str | None:
    network = interface.network
    if network.prefixlen >= _POINT_TO_POINT:
        return None
    if address == network.network_address:
        return "the address of the network itself,"
    if address == network.broadcast_address:
        return "the broadcast address of"
    return None


def _range(interface: IPv4Interface) -> str:
    network = interface.network
    if network.prefixlen >= _POINT_TO_POINT:
        return f"another address in {network}"
    return f"an address from {network.network_address + 1} to {network.broadcast_address - 1}"


def check_node(node: Node, bad: Set[str]) -> Checked[Node]:
    """Who may enter, and then whom the node trusts."""
    checked = _check_entry(node, bad)
    if node.ca_certificates is None:
        return checked
    # As below: few nodes are given any, and only those pay for reading them.
    from agent.certs.bundle import oddities

    try:
        odd = oddities(node.ca_certificates)
    except ValueError as error:
        message = f"the value given {error}; accepted are certificates in PEM"
        fault = Fault("node.ca_certificates", message)
        section = checked.section._replace(ca_certificates=None)
        return checked._replace(section=section, faults=(*checked.faults, fault))
    notices = tuple(f"node.ca_certificates: {words}" for words in odd)
    return checked._replace(notices=(*checked.notices, *notices))


def _check_entry(node: Node, bad: Set[str]) -> Checked[Node]:
    is_shut = node.ssh and not node.ssh_keys and node.admin_password is None
    if is_shut and not bad & {"ssh_keys", "admin_password"}:
        notice = "node.ssh is on, but without node.ssh_keys or node.admin_password nobody can enter"
        return Checked(node, notices=(notice,))
    return Checked(node)


def check_tls(tls: Tls, bad: Set[str]) -> Checked[Tls]:
    return _check_pair("tls", tls, bad, "Leave both blank for a self-signed certificate.")


def _check_client_pair(database: Database, bad: Set[str]) -> Checked[Database]:
    hint = "Leave both blank where the server asks for a password alone."
    checked = _check_pair("database", database, bad, hint, is_client=True)
    if database.certificate is None or database.protection is not DatabaseTls.OFF:
        return checked
    told = "database.certificate: not used, since database.tls is off"
    return checked._replace(notices=(*checked.notices, told))


def check_portal(portal: Portal, bad: Set[str]) -> Checked[Portal]:
    """A pair beside a port that cannot be read may be right, and nothing is said of it."""
    hint = "Leave both blank for the certificate of the web pages."
    checked = _check_pair("portal", portal, bad, hint)
    return checked._replace(faults=(*checked.faults, *_port_faults(portal, bad)))


def _port_faults(portal: Portal, bad: Set[str]) -> Iterator[Fault]:
    accepted = "a port of its own, such as 8443"
    if portal.has_own_port:
        # A node whose portal is on 443, as most are, does not load the list.
        from agent.values.ports import why_not

        if why := why_not(portal.port):
            yield Fault("portal.port", f"'{portal.port}' {why}; accepted is {accepted}")
    elif "port" not in bad and not portal.certificate is portal.key is None:
        problem = f"is {portal.port}, where the certificate of the web pages is served"
        message = f"{problem}, but a pair for the portal is given; accepted is {accepted}"
        yield Fault("portal.port", message, code="missing")


_Pair = TypeVar("_Pair", Tls, Portal, Database)


def _check_pair(
    category: str, section: _Pair, bad: Set[str], hint: str, *, is_client: bool = False
) -> Checked[_Pair]:
    purpose = "client" if is_client else "server"
    if bad & {"certificate", "key"}:
        return Checked(section, _faults_alone(category, section.certificate, hint, purpose))
    if section.certificate is section.key is None:
        return Checked(section)
    if section.certificate is None or section.key is None:
        missing, other = ("certificate", "key") if section.key else ("key", "certificate")
        message = f"is blank, but {category}.{other} is given; accepted are both or neither"
        return Checked(section, (Fault(f"{category}.{missing}", message, code="missing"),))
    # A node without a certificate of its own never pays for reading one.
    from agent.certs.pair import PairRefused, Purpose, examine, remarks

    try:
        pair = examine(section.certificate, section.key.reveal(), purpose=Purpose(purpose))
    except PairRefused as error:
        wrong = {"certificate": error.certificate, "key": error.key}
        faults = (Fault(f"{category}.{name}", said, hint) for name, said in wrong.items() if said)
        return Checked(section, tuple(faults))
    made = section._replace(certificate=pair.certificate_pem, key=Secret(pair.key_pem))
    said = remarks(pair, given=section.certificate)
    told = tuple(f"{category}.certificate: {remark}" for remark in said)
    return Checked(made, notices=told)


def _faults_alone(
    category: str, certificate: str | None, hint: str, purpose: str
) -> tuple[Fault, ...]:
    """Of a certificate beside a key that cannot be read."""
    if certificate is None:
        return ()
    from agent.certs.pair import Purpose, examine_alone

    try:
        examine_alone(certificate, purpose=Purpose(purpose))
    except ValueError as error:
        return (Fault(f"{category}.certificate", f"{error}", hint),)
    return ()


def check_database(database: Database, bad: Set[str]) -> Checked[Database]:
    if database.tls is DatabaseTls.VERIFY_FULL and database.ca is None and "ca" not in bad:
        message = (
            "'verify-full' needs database.ca, which is blank; accepted without it is require or off"
        )
        return Checked(database, (Fault("database.tls", message),))
    ca: Checked[Database] = _check_ca(database) if database.ca else Checked(database)
    pair = _check_client_pair(database, bad)
    return Checked(pair.section, ca.faults + pair.faults, ca.notices + pair.notices)


def _check_ca(database: Database) -> Checked[Database]:
    from agent.certs.authorities import examine_authorities

    try:
        remarks = examine_authorities(database.ca or "")
    except ValueError as error:
        return Checked(database, (Fault("database.ca", f"{error}"),))
    return Checked(database, notices=tuple(f"database.ca: {remark}" for remark in remarks))
