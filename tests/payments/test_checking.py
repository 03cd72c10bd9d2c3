"""The check of the books: it holds after real operations, and names each thing that somebody forged past the database."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.accounts.permissions import Role
from app.commands import ledger
from app.ids import uuid7
from app.payments.checking import INVARIANTS, find_faults
from app.payments.deposits import settle_deposits
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.line_matches import match_payable_line, return_line
from app.payments.orders import approve_orders, cancel_order, export_orders, settle_orders
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.trades.refunds import refund_deposits
from tests.make_accounts import make_caller
from tests.make_payments import make_deposit, make_held_deposit
from tests.make_statements import make_bank_line, make_order, make_owed, make_payable

if TYPE_CHECKING:
    from app.db import Database, Session


async def live_a_while(session: Session) -> None:
    """Every operation that moves money, and some that were taken back."""
    first, second = await make_caller(session, Role.FINANCE), await make_caller(session, Role.FINANCE)
    listing_id = uuid7()
    won = await make_held_deposit(session, listing_id=listing_id)
    await make_held_deposit(session, listing_id=listing_id)
    await make_deposit(session, listing_id=listing_id)
    await make_held_deposit(session)
    await settle_deposits(session, listing_id=listing_id, winner_deposit_id=won.id, deal_id=uuid7())
    await refund_deposits(session, {"listing_id": str(listing_id)})
    payable, other = await make_payable(session), await make_payable(session)
    paid = await make_bank_line(session, payable, fen=payable.amount_fen + 7)
    await match_payable_line(session, first, paid.id, payable.id)
    held = await make_bank_line(session, other, name="代付有限公司")
    await match_payable_line(session, first, held.id, other.id)
    await return_line(session, first, (await make_bank_line(session, other)).id, "付错了户头。")
    await make_bank_line(session, other)
    done, cancelled = await make_order(session), await make_order(session)
    for caller in (first, second):
        await approve_orders(session, caller, [done.id])
    await export_orders(session, first, [done.id])
    await settle_orders(session, first, [done.id])
    await cancel_order(session, second, cancelled.id, reason="改期。")
    account = await make_owed(session)
    transfer = Transfer(
        TransferKind.CORRECTION, (Entry(account, 5), Entry(Account(AccountKind.FEE_INCOME), -5))
    )
    wrong = Posting(Subject("test", uuid7()), transfer, reason="记错了科目")
    await post_transfers(session, [replace(wrong, approved_by=second.person_id)], person_id=first.person_id)


async def test_after_real_operations_every_invariant_holds(session: Session) -> None:
    await live_a_while(session)
    assert await find_faults(session) == []


FORGERIES = {
    "transfers-balance": "UPDATE ledger_entry SET amount_fen = amount_fen + 1",
    "entries-belong": "UPDATE ledger_entry SET account_id = gen_random_uuid()",
    "limits": "UPDATE ledger_entry SET amount_fen = 100000000 WHERE amount_fen > 0",
    "deposits": "UPDATE deposit SET status = 'due' WHERE status = 'held'",
    "deposits-end-once": "UPDATE deposit SET status = 'captured' WHERE status = 'released'",
    "suspense": "UPDATE bank_line SET status = 'matched' WHERE status = 'open'",
    "payables": "UPDATE payable SET status = 'paid', settled_at = now() WHERE status = 'due'",
    "orders": "DELETE FROM ledger_outcome",
    "paid-lines": (
        "INSERT INTO paid_line (id, statement_id, account_number, bank_reference, booked_on, amount_fen, payee_name, "
        "payee_account, remark, order_id, matched_by, matched_at) SELECT gen_random_uuid(), gen_random_uuid(), '1', "
        "'1', current_date, amount_fen + 1, '', '', '', id, gen_random_uuid(), now() FROM payment_order LIMIT 1"
    ),
    "two-people": "UPDATE payment_order SET second_by = NULL WHERE status = 'executed'",
}


@pytest.mark.parametrize("name", [one.name for one in INVARIANTS])
async def test_what_was_forged_past_the_database_is_named(session: Session, name: str) -> None:
    await live_a_while(session)
    # Whoever owns the database can switch its triggers off; the CHECK constraints go for this one transaction.
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET LOCAL session_replication_role = replica"))
    if name == "two-people":
        await session.execute(text("ALTER TABLE payment_order DROP CONSTRAINT ck_payment_order_approved"))
    if name in {"deposits", "deposits-end-once"}:
        await session.execute(text("ALTER TABLE deposit DROP CONSTRAINT ck_deposit_held_at"))
    await session.execute(text(FORGERIES[name]))
    assert name in {fault.invariant.name for fault in await find_faults(session)}


async def test_the_command_says_whether_the_books_hold(db: Database) -> None:
    await db.write(live_a_while)
    assert ledger._as_text(await ledger._check(str(db.url))).count("✓") == len(INVARIANTS)
    async with db.transaction() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        await session.execute(text("UPDATE bank_line SET status = 'matched' WHERE status = 'open'"))
    faults = await ledger._check(str(db.url))
    assert "✗ suspense" in ledger._as_text(faults)
    assert '"holds": false' in ledger._as_json(faults)
