"""The bundle of a node in a folder: what is in it, what is not, and where it may be written."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from agent.accepted import acts, store
from agent.accepted.store import Accepted
from agent.errors import CommandFailed, NotNow, StepFailed, UsageError
from agent.settings import kinds, normal
from agent.settings.declaration import CORE
from agent.settings.declare import Scope
from agent.settings.secret import MASK, Secret
from agent.status.merge import STATUS
from agent.support.bundle import FOLDER, make
from agent.system.files import Files
from agent.system.host import Host
from agent.values import join_string
from tests.agent.commands.test_status import READY
from tests.fakes.clock import FakeClock
from tests.fakes.issuer import issue
from tests.fakes.run import Call, FakeRun

FILE = "/tmp/bundle.tar.gz"


@pytest.fixture
def run() -> FakeRun:
    return FakeRun()


@pytest.fixture
def host(tmp_path: Path, run: FakeRun) -> Host:
    files = Files(tmp_path)
    files.make_folder("/tmp")
    _ = files.write(STATUS, json.dumps(READY))
    return Host(files=files, run=run, clock=FakeClock())


def opened(host: Host, name: str = FILE) -> dict[str, str]:
    """Its files by name, in their order, without the folder they are in."""
    data = host.files.read_bytes(name)
    assert data is not None
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        found: dict[str, str] = {}
        for entry in archive:
            inside = archive.extractfile(entry)
            assert inside is not None
            found[entry.name.partition("/")[2]] = inside.read().decode()
    return found


def test_the_list_of_contents_comes_first_and_names_everything(host: Host) -> None:
    made = make(host, FILE)
    found = opened(host)
    assert next(iter(found)) == "contents.txt"
    assert tuple(found)[1:] == made.contents
    listed = [line.split()[:2] for line in found["contents.txt"].splitlines()[5:]]
    assert listed == [
        [str(len(text.encode())), name] for name, text in found.items() if name != "contents.txt"
    ]


def test_it_has_status_settings_logs_network_nginx_and_versions(host: Host, run: FakeRun) -> None:
    run.on("nginx", "-T", stdout="server { listen 443 ssl; }")
    run.on("journalctl", stdout="bandstand[1]: ready")
    _ = host.files.write("/etc/systemd/network/10-bandstand-ens32.network", "[Match]\nName=ens32\n")
    _ = host.files.write("/run/systemd/netif/links/2", "ADMIN_STATE=configured\n")
    _ = host.files.write("/etc/bandstand/release", "VERSION=1\n")
    _ = make(host, FILE)
    found = opened(host)
    assert json.loads(found[f"files{STATUS}"]) == READY
    assert "listen 443" in found["nginx.txt"]
    assert "ready" in found["log/bandstand.txt"]
    assert "Name=ens32" in found["files/etc/systemd/network/10-bandstand-ens32.network"]
    assert "configured" in found["files/run/systemd/netif/links/2"]
    assert found["files/etc/bandstand/release"] == "VERSION=1\n"
    assert {"versions.txt", "network/addresses.txt", "network/routes.txt"} <= set(found)


CRASHES = "/var/lib/bandstand/console"


def test_crashes_of_the_console_are_in_it_and_what_links_lead_to_is_not(host: Host) -> None:
    _ = host.files.write(f"{CRASHES}/7F3K.txt", "Traceback: password=hunter22\n")
    _ = host.files.write("/etc/shadow-of-all", "somebody else's")
    _ = host.files.link(f"{CRASHES}/link.txt", to=str(host.files.path("/etc/shadow-of-all")))
    _ = make(host, FILE)
    found = opened(host)
    assert found[f"files{CRASHES}/7F3K.txt"].startswith("Traceback: ")
    assert "hunter22" not in found[f"files{CRASHES}/7F3K.txt"]
    assert f"files{CRASHES}/link.txt" not in found


def test_it_is_roots_alone(host: Host) -> None:
    made = make(host, FILE)
    path = host.files.path(FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size == made.size
    assert [one.name for one in path.parent.iterdir()] == ["bundle.tar.gz"]


def test_a_node_where_nothing_works_still_has_one(tmp_path: Path) -> None:
    def missing(call: Call) -> None:
        raise CommandFailed(f"the program {call.argv[0]} is not installed")

    run = FakeRun()
    run.on(effect=missing)
    host = Host(files=Files(tmp_path), run=run, clock=FakeClock())
    host.files.make_folder("/tmp")
    _ = make(host, FILE)
    assert opened(host)["network/addresses.txt"] == "the program ip is not installed\n"


CANARY = "canary-7d1e-horse"


def _planted(host: Host) -> dict[str, str]:
    """A secret in every secret setting, by its key; acts too."""
    join = join_string.format(join_string.generate((join_string.Seed("192.0.2.1"),)))
    own = {row.key: issue().key_pem for row in CORE.rows if row.kind is kinds.PRIVATE_KEY}
    own["cluster.join"] = join
    return {
        row.key: own.get(row.key, f"{CANARY}-{row.key.replace('.', '-')}")
        for row in CORE.rows
        if row.is_secret
    }


def _accept(host: Host, planted: dict[str, str]) -> None:
    kept = {
        row.key: Secret(planted[row.key])
        for row in CORE.rows
        if row.is_secret and row.scope is not Scope.ACT
    }
    settings = normal.overlay(store.load(host.files).own, kept)
    shared = {"database.password": Secret(f"{CANARY}-shared")}
    _ = store.save(
        host.files,
        Accepted(own=settings, source="test", shared=shared, membership=store.Membership.MEMBER),
    )
    for row in CORE.rows:
        if row.is_secret and row.scope is Scope.ACT:
            _ = acts.put_act(host.files, row.key, Secret(planted[row.key]))


def _environment(planted: dict[str, str]) -> str:
    rows = [f'<Property oe:key="{key}" oe:value="{CANARY}-of-another-deploy"/>' for key in planted]
    return "\n".join(rows)


def test_no_secret_is_ever_in_it(host: Host, run: FakeRun) -> None:
    """One in every secret setting, as a log and every file of a foreign program might hold it."""
    planted = _planted(host)
    _accept(host, planted)
    foreign = issue().key_pem
    spilt = "\n".join(
        (
            *planted.values(),
            json.dumps(planted),
            _environment(planted),
            f"PASSWORD={CANARY}-in-the-environment http://me:{CANARY}@proxy.example:3128/",
            foreign,
            *foreign.splitlines(),
        )
    )
    for program in ("journalctl", "nginx", "ip", "systemctl", "nft", "networkctl"):
        run.on(program, stdout=spilt, stderr=spilt, returncode=1)
    for name in ("/proc/cmdline", "/var/log/bandstand/audit.jsonl", "/etc/chrony/conf.d/a.conf"):
        _ = host.files.write(name, spilt)
    _ = host.files.write(STATUS, json.dumps({**READY, "step": spilt, "odd": {"password": CANARY}}))

    _ = make(host, FILE)

    whole = "\n".join(f"{name}\n{text}" for name, text in opened(host).items())
    assert MASK in whole
    assert CANARY not in whole
    assert planted["cluster.join"] not in whole
    for key in (planted["tls.key"], planted["portal.key"], planted["database.key"], foreign):
        assert not any(line in whole for line in key.splitlines()[1:-1])


def test_settings_are_masked_by_their_type(host: Host) -> None:
    planted = _planted(host)
    _accept(host, planted)
    _ = make(host, FILE)
    told = json.loads(opened(host)["settings.json"])
    assert told["own"] == {
        key: MASK for key in planted if CORE.find(key).scope is not Scope.ACT  # type: ignore[union-attr] # pyright: ignore[reportOptionalMemberAccess]
    }  # fmt: skip
    assert told["shared"] == {"database.password": MASK}
    assert told["membership"] == "member"


@pytest.mark.parametrize("limit_kib", [48, 64, 256])
def test_it_is_never_larger_than_its_bound(host: Host, run: FakeRun, limit_kib: int) -> None:
    """Of text that does not pack, and much of it; what is cut is cut from the front, and said."""
    noise = bytes(range(33, 126)) * 20
    for name in ("journalctl", "nginx"):
        words = "".join(chr(33 + (7 * at * at + at) % 90) for at in range(200_000))
        run.on(name, stdout=f"{words}THE-END")
    _ = host.files.write("/proc/cmdline", noise)
    made = make(host, FILE, limit_bytes=limit_kib << 10)
    found = opened(host)
    assert made.size <= limit_kib << 10
    assert "found no room" in found["contents.txt"]
    assert found["nginx.txt"].endswith("THE-END")


@pytest.mark.parametrize("free_mib", [0, 79])
def test_a_full_disk_is_told_before_anything_is_done(
    host: Host, run: FakeRun, monkeypatch: pytest.MonkeyPatch, free_mib: int
) -> None:
    def free_bytes(files: Files, folder: str) -> int:
        assert folder == "/tmp"
        return free_mib << 20

    monkeypatch.setattr(Files, "free_bytes", free_bytes)
    with pytest.raises(NotNow) as caught:
        _ = make(host, FILE)
    assert caught.value.code == "no-room"
    assert caught.value.exit_code == 6
    assert caught.value.message.startswith(f"the disk of /tmp has {free_mib} MiB free; ")
    assert "80" in caught.value.message
    assert run.calls == []
    assert not host.files.exists(FILE)


def test_room_that_just_suffices_is_enough(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def free_bytes(files: Files, folder: str) -> int:
        return 80 << 20

    monkeypatch.setattr(Files, "free_bytes", free_bytes)
    assert make(host, FILE).size > 0


def test_what_is_free_is_asked_of_the_disk(host: Host) -> None:
    assert host.files.free_bytes("/tmp") > 0


def test_a_place_that_is_none_is_refused(host: Host) -> None:
    host.files.make_folder("/tmp/folder")
    host.files.path("/tmp/link").symlink_to("bundle.tar.gz")
    for name in ("/nowhere/a.tar.gz", "/tmp/folder", "/tmp/link"):
        with pytest.raises(UsageError):
            _ = make(host, name)
    assert host.files.path("/tmp/folder").is_dir()


def test_a_bundle_that_cannot_be_written_leaves_the_old_one(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = make(host, FILE)
    before = host.files.read_bytes(FILE)

    def full(*_: object, **__: object) -> bool:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Files, "write", full)
    with pytest.raises(StepFailed, match="No space left"):
        _ = make(host, FILE)
    assert host.files.read_bytes(FILE) == before


def test_in_their_own_folder_the_last_three_are_kept(host: Host) -> None:
    made: list[str] = []
    for _ in range(5):
        made.append(make(host).file)
        host.clock.pause(60)
    assert host.files.names(FOLDER) == tuple(made[-3:])
    assert host.files.path(FOLDER).stat().st_mode & 0o777 == 0o700
