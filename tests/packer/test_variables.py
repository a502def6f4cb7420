"""Build variables: typed, in range, every fault at once."""

from __future__ import annotations

import pytest

from agent.errors import UsageError
from packer.variables import Accelerator, read


def test_nothing_given_is_the_product_as_described() -> None:
    found = read({})
    assert (found.disk_gb, found.cpus, found.memory_mb) == (80, 4, 8192)
    assert found.accelerator is Accelerator.AUTO
    assert not found.fresh


def test_given_ones_are_taken() -> None:
    found = read(
        {
            "VERSION": "2.0~rc1",
            "DISK_GB": "120",
            "BANDSTAND_ACCEL": "tcg",
            "FRESH": "1",
            "CPUS": " ",
        }
    )
    assert found.version == "2.0~rc1"
    assert (found.disk_gb, found.cpus) == (120, 4)
    assert found.accelerator is Accelerator.TCG
    assert found.fresh


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("DISK_GB", "3", "a whole number from 8 to 2000"),
        ("DISK_GB", "many", "a whole number from 8 to 2000"),
        ("CPUS", "0", "a whole number from 1 to 64"),
        ("MEMORY_MB", "512", "a whole number from 1024 to 1034240"),
        ("VERSION", "v1", "a version such as 1.4.0"),
        ("BANDSTAND_ACCEL", "xen", "auto, kvm, tcg"),
        ("FRESH", "maybe", "1 or 0"),
        ("CLOUD_IMAGE_URL", "image.raw", "an https, http or file URL"),
        ("CLOUD_IMAGE_SHA256", "abc", "64 hexadecimal digits in lower case"),
    ],
)
def test_one_out_of_range_names_itself_its_value_and_what_would_do(
    name: str, value: str, accepted: str
) -> None:
    with pytest.raises(UsageError) as caught:
        _ = read({name: value})
    assert caught.value.message == f"{name}: {value} is refused; accepted is {accepted}"
    assert caught.value.exit_code == 2


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        _ = read({"CPUS": "0", "DISK_GB": "1"})
    assert len(caught.value.message.splitlines()) == 2


def test_a_cloud_image_needs_its_checksum() -> None:
    with pytest.raises(UsageError, match="only one is set"):
        _ = read({"CLOUD_IMAGE_URL": "https://example.org/image.qcow2"})
