"""Beginning a settlement (开始结算): the plan of payment, at once for one payment, by consent for all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete

from app.accounts.permissions import Permission
from app.audit import audit
from app.brokers.mandates import find_mandate
from app.clock import market_date, market_now
from app.contracts.queries import find_contract_of_deal, lock_contract
from app.contracts.rules import ContractStatus
from app.holidays import read_calendar
from app.ids import uuid7
from app.payments.queries import get_deposit
from app.settlement.collecting import ask_for_terms
from app.settlement.errors import ContractNotInForceYet, OwnProposal, SettlementExists
from app.settlement.expecting import expect_report
from app.settlement.fee_rules import fee_of
from app.settlement.models import Settlement, SettlementTerm
from app.settlement.plan_models import RoyaltyPlan
from app.settlement.plan_rules import owed_fen
from app.settlement.plans import Asked, Ground, Planned, plan_payment, royalty_row
from app.settlement.queries import find_settlement_of, get_escrow, get_fee_table, lock_own_settlement
from app.settlement.registering import promise_registering
from app.settlement.releasing import standing
from app.settlement.rules import SettlementStatus, check_status
from app.trades.errors import DealMissing
from app.trades.models import Listing
from app.trades.queries import get_deal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.contracts.models import Contract
    from app.db import Session
    from app.settlement.plan_rules import RoyaltyTerms
    from app.settlement.rules import PlanKind, Term
    from app.trades.models import Deal

_PROPOSED = frozenset({SettlementStatus.PROPOSED})


async def open_settlement(
    session: Session,
    caller: Caller,
    deal_id: UUID,
    kind: PlanKind,
    terms: Sequence[Term] = (),
    royalty: RoyaltyTerms | None = None,
) -> UUID:
    """Begins a deal's settlement; returns its id. One payment holds at once, and so does an announced plan.

    So do the instalments that were agreed in a negotiation. Any other is a proposal until the other side consents. The fees and the broker's mandate are those in force now.
    Locks the contract, so that of two who begin at once the second finds the first. Raises NotPermitted, DealMissing
    for strangers, ContractNotInForceYet, SettlementExists and what the plan's rules refuse.
    """
    caller.require(Permission.SETTLEMENT_PLAN)
    deal = await get_deal(session, deal_id)
    if caller.organisation_id not in (deal.seller_id, deal.buyer_id):
        raise DealMissing
    contract = await find_contract_of_deal(session, deal.id)
    if contract is None:
        raise ContractNotInForceYet
    contract = await lock_contract(session, contract.id)
    if contract.status != ContractStatus.IN_FORCE or contract.in_force_at is None:
        raise ContractNotInForceYet
    if await find_settlement_of(session, deal.id) is not None:
        raise SettlementExists
    now = await market_now(session)
    row, planned = await _plan(session, caller, deal, contract, now, Asked(kind, terms, royalty))
    session.add(row)
    await session.flush()
    session.add_all(
        SettlementTerm(
            settlement_id=row.id,
            place=place,
            amount_fen=term.amount_fen,
            due_on=term.due_on,
            condition=term.condition,
        )
        for place, term in enumerate(planned.terms, 1)
    )
    if planned.royalty is not None:
        session.add(royalty_row(row.id, planned.royalty, market_date(contract.in_force_at)))
    await session.flush()
    if row.status != SettlementStatus.PROPOSED:
        await _begin(session, row)
    detail = {"deal_no": deal.deal_no, "kind": planned.kind.value, "terms": len(planned.terms)}
    await audit(
        session, caller, "settlement.opened", subject_kind="settlement", subject_id=row.id, detail=detail
    )
    return row.id


async def _plan(
    session: Session, caller: Caller, deal: Deal, contract: Contract, now: datetime, asked: Asked
) -> tuple[Settlement, Planned]:
    today = market_date(now)
    listing = await session.get_one(Listing, deal.listing_id)
    paid_fen = (await get_deposit(session, deal.deposit_id)).amount_fen if deal.deposit_id else 0
    deposit = min(paid_fen, deal.price_fen)
    effect_on = market_date(contract.in_force_at or now)
    ground = Ground(deal, listing, deposit, effect_on, today, await read_calendar(session))
    planned = await plan_payment(session, asked, ground)
    due = owed_fen(
        planned.kind,
        price_fen=deal.price_fen,
        deposit_fen=deposit,
        royalties_fen=0,
        is_open=planned.royalty is not None,
    )
    row = Settlement(
        id=uuid7(),
        deal_id=deal.id,
        contract_id=contract.id,
        seller_id=deal.seller_id,
        buyer_id=deal.buyer_id,
        price_fen=deal.price_fen,
        due_fen=due,
        is_open=planned.royalty is not None,
        deposit_fen=deposit,
        kind=planned.kind,
        status=SettlementStatus.PROPOSED,
        began_on=today,
        proposer_id=caller.organisation_id,
        proposed_by=caller.person_id,
        agreed_by=caller.person_id if planned.is_agreed else None,
        received_fen=min(await get_escrow(session, deal.id), due),
        released_fen=0,
    )
    if planned.is_agreed:
        row.status = standing(row)
    await _charge(session, row, deal, listing.board, today)
    return row, planned


async def _begin(session: Session, row: Settlement) -> None:
    """What an agreed plan leads to: its terms are asked for, its first report is expected."""
    await ask_for_terms(session, row)
    await promise_registering(session, row)
    if row.is_open:
        await expect_report(session, row.id, 1)


async def _charge(session: Session, row: Settlement, deal: Deal, board: str, today: date) -> None:
    mandate = await find_mandate(
        session, deal.seller_id, deal.listing_id, other_id=deal.buyer_id, on=market_date(deal.confirmed_at)
    )
    row.mandate_id = mandate.id if mandate else None
    row.commission_bp = mandate.rate_bp if mandate else 0
    seller, buyer = [
        await get_fee_table(session, side, board=board, on=today) for side in ("seller", "buyer")
    ]
    row.fee_fen, row.buyer_fee_fen = fee_of(seller, row.price_fen), fee_of(buyer, row.price_fen)


async def answer_plan(session: Session, caller: Caller, settlement_id: UUID, *, accepts: bool) -> UUID:
    """Consents to the other side's plan, or declines it, which leaves the deal without one; returns the id.

    Locks the settlement. Raises NotPermitted, SettlementMissing, SettlementStateForbids, OwnProposal.
    """
    caller.require(Permission.SETTLEMENT_PLAN)
    row = await lock_own_settlement(session, caller, settlement_id)
    check_status(SettlementStatus(row.status), _PROPOSED, "答复付款方式", "an answer to the plan")
    if row.proposer_id == caller.organisation_id:
        raise OwnProposal
    action = "settlement.agreed" if accepts else "settlement.declined"
    await audit(session, caller, action, subject_kind="settlement", subject_id=row.id)
    if not accepts:
        await session.execute(delete(SettlementTerm).where(SettlementTerm.settlement_id == row.id))
        await session.execute(delete(RoyaltyPlan).where(RoyaltyPlan.settlement_id == row.id))
        await session.delete(row)
        await session.flush()
        return settlement_id
    row.received_fen = min(await get_escrow(session, row.deal_id), row.due_fen)
    row.agreed_by, row.status = caller.person_id, standing(row)
    await session.flush()
    await _begin(session, row)
    return row.id
