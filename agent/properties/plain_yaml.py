"""YAML without what answers need not have, and what a small file can grow endless by."""

from __future__ import annotations

import yaml

from agent.typed import Any

_DEEPEST = 8


class Plain(yaml.BaseLoader):
    """Every value stays text; aliases, keys given twice and towers are refused by ValueError."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise ValueError(f"refers to another place{_place(self)}; accepted is the text itself")
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"is nested too deep{_place(self)}")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's own
        names: set[str] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key.value, str) else ""
            if name in names:
                raise ValueError(f"gives {name[:60]!r} twice")
            names |= {name} if name else set()
        return super().construct_mapping(node, deep)


def _place(parser: Any) -> str:
    mark = parser.peek_event().start_mark
    return f" (line {mark.line + 1}, column {mark.column + 1})"
