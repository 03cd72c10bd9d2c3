"""What can go wrong with the embedded server, in words for the person at the terminal."""

from __future__ import annotations


class EmbeddedServerError(RuntimeError):
    """The embedded PostgreSQL could not be started or used; the text says why and what to do."""
