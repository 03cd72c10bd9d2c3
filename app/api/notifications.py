"""What one was told (通知): one's own notifications, and where one wants them by mail."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, Field

from app.api.deps import CallerDep, DbDep, LangDep, PageDep, PageOf, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.errors import Lang
from app.telling.models import Notification
from app.telling.reading import (
    LONGEST_ADDRESS,
    count_unread,
    find_address,
    list_notifications,
    mark_read,
    set_address,
)
from app.telling.words import told

router = Router(prefix="/notifications", tags=["notifications"])


class NotificationOut(Wire):
    """One notification in the caller's language, and the page where it leads."""

    id: UUID
    kind: str = Field(examples=["deposit_wanted"])
    text: str = Field(examples=["T2026-0001 资格审查通过，请缴纳保证金 10,000.00 元，截止 2026-12-01 10:00"])
    link: str = Field(examples=["/my/deposits"])
    created_at: AwareDatetime
    read_at: AwareDatetime | None


class UnreadOut(Wire):
    """How many are unread."""

    unread: int = Field(ge=0)


class ReadIn(Wire):
    """Up to which notification all are read."""

    up_to: UUID = Field(examples=["01938d2c-0000-7000-8000-000000000000"])


class AddressIn(Wire):
    """Where to send them; null for nowhere."""

    address: str | None = Field(max_length=LONGEST_ADDRESS, examples=["zhuanrang@example.com"])


class AddressOut(Wire):
    """Where they go by mail; null for nowhere."""

    address: str | None


def _shown(row: Notification, lang: Lang) -> NotificationOut:
    return NotificationOut(
        id=row.id,
        kind=row.kind,
        text=told(row.kind, row.members, lang),
        link=row.link,
        created_at=row.created_at,
        read_at=row.read_at,
    )


@router.get("", operation_id="list_notifications", responses=problems(401, 403, 422))
async def index(
    db: DbDep, caller: CallerDep, page: PageDep, lang: LangDep, *, unread: Annotated[bool, Query()] = False
) -> PageOf[NotificationOut]:
    """自己的通知 / One's own notifications, the newest first."""
    rows = await db.read(
        list_notifications, caller, only_unread=unread, before_id=page.after_id, limit=page.fetch
    )
    shown, cursor = page.cut(list(rows), lambda row: row.id)
    return PageOf[NotificationOut](items=[_shown(row, lang) for row in shown], next_cursor=cursor)


@router.get("/unread", operation_id="count_unread_notifications", responses=problems(401, 403))
async def unread_count(db: DbDep, caller: CallerDep) -> UnreadOut:
    """未读通知数 / How many are unread."""
    return UnreadOut(unread=await db.read(count_unread, caller))


@router.put("/reads", operation_id="read_notifications", responses=problems(401, 403, 422))
async def read(body: ReadIn, db: DbDep, caller: CallerDep) -> UnreadOut:
    """把这一条及更早的标为已读 / Marks this one and all older ones as read."""
    return UnreadOut(unread=await db.write(mark_read, caller, body.up_to))


@router.get("/address", operation_id="get_mail_address", responses=problems(401, 403))
async def address(db: DbDep, caller: CallerDep) -> AddressOut:
    """自己的通知邮箱 / Where one is told by mail."""
    return AddressOut(address=await db.read(find_address, caller))


@router.put("/address", operation_id="set_mail_address", responses=problems(401, 403, 422))
async def put_address(body: AddressIn, db: DbDep, caller: CallerDep) -> AddressOut:
    """设置或取消通知邮箱 / Sets or removes where one is told by mail."""
    return AddressOut(address=await db.write(set_address, caller, body.address))
