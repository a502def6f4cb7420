from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import NoReturn

def instrument_imports(*, include: Sequence[str] = ...) -> AbstractContextManager[None]: ...
def Setup(args: Sequence[str], test_one_input: Callable[[bytes], None]) -> list[str]: ...  # noqa: N802
def Fuzz() -> NoReturn: ...  # noqa: N802
