"""Deposits (保证金): asked for, received, then settled when the sale is over. Callers check who may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.queries import get_names
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments import match_rules, rules
from app.payments.card_payments import end_card_payments, find_paid_by_card
from app.payments.errors import (
    BankReferenceUsed,
    DepositMissing,
    LineDiffers,
    ReceivedInTheFuture,
    SamePayerAccount,
)
from app.payments.gateway import Stage
from app.payments.ledger import Posting, Subject, for_deposit, post_transfers
from app.payments.line_matches import (
    close_line,
    find_same_account,
    lock_line_by_reference,
    target_of,
    write_match,
)
from app.payments.match_rules import LineStatus, TargetKind, check_line_open
from app.payments.models import Deposit
from app.payments.reference import draw_reference
from app.payments.rules import AccountKind, DepositStatus
from app.tasks import promise

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.db import Session
    from app.payments.card_models import CardPayment
    from app.payments.rules import Transfer
    from app.payments.statement_models import BankLine as StoredLine

REFUND_TASK = "refund_deposits"
_WRITE_RECEIPT = """
INSERT INTO receipt (id, deposit_id, amount_fen, payer_name, bank_reference, received_on, recorded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bank_reference) DO NOTHING RETURNING id
"""
_END = """
UPDATE deposit SET status = new.status, settled_at = $3, withheld_at = NULL
  FROM unnest($1::uuid[], $2::text[]) AS new (id, status) WHERE deposit.id = new.id
"""


@dataclass(frozen=True)
class BankLine:
    """A line of the bank statement, as finance read it."""

    amount_fen: int
    payer_name: str
    bank_reference: str
    received_on: date


async def lock_deposit(session: Session, deposit_id: UUID) -> Deposit:
    """Takes the deposit's row lock and returns fresh values; raises DepositMissing."""
    found = await session.lock_swiftly(Deposit, deposit_id)
    if found is None:
        raise DepositMissing
    return found


async def lock_deposits_of(session: Session, listing_id: UUID) -> Sequence[Deposit]:
    """Takes the row locks of all deposits of a listing in the order of their ids, and returns fresh values."""
    query = select(Deposit).where(Deposit.listing_id == listing_id).order_by(Deposit.id).with_for_update()
    return (await session.execute(query, execution_options={"populate_existing": True})).scalars().all()


async def request_deposit(session: Session, *, party_id: UUID, listing_id: UUID, amount_fen: int) -> Deposit:
    """Makes a deposit due, with a reference that no other deposit has."""
    while True:
        values = {"party_id": party_id, "listing_id": listing_id, "amount_fen": amount_fen, "id": uuid7()}
        statement = insert(Deposit).values(reference=draw_reference(), **values)
        # The reference is drawn at random; the rare one that exists already is drawn again.
        made = statement.on_conflict_do_nothing(index_elements=["reference"]).returning(Deposit)
        deposit = (await session.execute(made)).scalar_one_or_none()
        if deposit is not None:
            return deposit


async def record_receipt(
    session: Session, deposit_id: UUID, line: BankLine, *, person_id: UUID, cleared_id: UUID | None = None
) -> Deposit:
    """Records that a deposit came: the deposit is held, the bank account debited, the party's account credited.

    Where a statement has the line, its money leaves suspense instead and the line is matched; ``cleared_id`` is the
    match that a second person confirmed. Locks the deposit, then the line. Raises DepositStateForbids,
    ReceiptDiffersFromDeposit, PayerIsNotTheBuyer, ReceivedInTheFuture, BankReferenceUsed, LineDiffers,
    LineStateForbids, SamePayerAccount.
    """
    deposit = await lock_deposit(session, deposit_id)
    rules.check_deposit_step(DepositStatus(deposit.status), DepositStatus.HELD)
    buyer_name = (await get_names(session, [deposit.party_id]))[deposit.party_id]
    stored = await take_line(session, deposit, line, cleared_id)
    over_fen = 0 if stored is None else max(line.amount_fen - deposit.amount_fen, 0)
    rules.check_receipt(
        due_fen=deposit.amount_fen,
        amount_fen=line.amount_fen - over_fen,
        buyer_name=buyer_name,
        payer_name=line.payer_name,
    )
    now = await market_now(session)
    if line.received_on > market_date(now):
        raise ReceivedInTheFuture(
            received_on=line.received_on.isoformat(), today=market_date(now).isoformat()
        )
    await _write_receipt(session, deposit, line, person_id)
    if stored is None:
        transfer = rules.receive_deposit(deposit.party_id, deposit.amount_fen)
    else:
        transfer = match_rules.match_deposit(deposit.party_id, deposit.amount_fen)
    await post_transfers(session, [for_deposit(deposit.id, transfer)], person_id=person_id)
    await session.change_swiftly(deposit, status=DepositStatus.HELD, held_at=now)
    if stored is not None:
        target = await target_of(session, TargetKind.DEPOSIT, deposit)
        if cleared_id is None:
            await write_match(session, stored, target, person_id=person_id)
        await close_line(session, stored, target, person_id=person_id)
    return deposit


