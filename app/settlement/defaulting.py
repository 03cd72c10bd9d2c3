"""A winner's default (成交违约): declared by the host, confirmed by a reviewer, the deposit applied in the announced order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.audit import audit
from app.calendar_days import add_working_days
from app.clock import market_date, market_now
from app.contracts.queries import find_contract_of_deal
from app.contracts.rules import ContractStatus
from app.dated_rules import get_rule
from app.holidays import read_calendar
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.queries import get_deposit
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.settlement.collecting import take_back_terms
from app.settlement.fee_rules import fee_of
from app.settlement.queries import (
    find_settlement_of,
    get_escrow,
    get_fee_table,
    list_terms,
    lock_settlement,
)
from app.settlement.rules import SettlementStatus
from app.settlement.shortfalls import DEFAULT, ask_for_shortfall, order_to_seller
from app.trades import rules
from app.trades.default_models import DealDefault
from app.trades.default_rules import Ground, check_ground, split_deposit
from app.trades.defaults import add_default, find_default_of, get_default
from app.trades.errors_default import (
    ContractWasSigned,
    DecidedByAnother,
    DefaultDecided,
    DefaultDeclared,
    MayStillSign,
    NothingOverdue,
    PriceWasReleased,
)
from app.trades.models import Deal, Listing
from app.trades.queries import get_deal, lock_listing
from app.trades.states import ListingAct, ListingStatus, next_listing_status

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session


@dataclass(frozen=True)
class Declared:
    """What the host declares: the ground, why it is given, and the seller's loss that is proven."""

    ground: Ground
    reason: str
    loss_fen: int


async def declare_default(session: Session, caller: Caller, deal_id: UUID, said: Declared) -> UUID:
    """Declares a winner in default by an announced ground; returns the default's id.

    Nothing moves before another desk confirms. Locks the listing. Raises NotPermitted, DealMissing, DefaultDeclared,
    GroundNotAnnounced, MayStillSign, ContractWasSigned, NothingOverdue, PriceWasReleased, TextOutOfRange.
    """
    caller.require(Permission.AUCTION_HOST)
    reason = rules.check_reason(said.reason)
    deal = await get_deal(session, deal_id)
    listing = await lock_listing(session, deal.listing_id)
    if await find_default_of(session, deal.id) is not None:
        raise DefaultDeclared
    today = market_date(await market_now(session))
    announced_on = market_date(listing.published_at or deal.confirmed_at)
    check_ground(
        said.ground, await get_rule(session, "default.grounds", board=listing.board, on=announced_on)
    )
    await _check_late(session, deal, listing, said.ground, today)
    deposit = (await get_deposit(session, deal.deposit_id)).amount_fen if deal.deposit_id else 0
    tables = [
        await get_fee_table(session, side, board=listing.board, on=today) for side in ("seller", "buyer")
    ]
    fees = sum(fee_of(table, deal.price_fen) for table in tables)
    parts = split_deposit(said.ground, deposit, fees_fen=fees, loss_fen=said.loss_fen)
    made = DealDefault(
        deal_id=deal.id,
        seller_id=deal.seller_id,
        buyer_id=deal.buyer_id,
        ground=said.ground,
        reason=reason,
        deposit_fen=deposit,
        loss_fen=said.loss_fen,
        fees_fen=parts.fees_fen,
        seller_fen=parts.seller_fen,
        rest_fen=parts.rest_fen,
        returned_fen=parts.returned_fen,
        shortfall_fen=parts.shortfall_fen,
        declared_by=caller.person_id,
    )
    default_id = await add_default(session, made)
    detail = {"deal_no": deal.deal_no, "ground": said.ground.value}
    await audit(
        session, caller, "default.declared", subject_kind="default", subject_id=default_id, detail=detail
    )
    return default_id


async def _check_late(session: Session, deal: Deal, listing: Listing, ground: Ground, today: date) -> None:
    """Raises where the ground is a period that has not run out, and PriceWasReleased after a release."""
    settlement = await find_settlement_of(session, deal.id)
    if settlement is not None and settlement.released_fen:
        raise PriceWasReleased
    if ground is Ground.NOT_SIGN_CONTRACT:
        contract = await find_contract_of_deal(session, deal.id)
        if contract is not None and contract.status == ContractStatus.IN_FORCE:
            raise ContractWasSigned
        days = int(await get_rule(session, "deal.sign_working_days", board=listing.board, on=today))
        last = add_working_days(market_date(deal.confirmed_at), days, await read_calendar(session))
        if today <= last:
            raise MayStillSign(last.isoformat())
    if ground is Ground.NOT_PAY:
        terms = await list_terms(session, settlement.id) if settlement else []
        due = sum(term.amount_fen for term in terms if term.due_on < today)
        if settlement is None or settlement.received_fen >= settlement.deposit_fen + due:
            raise NothingOverdue


