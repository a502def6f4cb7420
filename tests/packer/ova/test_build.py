from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from agent.errors import CommandFailed, InputRefused
from agent.system.run import Completed, Run
from packer.ova.build import build_ova, main
from packer.ova.profile import WIDE
from packer.ova.verify import verify
from tests.packer.ova.conftest import NAME
from tests.packer.ova.declared import ROWS
from tests.packer.ova.small import GRAIN, PRODUCT, SMALL, FakeQemuImg, members_of, sparse_disk


def build(target: Path, run: Run) -> Path:
    raw = target.with_name("disk.raw")
    raw.write_bytes(bytes(GRAIN))
    return build_ova(raw, target, product=PRODUCT, profile=SMALL, rows=ROWS, run=run)


def names(folder: Path) -> set[str]:
    return {found.name for found in folder.iterdir()}


def missing(
    *argv: str,
    check: bool = True,
    stdin: str | None = None,
    timeout_s: float = 60,
    environment: Mapping[str, str] | None = None,
) -> Completed:
    raise CommandFailed(f"the program {argv[0]} is not installed")


def test_the_descriptor_comes_first_and_the_disk_last(small_ova: Path) -> None:
    assert list(members_of(small_ova)) == [f"{NAME}.ovf", f"{NAME}.mf", f"{NAME}-disk1.vmdk"]


def test_a_built_ova_is_as_promised_and_has_its_checksum(small_ova: Path) -> None:
    report = verify(small_ova, rows=ROWS, profiles=(SMALL,))
    assert report.faults == ()
    said = small_ova.with_name(f"{small_ova.name}.sha256").read_text()
    assert said.split() == [hashlib.sha256(small_ova.read_bytes()).hexdigest(), small_ova.name]


def test_a_build_leaves_nothing_beside_its_result(tmp_path: Path) -> None:
    build(tmp_path / "a.ova", FakeQemuImg(sparse_disk({1: b"x" * GRAIN})))
    assert names(tmp_path) == {"a.ova", "a.ova.sha256", "disk.raw"}


def test_a_build_that_fails_leaves_the_old_ova_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.ova").write_bytes(b"old")
    with pytest.raises(CommandFailed, match="qemu-img is not installed"):
        build(tmp_path / "a.ova", missing)
    assert names(tmp_path) == {"a.ova", "disk.raw"}
    assert (tmp_path / "a.ova").read_bytes() == b"old"


def test_what_does_not_verify_never_gets_its_name(tmp_path: Path) -> None:
    disk = bytearray(sparse_disk({1: b"x" * GRAIN}))
    disk[128 * 512 + 12] ^= 0xFF
    with pytest.raises(InputRefused, match="the grain of sector 128 does not unpack"):
        build(tmp_path / "a.ova", FakeQemuImg(bytes(disk)))
    assert names(tmp_path) == {"disk.raw"}


def test_leavings_of_a_killed_build_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / ".a.ova.work").mkdir()
    (tmp_path / ".a.ova.work" / "a-disk1.vmdk").write_bytes(b"half")
    build(tmp_path / "a.ova", FakeQemuImg(sparse_disk({})))
    assert names(tmp_path) == {"a.ova", "a.ova.sha256", "disk.raw"}


def test_equal_inputs_give_an_equal_ova(tmp_path: Path) -> None:
    made: list[bytes] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fake = FakeQemuImg(sparse_disk({1: b"x" * GRAIN}))
        made.append(build(tmp_path / name / "a.ova", fake).read_bytes())
        os.utime(tmp_path / name / "disk.raw", (1, 1))
    assert made[0] == made[1]


@pytest.mark.parametrize("said", ["yesterday", "-1", "1.5", "99999999999"])
def test_a_wrong_moment_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    said: str,
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", said)
    arguments = ["--raw", str(tmp_path / "no"), "--target", "a.ova", "--version", "1"]
    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        f"SOURCE_DATE_EPOCH is {said!r}; accepted are whole seconds since 1970\n"
    )


def test_a_missing_disk_is_told_with_status_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "a.ova"
    assert main(["--raw", str(tmp_path / "no"), "--target", str(target), "--version", "1"]) == 2
    assert "there is no disk" in capsys.readouterr().err


def test_faults_are_told_one_a_line_with_status_three(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "disk.raw"
    raw.write_bytes(b"short")
    target = tmp_path / "a.ova"
    assert main(["--raw", str(raw), "--target", str(target), "--version", "1"]) == 3
    assert capsys.readouterr().err == (
        "disk: disk.raw has 5 bytes; accepted is a raw disk of whole sectors\n"
    )


@pytest.mark.outside
def test_the_command_makes_a_release(
    raw_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "bandstand-9.9-wide.ova"
    asked = ["--raw", str(raw_disk), "--target", str(target), "--version", "9.9"]
    assert main(asked) == 0
    assert capsys.readouterr().out == f"{target}: {target.stat().st_size} bytes\n"
    assert b"<Version>9.9</Version>" in members_of(target)["bandstand-9.9-wide.ovf"]


@pytest.mark.outside
def test_a_real_ova_is_as_promised(real_ova: Path) -> None:
    report = verify(real_ova, rows=ROWS, profiles=(WIDE,))
    assert report.faults == ()
