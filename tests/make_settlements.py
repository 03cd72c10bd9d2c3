"""Makers of settlements and of income distributions, each brought to its state by the real operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.settlement.distributing import NewContributor, Plan, add_contributor, draft_distribution
from app.settlement.distribution_rules import Basis, Part, Share, Work

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

PEOPLE = (
    NewContributor("完成人甲", Part.COMPLETER, Work.RESEARCH, is_main=True),
    NewContributor("贡献人乙", Part.CONTRIBUTOR, Work.CONVERSION, is_main=False),
    NewContributor("转移机构丙", Part.TRANSFER_OFFICE, Work.TRANSFER, is_main=False),
)


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