async def decide_default(session: Session, caller: Caller, default_id: UUID, *, confirms: bool) -> UUID:
    """Confirms a default, which applies the deposit and ends the listing, or rejects it; returns its id.

    Confirmed, the deposit goes where the announcement says, other money in the escrow goes back to the buyer, the
    settlement ends, and the seller may list the subject anew, without whoever defaulted. A second confirmation is
    refused. Locks the listing, the settlement, then ledger accounts. Raises NotPermitted, DefaultMissing,
    DefaultDecided, DecidedByAnother, PriceWasReleased.
    """
    caller.require(Permission.AUCTION_DECIDE)
    deal = await get_deal(session, (await get_default(session, default_id)).deal_id)
    listing = await lock_listing(session, deal.listing_id)
    made = await get_default(session, default_id)
    if made.status != "declared":
        raise DefaultDecided
    if confirms and made.declared_by == caller.person_id:
        raise DecidedByAnother
    now = await market_now(session)
    if confirms:
        await _end_settlement(session, deal)
        await _apply_deposit(session, caller, deal, made)
        await ask_for_shortfall(session, caller, made, deal, listing)
        # What is sold to many stays listed: one licensee's default is not the others'.
        if listing.status == ListingStatus.SOLD:
            listing.status = next_listing_status(listing.status, ListingAct.TERMINATE)
    made.decided_by, made.decided_at = caller.person_id, now
    made.status = "confirmed" if confirms else "rejected"
    await session.flush()
    detail = {"deal_no": deal.deal_no, "ground": made.ground}
    await audit(
        session, caller, f"default.{made.status}", subject_kind="default", subject_id=made.id, detail=detail
    )
    return made.id


async def _end_settlement(session: Session, deal: Deal) -> None:
    found = await find_settlement_of(session, deal.id)
    if found is None:
        return
    row = await lock_settlement(session, found.id)
    if row.released_fen:
        raise PriceWasReleased
    row.status = SettlementStatus.DEFAULTED
    await session.flush()
    await take_back_terms(session, row)


async def _apply_deposit(session: Session, caller: Caller, deal: Deal, made: DealDefault) -> None:
    escrow = Account(AccountKind.PRICE_ESCROW, deal_id=deal.id)
    forfeited = Account(AccountKind.FORFEITED, made.buyer_id)
    lost = made.deposit_fen - made.returned_fen
    returned = await get_escrow(session, deal.id) - lost
    transfers: list[Transfer] = []
    if lost:
        to_forfeited = (Entry(escrow, lost), Entry(forfeited, -lost))
        transfers.append(Transfer(TransferKind.PRICE_FORFEITED, to_forfeited))
        shares = (
            Entry(Account(AccountKind.FEE_INCOME), -made.fees_fen),
            Entry(Account(AccountKind.SELLER_DUE, made.seller_id), -(made.seller_fen + made.rest_fen)),
        )
        applied = (Entry(forfeited, lost), *(entry for entry in shares if entry.amount_fen))
        transfers.append(Transfer(TransferKind.FORFEIT_APPLIED, applied))
    if returned:
        to_buyer = (Entry(escrow, returned), Entry(Account(AccountKind.REFUND_DUE, made.buyer_id), -returned))
        transfers.append(Transfer(TransferKind.PRICE_RETURNED, to_buyer))
    subject = Subject("default", made.id)
    for transfer in transfers:
        # One after the other: what is forfeited first is applied then.
        posting = Posting(
            subject,
            transfer,
            client_id=f"default:{made.id}:{transfer.kind}",
            approved_by=caller.person_id,
        )
        await post_transfers(session, [posting], person_id=made.declared_by)
    if lost and made.seller_fen + made.rest_fen:
        await order_to_seller(session, made, DEFAULT, made.seller_fen + made.rest_fen)
