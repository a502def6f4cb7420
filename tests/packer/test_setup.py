"""Set-up: what is there is left alone, what is missing is fetched, each said in a sentence."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.errors import UsageError
from packer import place, setup
from tests.fakes.run import FakeRun


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


def test_an_environment_that_is_done_is_left_alone(
    run: FakeRun, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "bin/python"
    python.parent.mkdir()
    python.touch()
    monkeypatch.setattr(setup, "_ENVIRONMENT", tmp_path)
    monkeypatch.setattr(setup, "_STAMP", tmp_path / "stamp")
    installed: list[tuple[str, ...]] = []

    def install(*argv: str, log: Path) -> None:
        assert log.name == "setup.log"
        installed.append(argv)

    monkeypatch.setattr(setup, "logged", install)
    setup.make_environment()
    assert len(installed) == 1
    assert "pytest==8.3.5" in installed[0]
    setup.make_environment()
    assert len(installed) == 1
