"""What a settlement asks for (收款): payables of its terms, whose payment is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.payments.match_rules import PayablePurpose
from app.payments.payables import PAID_TASK, cancel_payables_of, request_payable
from app.settlement.models import Settlement, SettlementTerm
from app.settlement.plan_models import RoyaltyReport
from app.settlement.queries import list_terms
from app.settlement.releasing import note_payment
from app.settlement.shortfalls import DEFAULT, apply_shortfall
from app.tasks import handles

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Select

    from app.db import Session

TERM, WHOLE = "settlement_term", "settlement"
# A royalty by its report, and what the guaranteed price leaves to pay after the last one.
REPORT, REST = "royalty_report", "settlement_rest"


async def ask_for_terms(session: Session, row: Settlement) -> None:
    """Makes each term of an agreed plan payable under a reference of its own, and the buyer's fee with the first."""
    terms = await list_terms(session, row.id)
    for term in terms:
        await ask_for_term(session, row, term, term.due_on)
    if row.buyer_fee_fen:
        due_on = terms[0].due_on if terms else row.began_on
        await request_payable(
            session, row.buyer_id, PayablePurpose.FEE, WHOLE, row.id, row.buyer_fee_fen, due_on
        )


async def ask_for_term(session: Session, row: Settlement, term: SettlementTerm, due_on: date) -> None:
    """Makes one term payable by a day."""
    await request_payable(
        session,
        row.buyer_id,
        PayablePurpose.PRICE,
        TERM,
        term.id,
        term.amount_fen,
        due_on,
        deal_id=row.deal_id,
    )


async def ask_for_royalty(
    session: Session, row: Settlement, kind: str, subject_id: UUID, amount_fen: int, due_on: date
) -> None:
    """Makes a royalty payable into the deal's escrow: of a report, or what is left of the guaranteed price."""
    await request_payable(
        session,
        row.buyer_id,
        PayablePurpose.ROYALTY,
        kind,
        subject_id,
        amount_fen,
        due_on,
        deal_id=row.deal_id,
    )


async def take_back_terms(session: Session, row: Settlement) -> None:
    """Cancels what is still due of a settlement that ends in default."""
    terms = await list_terms(session, row.id)
    await cancel_payables_of(session, TERM, [term.id for term in terms])
    await cancel_payables_of(session, WHOLE, [row.id])
    await cancel_payables_of(session, REST, [row.id])
    reports = await session.scalars(select(RoyaltyReport.id).where(RoyaltyReport.settlement_id == row.id))
    await cancel_payables_of(session, REPORT, reports.all())


@handles(PAID_TASK)
async def note_paid_term(session: Session, payload: dict[str, Any]) -> None:
    """Brings a settlement up to a payment of one of its terms or royalties; a second run finds nothing new."""
    if payload["subject_kind"] == DEFAULT:
        await apply_shortfall(session, UUID(payload["subject_id"]))
        return
    of_kind = _DEAL_OF.get(payload["subject_kind"])
    if of_kind is None:
        return
    query = of_kind(UUID(payload["subject_id"]))
    deal_id = await session.scalar(query)
    if deal_id is not None:
        await note_payment(session, deal_id)


def _of_term(term_id: UUID) -> Select[UUID]:
    joined = select(Settlement.deal_id).join(SettlementTerm, SettlementTerm.settlement_id == Settlement.id)
    return joined.where(SettlementTerm.id == term_id)


def _of_report(report_id: UUID) -> Select[UUID]:
    joined = select(Settlement.deal_id).join(RoyaltyReport, RoyaltyReport.settlement_id == Settlement.id)
    return joined.where(RoyaltyReport.id == report_id)


def _of_settlement(settlement_id: UUID) -> Select[UUID]:
    return select(Settlement.deal_id).where(Settlement.id == settlement_id)


# What is paid into a deal's escrow; a fee is not, and moves no settlement.
_DEAL_OF = {TERM: _of_term, REPORT: _of_report, REST: _of_settlement}
