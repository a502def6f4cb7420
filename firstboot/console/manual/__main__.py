"""`python -m firstboot.console.manual` writes docs/console.md, with `--check` it only says whether
it is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from agent.settings.reference import refresh
from firstboot.console.manual.page import pages

sys.exit(refresh(pages(Path(__file__).parents[3]), is_check="--check" in sys.argv[1:]))
