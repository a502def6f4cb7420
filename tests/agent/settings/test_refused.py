"""The table of bad answers: each named with its field, and what would be accepted."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
import yaml

from agent.__main__ import main
from agent.properties.read import read
from agent.settings.accept import ALONE, accept
from agent.settings.declaration import CORE, Settings
from agent.system.files import Files
from agent.system.host import Host
from agent.system.run import Completed
from tests.agent.settings.stand_ins import MINE, STAND_INS, answers_of

TABLE = Path(__file__).parents[2] / "fixtures" / "refused.toml"
CASES: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["case"]
NAMES = [case["name"] for case in CASES]

every_case = pytest.mark.parametrize("case", CASES, ids=NAMES)


@every_case
def test_refused(case: dict[str, Any]) -> None:
    found = accept(answers_of(case), strict=case.get("strict", False))
    said = {fault.setting: fault.message for fault in found.faults}
    assert case["setting"] in said
    assert case["says"] in said[case["setting"]]
    everything = repr(found)
    for secret in (case.get("quiet"), "PRIVATE KEY-----\n", *MINE.key_pem.splitlines()[1:-1]):
        assert secret is None or secret not in everything
    assert all("\n" not in fault.message for fault in found.faults)
    assert all(fault.hint and fault.code for fault in found.faults)


@every_case
def test_what_is_refused_takes_its_default(case: dict[str, Any]) -> None:
    found = accept(answers_of(case), strict=case.get("strict", False))
    category, _, name = case["setting"].partition(".")
    if category not in CORE.categories:
        assert found.refused == frozenset()
    elif category == "node" or case["setting"] in ALONE:
        section, defaults = getattr(found.settings, category), getattr(Settings(), category)
        assert getattr(section, name, None) == getattr(defaults, name, None)
    else:
        assert category in found.refused
        assert getattr(found.settings, category) == getattr(Settings(), category)


def environment(answers: Mapping[str, str]) -> str:
    """As a platform writes it."""
    namespace = "http://schemas.dmtf.org/ovf/environment/1"
    lines = [
        f"<Property oe:key={quoteattr(key)} oe:value={quoteattr(text)}/>"
        for key, text in answers.items()
    ]
    head = f'<Environment xmlns="{namespace}" xmlns:oe="{namespace}"><PropertySection>'
    return "\n".join((head, *lines, "</PropertySection></Environment>"))


def as_yaml(answers: Mapping[str, str]) -> str:
    return yaml.safe_dump(dict(answers), allow_unicode=True)


def as_json(answers: Mapping[str, str]) -> str:
    return json.dumps(dict(answers))


WRITTEN: dict[str, Callable[[Mapping[str, str]], str]] = {
    "yaml": as_yaml,
    "json": as_json,
    "xml": environment,
}


def _no_tool(*argv: str, **_: object) -> Completed:
    return Completed(argv, 1, "", "there is none")


def by_guestinfo(files: Files, answers: Mapping[str, str]) -> Host:
    def say(*argv: str, **_: object) -> Completed:
        return Completed(argv, 0, environment(answers), "")

    _ = files.write("/run/systemd/container", "test")
    return Host(files=files, run=say)


def by_rpctool(files: Files, answers: Mapping[str, str]) -> Host:
    """A host that refuses the larger tool."""

    def say(*argv: str, **_: object) -> Completed:
        is_small = argv[0] == "vmware-rpctool"
        return Completed(argv, 0 if is_small else 1, environment(answers) if is_small else "", "")

    _ = files.write("/run/systemd/container", "test")
    return Host(files=files, run=say)


def by_disc(files: Files, answers: Mapping[str, str]) -> Host:
    _ = files.write("/dev/sr0", "")
    return _mounts(files, "ovf-env.xml", environment(answers))


def by_medium(files: Files, answers: Mapping[str, str]) -> Host:
    _ = files.write("/dev/disk/by-label/BANDSTAND", "")
    return _mounts(files, "answers.yaml", as_yaml(answers))


def _mounts(files: Files, name: str, text: str) -> Host:
    def mount(*argv: str, **_: object) -> Completed:
        if argv[0] == "mount":
            assert files.write(f"{argv[-1]}/{name}", text)
        return Completed(argv, 0 if "mount" in argv[0] else 1, "", "")

    return Host(files=files, run=mount)


def by_yaml(files: Files, answers: Mapping[str, str]) -> Host:
    _ = files.write("/etc/bandstand/answers.yaml", as_yaml(answers))
    return Host(files=files, run=_no_tool)


def by_json(files: Files, answers: Mapping[str, str]) -> Host:
    _ = files.write("/etc/bandstand/answers.json", as_json(answers))
    return Host(files=files, run=_no_tool)


def by_classes(files: Files, answers: Mapping[str, str]) -> Host:
    """The same with the keys nested by their classes."""
    nested: dict[str, dict[str, str]] = {}
    for key, text in answers.items():
        category, _, name = key.partition(".")
        nested.setdefault(category, {})[name] = text
    _ = files.write("/etc/bandstand/answers.yaml", yaml.safe_dump(nested, allow_unicode=True))
    return Host(files=files, run=_no_tool)


Way = Callable[[Files, Mapping[str, str]], Host]
ENVIRONMENTS: dict[Way, str] = {
    by_guestinfo: "guestinfo",
    by_rpctool: "guestinfo",
    by_disc: "disc in /dev/sr0",
}
ANSWERS_FILES: dict[Way, str] = {
    by_medium: "medium BANDSTAND: answers.yaml",
    by_yaml: "/etc/bandstand/answers.yaml",
    by_json: "/etc/bandstand/answers.json",
    by_classes: "/etc/bandstand/answers.yaml",
}
# Cases of answers files alone; and those of them in which nothing is of our classes, so that a node
# goes on to its next source.
_OF_FILES, _SAYING_NOTHING = 5, 3


@pytest.mark.parametrize("by", [*ENVIRONMENTS, *ANSWERS_FILES])
def test_every_source_is_judged_alike(by: Way, tmp_path: Path) -> None:
    """The whole table; a key that nobody knows is a fault in answers files only."""
    told: list[str] = []
    is_file = by in ANSWERS_FILES
    source = {**ENVIRONMENTS, **ANSWERS_FILES}[by]
    for place, case in enumerate(CASES):
        is_strict = case.get("strict", False)
        answers = answers_of(case)
        is_ours = any(key.partition(".")[0] in CORE.categories for key in answers)
        if is_strict and not (is_file and is_ours):
            continue
        found = read(by(Files(tmp_path / str(place)), answers))
        assert (found.source, found.faults) == (source, ()), case["name"]
        accepted = accept(found.raw, strict=found.is_strict)
        assert accepted.faults == accept(answers, strict=is_strict).faults, case["name"]
        assert case["setting"] in {fault.setting for fault in accepted.faults}
        told.append(case["name"])
    assert len(told) == len(CASES) - (_SAYING_NOTHING if is_file else _OF_FILES)


@pytest.mark.parametrize("suffix", WRITTEN)
def test_the_command_judges_alike(
    suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for case in CASES:
        is_strict = case.get("strict", False)
        if is_strict and suffix == "xml":
            continue
        answers = answers_of(case)
        file = tmp_path / f"answers.{suffix}"
        _ = file.write_text(WRITTEN[suffix](answers), encoding="utf-8")
        assert main(["settings", "check", str(file)]) == 3, case["name"]
        said = capsys.readouterr().out
        wanted = accept(answers, strict=is_strict).faults
        assert said.splitlines() == [f"{fault.setting}: {fault.message}" for fault in wanted]


def test_the_table_is_worth_its_name() -> None:
    assert len(CASES) >= 200
    assert len(set(NAMES)) == len(CASES)
    assert len({json.dumps([case["answers"]], sort_keys=True) for case in CASES}) == len(CASES)
    assert {case["setting"] for case in CASES} >= {row.key for row in CORE.rows}
    given = {text for case in CASES for text in case["answers"].values() if text.startswith("@")}
    assert given == set(STAND_INS)
