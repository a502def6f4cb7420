"""Settings as text in their normal form, and back; and raw answers made fit to be shown."""

from __future__ import annotations

from collections.abc import Mapping

from agent.settings.declaration import CORE, Declaration, Settings
from agent.settings.secret import Secret


def to_text(settings: Settings, *, declaration: Declaration = CORE) -> dict[str, str]:
    """The set keys in their normal form, without secrets and acts; what has its default is left out."""
    raise NotImplementedError


def secrets_of(settings: Settings, *, declaration: Declaration = CORE) -> dict[str, Secret]:
    """The secret keys that are set, without acts."""
    raise NotImplementedError


def from_text(texts: Mapping[str, str | Secret], *, declaration: Declaration = CORE) -> Settings:
    """Settings out of their normal form; raises InputRefused naming what cannot be read."""
    raise NotImplementedError


def redact(raw: Mapping[str, str], *, declaration: Declaration = CORE) -> dict[str, str]:
    """Raw answers with a mask in place of everything secret."""
    raise NotImplementedError
