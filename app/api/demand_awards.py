"""Awards of demands (中选) with their confirmation (中选确认书), for the two sides and the desks."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.accounts.caller import Caller
from app.api.deals import DealListingOut, SideOut
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.money import capital
from app.trades.demand_awards import AwardView, get_award, get_written_award, list_awards, release_security
from app.trades.rules import LONGEST_REASON

router = Router(prefix="/demand-awards", tags=["deals"])
AwardId = Annotated[UUID, Path(description="中选 / the award's id")]


class DemandAwardOut(Wire):
    """An award; here the owner pays the provider, whose deposit is security until it is released."""

    id: UUID
    award_no: str = Field(examples=["ZX2026-0001"])
    listing: DealListingOut
    auction_id: UUID
    owner: SideOut
    provider: SideOut
    my_side: Literal["owner", "provider"] | None
    price_fen: int
    price_capital: str = Field(examples=["人民币叁拾万元整"])
    deposit_fen: int
    deposit_status: Literal["due", "held", "released", "captured", "forfeited", "lapsed", "cancelled"]
    confirmed_at: datetime
    confirmation: dict[str, Any]
    confirmation_sha256: str = Field(pattern="^[0-9a-f]{64}$")


class ReleaseIn(Wire):
    """Why the security is given back; both sides read it in the record."""

    reason: str = Field(max_length=LONGEST_REASON, examples=["双方已于 2026-12-20 签订技术开发合同。"])


def _out(view: AwardView, caller: Caller) -> DemandAwardOut:
    award = view.award
    sides: dict[UUID, Literal["owner", "provider"]] = {
        award.owner_id: "owner",
        award.provider_id: "provider",
    }
    return DemandAwardOut(
        id=award.id,
        award_no=award.award_no,
        listing=DealListingOut.model_validate(view.listing),
        auction_id=award.auction_id,
        owner=SideOut.model_validate(view.owner),
        provider=SideOut.model_validate(view.provider),
        my_side=sides.get(caller.organisation_id),
        price_fen=award.price_fen,
        price_capital=capital(award.price_fen),
        deposit_fen=view.deposit.amount_fen,
        deposit_status=view.deposit.status,
        confirmed_at=award.confirmed_at,
        confirmation=award.confirmation,
        confirmation_sha256=award.confirmation_sha256,
    )


@router.get("", operation_id="list_demand_awards", responses=problems(401, 403, 422))
async def list_(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[DemandAwardOut]:
    """Lists one's own awards of either side, or all for a desk, the newest first."""
    rows = await db.read(list_awards, caller, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda view: view.award.id)
    items = [_out(view, caller) for view in shown]
    return PageOf[DemandAwardOut](items=items, next_cursor=next_cursor)


@router.get("/{award_id}", operation_id="get_demand_award", responses=problems(401, 403, 404, 422))
async def get(award_id: AwardId, db: DbDep, caller: CallerDep) -> DemandAwardOut:
    """Reads an award with its confirmation."""
    return _out(await db.read(get_award, caller, award_id), caller)


@router.post(
    "/{award_id}/security-releases",
    status_code=201,
    operation_id="release_security",
    responses=problems(401, 403, 404, 409, 422),
)
async def release(
    award_id: AwardId, body: ReleaseIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> DemandAwardOut:
    """Gives the provider's deposit back once the contract is concluded."""
    await db.write(
        once,
        caller,
        key,
        "release_security",
        body,
        lambda session: release_security(session, caller, award_id, body.reason),
        subject=award_id,
    )
    return _out(await db.read(get_written_award, award_id), caller)
