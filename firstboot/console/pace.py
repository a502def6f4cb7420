"""Who types and what is pasted, told apart by pace: a slow line brings a paste in small pieces.

typed: pressed at once
  an Enter close behind text, and text close behind text where text chooses: held, with what follows
held -> the line is silent: pressed, as if it had come in one reading
     -> more lines than anybody types: a paste, whose line ends are text; so is what follows closely
"""

from __future__ import annotations

from collections.abc import Sequence

from firstboot.console.keys import Press, is_paste, is_text, presses

# Nobody presses two keys within this; the pieces of a slow line come closer to each other.
CLOSE_S = 0.05
# Nor one this soon after a paste, of which the line may be behind.
_PASTE_S = 0.2
_MOST_HELD = 4096


class Pace:
    """Times are by the clock that nobody sets. A reading counts until it is on the screen, which
    takes its time.
    """

    def __init__(self) -> None:
        self._held: list[str] = []
        # What was pressed last, as far as what follows may belong to it.
        self._before: list[str] = []
        self._is_paste = False
        self._done_s: float | None = float("-inf")

    @property
    def holds(self) -> bool:
        return bool(self._held)

    def take(self, keys: Sequence[str], now_s: float, *, is_typing: bool) -> list[Press]:
        """What is to be pressed now; `is_typing` where text goes into a field."""
        ended = self._ended(now_s)
        self._done_s = None
        if self._is_paste:
            return [*ended, *self._pasted(keys, is_typing=is_typing)]
        whole = [*self._held, *keys]
        if is_paste([*self._before, *whole]) or len(whole) > _MOST_HELD:
            self._is_paste, self._held, self._before = True, [], []
            return [*ended, *self._pasted(whole, is_typing=is_typing)]
        free = 0 if self._held else self._free(keys, is_typing=is_typing)
        self._before = list(keys[free - 1 : free]) if free else self._before
        self._held = whole[free:]
        return [*ended, *presses(whole[:free])]

    def done(self, now_s: float) -> None:
        """What was taken is on the screen."""
        self._done_s = now_s

    def release(self) -> list[Press]:
        """The line is silent: nobody pasted that."""
        held, self._held, self._before = self._held, [], []
        return presses(held)

    def _ended(self, now_s: float) -> list[Press]:
        """What was held, where this reading is of another time. One that comes before the screen
        is drawn follows at once.
        """
        if self._done_s is None or now_s - self._done_s < (_PASTE_S if self._is_paste else CLOSE_S):
            return []
        self._is_paste = False
        return self.release()

    def _free(self, keys: Sequence[str], *, is_typing: bool) -> int:
        """How many of the first ones are pressed at once. Texts of one reading are one text."""
        last = self._before
        for at, key in enumerate(keys):
            is_behind = bool(last) and is_text(last[-1])
            if is_behind and (key == "enter" or (not is_typing and at == 0 and is_text(key))):
                return at
            last = [key]
        return len(keys)

    @staticmethod
    def _pasted(keys: Sequence[str], *, is_typing: bool) -> list[Press]:
        """A paste means no menu."""
        return presses(keys, is_pasted=True) if is_typing else []
