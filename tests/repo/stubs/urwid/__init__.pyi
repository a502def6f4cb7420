from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

from urwid import display as display
from urwid.display.raw import Screen

Size: TypeAlias = tuple[int, int]
Markup: TypeAlias = str | tuple[str, str] | list[str | tuple[str, str]]

def set_encoding(encoding: str) -> None: ...

class ExitMainLoop(Exception): ...

class Canvas:
    cursor: tuple[int, int] | None
    @property
    def text(self) -> list[bytes]: ...
    def rows(self) -> int: ...
    def content(self) -> Iterable[list[tuple[str | None, str | None, bytes]]]: ...

class CompositeCanvas(Canvas):
    def __init__(self, canvas: Canvas) -> None: ...

class Widget:
    _selectable: bool
    _sizing: frozenset[str]
    def selectable(self) -> bool: ...
    def sizing(self) -> frozenset[str]: ...
    def render(self, size: Size, focus: bool = False) -> Canvas: ...
    def rows(self, size: tuple[int], focus: bool = False) -> int: ...
    def keypress(self, size: Size, key: str) -> str | None: ...
    def _invalidate(self) -> None: ...

class Text(Widget):
    def __init__(
        self,
        markup: Markup,
        align: Literal["left", "center", "right"] = "left",
        wrap: Literal["space", "any", "clip", "ellipsis"] = "space",
    ) -> None: ...

class Divider(Widget):
    def __init__(self, div_char: str = " ") -> None: ...

class AttrMap(Widget):
    def __init__(self, w: Widget, attr_map: str) -> None: ...

class Columns(Widget):
    def __init__(
        self,
        widget_list: Sequence[Widget | tuple[int, Widget] | tuple[Literal["pack"], Widget]],
        dividechars: int = 0,
    ) -> None: ...

class Pile(Widget):
    def __init__(self, widget_list: Sequence[Widget]) -> None: ...

class LineBox(Widget):
    def __init__(
        self,
        original_widget: Widget,
        title: str = "",
        title_align: Literal["left", "center", "right"] = "center",
        title_attr: str | None = None,
    ) -> None: ...

class Padding(Widget):
    def __init__(
        self,
        w: Widget,
        align: Literal["left", "center", "right"] = "left",
        width: int | tuple[str, int] = ...,
        left: int = 0,
        right: int = 0,
    ) -> None: ...

class Filler(Widget):
    def __init__(
        self, body: Widget, valign: Literal["top", "middle", "bottom"] = "middle"
    ) -> None: ...

class SimpleListWalker(list[Widget]):
    def __init__(self, contents: Sequence[Widget]) -> None: ...

class ListBox(Widget):
    def __init__(self, body: SimpleListWalker) -> None: ...
    def ends_visible(self, size: Size, focus: bool = False) -> list[str]: ...

class Frame(Widget):
    def __init__(
        self, body: Widget, header: Widget | None = None, footer: Widget | None = None
    ) -> None: ...

class MainLoop:
    screen: Screen
    def __init__(
        self,
        widget: Widget,
        palette: Sequence[tuple[str, str, str]] = (),
        screen: Screen | None = None,
        handle_mouse: bool = True,
        input_filter: Callable[[list[str], list[int]], list[str]] | None = None,
        unhandled_input: Callable[[str], bool | None] | None = None,
    ) -> None: ...
    def run(self) -> None: ...
    def draw_screen(self) -> None: ...
    def set_alarm_in(self, sec: float, callback: Callable[[MainLoop, Any], None]) -> object: ...
