"""Taking an ordinary licence at its listed price (按挂牌价办理普通许可); the listing stays open to others."""

from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.api.deals import DealOut, deal_out
from app.api.deps import CallerDep, DbDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.trades.licence_sales import take_licence
from app.trades.queries import get_written_deal

router = Router(prefix="/listings", tags=["licences"])
LicensedListingId = Annotated[
    UUID, Path(description="普通许可的挂牌项目 / the listing of an ordinary licence")
]


class LicenceTakenIn(Wire):
    """The terms that are accepted, by their fingerprint."""

    accept_terms_sha256: str = Field(
        pattern="^[0-9a-f]{64}$",
        description="所接受的许可条件的指纹，见挂牌项目的 licence_terms_sha256 / of the terms that are accepted",
        examples=["3b8bb9a7170a9d3ebef8ba9008dbc709" * 2],
    )


@router.post(
    "/{listing_id}/licences",
    status_code=201,
    operation_id="take_licence",
    responses=problems(401, 403, 404, 409, 422),
)
async def take(
    listing_id: LicensedListingId,
    body: LicenceTakenIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> DealOut:
    """Takes an ordinary licence at its listed price, which is a deal at once."""
    deal_id = await db.write(
        once,
        caller,
        key,
        "take_licence",
        body,
        lambda session: take_licence(session, caller, listing_id, body.accept_terms_sha256),
        subject=listing_id,
    )
    return deal_out(await db.read(get_written_deal, deal_id), caller)
