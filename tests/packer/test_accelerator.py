"""Which accelerator: a device file proves nothing, a guest that lives does."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.errors import UsageError
from packer import accelerator
from packer.variables import Accelerator


def _kvm(monkeypatch: pytest.MonkeyPatch, *, carries: bool) -> None:
    def answer(kernel: Path | None, scratch: Path) -> bool:
        assert scratch.is_dir() or kernel
        return carries

    monkeypatch.setattr(accelerator, "_kvm_carries_a_guest", answer)


@pytest.mark.parametrize(
    ("wish", "carries", "chosen"),
    [
        (Accelerator.AUTO, True, Accelerator.KVM),
        (Accelerator.AUTO, False, Accelerator.TCG),
        (Accelerator.KVM, True, Accelerator.KVM),
        (Accelerator.TCG, True, Accelerator.TCG),
    ],
)
def test_choice(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    wish: Accelerator,
    carries: bool,
    chosen: Accelerator,
) -> None:
    _kvm(monkeypatch, carries=carries)
    assert accelerator.choose(wish, kernel=tmp_path / "vmlinuz", scratch=tmp_path) is chosen


def test_an_unknown_kernel_is_not_trusted_to_kvm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _kvm(monkeypatch, carries=True)
    chosen = accelerator.choose(Accelerator.AUTO, kernel=None, scratch=tmp_path)
    assert chosen is Accelerator.TCG


def test_kvm_that_carries_no_guest_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _kvm(monkeypatch, carries=False)
    with pytest.raises(UsageError, match="accepted is tcg or auto"):
        _ = accelerator.choose(Accelerator.KVM, kernel=None, scratch=tmp_path)


def test_cx16_is_never_offered() -> None:
    for chosen in (Accelerator.KVM, Accelerator.TCG):
        assert ["-cpu", "max,-cx16"] in accelerator.arguments(chosen)
