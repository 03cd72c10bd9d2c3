"""Passwords: argon2id, hashed in threads of their own and never inside a transaction."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.errors import LoginWrong, PasswordWeak

if TYPE_CHECKING:
    from app.settings import Settings

SHORTEST, LONGEST = 10, 200
_FEWEST_DIFFERENT = 5
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{2,63}")
# Two at a time: each hash takes 64 MiB, and a flood of sign-ins must not take the memory of all.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")


def read_login(text: str) -> str:
    """A login in the one form that is stored: lower case. Raises LoginWrong."""
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise LoginWrong
    return login


def require_strong(password: str, login: str) -> None:
    """Raises PasswordWeak: length counts, not a mixture of kinds (NIST SP 800-63B section 3.1.1.2)."""
    different = len(set(password))
    if not SHORTEST <= len(password) <= LONGEST or different < _FEWEST_DIFFERENT or login in password.lower():
        raise PasswordWeak(shortest=SHORTEST, longest=LONGEST)


@lru_cache(maxsize=4)
def _hasher(time_cost: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib)


@lru_cache(maxsize=4)
def _nobodys_hash(time_cost: int, memory_kib: int) -> str:
    return _hasher(time_cost, memory_kib).hash("nobody's password")


def _hash(settings: Settings, password: str) -> str:
    return _hasher(settings.password_time_cost, settings.password_memory_kib).hash(password)


def _is_right(settings: Settings, stored: str | None, password: str) -> bool:
    costs = settings.password_time_cost, settings.password_memory_kib
    # Somebody without an account takes as long as somebody with one: the time must not tell which logins exist.
    try:
        right = _hasher(*costs).verify(stored or _nobodys_hash(*costs), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None and right


async def hash_password(settings: Settings, password: str) -> str:
    """Hashes a password; about 0.1 s at the default cost."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _hash, settings, password)


async def password_is_right(settings: Settings, stored: str | None, password: str) -> bool:
    """Compares a password with a stored hash; with None it takes the same time and is False."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _is_right, settings, stored, password)