async def _write_receipt(session: Session, deposit: Deposit, line: BankLine, person_id: UUID) -> None:
    """Writes which line of the statement a deposit came by; raises BankReferenceUsed."""
    values = (
        deposit.id,
        deposit.amount_fen,
        line.payer_name,
        line.bank_reference,
        line.received_on,
        person_id,
    )
    if not await session.swiftly(_WRITE_RECEIPT, uuid7(), *values):
        raise BankReferenceUsed(bank_reference=line.bank_reference)


async def take_line(
    session: Session, deposit: Deposit, line: BankLine, cleared_id: UUID | None
) -> StoredLine | None:
    """Locks the statement's line with the reference, if there is one, and checks that it may pay the deposit.

    Raises LineDiffers where it says something else than what was typed, LineStateForbids, SamePayerAccount.
    """
    stored = await lock_line_by_reference(session, line.bank_reference)
    if stored is None:
        return None
    if (line.amount_fen, line.received_on, rules.plain_name(line.payer_name)) != (
        stored.amount_fen,
        stored.booked_on,
        rules.plain_name(stored.payer_name),
    ):
        raise LineDiffers(
            bank_reference=stored.bank_reference,
            amount_fen=stored.amount_fen,
            payer_name=stored.payer_name,
        )
    check_line_open(stored.status, LineStatus.OPEN if cleared_id is None else LineStatus.HELD)
    if cleared_id is None and await find_same_account(session, deposit, stored) is not None:
        raise SamePayerAccount
    return stored


async def settle_deposits(
    session: Session,
    *,
    listing_id: UUID,
    winner_deposit_id: UUID | None = None,
    deal_id: UUID | None = None,
    kept_deposit_id: UUID | None = None,
    only_ids: Collection[UUID] | None = None,
) -> list[Deposit]:
    """Settles all deposits of a listing whose sale is over, or some of them; a second run finds nothing left to do.

    The winner's held deposit is captured for the deal, other held ones are released, due ones are cancelled; the one
    kept as security (履约担保) stays held, and so does one whose loss is being decided.
    Locks the deposits by id, then the ledger accounts by id. Returns what it settled.
    """
    rows = await lock_deposits_of(session, listing_id)
    by_card = await find_paid_by_card(session, [row.id for row in rows])
    open_rows = [
        row
        for row in rows
        if row.status in {DepositStatus.DUE, DepositStatus.HELD}
        and row.id != kept_deposit_id
        # Whether it is lost is being decided; the winner's own part of the price is not.
        and (row.withheld_at is None or row.id == winner_deposit_id)
        and (only_ids is None or row.id in only_ids)
    ]
    now = await market_now(session)
    postings: list[Posting] = []
    ends: list[DepositStatus] = []
    for row in open_rows:
        if row.status == DepositStatus.DUE:
            wanted = DepositStatus.CANCELLED
        elif deal_id is not None and row.id == winner_deposit_id:
            wanted = DepositStatus.CAPTURED
            postings.append(for_deposit(row.id, rules.capture_deposit(row.party_id, deal_id, row.amount_fen)))
        else:
            wanted = DepositStatus.RELEASED
            postings.append(for_deposit(row.id, _release(row, by_card)))
        rules.check_deposit_step(DepositStatus(row.status), wanted)
        ends.append(wanted)
    # Nobody but the market itself settles: the entries name no person.
    await post_transfers(session, postings, person_id=None)
    await _end(session, open_rows, ends, now)
    await end_card_payments(session, open_rows)
    if any(row.status == DepositStatus.RELEASED for row in open_rows):
        await promise_refunds(session, listing_id)
    return open_rows


