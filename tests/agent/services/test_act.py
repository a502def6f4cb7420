"""What the node uses of others, brought about below a folder, kept, and taken back."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.accepted.store import Accepted
from agent.change import STAGES, Stage, settle
from agent.errors import CommandFailed
from agent.services import places
from agent.services.state import Noun
from agent.settings.declaration import Settings
from agent.settings.kinds import Updates
from agent.settings.network import Network
from agent.settings.node import Node
from agent.settings.secret import Secret
from agent.steps.run import run_steps
from agent.steps.step import Step
from agent.system.host import Host
from agent.system.run import run
from tests.fakes.issuer import chain_of, issue
from tests.fakes.run import Call
from tests.fakes.scene import Machine

SECRET = "http://deploy:correct-horse@proxy.example.com:3128"
CHAIN = [one.pem for one in chain_of(2)]
PUBLIC = issue("public.example.com").pem
DEBIAN = "Types: deb\nURIs: http://deb.debian.org/debian\n"
STORE = "/etc/ssl/certs"
WANTS = "/etc/systemd/system/multi-user.target.wants"
SERVICES = [stage for stage in STAGES if stage.setting in set(Noun)]
ALL = Settings(
    network=Network(ntp=("ntp1",), http_proxy=Secret(SECRET)),
    node=Node(
        keyboard="de-latin1",
        syslog="tls://logs.example.com:6514",
        updates=Updates.OFF,
        mirror="http://mirror.example.com",
        ca_certificates=CHAIN[0],
    ),
)


@dataclass
class Scene(Machine):
    """A node's files below a folder; the store of CAs is that of a program which lays links."""

    def __post_init__(self) -> None:
        self.files.write("/etc/os-release", 'ID=debian\nVERSION_CODENAME="trixie"\n')
        self.files.write(places.SOURCES, DEBIAN)
        self.run.on("update-ca-certificates", effect=self._update)

    def apply(self, settings: Settings) -> tuple[Step, ...]:
        done: list[Step] = []
        for stage in SERVICES:
            steps = stage.steps(settings, Accepted(own=settings), self.host)
            done += run_steps(steps, self.journal, self.host.clock)
        return tuple(done)

    def up(self, unit: str) -> None:
        self.files.link(f"/run/systemd/units/invocation:{unit}", to="0" * 32)

    def tree(self) -> dict[str, str]:
        found = (path for path in self.root.rglob("*") if path.is_file() or path.is_symlink())
        return {
            str(path.relative_to(self.root)): str(path.readlink())
            if path.is_symlink()
            else path.read_text()
            for path in found
            if path.name != "journal"
        }

    def _update(self, _: Call) -> None:
        wanted = {
            f"{STORE}/{Path(name).stem}.pem": name
            for name in self.files.names(places.TRUST_FOLDER, "*.crt")
        }
        for name in self.files.names(STORE):
            if name not in wanted:
                self.files.remove(name)
        for link, name in wanted.items():
            self.files.link(link, to=str(self.files.path(name)))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_the_order_names_every_service_once() -> None:
    assert sorted(stage.setting for stage in SERVICES) == sorted(Noun)


def test_nothing_given_costs_no_process_and_no_write(scene: Scene) -> None:
    before = scene.tree()
    assert scene.apply(Settings()) == ()
    assert scene.run.calls == []
    assert scene.tree() == before
    assert not scene.files.exists("/journal")


def test_everything_given_is_carried_out_once(scene: Scene) -> None:
    names = [step.name for step in scene.apply(ALL)]
    assert names == [f"services.{Noun(stage.setting).name.lower()}" for stage in SERVICES]
    scene.run.calls.clear()
    assert scene.apply(ALL) == ()
    assert scene.run.calls == []


def test_what_is_taken_away_is_as_if_it_had_never_been(scene: Scene) -> None:
    before = scene.tree()
    scene.apply(ALL)
    assert scene.tree() != before
    scene.up("bandstand-syslog.service")
    scene.up("bandstand-keyboard.service")
    scene.apply(Settings())
    assert scene.run.asked("systemctl", "stop", "bandstand-syslog.service")
    assert scene.run.asked("systemctl", "stop", "bandstand-keyboard.service")
    after = scene.tree()
    assert {name: text for name, text in after.items() if "units" not in name} == before
    assert scene.apply(Settings()) == ()


def test_undo_gives_back_what_was_there(scene: Scene) -> None:
    first = ALL._replace(
        network=Network(ntp=("ntp2",), http_proxy="http://other:3128"),
        node=ALL.node._replace(mirror="http://one", ca_certificates=CHAIN[1], keyboard="fr"),
    )
    scene.apply(first)
    before = scene.tree()
    scene.undo(scene.apply(ALL))
    assert scene.tree() == before


def test_what_was_edited_by_hand_is_brought_back(scene: Scene) -> None:
    scene.apply(ALL)
    for name in (places.PROXY_FILE, places.TIME_GIVEN, places.SYSLOG_FILE):
        scene.files.write(name, "mine", mode=0o600)
    again = [step.name for step in scene.apply(ALL)]
    assert again == ["services.proxy", "services.time", "services.syslog"]


def test_time_servers_are_taken_up_by_a_chrony_that_runs(scene: Scene) -> None:
    scene.up("chrony.service")
    scene.apply(Settings(network=Network(ntp=("ntp1",))))
    (call,) = scene.run.calls
    assert call.argv == ("systemctl", "--no-block", "try-restart", "chrony.service")


