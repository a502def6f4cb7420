"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
_LONGEST_FILE = 500
_LONGEST_FUNCTION = 40
_FORBIDDEN_ROOMS = {"utils", "helpers", "common", "manager"}
_TOP_LEVEL = {
    "packer", "agent", "firstboot", "templates", "tests", "docs", ".ci",
    "Makefile", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "DESIGN.md",
    ".gitignore", ".editorconfig",
}  # fmt: skip


def _tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return [name for name in done.stdout.split("\n") if name and (REPOSITORY / name).is_file()]


def _modules(*rooms: str) -> Iterator[tuple[Path, ast.Module]]:
    for room in rooms:
        for path in sorted((REPOSITORY / room).rglob("*.py")):
            yield path.relative_to(REPOSITORY), ast.parse(path.read_text())


def test_the_top_level_holds_what_the_design_names() -> None:
    assert {name.split("/")[0] for name in _tracked()} <= _TOP_LEVEL


def test_no_room_is_a_drawer() -> None:
    named = {
        part for path, _ in _modules("agent", "firstboot", "packer", "tests") for part in path.parts
    }
    assert not {name.removesuffix(".py") for name in named} & _FORBIDDEN_ROOMS


def test_every_package_front_is_a_docstring() -> None:
    for path, tree in _modules("agent", "firstboot", "packer"):
        if path.name == "__init__.py":
            assert len(tree.body) == 1, f"{path} holds more than its docstring"
            assert ast.get_docstring(tree), f"{path} has no docstring"


def test_files_and_functions_stay_small() -> None:
    long: list[str] = []
    for path, tree in _modules("agent", "firstboot", "packer"):
        lines = (REPOSITORY / path).read_text().count("\n")
        if lines > _LONGEST_FILE:
            long.append(f"{path}: {lines} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > _LONGEST_FUNCTION:
                    long.append(f"{path}:{node.lineno} {node.name}: {length} lines")
    assert not long


def test_catching_everything_is_for_entry_points() -> None:
    found: list[str] = []
    for path, tree in _modules("agent", "firstboot", "packer"):
        for node in ast.walk(tree):
            broad = isinstance(node, ast.ExceptHandler) and (
                node.type is None
                or (
                    isinstance(node.type, ast.Name)
                    and node.type.id in {"Exception", "BaseException"}
                )
            )
            if broad and path.name not in {"__main__.py", "serve.py", "daemon.py", "program.py"}:
                found.append(f"{path}:{getattr(node, 'lineno', 0)}")
    assert not found


def test_one_version() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]
    assert f"## {version}" in (REPOSITORY / "CHANGELOG.md").read_text()


def test_nothing_names_the_workplace() -> None:
    words = (
        "/" + "work/",
        "../" + "shared",
        "/" + "root/",
        "pypi." + "org",
        "proxy.golang" + ".org",
    )
    found = [
        f"{name}: {word}"
        for name in _tracked()
        if not name.endswith((".sum", ".png"))
        for word in words
        if word in (REPOSITORY / name).read_text(errors="replace")
    ]
    assert not found
