"""The door to PAM: whether a password is that of an account.

By Debian's python3-pampy, which needs libpam alone. The service is our own, /etc/pam.d/bandstand:
the distribution's common-auth lets accounts in that have no password.
"""

from __future__ import annotations

from agent.errors import BandstandError
from agent.typed import Protocol

SERVICE = "bandstand"

# Of security/_pam_types.h, those that speak of who asks and not of how PAM is set up:
# PERM_DENIED, AUTH_ERR, CRED_INSUFFICIENT, USER_UNKNOWN, MAXTRIES.
_REFUSED = frozenset({6, 7, 8, 10, 11})
# crypt(3) takes no longer one.
_LONGEST_BYTES = 511


class Check(Protocol):
    """The shape of this door, so that tests can stand in for it."""

    def __call__(self, account: str, password: str) -> bool: ...


def check(account: str, password: str) -> bool:
    """Raises BandstandError where PAM cannot judge, or the account has expired; needs root."""
    if not password or "\0" in password or len(password.encode()) > _LONGEST_BYTES:
        return False
    import pam

    found = pam.PamAuthenticator()
    if found.authenticate(account, password, service=SERVICE, resetcreds=False):
        return True
    if found.code in _REFUSED:
        return False
    raise BandstandError(
        f"the password of {account} cannot be judged: {found.reason}",
        hint=f"passwd --status {account} tells of its dates, /etc/pam.d/{SERVICE} who judges",
        code="pam",
    )
