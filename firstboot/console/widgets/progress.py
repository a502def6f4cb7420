"""The progress list: each step with its state as a word in brackets, all of one width."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from agent.status import words
from agent.status.words import Row, Tone
from agent.typed import Any

_SHOWN_S = 0.05
_STATES = {
    "done": ("[ done ]", Tone.GOOD),
    "ok": ("[  ok  ]", Tone.GOOD),
    "running": ("[ .... ]", Tone.BUSY),
    "waiting": ("[      ]", Tone.PLAIN),
    "failed": ("[FAILED]", Tone.BAD),
    "undone": ("[UNDONE]", Tone.BAD),
    "skipped": ("[skipped]", Tone.PLAIN),
    "over": ("[ over ]", Tone.PLAIN),
}


def progress(steps: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    """With what a step says of itself, and what to do, where it does."""
    return tuple(row for step in steps for row in _rows(step))


def _rows(step: Mapping[str, Any]) -> tuple[Row, ...]:
    state = words.clean(step.get("state"))
    word, tone = _STATES.get(state, (f"[{state[:6]:^6}]", Tone.BUSY))
    message, hint = words.clean(step.get("message")), words.clean(step.get("hint"))
    seconds = step.get("seconds")
    took = f"  {seconds:.1f} s" if isinstance(seconds, int | float) and seconds > _SHOWN_S else ""
    name = words.clean(step.get("name"))
    told = f"{name}: {message}" if message else f"{name}{took}"
    hints = (Row("", f"what to do: {hint}"),) if hint else ()
    return (Row(word, told, tone), *hints)
