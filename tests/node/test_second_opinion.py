"""A second opinion on OVF environments: cloud-init's own reader, as the image has it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.properties import environment
from agent.settings.declaration import CORE
from tests.lab import image_python
from tests.lab.environment import environment as made
from tests.lab.fleet import image_tree
from tests.lab.site import Site
from tests.node.canaries import accepted

pytestmark = pytest.mark.node

_FIXTURES = Path(__file__).parents[1] / "fixtures" / "environments"
# Of the shapes that were seen, those that are XML and have properties.
_SEEN = ("defaults-only", "govc", "host-client-null", "vcenter", "vcloud")
_MAC = "00:50:56:00:00:07"
_SPECIAL = "&<>\"'$`%\\{}[]#:*!|@~ =?,;\t\n\räöß✓🔑日本"
_RANDOM = 200
_READER = """
import json, sys
from cloudinit.sources.DataSourceOVF import get_properties, read_ovf_environment
with open("/srv/documents.json", encoding="utf-8") as file:
    documents = json.load(file)
json.dump([[get_properties(one), *read_ovf_environment(one)] for one in documents], sys.stdout)
"""


def _documents(seed: int) -> Iterator[str]:
    """Every setting with its example, with each special character, and at random; every canary."""
    yield made({row.key: row.example for row in CORE.rows}, mac=_MAC)
    yield made({row.key: f" {_SPECIAL} {row.example}" for row in CORE.rows}, mac=_MAC)
    for variety in accepted():
        yield made(variety.answers, mac=_MAC)
    draw = random.Random(seed)
    for _ in range(_RANDOM):
        rows = draw.sample(CORE.rows, 4)
        texts = ("".join(draw.choices(_SPECIAL + "abc", k=draw.randrange(40))) for _ in rows)
        yield made(dict(zip((row.key for row in rows), texts, strict=True)), mac=_MAC)
    for name in _SEEN:
        yield (_FIXTURES / f"{name}.xml").read_text(encoding="utf-8")


def test_cloud_init_sees_what_we_see(
    site: Site, record_property: Callable[[str, object], None]
) -> None:
    """And nothing in what we make that it would act on."""
    seed = random.randrange(1 << 32)
    documents = list(_documents(seed))
    record_property("environments", f"{len(documents)}, seed {seed}")
    scratch = site.folder / "second-opinion"
    (scratch / "upper/srv").mkdir(parents=True)
    (scratch / "upper/srv/documents.json").write_text(json.dumps(documents), encoding="utf-8")
    said = image_python.chroot((image_tree(),), scratch, "python3", "-c", _READER, within_s=60)
    assert said.ok, said.stderr
    opinions = json.loads(said.stdout)
    assert len(opinions) == len(documents)
    for document, (properties, metadata, user_data, config) in zip(
        documents, opinions, strict=True
    ):
        ours = environment.parse(document)
        assert (ours.faults, dict(ours.texts)) == ((), properties), f"seed {seed}"
        is_made = document in documents[: -len(_SEEN)]
        assert not is_made or (metadata, user_data, config) == ({}, None, {})
