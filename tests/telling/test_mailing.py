"""Mail goes out at least once, under one id: by a server that really listens, or into a folder."""

from __future__ import annotations

import asyncio
import email
import email.policy
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.clock import market_now
from app.telling.mailing import count_waiting, send_due_mail
from app.telling.models import OutgoingMail
from app.telling.post import FolderPost, SmtpPost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from email.message import EmailMessage
    from pathlib import Path

    from app.db import Database, Session
    from tests.conftest import SetNow

SENDER, URL = "market@example.org", "https://market.example.org"
SUBJECT = "T2026-0001 待审核"


@dataclass
class MailServer:
    """A mail server that keeps what it gets; it offers no encryption and knows nobody's password."""

    port: int = 0
    got: list[bytes] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speaks as much SMTP as a client needs that sends one mail (RFC 5321)."""
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            self.said.append(line)
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                self.got.append((await reader.readuntil(b"\r\n.\r\n"))[:-5])
                writer.write(b"250 kept\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        writer.close()


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A server on a free port."""
    kept = MailServer()
    server = await asyncio.start_server(kept.serve, "127.0.0.1", 0)
    kept.port = server.sockets[0].getsockname()[1]
    async with server:
        yield kept


async def put_in(session: Session, subject: str = SUBJECT) -> None:
    """A mail that is due."""
    session.add(
        OutgoingMail(
            address="a@example.com", subject=subject, body="待审核\nwaits\n", link="/desk/listings/1"
        )
    )
    await session.flush()


class Broken:
    """A post that fails."""

    def send(self, mail: EmailMessage) -> None:
        """Takes nothing."""
        assert mail["To"]
        message = "no route"
        raise ConnectionRefusedError(message)


async def test_a_server_gets_the_mail_once_with_its_words_and_its_link(db: Database) -> None:
    await db.write(put_in)
    async with mail_server() as server:
        post = SmtpPost(f"smtp://127.0.0.1:{server.port}")
        assert await send_due_mail(db, post, SENDER, URL) == 1
        assert await send_due_mail(db, post, SENDER, URL) == 0
    (raw,) = server.got
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "a@example.com", SUBJECT)
    assert mail["Auto-Submitted"] == "auto-generated"
    body = mail.get_body()
    assert body is not None
    assert f"{URL}/desk/listings/1" in body.get_content()
    assert await db.write(count_waiting) == 0


async def test_a_password_is_not_sent_to_a_server_without_encryption(db: Database) -> None:
    await db.write(put_in)
    async with mail_server() as server:
        post = SmtpPost(f"smtp://market:secret@127.0.0.1:{server.port}")
        assert await send_due_mail(db, post, SENDER, URL) == 0
    assert server.got == []
    assert not any(b"AUTH" in line or b"secret" in line for line in server.said)


async def test_mail_that_fails_comes_again_later_and_under_the_same_id(
    db: Database, now_is: SetNow, tmp_path: Path
) -> None:
    await db.write(put_in)
    assert await send_due_mail(db, Broken(), SENDER, URL) == 0
    folder = FolderPost(tmp_path / "outbox")
    assert await send_due_mail(db, folder, SENDER, URL) == 0
    async with db.transaction() as session:
        mail = (await session.scalars(select(OutgoingMail))).one()
        assert "no route" in (mail.last_error or "")
        later = await market_now(session) + timedelta(minutes=1)
    await now_is(db, later)
    assert await send_due_mail(db, folder, SENDER, URL) == 1
    assert [file.name for file in (tmp_path / "outbox").iterdir()] == [f"{mail.id}.eml"]


async def test_a_mail_that_one_worker_has_taken_is_left_to_it_until_it_must_have_died(
    db: Database, now_is: SetNow, tmp_path: Path
) -> None:
    await db.write(put_in)

    class Dies:
        def send(self, mail: EmailMessage) -> None:
            raise KeyboardInterrupt(str(mail["To"]))

    with pytest.raises(KeyboardInterrupt):
        await send_due_mail(db, Dies(), SENDER, URL)
    folder = FolderPost(tmp_path)
    assert await send_due_mail(db, folder, SENDER, URL) == 0
    await now_is(db, await db.read(market_now) + timedelta(minutes=3))
    assert await send_due_mail(db, folder, SENDER, URL) == 1


@pytest.mark.parametrize("url", ["http://mail.example.com", "smtp://", "mail.example.com:25"])
def test_an_address_that_is_no_mail_server_is_refused_with_what_would_be_right(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        SmtpPost(url)