async def _end(
    session: Session, rows: Sequence[Deposit], ends: Sequence[DepositStatus], now: datetime
) -> None:
    """Ends locked deposits in one statement."""
    await session.settle_changes()
    await session.swiftly(_END, [row.id for row in rows], ends, now)
    for row, status in zip(rows, ends, strict=True):
        set_committed_value(row, "status", status)
        set_committed_value(row, "settled_at", now)
        set_committed_value(row, "withheld_at", None)


async def promise_refunds(session: Session, listing_id: UUID) -> None:
    """Promises payment orders for a listing's released deposits; the package that knows its board makes them."""
    await promise(session, REFUND_TASK, {"listing_id": str(listing_id)}, key=str(listing_id))


def _release(row: Deposit, by_card: set[UUID]) -> Transfer:
    return rules.release_deposit(row.party_id, row.amount_fen, by_card=row.id in by_card)


async def release_deposit(session: Session, deposit_id: UUID, *, person_id: UUID) -> Deposit:
    """Releases one held deposit that was kept as security; locks it. Raises DepositMissing, DepositStateForbids."""
    deposit = await lock_deposit(session, deposit_id)
    rules.check_deposit_step(DepositStatus(deposit.status), DepositStatus.RELEASED)
    now = await market_now(session)
    transfer = _release(deposit, await find_paid_by_card(session, [deposit.id]))
    await post_transfers(session, [for_deposit(deposit.id, transfer)], person_id=person_id)
    await session.change_swiftly(deposit, status=DepositStatus.RELEASED, settled_at=now)
    await end_card_payments(session, [deposit])
    await promise_refunds(session, deposit.listing_id)
    return deposit


async def give_back_deposit(session: Session, deposit_id: UUID, *, person_id: UUID) -> Deposit:
    """Ends the deposit of who withdrew in time: a held one is released, one that is due cancelled; locks it.

    One whose loss is being decided stays held until then.
    """
    deposit = await lock_deposit(session, deposit_id)
    if deposit.withheld_at is not None:
        return deposit
    if deposit.status != DepositStatus.DUE:
        return await release_deposit(session, deposit_id, person_id=person_id)
    rules.check_deposit_step(DepositStatus(deposit.status), DepositStatus.CANCELLED)
    now = await market_now(session)
    await session.change_swiftly(deposit, status=DepositStatus.CANCELLED, settled_at=now)
    await end_card_payments(session, [deposit])
    return deposit


async def hold_by_card(session: Session, deposit: Deposit, payment: CardPayment) -> None:
    """A deposit under its lock is held by a card payment: set aside until its hold ends, or captured.

    Raises DepositStateForbids.
    """
    rules.check_deposit_step(DepositStatus(deposit.status), DepositStatus.HELD)
    transfer = rules.receive_deposit(deposit.party_id, deposit.amount_fen, AccountKind.STRIPE_CLEARING)
    await post_transfers(session, [for_deposit(deposit.id, transfer, f"card:{payment.id}")], person_id=None)
    now = await market_now(session)
    payment.is_deposit = True
    deposit.status = DepositStatus.HELD
    deposit.held_at = now
    deposit.held_until = payment.hold_ends_at if payment.stage == Stage.HELD else None
    await session.flush()


async def lapse_deposit(session: Session, deposit: Deposit, payment: CardPayment) -> None:
    """A held deposit under its lock lapses with its card's hold. Raises DepositStateForbids."""
    rules.check_deposit_step(DepositStatus(deposit.status), DepositStatus.LAPSED)
    transfer = rules.lapse_deposit(deposit.party_id, deposit.amount_fen)
    await post_transfers(session, [for_deposit(deposit.id, transfer, f"lapsed:{payment.id}")], person_id=None)
    now = await market_now(session)
    deposit.status, deposit.settled_at, deposit.withheld_at = DepositStatus.LAPSED, now, None
    await session.flush()


async def owe_failed_refund(session: Session, deposit: Deposit, payment: CardPayment) -> None:
    """A refund that the card's bank sent back is owed to the party again, to be paid to its bank account."""
    transfer = rules.return_card_refund(deposit.party_id, payment.amount_fen)
    posting = Posting(Subject("card_payment", payment.id), transfer, f"returned:{payment.id}")
    await post_transfers(session, [posting], person_id=None)
