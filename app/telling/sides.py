"""The sides of an act, and what one kind of notification is; pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.accounts.permissions import Permission


class Side(StrEnum):
    """Who is told."""

    DESK = "desk"  # 交易所岗位
    SELLER = "seller"  # 转让方
    BUYER = "buyer"  # 受让方: who bought, or whose intent or deposit it is
    OTHERS = "others"  # 其他意向方: who took part and did not win


@dataclass(frozen=True)
class Telling:
    """One kind of notification: for the people on one side who may act on it, with where to go and the words.

    ``link`` and the words name members of the act: ``id`` is its subject's.
    """

    kind: str
    side: Side
    permission: Permission
    link: str
    zh: str
    en: str
