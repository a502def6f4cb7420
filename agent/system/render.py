"""The door to templates: text from a file of templates/ and values."""

from __future__ import annotations

from functools import cache

from agent.system.files import Files
from agent.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_INSTALLED = "/usr/share/bandstand/templates"
_BESIDE = f"{__file__.rsplit('/', 3)[0]}/templates"


def folder() -> str:
    """Where the templates lie: beside the code in a work tree, else where the package has them."""
    return _BESIDE if Files().exists(_BESIDE) else _INSTALLED


def source(name: str) -> str:
    """The template itself, for what depends on it."""
    text = Files().read(f"{folder()}/{name}")
    if text is None:
        raise FileNotFoundError(f"there is no template {name} in {folder()}")
    return text


def render(name: str, values: dict[str, Any]) -> str:
    """Fill in a template; a value that it asks for and does not get is an error.

    What ends in .html or .html.j2 escapes its values.
    """
    return _environment().get_template(name).render(values)


@cache
def _environment() -> Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder()),
        autoescape=jinja2.select_autoescape(("html", "html.j2"), default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
