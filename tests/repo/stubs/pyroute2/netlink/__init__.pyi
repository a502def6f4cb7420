from typing import Any

class Message:
    def __getitem__(self, key: str) -> Any: ...
    def get_attr(self, name: str, default: Any = ...) -> Any: ...

class _Atoms:
    hex: type

nlmsg_atoms: type[_Atoms]
