"""The build, told once: base disk, package, image, OVA; each cached by the hash of its inputs."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.errors import BandstandError, InputRefused
from agent.settings.declaration import CORE
from agent.system.clock import Clock, stamp
from agent.system.run import run
from packer import place, variables
from packer.base import cloud, disk
from packer.base import tree as base_tree
from packer.base.layout import Identity
from packer.deb import build as deb
from packer.image import files, finish, inspect
from packer.image.inspect import Disk
from packer.image.provision import Base, Machine, Tools, provision
from packer.ova.build import build_ova, product_of
from packer.ova.profile import GIB, WIDE
from packer.setup import packer_tools
from packer.steps import Cache, Report, digest, remove_tree
from packer.tool import say, told
from packer.variables import Variables

_PACKER = place.ROOT / "packer"
_IMAGE = _PACKER / "image"
# What works on the disk that Packer leaves; the rest of the folder goes into making it.
_FINISHING = ("finish.py", "findings.toml", "inspect.py", "leftovers.toml", "__pycache__")


@dataclass(frozen=True)
class Build:
    """What every step needs."""

    variables: Variables
    cache: Cache
    folder: Path = place.BUILD

    @property
    def raw(self) -> Path:
        return self.folder / f"bandstand-{self.variables.version}.raw"

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    def log(self, name: str) -> Path:
        """A log of its own for every run of a step."""
        path = self.folder / "log" / f"{name}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        return path


def make_image(build: Build) -> Path:
    """From source to a raw disk that boots, and its tree for containers."""
    base, base_key = make_base(build)
    package, package_key = make_package(build)
    machine, machine_key = _provisioned(build, base, package, digest(base_key, package_key))
    finishing = (_IMAGE / name for name in _FINISHING if not name.startswith("__"))
    key = digest(machine_key, *finishing, str(build.variables.disk_gb))
    made = build.cache.made(
        "image",
        key,
        lambda folder: _make_image(build, machine, folder),
        words="image: clean, make anew, look at offline",
    )
    _lay_out(build, made, key)
    return build.raw


def _provisioned(build: Build, base: Base, package: Path, inputs: str) -> tuple[Path, str]:
    """The folder of the machine that Packer left: its disk and its list of packages."""
    tools = Tools(*packer_tools())
    others = (path for path in sorted(_IMAGE.iterdir()) if path.name not in _FINISHING)
    key = digest(inputs, *others, *sorted(_PACKER.glob("*.pkr.hcl")))

    def make(folder: Path) -> None:
        work = folder / "work"
        work.mkdir()
        release = _release(build.variables.version, key, base, now=Clock().now())
        log = build.log("packer")
        machine = Machine(base, package, release)
        raw = provision(machine, work, variables=build.variables, tools=tools, log=log)
        _ = raw.replace(folder / "disk.raw")
        _ = (work / "packages.txt").replace(folder / "packages.txt")
        remove_tree(work)

    words = "machine: boot, provision, check, clean up"
    return build.cache.made("machine", key, make, words=words), key


def make_base(build: Build) -> tuple[Base, str]:
    """The base disk, ours or a cloud image, and the hash of its inputs."""
    wish = build.variables
    if wish.cloud_image_url:
        key = digest("cloud", wish.cloud_image_sha256)
        made = build.cache.made(
            "base",
            key,
            lambda folder: _make_cloud_base(build, folder),
            words="base disk: cloud image",
        )
        kernel = made / "vmlinuz"
        base = Base(
            made / "disk.raw",
            "",
            f"cloud-{wish.cloud_image_sha256[:12]}",
            kernel if kernel.is_file() else None,
        )
        # The image stays what it is; the updates that its packages get come later.
        moment = datetime.now(UTC).isoformat() if wish.fresh else ""
        return base, digest(key, _PACKER / "base", moment)
    key = digest(_PACKER / "base", _PACKER / "image/files")
    identity = Identity.of(key)
    made = build.cache.made(
        "base",
        key,
        lambda folder: _make_base(build, identity, folder),
        words="base disk: Debian packages",
        fresh=wish.fresh,
    )
    name = f"{base_tree.SUITE}-{key[:12]}"
    base = Base(made / "disk.raw", identity.root, name, made / "vmlinuz", made / "initrd.img")
    return base, digest(key, (made / "made").read_bytes())


def _make_cloud_base(build: Build, folder: Path) -> None:
    """Its kernel lies beside it, to try the accelerator with, where the image has one in /boot."""
    wish, raw = build.variables, folder / "disk.raw"
    cloud.make_disk(wish.cloud_image_url, wish.cloud_image_sha256, raw, log=build.log("base"))
    inside = Disk(raw)
    names = [name for name in inside.names("/boot") if name.startswith("vmlinuz-")]
    if names:
        inside.copy_out(f"/boot/{max(names)}", folder / "vmlinuz")


def _make_base(build: Build, identity: Identity, folder: Path) -> None:
    log = build.log("base")
    tree = folder / "tree"
    naming = {f"/{name}": files.FOLDER / name for name in files.NAMING}
    base_tree.make_tree(tree, identity, naming=naming, log=log)
    disk.make_disk(tree, folder / "disk.raw", identity, log=log)
    disk.take_kernel(tree, folder)
    # Made from newer packages, it is another base although its inputs are the same.
    listed = run("dpkg-query", f"--admindir={tree}/var/lib/dpkg", "-W").stdout
    (folder / "made").write_text(listed, encoding="utf-8")
    remove_tree(tree)


def make_package(build: Build) -> tuple[Path, str]:
    """Our Debian package, also left in the build folder, where it upgrades a node."""
    version = build.variables.version
    key = deb.key(version)

    def make(folder: Path) -> None:
        _ = deb.make_deb(folder, version, log=build.log("deb"))

    made = build.cache.made("deb", key, make, words="package: bandstand")
    package = made / f"bandstand_{version}_all.deb"
    build.folder.mkdir(exist_ok=True)
    _ = shutil.copyfile(package, build.folder / package.name)
    return package, key


def _make_image(build: Build, machine: Path, folder: Path) -> None:
    tree = folder / "tree"
    finish.extract(machine / "disk.raw", tree)
    finish.take_out_leftovers(tree)
    _finish(build, machine / "disk.raw", tree, folder)
    _ = shutil.copyfile(machine / "packages.txt", folder / "packages.txt")
    remove_tree(tree)


def _finish(build: Build, raw: Path, tree: Path, folder: Path) -> None:
    """The file system made anew, then looked at offline."""
    finished = folder / "disk.raw"
    finish.make_anew(raw, tree, finished, disk_gb=build.variables.disk_gb, log=build.log("finish"))
    stale = [
        inspect.Finding(path, "byte code that Python takes", good=False)
        for path in finish.stale_byte_code(tree)
    ]
    findings = (*inspect.inspect(finished), *stale)
    text = inspect.as_text(findings)
    (folder / "findings.txt").write_text(text, encoding="utf-8")
    (build.folder / "findings.txt").write_text(text, encoding="utf-8")
    inspect.refuse_bad(findings)


def _release(version: str, key: str, base: Base, *, now: datetime) -> str:
    """/etc/bandstand/release; a node takes no clock for right that is before BUILT."""
    return (
        f"NAME=bandstand\nVERSION={version}\nBUILD_ID={key[:12]}\nBASE={base.name}\n"
        f"BUILT={stamp(now)}\n"
    )


def _lay_out(build: Build, made: Path, key: str) -> None:
    """What others start from: the disk, the lists, and the root tree for containers."""
    stamp = build.folder / "image.key"
    if stamp.is_file() and stamp.read_text() == key and build.raw.is_file() and build.tree.is_dir():
        return
    stamp.unlink(missing_ok=True)
    with told("disk and tree into build/"):
        finish.copy_sparse(made / "disk.raw", build.raw)
        for name in ("packages.txt", "findings.txt"):
            _ = shutil.copyfile(made / name, build.folder / name)
        fresh = build.folder / "tree.new"
        remove_tree(fresh)
        finish.extract(build.raw, fresh)
        remove_tree(build.tree)
        _ = fresh.replace(build.tree)
    build.cache.report.size(build.raw.name, build.raw.stat().st_blocks * 512)
    stamp.write_text(key)


def make_ova(build: Build) -> Path:
    """The image packed, verified, and left in the build folder with what went in beside it."""
    return _pack(build, make_image(build))


def _pack(build: Build, raw: Path) -> Path:
    version = build.variables.version
    target = build.folder / f"bandstand-{version}-{WIDE.name}.ova"
    stamp = build.folder / "ova.key"
    key = _ova_key(build)
    if stamp.is_file() and stamp.read_text() == f"{key} {_packed(target)}":
        say(f"  OVA {target.name}: as before")
        return target
    stamp.unlink(missing_ok=True)
    began = time.monotonic()
    with told(f"OVA {target.name}: describe, disk, pack, verify"):
        product = product_of("bandstand", version, title="Bandstand", vendor="Bandstand", url="")
        profile = replace(
            WIDE,
            disk_bytes=build.variables.disk_gb * GIB,
            cpus=build.variables.cpus,
            memory_mib=build.variables.memory_mb,
        )
        _ = build_ova(raw, target, product=product, profile=profile, rows=CORE.rows)
    report = build.cache.report
    report.step("ova", seconds=time.monotonic() - began, cached=False, key=key[:16])
    report.size(target.name, target.stat().st_size)
    stamp.write_text(f"{key} {_packed(target)}")
    say(f"  {target.relative_to(place.ROOT)}: {target.stat().st_size / 1e6:.1f} MB")
    return target


def _packed(target: Path) -> str:
    """The OVA as it lies there, with its checksum beside it; nothing where one is missing."""
    beside = target.with_name(f"{target.name}.sha256")
    if not target.is_file() or not beside.is_file():
        return "nothing"
    with target.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _ova_key(build: Build) -> str:
    wish = build.variables
    return digest(
        (build.folder / "image.key").read_bytes(),
        f"{wish.version} {wish.disk_gb} {wish.cpus} {wish.memory_mb}",
        _PACKER / "ova",
        place.ROOT / "templates/ovf",
        place.ROOT / "agent/settings",
        place.ROOT / "agent/values",
    )


def make_quick(build: Build) -> Path:
    """For developing only: today's package put into the last image, without booting it; packed."""
    if not build.raw.is_file() or not build.tree.is_dir():
        return make_ova(build)
    package, key = make_package(build)
    stamp = build.folder / "image.key"
    mark = f"quick {key}"
    if not stamp.is_file() or stamp.read_text() != mark:
        stamp.unlink(missing_ok=True)
        with told("today's package into the tree and the disk of the last image"):
            finish.put_in(package, build.tree)
            beside = build.raw.with_name(f".{build.raw.name}.quick")
            size = build.variables.disk_gb
            finish.make_anew(build.raw, build.tree, beside, disk_gb=size, log=build.log("finish"))
            _ = beside.replace(build.raw)
        stamp.write_text(mark)
    return _pack(build, build.raw)


