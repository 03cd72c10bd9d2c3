"""Escrow to the seller (放款): the payments that come, the document of the recordal, and releases by two people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.brokers.models import Mandate
from app.clock import market_date, market_now
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.settlement.errors import (
    NotRecordedYet,
    RecordalMissing,
    ReleaseDecided,
    ReleaseWaits,
    SecondPersonMustApprove,
    SettlementMissing,
)
from app.settlement.fee_rules import Released, fee_of, split_release
from app.settlement.models import EscrowRelease, Settlement
from app.settlement.paying_out import order_payouts
from app.settlement.plan_rules import WITH_ROYALTY
from app.settlement.queries import (
    find_settlement_of,
    find_waiting_release,
    get_escrow,
    get_fee_table,
    get_release,
    lock_own_settlement,
    lock_settlement,
    sum_released,
)
from app.settlement.registering import promise_registering
from app.settlement.rules import OPEN, Facts, SettlementStatus, check_status, status_of
from app.trades.models import Listing
from app.trades.queries import get_deal

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session


@dataclass(frozen=True)
class Recordal:
    """The document of the recordal (手续合格通知书): its number, its day, the fingerprint of the file."""

    number: str
    issued_on: date
    sha256: str


async def note_payment(session: Session, deal_id: UUID) -> None:
    """Brings a deal's settlement up to what its escrow has received by the ledger; safe to run twice.

    Locks the settlement. A deal whose settlement has not begun is left as it is: beginning one reads the ledger itself.
    """
    found = await find_settlement_of(session, deal_id)
    if found is None:
        return
    row = await lock_settlement(session, found.id)
    if SettlementStatus(row.status) not in OPEN:
        return
    await refresh(session, row)
    await promise_registering(session, row)


def standing(row: Settlement) -> SettlementStatus:
    """Where a settlement stands by its own numbers."""
    return status_of(
        Facts(
            row.due_fen,
            row.deposit_fen,
            row.received_fen,
            row.released_fen,
            is_recorded=row.reviewed_at is not None,
            is_open=row.is_open,
        )
    )


async def refresh(session: Session, row: Settlement, *, released_fen: int | None = None) -> None:
    """Brings a locked settlement up to its escrow, to what is owed so far and to what has been released."""
    released = row.released_fen if released_fen is None else released_fen
    received = min(await get_escrow(session, row.deal_id) + released, row.due_fen)
    row.received_fen, row.released_fen = received, released
    row.status = standing(row)
    await session.flush()


async def submit_recordal(session: Session, caller: Caller, settlement_id: UUID, paper: Recordal) -> UUID:
    """Submits the document of the recordal for its review, for the seller; returns the settlement's id.

    Source: 专利法 article 10: the assignment takes effect with its recordal. Locks the settlement. Raises NotPermitted,
    SettlementMissing, SettlementStateForbids.
    """
    caller.require(Permission.REGISTRATION_APPLY)
    row = await lock_own_settlement(session, caller, settlement_id)
    if row.seller_id != caller.organisation_id:
        raise SettlementMissing
    allowed = OPEN - {SettlementStatus.RIGHTS_RECORDED}
    check_status(SettlementStatus(row.status), allowed, "提交变更文件", "submitting the document")
    row.recordal_no, row.recordal_on, row.recordal_sha256 = paper.number, paper.issued_on, paper.sha256
    row.recordal_by = caller.person_id
    await session.flush()
    detail = {"recordal_no": paper.number, "sha256": paper.sha256}
    await audit(
        session, caller, "recordal.submitted", subject_kind="settlement", subject_id=row.id, detail=detail
    )
    return row.id


async def review_recordal(session: Session, caller: Caller, settlement_id: UUID) -> UUID:
    """Finds the document of the recordal in order, for the registrar; from now on the escrow may be released.

    Locks the settlement. Raises NotPermitted, SettlementMissing, SettlementStateForbids, RecordalMissing.
    """
    caller.require(Permission.REGISTRATION_DECIDE)
    row = await lock_settlement(session, settlement_id)
    allowed = OPEN - {SettlementStatus.RIGHTS_RECORDED}
    check_status(SettlementStatus(row.status), allowed, "审核变更文件", "reviewing the document")
    if row.recordal_no is None:
        raise RecordalMissing
    row.reviewed_by, row.reviewed_at = caller.person_id, await market_now(session)
    await refresh(session, row)
    await audit(session, caller, "recordal.reviewed", subject_kind="settlement", subject_id=row.id)
    return row.id


async def request_release(session: Session, caller: Caller, settlement_id: UUID, amount_fen: int) -> UUID:
    """Asks for a release from escrow; a second person of the finance desk decides. Returns the settlement's id.

    Locks the settlement. Raises NotPermitted, SettlementMissing, SettlementStateForbids, NotRecordedYet, ReleaseWaits,
    ReleaseAboveEscrow, NothingLeftForSeller.
    """
    caller.require(Permission.ESCROW_RELEASE)
    row = await lock_settlement(session, settlement_id)
    _check_releasable(row)
    if await find_waiting_release(session, row.id) is not None:
        raise ReleaseWaits
    part = await _split(session, row, amount_fen)
    made = EscrowRelease(
        settlement_id=row.id,
        amount_fen=amount_fen,
        seller_fen=part.seller_fen,
        fee_fen=part.fee_fen,
        commission_fen=part.commission_fen,
        requested_by=caller.person_id,
    )
    session.add(made)
    await session.flush()
    detail = {"amount_fen": amount_fen, "seller_fen": part.seller_fen}
    await audit(
        session, caller, "release.requested", subject_kind="release", subject_id=made.id, detail=detail
    )
    return row.id


def _check_releasable(row: Settlement) -> None:
    check_status(SettlementStatus(row.status), OPEN, "放款", "a release")
    if row.reviewed_at is None:
        raise NotRecordedYet


async def _split(session: Session, row: Settlement, amount_fen: int) -> Released:
    before = await sum_released(session, row.id)
    fee_so_far = None
    if row.kind in WITH_ROYALTY:
        # No total is known to take a share of: the table of the day it began is read on all that is then released.
        listing = await session.get_one(Listing, (await get_deal(session, row.deal_id)).listing_id)
        table = await get_fee_table(session, "seller", board=listing.board, on=row.began_on)
        fee_so_far = fee_of(table, before.total_fen + amount_fen)
    return split_release(
        amount_fen,
        price_fen=row.due_fen,
        escrow_fen=await get_escrow(session, row.deal_id),
        before=before,
        fee_total_fen=row.fee_fen,
        commission_bp=row.commission_bp,
        fee_so_far_fen=fee_so_far,
    )


async def decide_release(session: Session, caller: Caller, release_id: UUID, *, approves: bool) -> UUID:
    """Approves a release, which moves the money in the ledger, or rejects it; returns the settlement's id.

    Whoever asked may reject it, and may not approve it. Locks the settlement, then ledger accounts. Raises
    NotPermitted, ReleaseMissing, ReleaseDecided, SecondPersonMustApprove, NotRecordedYet, AccountOverdrawn.
    """
    caller.require(Permission.ESCROW_RELEASE)
    asked = await get_release(session, release_id)
    row = await lock_settlement(session, asked.settlement_id)
    release = await get_release(session, release_id)
    if release.status != "requested":
        raise ReleaseDecided
    if approves:
        _check_releasable(row)
        if release.requested_by == caller.person_id:
            raise SecondPersonMustApprove
        await _pay_out(session, caller, row, release)
    now = await market_now(session)
    release.status = "approved" if approves else "rejected"
    release.decided_by, release.decided_at = caller.person_id, now
    if approves:
        await refresh(session, row, released_fen=row.released_fen + release.amount_fen)
    await session.flush()
    action = f"release.{release.status}"
    await audit(session, caller, action, subject_kind="release", subject_id=release.id)
    return row.id


async def _pay_out(session: Session, caller: Caller, row: Settlement, release: EscrowRelease) -> None:
    broker_id = None
    entries = [Entry(Account(AccountKind.PRICE_ESCROW, deal_id=row.deal_id), release.amount_fen)]
    if release.seller_fen:
        entries.append(Entry(Account(AccountKind.SELLER_DUE, row.seller_id), -release.seller_fen))
    if release.fee_fen:
        entries.append(Entry(Account(AccountKind.FEE_INCOME), -release.fee_fen))
    if release.commission_fen:
        query = select(Mandate.broker_id).where(Mandate.id == row.mandate_id)
        broker_id = (await session.execute(query)).scalar_one()
        entries.append(Entry(Account(AccountKind.COMMISSION_DUE, broker_id), -release.commission_fen))
    posting = Posting(
        Subject("release", release.id),
        Transfer(TransferKind.PRICE_RELEASED, tuple(entries)),
        client_id=f"release:{release.id}",
        approved_by=caller.person_id,
    )
    await post_transfers(session, [posting], person_id=release.requested_by)
    await order_payouts(session, row, release, broker_id, market_date(await market_now(session)))


async def complete_settlement(session: Session, caller: Caller, settlement_id: UUID) -> UUID:
    """Closes a settlement whose whole price is released; returns its id.

    Locks the settlement. Raises NotPermitted, SettlementMissing, SettlementStateForbids.
    """
    caller.require(Permission.ESCROW_RELEASE)
    row = await lock_settlement(session, settlement_id)
    allowed = frozenset({SettlementStatus.RELEASED})
    check_status(SettlementStatus(row.status), allowed, "结案", "closing")
    row.completed_by, row.completed_at = caller.person_id, await market_now(session)
    row.status = SettlementStatus.COMPLETED
    await session.flush()
    await audit(session, caller, "settlement.completed", subject_kind="settlement", subject_id=row.id)
    return row.id
