"""The only door to the file system of a node: a tree under one root, written atomically.

Every boot goes through here, so it stands on os alone: pathlib, and a pattern that is compiled, are
dearer than what is done with them.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
from contextlib import suppress

from agent.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Gone at the next boot in any case, so nothing there waits for a disk.
_FLEETING = "/run/"
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Files:
    """Files below `root`; every path given is absolute as the node sees it."""

    def __init__(self, root: str | Path = "/") -> None:
        self._root = os.fspath(root).rstrip("/")

    @property
    def root(self) -> Path:
        return self.path("/")

    def path(self, name: str) -> Path:
        from pathlib import Path

        return Path(self.place(name))

    def place(self, name: str) -> str:
        """Where a file is for the programs and calls of the kernel that take a path."""
        return f"{self._root}/{name.lstrip('/')}"

    def made_room(self, name: str) -> str:
        """Its place, in a folder that is there now."""
        target = self.place(name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        return target

    def exists(self, name: str) -> bool:
        return self._stat(name) is not None

    def is_folder(self, name: str) -> bool:
        """A folder itself, not a link to one."""
        try:
            return stat.S_ISDIR(os.lstat(self.place(name)).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False

    def mode(self, name: str) -> int | None:
        """The permissions of a plain file; None where there is none."""
        found = self._stat(name)
        return found.st_mode & 0o7777 if found and stat.S_ISREG(found.st_mode) else None

    def changed_ns(self, name: str) -> int | None:
        """When a plain file was last written; None where there is none."""
        found = self._stat(name)
        return found.st_mtime_ns if found and stat.S_ISREG(found.st_mode) else None

    def link_to(self, name: str) -> str | None:
        """What a symbolic link says; None where there is none."""
        try:
            return os.readlink(self.place(name))
        except OSError as error:
            # What is there, and is none, is an invalid argument.
            if error.errno in (*_NOT_THERE, errno.EINVAL):
                return None
            raise

    def names(self, folder: str, pattern: str = "*") -> tuple[str, ...]:
        """Full names of what lies in `folder`, sorted; none when it is not there.

        In a pattern `*` stands for any text within a name, also none; any other sign for itself.
        """
        first, slash, below = pattern.partition("/")
        try:
            found = sorted(os.listdir(self.place(folder)))
        except OSError:
            return ()
        within = folder.rstrip("/")
        names = tuple(f"{within}/{name}" for name in found if _is_like(name, first))
        if not slash:
            return names
        return tuple(name for one in names for name in self.names(one, below))

    def read(self, name: str) -> str | None:
        """The text of a file, or None when there is none."""
        found = self.read_bytes(name)
        return None if found is None else found.decode("utf-8", errors="replace")

    def read_bytes(self, name: str) -> bytes | None:
        try:
            with open(self.place(name), "rb", buffering=0) as stream:
                return stream.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def read_foreign(self, name: str, *, largest_bytes: int) -> bytes | None:
        """A file that somebody else laid, on a medium of theirs; None when there is none.

        Raises OSError for a link, which may lead to our own files, a pipe, which may never end,
        and whatever is larger.
        """
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            handle = os.open(self.place(name), flags)
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
            with open(self.place(name), "rb", buffering=0) as stream:
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
        if owner is None and self.read_bytes(name) == data and self.mode(name) == mode:
            return False
        target, folder, beside = self._beside(name)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as stream:
            _ = stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            _chown(stream.fileno(), owner)
            if not name.startswith(_FLEETING):
                os.fsync(stream.fileno())
        os.replace(beside, target)
        _sync(name, folder)
        return True

    def make_folder(self, name: str, *, mode: int = 0o755, owner: str | None = None) -> None:
        target = self.place(name)
        os.makedirs(target, exist_ok=True)
        # A link in its place, laid by whom it belongs to, is not followed.
        handle = os.open(target, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            os.fchmod(handle, mode)
            _chown(handle, owner)
        finally:
            os.close(handle)

    def link(self, name: str, *, to: str) -> bool:
        """Make `name` a symbolic link to `to`, atomically; False when it already is."""
        if self.link_to(name) == to:
            return False
        target, folder, beside = self._beside(name)
        os.symlink(to, beside)
        os.replace(beside, target)
        _sync(name, folder)
        return True

    def free_bytes(self, folder: str) -> int:
        """What may still be written on the disk of a folder, by who is not root."""
        found = os.statvfs(self.place(folder))
        return found.f_bavail * found.f_frsize

    def remove(self, name: str) -> bool:
        """Remove a file, link or folder; False when there was none."""
        target = self.place(name)
        if self.is_folder(name):
            # Loads three compression libraries for archives that nobody makes here.
            from shutil import rmtree

            rmtree(target)
        else:
            try:
                os.unlink(target)
            except (FileNotFoundError, NotADirectoryError):
                return False
        _sync(name, os.path.dirname(target))
        return True

    def _stat(self, name: str) -> os.stat_result | None:
        try:
            return os.stat(self.place(name))
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise

    def _beside(self, name: str) -> tuple[str, str, str]:
        """A file, its folder, which is made, and where its next version is laid beside it."""
        target = self.made_room(name)
        folder, _, last = target.rpartition("/")
        beside = f"{folder}/.{last}.new"
        with suppress(FileNotFoundError):
            os.unlink(beside)
        return target, folder, beside


def _is_like(name: str, pattern: str) -> bool:
    first, *others = pattern.split("*")
    if not others:
        return name == pattern
    *between, last = others
    if not name.startswith(first) or not name.endswith(last):
        return False
    at, end = len(first), len(name) - len(last)
    for part in between:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return at <= end


def _sync(name: str, folder: str) -> None:
    if not name.startswith(_FLEETING):
        sync_folder(folder)


def sync_folder(folder: str) -> None:
    """Make renames and removals in a folder last through a power cut."""
    handle = os.open(folder or "/", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chown(handle: int, owner: str | None) -> None:
    if owner is None:
        return
    user, _, group = owner.partition(":")
    os.chown(handle, _user(user), _group(group or user))


def _user(name: str) -> int:
    return int(name) if name.isdigit() else pwd.getpwnam(name).pw_uid


def _group(name: str) -> int:
    return int(name) if name.isdigit() else grp.getgrnam(name).gr_gid
