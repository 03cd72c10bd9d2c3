"""What a settlement asks for (收款): payables of its terms, whose payment is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.payments.match_rules import PayablePurpose
from app.payments.payables import PAID_TASK, cancel_payables_of, request_payable
from app.settlement.models import Settlement, SettlementTerm
from app.settlement.queries import list_terms
from app.settlement.releasing import note_payment
from app.tasks import handles

if TYPE_CHECKING:
    from app.db import Session

TERM, WHOLE = "settlement_term", "settlement"


async def ask_for_terms(session: Session, row: Settlement) -> None:
    """Makes each term of an agreed plan payable under a reference of its own, and the buyer's fee with the first."""
    terms = await list_terms(session, row.id)
    for term in terms:
        await request_payable(
            session,
            row.buyer_id,
            PayablePurpose.PRICE,
            TERM,
            term.id,
            term.amount_fen,
            term.due_on,
            deal_id=row.deal_id,
        )
    if row.buyer_fee_fen:
        due_on = terms[0].due_on if terms else row.began_on
        await request_payable(
            session, row.buyer_id, PayablePurpose.FEE, WHOLE, row.id, row.buyer_fee_fen, due_on
        )


async def take_back_terms(session: Session, row: Settlement) -> None:
    """Cancels what is still due of a settlement that ends in default."""
    terms = await list_terms(session, row.id)
    await cancel_payables_of(session, TERM, [term.id for term in terms])
    await cancel_payables_of(session, WHOLE, [row.id])


@handles(PAID_TASK)
async def note_paid_term(session: Session, payload: dict[str, Any]) -> None:
    """Brings a settlement up to a payment of one of its terms; a second run finds nothing new."""
    if payload["subject_kind"] != TERM:
        return
    query = (
        select(Settlement.deal_id)
        .join(SettlementTerm, SettlementTerm.settlement_id == Settlement.id)
        .where(SettlementTerm.id == UUID(payload["subject_id"]))
    )
    deal_id = (await session.execute(query)).scalar_one_or_none()
    if deal_id is not None:
        await note_payment(session, deal_id)
