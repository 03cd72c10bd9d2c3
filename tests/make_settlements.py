"""Makers of settlements and of income distributions, each brought to its state by the real operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.accounts.permissions import Role
from app.ids import uuid7
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.settlement.distributing import NewContributor, Plan, add_contributor, draft_distribution
from app.settlement.distribution_rules import Basis, Part, Share, Work
from app.settlement.opening import open_settlement
from app.settlement.releasing import Recordal, note_payment, review_recordal, submit_recordal
from app.settlement.rules import PlanKind
from tests.make_accounts import make_caller
from tests.make_contracts import make_contract

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from tests.make_contracts import Agreed

PEOPLE = (
    NewContributor("完成人甲", Part.COMPLETER, Work.RESEARCH, is_main=True),
    NewContributor("贡献人乙", Part.CONTRIBUTOR, Work.CONVERSION, is_main=False),
    NewContributor("转移机构丙", Part.TRANSFER_OFFICE, Work.TRANSFER, is_main=False),
)


@dataclass
class Settling:
    """A settlement with its two sides and two people of the finance desk."""

    agreed: Agreed
    deal_id: UUID
    first: Caller
    second: Caller
    settlement_id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True)
class Drafted:
    """A draft with the people on its list."""

    distribution_id: UUID
    contributor_ids: list[UUID]


async def make_draft(
    session: Session,
    /,
    seller: Caller,
    deal_id: UUID,
    *,
    share_count: int = 3,
    parts: tuple[int, ...] = (7000, 2500, 500),
    **over: Any,
) -> Drafted:
    """A draft over the first people of the list; alone the first gets all. ``over`` changes what the unit states."""
    ids = [await add_contributor(session, seller, deal_id, each) for each in PEOPLE[:share_count]]
    weights = parts if share_count == len(PEOPLE) else (10_000,)
    columns: dict[str, Any] = {
        "receipt_fen": 1_000_000,
        "taxes_fen": 0,
        "maintenance_fen": 0,
        "direct_costs_fen": 0,
        "basis": Basis.UNIT_RULE,
        "basis_document": "本单位科技成果转化管理办法第十二条",
        "rate_bp": 7000,
        "shares": tuple(Share(each, part) for each, part in zip(ids, weights, strict=True)),
        **over,
    }
    return Drafted(await draft_distribution(session, seller, deal_id, Plan(**columns)), ids)


async def make_settled_contract(session: Session, /, *, is_open: bool = True, **over: Any) -> Settling:
    """A contract in force whose settlement has begun, unless told otherwise; ``over`` goes to the deal."""
    agreed = await make_contract(session, signed=True, **over)
    finance = [await make_caller(session, Role.FINANCE) for _ in range(2)]
    made = Settling(agreed, agreed.contract.deal_id, finance[0], finance[1])
    if is_open:
        made.settlement_id = await open_settlement(session, agreed.buyer, made.deal_id, PlanKind.ONE_OFF)
    return made


async def pay_price(session: Session, /, deal_id: UUID, amount_fen: int) -> None:
    """The buyer's money comes to the escrow of a deal."""
    entries = (
        Entry(Account(AccountKind.BANK), amount_fen),
        Entry(Account(AccountKind.PRICE_ESCROW, deal_id=deal_id), -amount_fen),
    )
    transfer = Transfer(TransferKind.PAYABLE_RECEIVED, entries)
    await post_transfers(session, [Posting(Subject("payable", uuid7()), transfer)], person_id=None)
    await note_payment(session, deal_id)


async def record_rights(session: Session, /, settling: Settling) -> None:
    """The seller submits the document of the recordal and the registrar finds it in order."""
    paper = Recordal("SX202600001", date(2026, 3, 20), "0" * 64)
    await submit_recordal(session, settling.agreed.seller, settling.settlement_id, paper)
    registrar = await make_caller(session, Role.REGISTRAR)
    await review_recordal(session, registrar, settling.settlement_id)
