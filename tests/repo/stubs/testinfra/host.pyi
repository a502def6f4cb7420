class CommandResult:
    rc: int
    stdout: str
    stderr: str

class File:
    exists: bool
    is_file: bool
    is_directory: bool
    mode: int
    user: str
    group: str
    size: int
    content_string: str

class User:
    exists: bool
    shell: str

class Host:
    def run(self, command: str, *args: str) -> CommandResult: ...
    def check_output(self, command: str, *args: str) -> str: ...
    def file(self, path: str) -> File: ...
    def user(self, name: str) -> User: ...
