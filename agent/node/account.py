"""The account of the node's administrator: there, in sudo, with the password and keys given."""

from __future__ import annotations

from agent.errors import StepFailed
from agent.node import observe
from agent.node.plan import NodePlan, authorized_keys
from agent.node.state import ADMIN, Account
from agent.settings.secret import Secret
from agent.system.files import Files
from agent.system.former import Former
from agent.system.host import Host
from agent.values.accounts import is_hash

_SUDO_FILE = "/etc/sudoers.d/bandstand-admin"
_FREE_SUDO = f"# No password is set for {ADMIN}.\n{ADMIN} ALL=(ALL:ALL) NOPASSWD: ALL\n"
_SUDO_MODE = 0o440
_HOMES = "/home/"
_HOME = f"{_HOMES}{ADMIN}"
# What shadow(5) programs leave when the power goes while they hold them: /etc/group.lock, and the
# /etc/group.87 that it was made of. In each stands the number of its process.
_LOCKED = ("passwd", "shadow", "group", "gshadow", "subuid", "subgid")
_LOCKERS: tuple[str, ...] = (
    *("useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "gpasswd", "newusers"),
    *("chpasswd", "passwd", "chsh", "chfn", "vipw"),
)


class AccountStep:
    """Undo gives back the former password and files; an account that was made stays, locked."""

    def __init__(self, plan: NodePlan, host: Host) -> None:
        self._plan, self._host = plan, host
        self._sudo, self._keys = Former(host.files), Former(host.files)
        self._former_hash: str | None = None
        self._is_password_set = False

    def holds(self) -> bool:
        files = self._host.files
        account = observe.account(files)
        free = files.read(_SUDO_FILE) == _FREE_SUDO
        return (
            account is not None
            and observe.is_sudoer(files)
            and free is self._plan.is_free_sudo
            and self._has_keys(account)
        )

    def act(self) -> None:
        remove_torn_locks(self._host.files)
        account = self._made()
        if self._plan.password is not None:
            self._former_hash = observe.password_hash(self._host.files)
            self._is_password_set = True
            set_password(self._host, self._plan.password)
        self._put_keys(account)
        if self._plan.is_free_sudo:
            _ = self._sudo.write(_SUDO_FILE, _FREE_SUDO, mode=_SUDO_MODE)
        else:
            _ = self._sudo.remove(_SUDO_FILE)

    def undo(self) -> None:
        self._sudo.restore()
        account = observe.account(self._host.files)
        if account is not None:
            self._keys.restore(owner=account.owner)
        if self._is_password_set and self._former_hash is not None:
            set_password(self._host, Secret(self._former_hash))
        elif self._is_password_set:
            _ = self._host.run("usermod", "--lock", ADMIN)
        self._is_password_set = False

    def _made(self) -> Account:
        files, run = self._host.files, self._host.run
        if observe.account(files) is None:
            _ = run("useradd", "--create-home", "--shell", "/bin/bash", "--groups", "sudo", ADMIN)
        elif not observe.is_sudoer(files):
            _ = run("usermod", "--append", "--groups", "sudo", ADMIN)
        account = observe.account(files)
        if account is None:
            raise StepFailed(f"the account {ADMIN} could not be made")
        return account

    def _put_keys(self, account: Account) -> None:
        files, name = self._host.files, _keys_file(account)
        if self._has_keys(account):
            return
        if files.link_to(f"{account.home}/.ssh") is not None:
            raise StepFailed(f"{account.home}/.ssh is a link; keys are not put behind it")
        if not files.exists(account.home):
            # A power cut between the account and its home leaves one without the other.
            files.make_folder(account.home, mode=0o700, owner=account.owner)
        files.make_folder(f"{account.home}/.ssh", mode=0o700, owner=account.owner)
        text = authorized_keys(files.read(name) or "", self._plan.ssh_keys)
        _ = self._keys.write(name, text, mode=0o600, owner=account.owner)

    def _has_keys(self, account: Account) -> bool:
        text = self._host.files.read(_keys_file(account)) or ""
        return authorized_keys(text, self._plan.ssh_keys) == text


def remove_torn_locks(files: Files) -> None:
    """After a power cut the number in a lock may be that of any process."""
    for name in files.names("/etc", "*.*"):
        stem, _, end = name.removeprefix("/etc/").rpartition(".")
        if stem not in _LOCKED:
            continue
        holder = (files.read(name) or "").strip("\0 \n")
        if end in ("lock", holder) and not _is_locker(files, holder):
            _ = files.remove(name)


def _is_locker(files: Files, number: str) -> bool:
    if not number.isdigit():
        return False
    return (files.read(f"/proc/{number}/comm") or "").strip() in _LOCKERS


def forget(host: Host) -> None:
    """The account goes, with its password, its keys and all that lies in its home."""
    files = host.files
    remove_torn_locks(files)
    account = observe.account(files)
    # The home first: with the account goes what says where that is, should it be among the homes.
    home = account.home if account else _HOME
    _ = files.remove(home if home.startswith(_HOMES) else _HOME)
    _ = files.remove(_SUDO_FILE)
    if account is not None:
        _ = host.run("userdel", "--force", ADMIN)
    # The copies that shadow(5) programs keep of the files before.
    for name in ("/etc/shadow-", "/etc/passwd-"):
        _ = files.remove(name)


def set_password(host: Host, password: Secret) -> None:
    """By standard input, where nobody can read it in the list of processes."""
    given = password.reveal()
    encrypted = ("--encrypted",) if is_hash(given) else ()
    _ = host.run("chpasswd", *encrypted, stdin=f"{ADMIN}:{given}\n")


def _keys_file(account: Account) -> str:
    return f"{account.home}/.ssh/authorized_keys"