def test_a_lease_that_names_time_servers_is_followed(scene: Scene) -> None:
    scene.files.write("/run/systemd/netif/state", "OPER_STATE=routable\nNTP=192.0.2.9 192.0.2.8\n")
    scene.apply(Settings())
    assert "server 192.0.2.8 iburst" in (scene.files.read(places.TIME_LEASED) or "")
    scene.files.write("/run/systemd/netif/state", "OPER_STATE=routable\n")
    scene.apply(Settings())
    assert not scene.files.exists(places.TIME_LEASED)


def test_credentials_are_in_one_file_and_in_no_command(scene: Scene) -> None:
    scene.apply(ALL)
    holders = [name for name, text in scene.tree().items() if "correct-horse" in text]
    assert holders == [places.PROXY_FILE.lstrip("/")]
    assert scene.files.path(places.PROXY_FILE).stat().st_mode & 0o777 == 0o600
    assert "correct-horse" not in (scene.files.read("/journal") or "")
    assert not any("correct-horse" in word for call in scene.run.calls for word in call.argv)


def test_a_new_password_of_the_proxy_is_taken(scene: Scene) -> None:
    scene.apply(ALL)
    other = SECRET.replace("horse", "mule")
    done = scene.apply(ALL._replace(network=ALL.network._replace(http_proxy=Secret(other))))
    assert [step.name for step in done] == ["services.proxy"]
    assert other in (scene.files.read(places.PROXY_FILE) or "")


def test_a_collector_is_checked_then_started_now_and_at_each_boot(scene: Scene) -> None:
    scene.apply(Settings(node=ALL.node._replace(ca_certificates=None)))
    commands = [call.argv for call in scene.run.calls if "syslog" in " ".join(call.argv)]
    assert commands == [
        ("rsyslogd", "-N1", "-f", places.SYSLOG_FILE),
        ("systemctl", "--no-block", "restart", "bandstand-syslog.service"),
    ]
    assert scene.files.path(f"{WANTS}/bandstand-syslog.service").is_symlink()


def test_what_its_program_refuses_is_taken_back(scene: Scene) -> None:
    scene.run.on("rsyslogd", returncode=1, stderr="errors occurred in file")
    with pytest.raises(CommandFailed, match="errors occurred"):
        scene.apply(Settings(node=Node(syslog="tcp://logs:601")))
    assert not scene.files.exists(places.SYSLOG_FILE)
    assert not scene.files.path(f"{WANTS}/bandstand-syslog.service").is_symlink()
    assert not scene.run.asked("systemctl", "--no-block", "restart")


def test_a_service_that_fails_costs_no_other_and_is_named(scene: Scene) -> None:
    scene.run.on("rsyslogd", returncode=1, stderr="errors occurred")
    stages: list[Stage] = SERVICES
    outcome = settle(scene.host, Accepted(own=ALL), scene.journal, stages=stages)
    assert [fault.setting for fault in outcome.faults] == ["node.syslog"]
    assert scene.files.exists(places.TIME_GIVEN)
    assert scene.files.exists(places.PROXY_FILE)


def test_a_power_cut_between_the_file_and_the_store_is_made_up_for(scene: Scene) -> None:
    scene.apply(Settings(node=Node(ca_certificates=CHAIN[0])))
    scene.files.remove(places.TRUST_FIRST)
    scene.run.calls.clear()
    assert [step.name for step in scene.apply(Settings())] == ["services.trust"]
    assert scene.run.asked("update-ca-certificates", "--fresh")
    assert scene.apply(Settings()) == ()
    assert not scene.files.names(STORE)


@pytest.mark.outside
def test_the_systems_store_of_cas_takes_them_and_lets_them_go(scene: Scene) -> None:
    """The program of the distribution itself, on folders of its own."""
    host = Host()
    if not host.files.exists("/usr/sbin/update-ca-certificates"):
        pytest.skip("ca-certificates is not installed: no /usr/sbin/update-ca-certificates")
    store = scene.files.path(STORE)
    store.mkdir(parents=True)
    scene.files.write("/usr/share/ca/public.crt", PUBLIC)
    scene.files.write("/etc/ca-certificates.conf", "public.crt\n")
    local, shared = scene.files.path(places.TRUST_FOLDER), scene.files.path("/usr/share/ca")
    local.mkdir(parents=True)

    def update(call: Call) -> None:
        run(
            "/usr/sbin/update-ca-certificates",
            *call.argv[1:],
            *("--localcertsdir", str(local), "--etccertsdir", str(store)),
            *("--certsdir", str(shared), "--hooksdir", str(scene.files.path("/none"))),
            *("--certsconf", str(scene.files.path("/etc/ca-certificates.conf"))),
        )

    scene.run.on("update-ca-certificates", effect=update)
    bundle = store / "ca-certificates.crt"
    scene.apply(Settings(node=Node(ca_certificates="".join(CHAIN))))
    assert all(pem in bundle.read_text() for pem in (PUBLIC, *CHAIN))
    scene.apply(Settings(node=Node(ca_certificates=CHAIN[1])))
    assert CHAIN[0] not in bundle.read_text()
    scene.apply(Settings())
    assert bundle.read_text() == PUBLIC
    assert not [path.name for path in store.iterdir() if not path.exists()]
    assert not list(store.glob("bandstand-*"))


PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from agent.accepted.store import Accepted
from agent.change import STAGES
from agent.settings.declaration import Settings
from agent.system.files import Files
from agent.system.host import Host

host = Host(files=Files(Path(sys.argv[2])))
for stage in STAGES:
    if stage.setting:
        assert stage.steps(Settings(), Accepted(), host) == ()
print(*sorted(name for name in sys.modules if name.startswith("agent.services.")))
"""


@pytest.mark.outside
def test_a_node_that_was_given_nothing_loads_next_to_nothing(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[3])
    said = run(sys.executable, "-I", "-c", PROGRAM, root, str(tmp_path))
    assert said.stdout.split() == ["agent.services.observe", "agent.services.places"]
