"""Makers of bank statements, payables and payment orders for tests; the bank's words are invented."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.permissions import Role
from app.accounts.queries import get_organisation
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.orders import approve_orders, export_orders, order_payment
from app.payments.payables import request_payable
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.payments.statement_import import StatementFile, import_statement
from app.payments.statement_models import BankLine, PaidLine
from tests.make_accounts import make_caller, make_organisation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.accounts.caller import Caller
    from app.db import Session
    from app.payments.models import Deposit
    from app.payments.order_models import PaymentOrder
    from app.payments.payable_models import Payable

ACCOUNT = "9550880200001234567"
_references = itertools.count(1)


def make_row(**over: Any) -> dict[str, Any]:
    """A line of money that came, as the bank writes it."""
    return {
        "day": "2026-01-05",
        "amount": "100.00",
        "name": "虚构买方有限公司",
        "account": "6222000000000001",
        "remark": "",
        "reference": f"BK{next(_references):010d}",
        **over,
    }


def write_csv(rows: Sequence[dict[str, Any]], *, account: str = ACCOUNT, encoding: str = "gb18030") -> bytes:
    """A statement as a bank's counter prints it: a title above, outgoing money beside, totals below."""
    lines = [
        f"账号：{account},,,,,,",
        "交易日期,支出金额(元),收入金额(元),对方户名,对方账号,附言,流水号",
        *(
            f'{row["day"]},"{row.get("went", "")}","{row["amount"]}",{row["name"]},{row["account"]},{row["remark"]},'
            f"{row['reference']}"
            for row in rows
        ),
        "合计,0.00,100.00,,,,",
    ]
    return "\r\n".join(lines).encode(encoding)


def make_paid_row(order: PaymentOrder, **over: Any) -> dict[str, Any]:
    """A line of money that went for an order, as the bank writes it."""
    columns = {
        "amount": "",
        "went": f"{order.amount_fen / 100:.2f}",
        "name": order.payee_name,
        "account": order.payee_account,
        "remark": f"{order.reference} 付款",
    }
    return make_row(**columns | over)


async def make_exported(session: Session, /, fen: int = 100, **over: Any) -> PaymentOrder:
    """A payout that two people approved and that is with the bank."""
    order = await make_order(session, fen, **over)
    for _ in range(2):
        await approve_orders(session, await make_caller(session, Role.FINANCE), [order.id])
    await export_orders(session, await make_caller(session, Role.FINANCE), [order.id])
    return order


async def make_paid_line(session: Session, /, order: PaymentOrder, **over: Any) -> PaidLine:
    """An imported line of money that went, which a person has to match: its remark names no order."""
    row = make_paid_row(order, **{"remark": "", **over})
    caller = await make_caller(session, Role.FINANCE)
    await import_statement(session, caller, StatementFile("流水.csv", write_csv([row]), ACCOUNT))
    query = select(PaidLine).where(PaidLine.bank_reference == row["reference"])
    return (await session.execute(query)).scalar_one()


async def make_payable(session: Session, /, **over: Any) -> Payable:
    """A fee that somebody has to pay in ten days."""
    columns: dict[str, Any] = {
        "purpose": "fee",
        "subject_kind": "settlement",
        "subject_id": uuid7(),
        "amount_fen": 500_000,
        "due_on": market_date(await market_now(session)) + timedelta(days=10),
    }
    columns |= over
    if "party_id" not in columns:
        columns["party_id"] = (await make_organisation(session)).id
    return await request_payable(session, **columns)


async def make_bank_line(
    session: Session, /, due: Deposit | Payable, *, caller: Caller | None = None, **over: Any
) -> BankLine:
    """An imported line that pays what is due as it should, unless told otherwise (``fen``, or words of the row)."""
    party = await get_organisation(session, due.party_id)
    fen = over.pop("fen", due.amount_fen)
    row = make_row(
        **{"amount": f"{fen / 100:.2f}", "name": party.name, "remark": f"货款 {due.reference}", **over}
    )
    caller = caller or await make_caller(session, Role.FINANCE)
    await import_statement(session, caller, StatementFile("流水.csv", write_csv([row]), ACCOUNT))
    query = select(BankLine).where(BankLine.bank_reference == row["reference"])
    return (await session.execute(query)).scalar_one()


async def make_owed(
    session: Session, /, kind: AccountKind = AccountKind.SELLER_DUE, fen: int = 100
) -> Account:
    """A party's account with money owed to it."""
    account = Account(kind, (await make_organisation(session)).id)
    entries = (Entry(Account(AccountKind.BANK), fen), Entry(account, -fen))
    transfer = Transfer(TransferKind.PRICE_RELEASED, entries)
    await post_transfers(session, [Posting(Subject("test", uuid7()), transfer)], person_id=None)
    return account


async def make_order(session: Session, /, fen: int = 100, **over: Any) -> PaymentOrder:
    """A payout that waits for its two approvals."""
    account = await make_owed(session, fen=fen)
    columns: dict[str, Any] = {"payee_account": "6222000000000009", **over}
    return await order_payment(
        session, account.party_id, "payout", "deal", uuid7(), fen, "支付成交价款", **columns
    )
