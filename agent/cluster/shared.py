"""What all nodes of the cluster share: settings as text, by version, sealed as a document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.cluster.seal import Keyring, Tampered, digest
from agent.cluster.store.configuration import ConfigurationRow
from agent.cluster.store.target import Target, target_of
from agent.cluster.vouch import check, vouch
from agent.values.json_object import object_of, parse

CERTIFICATE = "tls.certificate"
KEY = "tls.key"
HOSTNAME = "cluster.hostname"
NAME = "cluster.name"


class WebSource(StrEnum):
    """Where the web certificate came from: given ones are never replaced by us."""

    GIVEN = "given"
    CLUSTER = "cluster"


@dataclass(frozen=True, repr=False)
class Shared:
    """`settings` in their normal form, secrets in clear: never shown, logged or stored unsealed."""

    version: int
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    web_source: WebSource = WebSource.CLUSTER

    @property
    def target(self) -> Target:
        return target_of(self.settings)

    @property
    def digest(self) -> str:
        return digest("shared", str(self.version), _text(self))


def to_row(keyring: Keyring, shared: Shared, *, made_by: str, reason: str) -> ConfigurationRow:
    document = keyring.seal(_text(shared).encode(), about=_about(shared.version))
    row = ConfigurationRow(shared.version, document, shared.digest, made_by, reason)
    return vouch(keyring, row)


def from_row(keyring: Keyring, row: ConfigurationRow) -> Shared:
    """Raises Tampered for a row that no member wrote."""
    text = keyring.unseal(check(keyring, row).document, about=_about(row.version))
    try:
        stored = parse(text)
        settings = {key: str(value) for key, value in object_of(stored["settings"]).items()}
        shared = Shared(row.version, settings, WebSource(str(stored["web_source"])))
        _ = shared.target
    except (ValueError, KeyError) as error:
        raise Tampered(f"version {row.version} of the configuration cannot be read") from error
    return shared


def _text(shared: Shared) -> str:
    document = {"settings": dict(shared.settings), "web_source": shared.web_source}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def _about(version: int) -> str:
    return f"configuration {version}"
