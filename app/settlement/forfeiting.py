"""A deposit that is not given back to who did not win (不予退还保证金): declared, heard, decided by a second person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.audit import audit
from app.calendar_days import Period, period_end
from app.clock import market_date, market_now
from app.holidays import read_calendar
from app.ids import uuid7
from app.payments.ledger import Subject
from app.payments.order_rules import OrderPurpose
from app.payments.orders import OrderAsked, order_payments
from app.payments.rules import Account, AccountKind, Entry
from app.payments.withholding import forfeit_deposit, stop_withholding, withhold_deposit
from app.settlement.fee_rules import fee_of
from app.settlement.queries import get_fee_table
from app.trades import rules
from app.trades.default_rules import in_order
from app.trades.errors_forfeit import (
    DecidedByDeclarer,
    ForfeitureAnswered,
    ForfeitureDecided,
    ForfeitureMissing,
    HearingOver,
    NoDepositPaid,
    WinnerDefaults,
)
from app.trades.forfeit_models import DepositForfeiture
from app.trades.forfeit_rules import ForfeitGround, check_claim, check_ground, check_heard
from app.trades.forfeits import get_forfeiture
from app.trades.kept_rules import get_kept_rule
from app.trades.queries import get_intent, lock_listing
from app.trades.states import OPEN_INTENTS, IntentStatus

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing

FORFEITURE = "forfeiture"


@dataclass(frozen=True)
class Claimed:
    """What is declared: the ground, why, what proves it, and the losses that are proven."""

    ground: ForfeitGround
    reason: str
    evidence: str
    fees_fen: int = 0
    loss_fen: int = 0


async def declare_forfeiture(session: Session, caller: Caller, intent_id: UUID, said: Claimed) -> UUID:
    """Declares that a deposit is kept by an announced ground; returns the claim's id.

    From now on the deposit is held back, and its party may answer within the announced period; nothing is taken before
    another person confirms. Locks the listing, the deposit, then its refund's order. Raises NotPermitted, IntentMissing,
    NoDepositPaid, WinnerDefaults, GroundNotAnnounced, LossBeyondAll, DepositStateForbids, DepositWithheld, DepositGoes,
    TextOutOfRange. Source: 招标投标法实施条例 35, 39 to 42, and the announcement.
    """
    caller.require(Permission.INTENT_QUALIFY)
    reason, evidence = rules.check_reason(said.reason), rules.check_reason(said.evidence)
    listing = await lock_listing(session, (await get_intent(session, intent_id)).listing_id)
    intent = await get_intent(session, intent_id)
    if intent.status == IntentStatus.WON:
        raise WinnerDefaults
    if intent.deposit_id is None:
        raise NoDepositPaid
    now = await market_now(session)
    published_on = market_date(listing.published_at or now)
    check_ground(
        said.ground, await get_kept_rule(session, listing, "deposit.forfeit_grounds", on=published_on)
    )
    check_claim(fees_fen=said.fees_fen, most_fees_fen=await _most_fees(session, listing))
    deposit = await withhold_deposit(session, intent.deposit_id, person_id=caller.person_id, reason=reason)
    period = Period.from_json(
        await get_kept_rule(session, listing, "deposit.forfeit_answer", on=market_date(now))
    )
    parts = in_order(deposit.amount_fen, fees_fen=said.fees_fen, loss_fen=said.loss_fen)
    made = DepositForfeiture(
        id=uuid7(),
        intent_id=intent.id,
        deposit_id=deposit.id,
        listing_id=listing.id,
        seller_id=listing.seller_id,
        party_id=intent.buyer_id,
        ground=said.ground,
        reason=reason,
        evidence=evidence,
        deposit_fen=deposit.amount_fen,
        loss_fen=said.loss_fen,
        fees_fen=parts.fees_fen,
        seller_fen=parts.seller_fen,
        rest_fen=parts.rest_fen,
        declared_by=caller.person_id,
        declared_at=now,
        answer_until=period_end(now, period, await read_calendar(session)),
    )
    session.add(made)
    await session.flush()
    await _audit(session, caller, "forfeiture.declared", made, listing)
    return made.id


async def _most_fees(session: Session, listing: Listing) -> int:
    """Both sides' fees of the sale at its asking price: what the exchange loses at most."""
    today = market_date(await market_now(session))
    tables = [
        await get_fee_table(session, side, board=listing.board, on=today) for side in ("seller", "buyer")
    ]
    return sum(fee_of(table, listing.start_price_fen) for table in tables)


