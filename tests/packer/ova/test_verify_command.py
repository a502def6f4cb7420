"""The program that verifies: its exit codes, what it says, and appliances of other sizes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import ClassVar

import pytest

from agent.settings.declaration import CORE
from packer.ova.build import build_ova
from packer.ova.profile import GIB, WIDE
from packer.ova.verify import main
from tests.packer.ova.conftest import NAME
from tests.packer.ova.damage import (
    DISK,
    MF,
    OVF,
    Damage,
    changed,
    disk_changed,
    resealed,
    wider,
)
from tests.packer.ova.small import GRAIN, PRODUCT, SMALL, members_of, write_archive

Capture = pytest.CaptureFixture[str]


class TestCommand:
    """`python -m packer.ova.verify`, by its exit codes and by what it says."""

    @pytest.fixture(scope="class")
    def released(self, raw_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        target = tmp_path_factory.mktemp("released") / f"{NAME}.ova"
        return build_ova(raw_disk, target, product=PRODUCT, profile=WIDE, rows=CORE.rows)

    @pytest.mark.outside
    def test_a_good_one_ends_with_zero(
        self, released: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(released)]) == 0
        assert capsys.readouterr().out.endswith(f"{NAME}.ova: as promised, profile wide\n")

    @pytest.mark.outside
    def test_json_is_one_object(self, released: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main([str(released), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["ok"], said["faults"], said["profile"]) == (True, [], "wide")
        assert [member["name"] for member in said["members"]] == [OVF, MF, DISK]

    def test_a_damaged_one_ends_with_three_and_every_fault(
        self, small_ova: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(small_ova)]) == 3
        said = capsys.readouterr().out
        assert f"{DISK}: is a disk of {SMALL.disk_bytes} bytes; the profile wide has" in said
        assert "network.mode: is declared, but the descriptor has no such property" in said
        assert said.endswith(" faults\n")

    def test_json_tells_the_faults(
        self, small_ova: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(small_ova), "--json"]) == 3
        said = json.loads(capsys.readouterr().out)
        assert not said["ok"]
        assert {"code", "setting", "message", "hint"} == set(said["faults"][0])

    def test_a_missing_file_ends_with_two(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(tmp_path / "no.ova")]) == 2
        assert "there is no file" in capsys.readouterr().err


class TestOtherSizes:
    """What `make ova CPUS=2 MEMORY_MB=4096 DISK_GB=100` builds."""

    SIZES: ClassVar[dict[str, str]] = {"CPUS": "2", "MEMORY_MB": "4096", "DISK_GB": "100"}

    @pytest.fixture(scope="class")
    def sized(self, raw_disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
        target = tmp_path_factory.mktemp("sized") / f"{NAME}.ova"
        sizes = dataclasses.replace(WIDE, cpus=2, memory_mib=4096, disk_bytes=100 * GIB)
        return build_ova(raw_disk, target, product=PRODUCT, profile=sizes, rows=CORE.rows)

    def said(
        self, ova: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture, **asked: str
    ) -> tuple[int, str]:
        for name in self.SIZES:
            monkeypatch.delenv(name, raising=False)
        for name, value in asked.items():
            monkeypatch.setenv(name, value)
        code = main([str(ova)])
        said = capsys.readouterr()
        return code, said.out + said.err

    @pytest.mark.outside
    def test_it_passes_with_its_variables_and_without(
        self, sized: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        for asked in ({}, self.SIZES, {"CPUS": "2"}, {"DISK_GB": ""}):
            code, said = self.said(sized, monkeypatch, capsys, **asked)
            assert (code, said.splitlines()[-1].partition(": ")[2]) == (
                0,
                "as promised, profile wide",
            )

    @pytest.mark.outside
    @pytest.mark.parametrize(
        ("name", "value", "sentence"),
        [
            ("CPUS", "4", "descriptor: its number of CPUs is 2; accepted is 4"),
            ("MEMORY_MB", "8192", "descriptor: its memory in MB is 4096; accepted is 8192"),
            ("DISK_GB", "80", f"is a disk of {100 * GIB} bytes; the profile wide has {80 * GIB}"),
        ],
    )
    def test_it_is_refused_where_something_else_was_asked_for(
        self, sized: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture,
        name: str, value: str, sentence: str,
    ) -> None:  # fmt: skip
        code, said = self.said(sized, monkeypatch, capsys, **{name: value})
        assert (code, said.count("accepted") + said.count("the profile wide has")) == (3, 1)
        assert sentence in said

    @pytest.mark.outside
    @pytest.mark.parametrize(
        ("damage", "sentence"),
        [
            (
                changed(OVF, rb'ovf:capacity="\d+"', b'ovf:capacity="85899345920"'),
                f"{DISK}: is a disk of {100 * GIB} bytes, but the descriptor says ovf:capacity",
            ),
            (
                changed(OVF, b"<rasd:VirtualQuantity>2<", b"<rasd:VirtualQuantity>65<"),
                "descriptor: its number of CPUs is 65; accepted is 4",
            ),
            (
                changed(OVF, b"<rasd:VirtualQuantity>4096<", b"<rasd:VirtualQuantity>0<"),
                "descriptor: its memory in MB is 0; accepted is 8192",
            ),
            (disk_changed(wider), f"{DISK}: is a disk of {100 * GIB + GRAIN} bytes; the profile"),
        ],
        ids=["capacity", "processors", "memory", "wider disk"],
    )
    def test_damaged_it_is_refused_all_the_same(
        self, sized: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture,
        damage: Damage, sentence: str,
    ) -> None:  # fmt: skip
        members = resealed(damage(members_of(sized)))
        ova = write_archive(tmp_path / sized.name, list(members.items()))
        code, said = self.said(ova, monkeypatch, capsys)
        assert code == 3
        assert sentence in said

    def test_a_variable_out_of_range_is_a_wrong_call(
        self, small_ova: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
    ) -> None:
        code, said = self.said(small_ova, monkeypatch, capsys, CPUS="lots")
        assert code == 2
        assert "CPUS: lots is refused; accepted is a whole number from 1 to 64" in said
