"""Decide what lies where for each service, and what makes its program take that up."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from agent.services import apt, forwarding, places
from agent.services.state import Noun, Observed
from agent.settings.declaration import Settings
from agent.settings.kinds import Updates
from agent.settings.node import DEFAULT_KEYBOARD
from agent.settings.secret import Secret
from agent.steps.step import key_of
from agent.typed import NamedTuple

_OPEN, _CLOSED = 0o644, 0o600
KEYBOARD_UNIT = "bandstand-keyboard.service"
SYSLOG_UNIT = "bandstand-syslog.service"
_TIME_UNIT = "chrony.service"
_HEAD = "# Written by Bandstand; changes here are overwritten.\n"
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-")

Command = tuple[str, ...]


class Laid(NamedTuple):
    """A file with its whole text; None where there is to be none."""

    name: str
    text: str | None
    mode: int = _OPEN


class ServicePlan(NamedTuple):
    """`check` reads what was laid before anybody uses it; `then` makes it take effect, where
    `needs` (a unit) is up. `unit` is one of ours that runs only where it `is_on`. `proofs` are
    names that `then` makes. `folder` is made before the check, which looks for it; its unit
    takes it over.
    """

    noun: Noun
    laid: tuple[Laid, ...]
    check: Command = ()
    then: Command = ()
    needs: str = ""
    unit: str = ""
    is_on: bool = False
    proofs: tuple[str, ...] = ()
    folder: str = ""

    @property
    def key(self) -> str:
        """Without the text of what holds a secret; the step compares that with what lies there."""
        told = (file if file.mode == _OPEN else file.name for file in self.laid)
        return key_of(self.noun, *told, self.is_on)


def plan(noun: Noun, settings: Settings, observed: Observed) -> ServicePlan:
    return _PLANS[noun](settings, observed)


def _keyboard(settings: Settings, _: Observed) -> ServicePlan:
    keymap = settings.node.keyboard
    is_on = keymap != DEFAULT_KEYBOARD
    text = f"{_HEAD}KEYMAP={keymap}\n" if is_on else None
    return ServicePlan(
        Noun.KEYBOARD,
        (Laid(places.KEYBOARD_FILE, text),),
        unit=KEYBOARD_UNIT,
        is_on=is_on,
    )


def time_sources(servers: Iterable[str]) -> str | None:
    """chrony.conf(5); a lease may hold anything, so what is no host is passed over."""
    hosts = [one for one in servers if one and _HOST_CHARACTERS.issuperset(one)]
    return _HEAD + "".join(f"server {host} iburst\n" for host in hosts) if hosts else None


def _time(settings: Settings, observed: Observed) -> ServicePlan:
    given = settings.network.ntp
    return ServicePlan(
        Noun.TIME,
        (
            Laid(places.TIME_LEASED, None if given else time_sources(observed.leased)),
            Laid(places.TIME_GIVEN, time_sources(given)),
        ),
        # On a first boot it may be just about to start; a question to it would find nobody.
        then=("systemctl", "--no-block", "try-restart", _TIME_UNIT),
        needs=_TIME_UNIT,
    )


def _trust(settings: Settings, observed: Observed) -> ServicePlan:
    blocks = certificates(settings.node.ca_certificates or "")
    files = {
        f"{places.TRUST_FOLDER}/bandstand-{number}.crt": block
        for number, block in enumerate(blocks, start=1)
    }
    gone = [Laid(name, None) for name in observed.trusted if name not in files]
    return ServicePlan(
        Noun.TRUST,
        (*(Laid(name, text) for name, text in files.items()), *gone),
        # Without --fresh it leaves the links of those that went.
        then=("update-ca-certificates", "--fresh"),
        proofs=tuple(f"/etc/ssl/certs/{_stem(name)}.pem" for name in files),
    )


def certificates(bundle: str) -> tuple[str, ...]:
    """Each certificate of clean PEM: the system's store takes one a file."""
    end = "-----END CERTIFICATE-----\n"
    return tuple(dict.fromkeys(part + end for part in bundle.split(end) if part))


def _stem(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".crt")


def _proxy(settings: Settings, observed: Observed) -> ServicePlan:
    network = settings.network
    text = apt.proxies(
        _revealed(network.http_proxy),
        _revealed(network.https_proxy),
        network.no_proxy,
        own=observed.own,
        servers=apt.servers(settings.node.mirror),
    )
    whole = text and _HEAD + text
    return ServicePlan(Noun.PROXY, (Laid(places.PROXY_FILE, whole, _CLOSED),), apt.CHECK)


def _revealed(proxy: str | Secret | None) -> str | None:
    return proxy.reveal() if isinstance(proxy, Secret) else proxy


def _mirror(settings: Settings, observed: Observed) -> ServicePlan:
    """The distribution's own file is put aside first, and comes back from there."""
    mirror = settings.node.mirror
    laid: tuple[Laid, ...] = ()
    if mirror is not None:
        aside = observed.sources if observed.kept is None else observed.kept
        text = _HEAD + apt.sources(mirror, observed.codename)
        laid = (Laid(places.SOURCES_KEPT, aside or ""), Laid(places.SOURCES, text))
    elif observed.kept is not None:
        laid = (Laid(places.SOURCES, observed.kept), Laid(places.SOURCES_KEPT, None))
    return ServicePlan(Noun.MIRROR, laid, apt.SOURCES_CHECK)


def _updates(settings: Settings, _: Observed) -> ServicePlan:
    """The image has the timers and what they install; off is the one thing to say."""
    is_off = settings.node.updates is Updates.OFF
    text = f"{_HEAD}{apt.NO_UPDATES}" if is_off else None
    return ServicePlan(Noun.UPDATES, (Laid(places.UPDATES_FILE, text),), apt.CHECK)


def _syslog(settings: Settings, _: Observed) -> ServicePlan:
    url = settings.node.syslog
    text = None if url is None else _HEAD + forwarding.configuration(url)
    return ServicePlan(
        Noun.SYSLOG,
        (Laid(places.SYSLOG_FILE, text),),
        check=() if url is None else ("rsyslogd", "-N1", "-f", places.SYSLOG_FILE),
        unit=SYSLOG_UNIT,
        is_on=url is not None,
        folder="" if url is None else forwarding.FOLDER,
    )


_PLANS: dict[Noun, Callable[[Settings, Observed], ServicePlan]] = {
    Noun.KEYBOARD: _keyboard,
    Noun.TIME: _time,
    Noun.TRUST: _trust,
    Noun.PROXY: _proxy,
    Noun.MIRROR: _mirror,
    Noun.UPDATES: _updates,
    Noun.SYSLOG: _syslog,
}
