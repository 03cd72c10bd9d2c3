"""Payables (应缴款): what is due to the exchange and how to pay it."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.api.asking import asks
from app.api.deposits import PayToOut
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.money import capital
from app.payments.line_queries import get_payable_view, list_payables
from app.payments.list_shapes import PAYABLES
from app.payments.match_rules import PayablePurpose
from app.payments.payable_models import Payable
from app.settings import Settings

router = Router(prefix="/payables", tags=["payables"])
Status = Literal["due", "paid", "cancelled"]


class PayableOut(Wire):
    """What a party owes, with the reference for the remark of the bank form (附言)."""

    id: UUID
    party_id: UUID
    party_name: str
    purpose: PayablePurpose
    subject_kind: str = Field(examples=["deal"])
    subject_id: UUID
    deal_id: UUID | None
    amount_fen: int = Field(examples=[12800000])
    amount_capital: str = Field(examples=["人民币壹拾贰万捌仟元整"])
    due_on: date
    reference: str = Field(examples=["YJ123456786"])
    status: Status
    pay_to: PayToOut
    created_at: datetime
    settled_at: datetime | None


def _out(row: tuple[Payable, str], settings: Settings) -> PayableOut:
    payable, name = row
    derived = {"party_name", "amount_capital", "pay_to"}
    plain = {field: getattr(payable, field) for field in PayableOut.model_fields if field not in derived}
    return PayableOut(
        **plain,
        party_name=name,
        amount_capital=capital(payable.amount_fen),
        pay_to=PayToOut(
            account_name=settings.deposit_account_name,
            bank=settings.deposit_account_bank,
            account_number=settings.deposit_account_number,
            remark=payable.reference,
        ),
    )


@router.get("", operation_id="list_payables", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    settings: SettingsDep,
    asked: Annotated[Asked, asks(PAYABLES)],
    status: Annotated[Status | None, Query()] = None,
    reference: Annotated[str | None, Query(max_length=40, description="附言 / the reference")] = None,
    is_overdue: Annotated[bool | None, Query(description="只看逾期未缴 / overdue only")] = None,
    purpose: Annotated[PayablePurpose | None, Query()] = None,
) -> PageOf[PayableOut]:
    """Lists one's own payables, or all for finance, the newest first or as asked."""
    rows = await db.read(
        list_payables,
        caller,
        status=status,
        reference=reference,
        is_overdue=bool(is_overdue),
        purpose=purpose,
        asked=asked.at(page.after, page.fetch),
    )
    shown, next_cursor = page.cut(rows, lambda row: PAYABLES.key(row[0], asked))
    return PageOf[PayableOut](items=[_out(row, settings) for row in shown], next_cursor=next_cursor)


@router.get("/{payable_id}", operation_id="get_payable", responses=problems(401, 403, 404, 422))
async def get(
    payable_id: Annotated[UUID, Path(description="应缴款 / the payable's id")],
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
) -> PayableOut:
    """Reads a payable with how to pay it, for its party or finance."""
    return _out(await db.read(get_payable_view, caller, payable_id), settings)
