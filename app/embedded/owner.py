"""Whom PostgreSQL runs as: it refuses to be root, so root's server gets another number, by the least means."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_NOBODY = 65534


@dataclass(frozen=True)
class Owner:
    """The user of the server's processes and files."""

    uid: int
    gid: int
    in_namespace: bool = False

    def become(self) -> None:
        """Turns this process into the owner; called in a new child just before the server's program.

        In a user namespace the process is root outside, where the files are, and nobody inside, where PostgreSQL
        looks: no user is added, no folder's mode changed, and a clone under a closed /root works.
        """
        if self.in_namespace:
            _enter_namespace()
        elif os.geteuid() == 0 and self.uid != 0:
            os.setgroups([])
            os.setgid(self.gid)
            os.setuid(self.uid)

    def give(self, path: Path) -> None:
        """Makes a file or folder the owner's, when it is not."""
        if os.geteuid() == 0 and not self.in_namespace and self.uid != 0:
            os.chown(path, self.uid, self.gid)

    def can(self, check: Callable[[], bool]) -> bool:
        """Whether the check holds for the owner: it is asked in a child that has become him."""
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                self.become()
                code = 0 if check() else 1
            os._exit(code)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def choose_owner(cluster: Path) -> Owner:
    """Whom the server of this folder runs as: this user; for root a namespace, else the folder's owner or nobody."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    if cluster.exists() and cluster.stat().st_uid != 0:
        return Owner(cluster.stat().st_uid, cluster.stat().st_gid)
    namespace = Owner(0, 0, in_namespace=True)
    if may_enter_namespace(namespace):
        return namespace
    return _nobody()


def may_enter_namespace(owner: Owner) -> bool:
    """Whether this machine lets a process make a user namespace; containers often refuse."""
    return sys.platform.startswith("linux") and owner.can(lambda: os.geteuid() == _NOBODY)


def _nobody() -> Owner:
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Owner(_NOBODY, _NOBODY)
    return Owner(entry.pw_uid, entry.pw_gid)


def _enter_namespace() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{_NOBODY} 0 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{_NOBODY} 0 1", "ascii")


def end_with_parent(how: signal.Signals, parent: int) -> None:
    """Asks the kernel to send this signal to this process when its parent dies (Linux; elsewhere nothing happens).

    To be called after any change of user, which would clear it.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(how))
    if os.getppid() != parent:  # the parent died before the kernel was asked
        os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Makes this process the parent of its children's orphans (Linux), so that it can wait for them."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
