"""Sending mail: taken in one transaction, sent outside of any, marked in another; at least once, under one id."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.message import EmailMessage
from typing import TYPE_CHECKING, Protocol

import structlog
from sqlalchemy import func, select

from app.clock import market_now
from app.telling.models import MailAddress, OutgoingMail

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from app.db import Database, Session

_AT_ONCE = 20
_SUBJECT = 120
# So long nobody else takes a mail that this process has taken; a process that dies leaves it for then.
_TAKEN_FOR = timedelta(minutes=2)
_FIRST_PAUSE = timedelta(seconds=30)
_MOST_DOUBLINGS = 8
_log = structlog.get_logger()


class Post(Protocol):
    """Takes mail on its way."""

    def send(self, mail: EmailMessage) -> None:
        """Hands one mail over; blocks. Raises OSError (smtplib's errors are such) when that fails."""


async def promise_mail(session: Session, people: Collection[UUID], zh: str, en: str, link: str) -> None:
    """Writes the mail of a notification for those of the people who want mail."""
    # Two people may share an address: it gets one mail.
    wanted = select(MailAddress.address).where(MailAddress.person_id.in_(people)).distinct()
    addresses = await session.scalars(wanted)
    session.add_all(
        # A reason that somebody typed may have lines; a subject has one.
        OutgoingMail(
            address=address, subject=" ".join(zh.split())[:_SUBJECT], body=f"{zh}\n{en}\n", link=link
        )
        for address in addresses
    )
    await session.flush()


async def send_due_mail(database: Database, post: Post, sender: str, public_url: str) -> int:
    """Sends what is due, a few at once; returns how many went out. One that fails comes again after a longer pause."""
    sent = 0
    for mail in await database.write(_take):
        try:
            await asyncio.to_thread(post.send, message_of(mail, sender, public_url))
        except (OSError, ValueError) as error:
            _log.warning("mail_not_sent", mail_id=str(mail.id), attempts=mail.attempts, error=repr(error))
            await database.write(_put_off, mail.id, repr(error))
        else:
            await database.write(_mark_sent, mail.id)
            sent += 1
    return sent


def message_of(mail: OutgoingMail, sender: str, public_url: str) -> EmailMessage:
    """The mail as it goes out; its id is the same whenever it goes out again."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.address, mail.subject
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answer is wanted
    message.set_content(f"{mail.body}\n{public_url.rstrip('/')}{mail.link}\n")
    return message


async def _take(session: Session) -> Sequence[OutgoingMail]:
    now = await market_now(session)
    query = (
        select(OutgoingMail)
        .where(OutgoingMail.sent_at.is_(None), OutgoingMail.run_at <= now)
        .order_by(OutgoingMail.run_at)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    taken = (await session.execute(query)).scalars().all()
    for mail in taken:
        mail.run_at = now + _TAKEN_FOR
        mail.attempts += 1
    return taken


async def _mark_sent(session: Session, mail_id: UUID) -> None:
    mail = await session.get_one(OutgoingMail, mail_id)
    mail.sent_at, mail.last_error = await market_now(session), None


async def _put_off(session: Session, mail_id: UUID, error: str) -> None:
    mail = await session.get_one(OutgoingMail, mail_id)
    mail.run_at = await market_now(session) + _FIRST_PAUSE * 2 ** min(mail.attempts - 1, _MOST_DOUBLINGS)
    mail.last_error = error[:2000]


async def count_waiting(session: Session) -> int:
    """How many mails wait."""
    query = select(func.count()).where(OutgoingMail.sent_at.is_(None))
    return int((await session.execute(query)).scalar_one())
