"""Packer's run: the base disk booted in QEMU, provisioned, checked, cleaned and powered off."""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from agent.errors import CommandFailed
from agent.system.run import run
from packer import accelerator
from packer.base.tree import EXCLUDES
from packer.image import files
from packer.place import ROOT
from packer.tool import find, logged, say
from packer.variables import Accelerator, Variables

_CHECKS = ROOT / "packer/image/checks"
# Emulated, beside other work, a cloud image takes half an hour. What hangs, its own step tells.
_LIMIT_S = 5400
_SERIAL = "serial.log"
# Packer's words where the machine ran, and let it in by no means.
_NOBODY_IN = "Timeout waiting for SSH"
_APPEND = "root=UUID={root} ro console=ttyS0 quiet ds=nocloud"

_SSH_CONFIG = """\
Host *
  IdentityFile {key}
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
"""


@dataclass(frozen=True)
class Base:
    """A base disk: with a kernel beside it while it has no boot loader of its own."""

    disk: Path
    root_uuid: str
    name: str
    kernel: Path | None = None
    initrd: Path | None = None


@dataclass(frozen=True)
class Tools:
    """Packer and the folder of its plugins."""

    packer: Path
    plugins: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PACKER_PLUGIN_PATH": str(self.plugins),
            "CHECKPOINT_DISABLE": "1",
            "PACKER_NO_COLOR": "1",
            # ssh would read the developer's own.
            "SSH_AUTH_SOCK": "",
        }


@dataclass(frozen=True)
class Machine:
    """What the machine is made of: base disk, our package, the text of /etc/bandstand/release."""

    base: Base
    package: Path
    release: str


def provision(
    machine: Machine, folder: Path, *, variables: Variables, tools: Tools, log: Path
) -> Path:
    """Return the raw disk that Packer built in `folder`; packages.txt lies beside it."""
    files.pack(folder / "files.tar", excludes=EXCLUDES)
    (folder / "release").write_text(machine.release, encoding="utf-8")
    values = folder / "values.pkrvars.json"
    chosen = accelerator.choose(variables.accelerator, kernel=machine.base.kernel, scratch=folder)
    say(f"    accelerator: {chosen}")
    told = _values(machine, variables, folder, accelerator.arguments(chosen))
    values.write_text(json.dumps(told), encoding="utf-8")

    def build() -> None:
        logged(
            *(str(tools.packer), "build", "-color=false", "-timestamp-ui"),
            *(f"-var-file={values}", str(ROOT / "packer")),
            log=log,
            environment={
                **tools.environment,
                "TMPDIR": str(folder),
                "PACKER_CACHE_DIR": str(folder / "cache"),
            },
            timeout_s=_LIMIT_S,
        )

    try:
        build()
    except CommandFailed as error:
        _keep_serial(folder, log)
        if chosen is not Accelerator.TCG or _NOBODY_IN not in error.message:
            raise
        say("    its kernel did not come up, as one in fifty that are emulated: once more")
        shutil.rmtree(folder / "output", ignore_errors=True)
        build()
    return folder / "output/appliance.raw"


def _keep_serial(folder: Path, log: Path) -> None:
    """What the machine said, for who asks why."""
    with suppress(FileNotFoundError):
        _ = shutil.copy(folder / _SERIAL, log.with_name(_SERIAL))


def _values(
    machine: Machine, variables: Variables, folder: Path, accelerating: list[list[str]]
) -> dict[str, object]:
    """The variables of variables.pkr.hcl."""
    private_key = _throw_away_key(folder)
    return {
        "base_disk": str(machine.base.disk),
        "files": str(folder / "files.tar"),
        "package": str(machine.package),
        "release": str(folder / "release"),
        "private_key": str(private_key),
        "public_key": private_key.with_suffix(".pub").read_text(encoding="utf-8").strip(),
        "cpus": variables.build_cpus,
        "memory_mb": variables.build_memory_mb,
        "qemu_arguments": _qemu_arguments(machine.base, folder, accelerating),
        "checks": _check_command(private_key),
        "output": str(folder / "output"),
        "package_list": str(folder / "packages.txt"),
    }


def _qemu_arguments(base: Base, folder: Path, accelerating: list[list[str]]) -> list[list[str]]:
    arguments = list(accelerating)
    if base.kernel is not None and base.initrd is not None:
        arguments += [
            ["-kernel", str(base.kernel)],
            ["-initrd", str(base.initrd)],
            ["-append", _APPEND.format(root=base.root_uuid)],
        ]
    return [*arguments, ["-serial", f"file:{folder / _SERIAL}"]]


def _throw_away_key(folder: Path) -> Path:
    key = folder / "build_key"
    program = find("ssh-keygen", package="openssh-client")
    _ = run(program, "-q", "-t", "ed25519", "-N", "", "-C", "build", "-f", str(key))
    return key


def _check_command(private_key: Path) -> list[str]:
    """Testinfra against the running build machine; Packer sets HOST and PORT."""
    config = private_key.with_name("ssh_config")
    config.write_text(_SSH_CONFIG.format(key=private_key), encoding="utf-8")
    return [
        f"cd {ROOT} &&",
        *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        *("-c", os.devnull, "--rootdir", str(ROOT), "--import-mode=importlib"),
        *(f"--ssh-config={config}", "--sudo", "--hosts=ssh://build@$HOST:$PORT", str(_CHECKS)),
    ]
