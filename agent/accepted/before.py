"""The settings of the network before those that were kept last, for one step back.

Without what is secret: of a proxy with credentials there is no second copy.
"""

from __future__ import annotations

import json

from agent.errors import InputRefused
from agent.settings import normal
from agent.settings.declaration import Settings
from agent.settings.network import Network
from agent.settings.secret import Secret
from agent.system.files import Files
from agent.values.json_object import object_of, parse, text_of

FILE = "/var/lib/bandstand/network-before.json"


def save(files: Files, network: Network) -> bool:
    content = {"settings": normal.to_text(Settings(network=network))}
    return files.write(FILE, json.dumps(content, indent=1) + "\n")


def load(files: Files, now: Network) -> Network | None:
    """None where there is nothing to go back to, or nothing readable; a proxy of `now` that has
    credentials stays.
    """
    try:
        found = parse(files.read(FILE) or "{}")
        if "settings" not in found:
            return None
        texts = {key: text_of(text) for key, text in object_of(found["settings"]).items()}
        before = normal.from_text(texts).network
    except (ValueError, InputRefused):
        return None
    return before._replace(
        http_proxy=_kept(now.http_proxy, before.http_proxy),
        https_proxy=_kept(now.https_proxy, before.https_proxy),
    )


def _kept(now: str | Secret | None, before: str | Secret | None) -> str | Secret | None:
    return now if isinstance(now, Secret) else before


def forget(files: Files) -> bool:
    return files.remove(FILE)
