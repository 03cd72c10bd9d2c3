"""Secrets that callers carry: session cookies, their CSRF tokens, and personal tokens; only hashes are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.settings import Settings

API_TOKEN_MARK = "mkt_"  # noqa: S105 - a prefix by which leaked tokens are recognised, not a secret
SHOWN_CHARACTERS = len(API_TOKEN_MARK) + 6


def new_session_token() -> str:
    """Makes the secret of a session: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_api_token() -> str:
    """Makes a personal token: the market's mark and 256 random bits."""
    return API_TOKEN_MARK + secrets.token_urlsafe(32)


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret. It is random and long, so that a plain SHA-256 cannot be searched backwards."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def csrf_token(settings: Settings, session_token: str) -> str:
    """Derives a session's CSRF token; it is nowhere stored and dies with the session."""
    key = settings.secret_key.get_secret_value().encode()
    message = b"csrf:" + session_token.encode("utf-8", "surrogatepass")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def csrf_token_is_right(settings: Settings, session_token: str, given: str) -> bool:
    """Compares in constant time."""
    expected = csrf_token(settings, session_token).encode()
    return hmac.compare_digest(expected, given.encode("utf-8", "surrogatepass"))