async def answer_forfeiture(session: Session, caller: Caller, forfeiture_id: UUID, words: str) -> UUID:
    """The party answers a claim on its deposit (陈述申辩), once and in time; returns the claim's id.

    Locks the listing. Raises NotPermitted, ForfeitureMissing for strangers, ForfeitureDecided, ForfeitureAnswered,
    HearingOver, TextOutOfRange.
    """
    caller.require(Permission.INTENT_WRITE)
    said = rules.check_reason(words)
    found = await get_forfeiture(session, forfeiture_id)
    if found.party_id != caller.organisation_id:
        raise ForfeitureMissing
    listing = await lock_listing(session, found.listing_id)
    row = await get_forfeiture(session, forfeiture_id)
    if row.status != "declared":
        raise ForfeitureDecided
    if row.answer is not None:
        raise ForfeitureAnswered
    now = await market_now(session)
    if now >= row.answer_until:
        raise HearingOver(row.answer_until)
    row.answer, row.answered_by, row.answered_at = said, caller.person_id, now
    await session.flush()
    await _audit(session, caller, "forfeiture.answered", row, listing)
    return row.id


async def decide_forfeiture(
    session: Session, caller: Caller, forfeiture_id: UUID, *, confirms: bool, reason: str
) -> UUID:
    """Confirms a claim, which applies the deposit in the announced order, or refuses it, which lets it go; returns its id.

    Confirmed only after the party's answer or the end of its period. Refused, the deposit goes back at once where the
    sale is over. Locks the listing, the deposit, then ledger accounts. Raises NotPermitted, ForfeitureMissing,
    ForfeitureDecided, DecidedByDeclarer, HearingRuns, WinnerDefaults, TextOutOfRange.
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    words = rules.check_reason(reason)
    listing = await lock_listing(session, (await get_forfeiture(session, forfeiture_id)).listing_id)
    row = await get_forfeiture(session, forfeiture_id)
    if row.status != "declared":
        raise ForfeitureDecided
    if row.declared_by == caller.person_id:
        raise DecidedByDeclarer
    now = await market_now(session)
    intent = await get_intent(session, row.intent_id)
    if confirms:
        check_heard(answered=row.answer is not None, until_at=row.answer_until, now=now)
        if intent.status == IntentStatus.WON:
            raise WinnerDefaults
        await _apply(session, caller, row)
    else:
        is_over = intent.status not in OPEN_INTENTS and intent.status != IntentStatus.WON
        await stop_withholding(session, row.deposit_id, is_over=is_over, person_id=caller.person_id)
    row.status = "confirmed" if confirms else "refused"
    row.decision, row.decided_by, row.decided_at = words, caller.person_id, now
    await session.flush()
    await _audit(session, caller, f"forfeiture.{row.status}", row, listing)
    return row.id


async def _apply(session: Session, caller: Caller, row: DepositForfeiture) -> None:
    """The exchange's fees first, then the seller's loss, the rest to the seller as it was announced."""
    to_seller = row.seller_fen + row.rest_fen
    to = (
        Entry(Account(AccountKind.FEE_INCOME), -row.fees_fen),
        Entry(Account(AccountKind.SELLER_DUE, row.seller_id), -to_seller),
    )
    subject = Subject(FORFEITURE, row.id)
    await forfeit_deposit(
        session,
        row.deposit_id,
        [entry for entry in to if entry.amount_fen],
        subject=subject,
        person_id=row.declared_by,
        second_id=caller.person_id,
    )
    if to_seller:
        today = market_date(await market_now(session))
        words = f"支付不予退还的保证金，认定 {row.id}"
        asked = OrderAsked(row.seller_id, OrderPurpose.PAYOUT, subject, to_seller, words, today)
        await order_payments(session, [asked])


async def _audit(
    session: Session, caller: Caller, action: str, row: DepositForfeiture, listing: Listing
) -> None:
    detail = {
        "listing_no": listing.listing_no,
        "ground": row.ground,
        "deposit_fen": row.deposit_fen,
        "answer_until": row.answer_until.isoformat(),
    }
    await audit(session, caller, action, subject_kind=FORFEITURE, subject_id=row.id, detail=detail)
