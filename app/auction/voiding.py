"""Calling a scheduled sale off (撤销场次) before it opens, by the sale's own act, with the reason in its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from app.auction.recording import Work, write_works
from app.auction.rules.game import ENDED
from app.auction.sale import driver
from app.errors import Conflict

if TYPE_CHECKING:
    from app.auction.protocol.heads import Signer
    from app.auction.sale import Sale
    from app.db import Session


@dataclass(eq=False)
class SaleHasOpened(Conflict):
    """Bidding has begun, so the sale itself is what can be stopped."""

    zh = "本项目的竞价已于 {opens_at:instant} 开始，不能再对挂牌办理。请由场务岗中止该场竞价，再由两个岗位决定恢复或作废。"
    en = (
        "Bidding for this listing began at {opens_at:instant}, so the listing itself can no longer be acted on. The host's "
        "desk suspends the sale, and two posts decide to resume or to void it."
    )
    opens_at: datetime
    auction_id: UUID


@dataclass(eq=False)
class SaleIsOver(Conflict):
    """Bidding has ended and its consequences are being drawn."""

    zh = "本项目的竞价已经结束，结果正在办理，请稍后刷新。"
    en = "Bidding for this listing has ended and its result is being carried out; look again in a moment."
    auction_id: UUID


def require_not_opened(sale: Sale) -> None:
    """Raises SaleHasOpened from the opening on, however late it is carried out, and SaleIsOver after the end."""
    if sale.state.phase in ENDED:
        raise SaleIsOver(sale.id)
    opens_at = sale.published.terms.opens_at
    if sale.state.phase != "scheduled" or sale.official_at >= opens_at:
        raise SaleHasOpened(opens_at, sale.id)


async def call_off(
    session: Session, sale: Sale, reason_zh: str, reason_en: str, signer: Signer | None
) -> None:
    """Voids a sale that has not opened; its record says why and stays. Needs the sale's lock.

    Raises SaleHasOpened, SaleIsOver.
    """
    require_not_opened(sale)
    fold = sale.fold()
    fold.void(reason_zh, reason_en)
    await write_works(await driver(session), [Work(sale, fold)], signer)
