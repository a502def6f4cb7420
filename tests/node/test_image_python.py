"""The unit tests once more, on the image's own Python and packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import image_python
from tests.lab.fleet import image_tree
from tests.lab.site import Site

pytestmark = pytest.mark.node

# What starts servers belongs to the machine that has them.
_ONLY = "not outside and not node and not appliance and not soak"
_TESTS = ("tests/agent", "tests/firstboot")


def test_the_unit_tests_pass_on_the_images_python(site: Site) -> None:
    there = [name for name in _TESTS if (Path(image_python.REPOSITORY) / name).is_dir()]
    said = image_python.pytest(site, image_tree(), "-q", "-m", _ONLY, *there, within_s=400)
    assert said.ok, said.stdout[-6000:] + said.stderr[-2000:]