def main(arguments: Sequence[str] | None = None) -> int:
    """What `make` calls; exit codes as the command's."""
    parser = argparse.ArgumentParser(prog="packer.build", description=__doc__)
    _ = parser.add_argument("what", choices=tuple(_TARGETS))
    wish = parser.parse_args(arguments)
    try:
        cache = Cache(place.cache_folder(), Report(place.BUILD / "report.json"))
        build = Build(variables.read(os.environ), cache)
        _ = _TARGETS[str(wish.what)](build)
    except InputRefused as error:
        say("\n".join(f"{fault.setting}: {fault.message}" for fault in error.faults))
        return error.exit_code
    except BandstandError as error:
        _ = sys.stderr.write(f"{error.message}\n{error.hint}".rstrip() + "\n")
        return error.exit_code
    except OSError as error:
        # A full disk, a folder that is not ours: what was begun is begun again by the next run.
        _ = sys.stderr.write(f"the build could not go on: {error}\n")
        return 1
    except KeyboardInterrupt:
        _ = sys.stderr.write("interrupted; the same command goes on from the last finished step\n")
        return 130
    return 0


def end_as_interrupted() -> None:
    """Whoever ends this process ends the machine too that is at work for it."""
    _ = signal.signal(signal.SIGTERM, signal.default_int_handler)


_TARGETS = {
    "base": make_base,
    "deb": make_package,
    "image": make_image,
    "ova": make_ova,
    "quick": make_quick,
}

if __name__ == "__main__":
    end_as_interrupted()
    sys.exit(main())
