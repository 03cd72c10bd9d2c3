"""Deposits (保证金): what is due and how to pay it, and finance's confirmation that it came."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.idempotency import MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.money import MAX_FEN, capital
from app.payments.deposits import BankLine
from app.settings import Settings
from app.trades.admission import confirm_receipt
from app.trades.deposit_book import DepositView, get_deposit_view, list_deposit_views
from app.trades.list_shapes import DEPOSITS

router = Router(prefix="/deposits", tags=["deposits"])

DepositId = Annotated[UUID, Path(description="保证金 / the deposit's id")]
Status = Literal["due", "held", "released", "captured", "forfeited", "lapsed", "cancelled"]


class DepositListingOut(Wire):
    """The listing that the deposit is for."""

    id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    is_demonstration: bool


class PayerOut(Wire):
    """Who has to pay, from an account of its own name."""

    id: UUID
    name: str


class PayToOut(Wire):
    """Where to pay, and the reference for the remark of the bank form (附言)."""

    account_name: str
    bank: str
    account_number: str
    remark: str = Field(examples=["BZ123456786"])


class ReceiptOut(Wire):
    """The line of the bank statement that was confirmed."""

    id: UUID
    amount_fen: int
    payer_name: str
    bank_reference: str
    received_on: date
    recorded_by_name: str
    recorded_at: datetime


class DepositOut(Wire):
    """A deposit; whoever's money has not come by ``due_by`` is not admitted.

    What is only set aside on a card counts until ``held_until``; since ``withheld_at`` it is held back while it is
    decided whether it is lost; ``takes_cards``: it may be paid by card here.
    """

    id: UUID
    status: Status
    amount_fen: int
    amount_capital: str = Field(examples=["人民币壹万元整"])
    reference: str = Field(examples=["BZ123456786"])
    listing: DepositListingOut
    party: PayerOut
    pay_to: PayToOut
    takes_cards: bool
    due_by: datetime
    created_at: datetime
    held_at: datetime | None
    held_until: datetime | None
    withheld_at: datetime | None
    settled_at: datetime | None
    receipt: ReceiptOut | None


class ReceiptIn(Wire):
    """A line of the bank statement, as finance reads it."""

    amount_fen: int = Field(gt=0, le=MAX_FEN, examples=[1000000])
    payer_name: str = Field(min_length=1, max_length=200, examples=["虚构买方有限公司"])
    bank_reference: str = Field(
        min_length=1, max_length=64, pattern=r"^[0-9A-Za-z\-/.]+$", examples=["20261122000187"]
    )
    received_on: date = Field(examples=["2026-11-22"])


def _out(view: DepositView, settings: Settings) -> DepositOut:
    deposit = view.deposit
    return DepositOut(
        id=deposit.id,
        status=deposit.status,
        amount_fen=deposit.amount_fen,
        amount_capital=capital(deposit.amount_fen),
        reference=deposit.reference,
        listing=DepositListingOut.model_validate(view.listing),
        party=PayerOut.model_validate(view.party),
        pay_to=PayToOut(
            account_name=settings.deposit_account_name,
            bank=settings.deposit_account_bank,
            account_number=settings.deposit_account_number,
            remark=deposit.reference,
        ),
        takes_cards=settings.takes_cards,
        due_by=view.due_by,
        created_at=deposit.created_at,
        held_at=deposit.held_at,
        held_until=deposit.held_until,
        withheld_at=deposit.withheld_at,
        settled_at=deposit.settled_at,
        receipt=None if view.receipt is None else ReceiptOut.model_validate(view.receipt),
    )


@router.get("", operation_id="list_deposits", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    settings: SettingsDep,
    asked: Annotated[Asked, asks(DEPOSITS)],
    status: Annotated[Status | None, Query()] = None,
    reference: Annotated[
        str | None,
        Query(max_length=40, description="银行附言里的缴款码，按原样输入 / the reference as it was typed"),
    ] = None,
) -> PageOf[DepositOut]:
    """Lists one's own deposits, or all for finance, the newest first or as asked."""
    rows = await db.read(
        list_deposit_views,
        caller,
        status=status,
        reference=reference,
        asked=asked.at(page.after, page.fetch),
    )
    shown, next_cursor = page.cut(rows, lambda view: DEPOSITS.key(view.deposit, asked))
    return PageOf[DepositOut](items=[_out(view, settings) for view in shown], next_cursor=next_cursor)


@router.get("/{deposit_id}", operation_id="get_deposit", responses=problems(401, 403, 404, 422))
async def get(deposit_id: DepositId, db: DbDep, caller: CallerDep, settings: SettingsDep) -> DepositOut:
    """Reads a deposit with how to pay it, for its party or finance."""
    return _out(await db.read(get_deposit_view, caller, deposit_id), settings)


@router.post(
    "/{deposit_id}/receipts",
    status_code=201,
    operation_id="confirm_receipt",
    responses=problems(401, 403, 404, 409, 422),
)
async def confirm(
    deposit_id: DepositId,
    body: ReceiptIn,
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
    key: MoneyKeyDep,
) -> DepositOut:
    """Confirms that the deposit came; the buyer is admitted in the same transaction."""
    line = BankLine(**body.model_dump())
    await db.write(
        once,
        caller,
        key,
        "confirm_receipt",
        body,
        lambda session: confirm_receipt(session, caller, deposit_id, line),
        subject=deposit_id,
    )
    return _out(await db.read(get_deposit_view, caller, deposit_id), settings)
