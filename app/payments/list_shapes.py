"""What the lists of money may be searched, narrowed and ordered by."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation, Person
from app.accounts.queries import name_of
from app.lists import Key, Shape
from app.payments.models import Deposit, LedgerAccount, LedgerEntry, LedgerTransfer
from app.payments.order_models import PaymentOrder
from app.payments.payable_models import Payable
from app.payments.statement_models import BankLine, BankStatement, PaidLine

DEPOSITS = Shape(
    Key(Deposit.id, "id"),
    {
        "created_at": Key(Deposit.created_at, "created_at"),
        "amount_fen": Key(Deposit.amount_fen, "amount_fen"),
        "held_at": Key(Deposit.held_at, "held_at", is_optional=True),
        "settled_at": Key(Deposit.settled_at, "settled_at", is_optional=True),
    },
    words=(Deposit.reference, name_of(Deposit.party_id)),
    on=Deposit.created_at,
    fen=Deposit.amount_fen,
)
STATEMENTS = Shape(
    Key(BankStatement.id, "id"),
    {
        "imported_at": Key(BankStatement.imported_at, "imported_at"),
        "filename": Key(BankStatement.filename, "filename"),
        "new_lines": Key(BankStatement.new_lines, "new_lines"),
    },
    words=(BankStatement.filename, BankStatement.account_number, Person.name),
    on=BankStatement.imported_at,
)
LINES = Shape(
    Key(BankLine.id, "id"),
    {
        "amount_fen": Key(BankLine.amount_fen, "amount_fen"),
        "booked_on": Key(BankLine.booked_on, "booked_on"),
        "payer_name": Key(BankLine.payer_name, "payer_name"),
    },
    words=(BankLine.payer_name, BankLine.payer_account, BankLine.remark, BankLine.bank_reference),
    on=BankLine.booked_on,
    fen=BankLine.amount_fen,
)
PAID_LINES = Shape(
    Key(PaidLine.id, "id"),
    {
        "amount_fen": Key(PaidLine.amount_fen, "amount_fen"),
        "booked_on": Key(PaidLine.booked_on, "booked_on"),
        "payee_name": Key(PaidLine.payee_name, "payee_name"),
    },
    words=(PaidLine.payee_name, PaidLine.payee_account, PaidLine.remark, PaidLine.bank_reference),
    on=PaidLine.booked_on,
    fen=PaidLine.amount_fen,
)
ORDERS = Shape(
    Key(PaymentOrder.id, "id"),
    {
        "amount_fen": Key(PaymentOrder.amount_fen, "amount_fen"),
        "due_on": Key(PaymentOrder.due_on, "due_on"),
        "payee_name": Key(PaymentOrder.payee_name, "payee_name"),
        "reference": Key(PaymentOrder.reference, "reference"),
    },
    words=(
        PaymentOrder.reference,
        PaymentOrder.payee_name,
        PaymentOrder.payee_account,
        PaymentOrder.reason,
    ),
    on=PaymentOrder.due_on,
    fen=PaymentOrder.amount_fen,
)
PAYABLES = Shape(
    Key(Payable.id, "id"),
    {
        "amount_fen": Key(Payable.amount_fen, "amount_fen"),
        "due_on": Key(Payable.due_on, "due_on"),
        "reference": Key(Payable.reference, "reference"),
    },
    words=(Payable.reference, Organisation.name),
    on=Payable.due_on,
    fen=Payable.amount_fen,
)
# What a transfer moves: the sum of its debits.
_MOVED = (
    select(func.coalesce(func.sum(LedgerEntry.amount_fen), 0))
    .where(LedgerEntry.transfer_id == LedgerTransfer.id, LedgerEntry.amount_fen > 0)
    .scalar_subquery()
)
# Names on both sides, as one text, so that one condition finds them.
_party = aliased(Organisation)
_ENTRY_PARTIES = (
    select(func.string_agg(_party.name, " "))
    .select_from(LedgerEntry)
    .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
    .join(_party, _party.id == LedgerAccount.party_id)
    .where(LedgerEntry.transfer_id == LedgerTransfer.id)
    .scalar_subquery()
)
TRANSFERS = Shape(
    Key(LedgerTransfer.id, "id"),
    # Transfers are numbered by their time, so their order by time needs no index of its own on the hottest table.
    {"at": Key(LedgerTransfer.id, "id"), "amount_fen": Key(_MOVED, "amount_fen")},
    words=(LedgerTransfer.reason, Deposit.reference, Person.name, _ENTRY_PARTIES),
    on=LedgerTransfer.at,
    fen=_MOVED,
)
