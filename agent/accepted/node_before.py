"""The last change of the node's settings, for one step back: each key before and after it.

Without what is secret: of that there is no second copy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from agent.settings import normal
from agent.settings.declaration import Settings
from agent.system.files import Files
from agent.typed import NamedTuple
from agent.values.json_object import list_of, object_of, parse, text_of

FILE = "/var/lib/bandstand/node-before.json"


class Change(NamedTuple):
    """`before` and `after` are texts by key, blank where it was, or is, unset; of `secrets` only
    the keys are known.
    """

    before: Mapping[str, str]
    after: Mapping[str, str]
    secrets: tuple[str, ...] = ()

    def stands(self, own: Settings) -> bool:
        """Whether all of it is still as this change made it."""
        texts = normal.to_text(own)
        return all(texts.get(key, "") == text for key, text in self.after.items())


def between(former: Settings, made: Settings) -> Change:
    sealed = (normal.secrets_of(former), normal.secrets_of(made))
    texts = (normal.to_text(former), normal.to_text(made))
    secrets = {key for key in {*sealed[0], *sealed[1]} if sealed[0].get(key) != sealed[1].get(key)}
    keys = [key for key in {**texts[0], **texts[1]} if texts[0].get(key) != texts[1].get(key)]
    plain = sorted(set(keys) - secrets)
    before, after = ({key: one.get(key, "") for key in plain} for one in texts)
    return Change(before, after, tuple(sorted(secrets)))


def save(files: Files, change: Change) -> bool:
    return files.write(FILE, json.dumps(change._asdict(), indent=1) + "\n", mode=0o600)


def load(files: Files) -> Change | None:
    """None where there is nothing to go back to, or nothing readable."""
    try:
        found = parse(files.read(FILE) or "{}")
    except ValueError:
        return None
    before, after = (_texts(found.get(name)) for name in ("before", "after"))
    secrets = tuple(text_of(one) for one in list_of(found.get("secrets")))
    is_whole = before.keys() == after.keys() and bool(before or secrets)
    return Change(before, after, secrets) if is_whole else None


def _texts(found: object) -> dict[str, str]:
    return {key: text_of(text) for key, text in object_of(found).items()}


def forget(files: Files) -> bool:
    return files.remove(FILE)
