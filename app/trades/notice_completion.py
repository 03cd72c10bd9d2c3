"""Completion of a notice on time: the worker keeps the promise under the lock and issues the certificate (公示证明)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import get_organisation
from app.audit import audit
from app.chain import instant
from app.clock import market_now
from app.dated_rules import DatedRule
from app.holidays import read_calendar
from app.money import capital
from app.tasks import handles
from app.trades.confirmation import fingerprint
from app.trades.models import KeptRule
from app.trades.notice_models import NoticeObjection
from app.trades.notice_rules import NoticeAct, NoticeStatus, next_status, require_over
from app.trades.notices import COMPLETE_TASK, clock_of, lock_notice, promise_completion
from app.trades.timeline import tell

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Session
    from app.trades.models import Listing
    from app.trades.notice_models import PublicNotice


@handles(COMPLETE_TASK)
async def complete_notice(session: Session, payload: dict[str, Any]) -> None:
    """Completes a notice whose period is over; safe to run twice, and early.

    One that stands still, was changed or is completed is left alone. A holiday that was proclaimed meanwhile moves
    the end on: the promise is then given again. Locks the listing and the notice.
    """
    listing, notice = await lock_notice(session, UUID(payload["notice_id"]))
    if notice.status != NoticeStatus.RUNNING:
        return
    now = await market_now(session)
    clock, calendar = clock_of(notice), await read_calendar(session)
    due = clock.due_at(calendar)
    if due is not None and now < due:
        await promise_completion(session, notice, due)
        return
    require_over(clock, now, calendar)
    document = await _write_certificate(session, listing, notice, now)
    notice.status = next_status(notice.status, NoticeAct.COMPLETE)
    notice.completed_at, notice.certificate = now, document
    notice.certificate_sha256 = fingerprint(document)
    await session.flush()
    detail = {"notice_no": notice.notice_no, "certificate_sha256": notice.certificate_sha256}
    await audit(
        session,
        None,
        "notice.completed",
        subject_kind="public_notice",
        subject_id=notice.id,
        detail=detail,
    )
    await tell(session, listing, "notice_completed", **detail)


async def _write_certificate(
    session: Session, listing: Listing, notice: PublicNotice, now: datetime
) -> dict[str, Any]:
    """What the notice was, under which rules, and what became of each objection: evidence for 尽职免责."""
    seller = await get_organisation(session, notice.seller_id)
    rules = select(KeptRule.key, DatedRule.source).join(DatedRule, DatedRule.id == KeptRule.rule_id)
    wanted = KeptRule.key.startswith("notice.") | KeptRule.key.startswith("seller.notice.")
    rules = rules.where(KeptRule.listing_id == listing.id, wanted).order_by(KeptRule.key)
    objections = select(NoticeObjection).where(NoticeObjection.notice_id == notice.id)
    return {
        "document": "notice_certificate",
        "title_zh": "公示完成证明",
        "title_en": "Certificate of public notice",
        "notice_no": notice.notice_no,
        "version": notice.version,
        "is_demonstration": listing.is_demonstration,
        "listing": {"listing_no": listing.listing_no, "title": listing.title},
        "seller": {"name": seller.name, "uscc": seller.uscc, "regime": listing.seller_regime},
        "jurisdiction": listing.seller_jurisdiction,
        "transferee": {"id": str(notice.transferee_id), "name": notice.transferee_name},
        "relation": notice.relation if notice.is_related else "",
        "achievement_name": notice.achievement_name,
        "abstract": notice.abstract,
        "transfer_mode": notice.transfer_mode,
        "price_fen": notice.price_fen,
        "price_capital": capital(notice.price_fen),
        "pricing_basis": notice.pricing_basis,
        "posted_at_unit": notice.posted_at_unit,
        "on_market": int(notice.on_market),
        "period": {"count": notice.period_count, "unit": notice.period_unit},
        "published_at": instant(notice.published_at or now),
        "ended_at": instant(notice.ends_at or now),
        "completed_at": instant(now),
        "objections": [
            {
                "number": item.number,
                "filed_at": instant(item.filed_at),
                "decision": item.decision,
                "decided_body": item.decided_body,
                "decided_at": instant(item.decided_at or now),
            }
            for item in (await session.execute(objections.order_by(NoticeObjection.number))).scalars()
        ],
        "rules": [{"key": row.key, "source": row.source} for row in await session.execute(rules)],
    }
