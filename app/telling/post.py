"""The two ways of mail: a mail server by SMTP, or a folder on this machine where none is configured."""

from __future__ import annotations

import smtplib
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from email.message import EmailMessage

_TIMEOUT_SECONDS = 20


class SmtpPost:
    """Hands mail to a server: ``smtp://`` with STARTTLS where it is offered, ``smtps://`` encrypted from the start."""

    def __init__(self, url: str) -> None:
        """Reads the address, with name and password if it has them; connects to nothing. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            message = "the mail server's address is smtp://[name:password@]host[:port] or smtps://…"
            raise ValueError(message)
        self._is_encrypted = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._is_encrypted else 587)
        self._name = unquote(parts.username or "")
        self._password = unquote(parts.password or "")

    def send(self, mail: EmailMessage) -> None:
        """Hands one mail over; a password is never sent in clear. Raises OSError."""
        tls = ssl.create_default_context()
        with self._connect(tls) as server:
            if not self._is_encrypted:
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=tls)
                elif self._name:
                    message = f"{self._host} offers no encryption, so the password is not sent"
                    raise OSError(message)
            if self._name:
                server.login(self._name, self._password)
            server.send_message(mail)

    def _connect(self, tls: ssl.SSLContext) -> smtplib.SMTP:
        if self._is_encrypted:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=_TIMEOUT_SECONDS, context=tls)
        return smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT_SECONDS)


class FolderPost:
    """Puts each mail into a file of a folder, where a person or a program may look at it."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder with the first mail."""
        self._folder = folder

    def send(self, mail: EmailMessage) -> None:
        """Writes the mail whole, under its id; one that comes again is the same file. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = mail["Message-ID"].strip("<>").partition("@")[0]
        unfinished = self._folder / f"{name}.part"
        unfinished.write_bytes(mail.as_bytes())
        unfinished.replace(self._folder / f"{name}.eml")
