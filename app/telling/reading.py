"""A person's own notifications: read, marked as read; and where he wants them by mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.clock import market_now
from app.errors import Invalid
from app.telling.models import MailAddress, Notification

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session

LONGEST_ADDRESS = 254


@dataclass(eq=False)
class AddressUnusable(Invalid):
    """This is no mail address."""

    zh = "邮箱地址不能用。应为 名称@域名，例如 zhuanrang@example.com，不含空格，最长 {longest} 个字符。"
    en = "This is no mail address. Give one like name@example.com, without spaces, of at most {longest} characters."
    longest: int


async def list_notifications(
    session: AnySession,
    caller: Caller,
    *,
    only_unread: bool = False,
    before_id: UUID | None = None,
    limit: int = 50,
) -> Sequence[Notification]:
    """Lists the caller's own notifications, the newest first; nobody reads another's. Raises SessionNeeded."""
    caller.require_session()
    query = select(Notification).where(Notification.person_id == caller.person_id)
    if only_unread:
        query = query.where(Notification.read_at.is_(None))
    if before_id is not None:
        query = query.where(Notification.id < before_id)
    return (await session.execute(query.order_by(Notification.id.desc()).limit(limit))).scalars().all()


async def count_unread(session: AnySession, caller: Caller) -> int:
    """How many of the caller's notifications are unread. Raises SessionNeeded."""
    caller.require_session()
    query = select(func.count()).where(
        Notification.person_id == caller.person_id, Notification.read_at.is_(None)
    )
    return int((await session.execute(query)).scalar_one())


async def mark_read(session: Session, caller: Caller, up_to: UUID) -> int:
    """Marks the caller's notifications up to one as read; returns how many are unread then. Raises SessionNeeded."""
    caller.require_session()
    statement = (
        update(Notification)
        .where(
            Notification.person_id == caller.person_id,
            Notification.id <= up_to,
            Notification.read_at.is_(None),
        )
        .values(read_at=await market_now(session))
    )
    await session.execute(statement)
    return await count_unread(session, caller)


async def find_address(session: AnySession, caller: Caller) -> str | None:
    """Where the caller is told by mail, or None. Raises SessionNeeded."""
    caller.require_session()
    query = select(MailAddress.address).where(MailAddress.person_id == caller.person_id)
    return (await session.execute(query)).scalar_one_or_none()


async def set_address(session: Session, caller: Caller, address: str | None) -> str | None:
    """Sets or removes where the caller is told by mail. Raises AddressUnusable, SessionNeeded."""
    caller.require_session()
    if address is None:
        await session.execute(delete(MailAddress).where(MailAddress.person_id == caller.person_id))
        return None
    check_address(address)
    values = {"address": address, "set_at": await market_now(session)}
    statement = insert(MailAddress).values(person_id=caller.person_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))
    return address


def check_address(address: str) -> None:
    """Raises AddressUnusable unless the text has the form of one mail address (RFC 5321 section 4.5.3.1: 254)."""
    name, at, domain = address.rpartition("@")
    is_plain = address.isprintable() and not any(character in address for character in ' <>,;:"')
    if not (name and at and "." in domain and is_plain and "@" not in name) or len(address) > LONGEST_ADDRESS:
        raise AddressUnusable(LONGEST_ADDRESS)
