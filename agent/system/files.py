"""The only door to the file system of a node: a tree under one root, written atomically."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
from pathlib import Path

# Gone at the next boot in any case, so nothing there waits for a disk.
_FLEETING = "/run/"


class Files:
    """Files below `root`; every path given is absolute as the node sees it."""

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def exists(self, name: str) -> bool:
        return self.path(name).exists()

    def names(self, folder: str, pattern: str = "*") -> tuple[str, ...]:
        """Full names of what lies in `folder`, sorted; none when it is not there."""
        return tuple(
            "/" + str(found.relative_to(self.root))
            for found in sorted(self.path(folder).glob(pattern))
        )

    def read(self, name: str) -> str | None:
        """The text of a file, or None when there is none."""
        found = self.read_bytes(name)
        return None if found is None else found.decode("utf-8", errors="replace")

    def read_bytes(self, name: str) -> bytes | None:
        try:
            return self.path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def read_foreign(self, name: str, *, largest_bytes: int) -> bytes | None:
        """A file that somebody else laid, on a medium of theirs; None when there is none.

        Raises OSError for a link, which may lead to our own files, a pipe, which may never end,
        and whatever is larger.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            handle = os.open(self.path(name), flags)
        except (FileNotFoundError, NotADirectoryError):
            return None
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError(errno.EINVAL, "no plain file")
            data = stream.read(largest_bytes + 1)
        if len(data) > largest_bytes:
            raise OSError(errno.EFBIG, f"larger than {largest_bytes} bytes")
        return data

    def read_part(self, name: str, *, offset: int, length: int) -> bytes:
        """So many bytes out of a file or device; fewer, or none, where it has no more to give."""
        try:
            with self.path(name).open("rb", buffering=0) as stream:
                _ = stream.seek(offset)
                return stream.read(length)
        except OSError:
            return b""

    def write(
        self, name: str, content: str | bytes, *, mode: int = 0o644, owner: str | None = None
    ) -> bool:
        """Replace a file whole: written beside, synced, renamed, folder synced.

        Returns False, having touched nothing, when it already stands there with this mode.
        `owner` is `user` or `user:group`, by name or number.
        """
        data = content.encode() if isinstance(content, str) else content
        target = self.path(name)
        if owner is None and self.read_bytes(name) == data and _mode(target) == mode:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.new")
        beside.unlink(missing_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as stream:
            _ = stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            _chown(stream.fileno(), owner)
            if not name.startswith(_FLEETING):
                os.fsync(stream.fileno())
        _ = beside.replace(target)
        _sync(name, target.parent)
        return True

    def make_folder(self, name: str, *, mode: int = 0o755, owner: str | None = None) -> None:
        target = self.path(name)
        target.mkdir(parents=True, exist_ok=True)
        # A link in its place, laid by whom it belongs to, is not followed.
        handle = os.open(target, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            os.fchmod(handle, mode)
            _chown(handle, owner)
        finally:
            os.close(handle)

    def link(self, name: str, *, to: str) -> bool:
        """Make `name` a symbolic link to `to`, atomically; False when it already is."""
        target = self.path(name)
        if target.is_symlink() and str(target.readlink()) == to:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.new")
        beside.unlink(missing_ok=True)
        beside.symlink_to(to)
        _ = beside.replace(target)
        _sync(name, target.parent)
        return True

    def free_bytes(self, folder: str) -> int:
        """What may still be written on the disk of a folder, by who is not root."""
        found = os.statvfs(self.path(folder))
        return found.f_bavail * found.f_frsize

    def remove(self, name: str) -> bool:
        """Remove a file, link or folder; False when there was none."""
        target = self.path(name)
        if not (target.exists() or target.is_symlink()):
            return False
        if target.is_dir() and not target.is_symlink():
            # Loads three compression libraries for archives that nobody makes here.
            from shutil import rmtree

            rmtree(target)
        else:
            target.unlink()
        _sync(name, target.parent)
        return True


def _sync(name: str, folder: Path) -> None:
    if not name.startswith(_FLEETING):
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode(path: Path) -> int | None:
    return path.stat().st_mode & 0o7777 if path.is_file() else None


def _chown(handle: int, owner: str | None) -> None:
    if owner is None:
        return
    user, _, group = owner.partition(":")
    os.chown(handle, _user(user), _group(group or user))


def _user(name: str) -> int:
    return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid


def _group(name: str) -> int:
    return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid
