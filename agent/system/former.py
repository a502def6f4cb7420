"""Files written with what they held before remembered, so that a step can take them back."""

from __future__ import annotations

from agent.system.files import Files


class Former:
    """`write` and `remove` as Files has them; `restore` puts back what was there, and its mode."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._texts: dict[str, tuple[bytes | None, int]] = {}

    def write(self, name: str, text: str, *, mode: int = 0o644, owner: str | None = None) -> bool:
        self._remember(name, mode)
        if owner is None:
            return self.files.write(name, text, mode=mode)
        return self.files.write(name, text, mode=mode, owner=owner)

    def remove(self, name: str) -> bool:
        self._remember(name, 0o644)
        return self.files.remove(name)

    def restore(self, *, owner: str | None = None) -> None:
        for name, (content, mode) in self._texts.items():
            if content is None:
                _ = self.files.remove(name)
            else:
                _ = self.files.write(name, content, mode=mode, owner=owner)
        self._texts.clear()

    def _remember(self, name: str, mode: int) -> None:
        found = self.files.mode(name)
        kept = mode if found is None else found
        _ = self._texts.setdefault(name, (self.files.read_bytes(name), kept))
