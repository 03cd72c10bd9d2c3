"""Open licences (专利开放许可): the declaration, its announcement and its withdrawal; taking one is taking a licence."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.api.deps import CallerDep, DbDep, OptionalCallerDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.settlement.open_fees import declare_with_fee
from app.trades.open_licence_models import OpenLicence
from app.trades.open_licence_rules import LONGEST_STANDARD, WHOLE_BP, Declaration
from app.trades.open_licences import (
    LONGEST_NO,
    get_declared,
    read_open_licence,
    record_announcement,
    withdraw_open_licence,
)

router = Router(prefix="/listings", tags=["licences"])
OpenListingId = Annotated[UUID, Path(description="开放许可的挂牌项目 / the listing of the open licence")]
FeeMethod = Literal["one_off", "entry_fee_and_royalty"]


class OpenLicenceIn(Wire):
    """What the owner declares; the entry fee or the whole fee is the listing's price."""

    fee_method: FeeMethod = Field(
        description="一次总付、入门费加提成 / how the fee is paid", examples=["one_off"]
    )
    fee_standard: str = Field(
        max_length=LONGEST_STANDARD,
        description="许可使用费的标准 / the fee's standard",
        examples=["一次付清使用费。"],
    )
    royalty_bp: int | None = Field(default=None, gt=0, le=WHOLE_BP, examples=[None])
    annuity_paid_until: date = Field(
        description="年费缴费有效期 / annuities are paid until", examples=["2027-12-31"]
    )
    is_suspended: bool = Field(description="是否处于中止程序 / the procedure is suspended", examples=[False])
    is_pledged: bool = Field(examples=[False])
    pledgee_consent: str = Field(default="", max_length=200, examples=[""])
    evaluation_ref: str = Field(
        default="",
        max_length=100,
        description="实用新型、外观设计的评价报告编号 / number of the evaluation report",
        examples=[""],
    )


class AnnouncementIn(Wire):
    """The patent office's announcement of the declaration."""

    announcement_no: str = Field(max_length=LONGEST_NO, examples=["KF20260001"])
    announced_on: date = Field(examples=["2026-06-01"])


class OpenLicenceOut(Wire):
    """An open licence as everybody reads it."""

    id: UUID = Field(description="挂牌项目 / the listing's id")
    fee_method: FeeMethod
    fee_standard: str
    royalty_bp: int | None
    annuity_paid_until: date
    is_pledged: bool
    pledgee_consent: str
    evaluation_ref: str
    declared_at: datetime
    announcement_no: str | None
    announced_on: date | None
    withdrawn_at: datetime | None
    terms_sha256: str = Field(description="所接受条件的指纹 / of the terms that whoever takes it accepts")


_COMPUTED = frozenset({"id", "terms_sha256"})


def open_licence_out(read: tuple[OpenLicence, str]) -> OpenLicenceOut:
    """Puts a declaration into the shape that its readers share."""
    found, terms = read
    own = {name: getattr(found, name) for name in OpenLicenceOut.model_fields if name not in _COMPUTED}
    return OpenLicenceOut(id=found.listing_id, terms_sha256=terms, **own)


@router.get(
    "/{listing_id}/open-licence", operation_id="get_open_licence", responses=problems(401, 403, 404, 422)
)
async def read(listing_id: OpenListingId, db: DbDep, caller: OptionalCallerDep) -> OpenLicenceOut:
    """Reads the declaration over a listing."""
    return open_licence_out(await db.read(read_open_licence, caller, listing_id))


@router.put(
    "/{listing_id}/open-licence",
    operation_id="declare_open_licence",
    responses=problems(401, 403, 404, 409, 422),
)
async def declare(
    listing_id: OpenListingId, body: OpenLicenceIn, db: DbDep, caller: CallerDep
) -> OpenLicenceOut:
    """Declares that the owner licenses anybody on this listing's terms."""
    await db.write(declare_with_fee, caller, listing_id, Declaration(**body.model_dump()))
    return open_licence_out(await db.read(get_declared, listing_id))


@router.post(
    "/{listing_id}/open-licence/announcement",
    status_code=201,
    operation_id="announce_open_licence",
    responses=problems(401, 403, 404, 409, 422),
)
async def announce(
    listing_id: OpenListingId,
    body: AnnouncementIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> OpenLicenceOut:
    """Records the patent office's announcement, before which it cannot be opened."""
    await db.write(
        once,
        caller,
        key,
        "announce_open_licence",
        body,
        lambda session: record_announcement(
            session, caller, listing_id, body.announcement_no, body.announced_on
        ),
        subject=listing_id,
    )
    return open_licence_out(await db.read(get_declared, listing_id))


@router.post(
    "/{listing_id}/open-licence/withdrawal",
    status_code=201,
    operation_id="withdraw_open_licence",
    responses=problems(401, 403, 404, 409, 422),
)
async def withdraw(
    listing_id: OpenListingId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> OpenLicenceOut:
    """Withdraws the declaration; licences given before stay."""
    await db.write(
        once,
        caller,
        key,
        "withdraw_open_licence",
        None,
        lambda session: withdraw_open_licence(session, caller, listing_id),
        subject=listing_id,
    )
    return open_licence_out(await db.read(get_declared, listing_id))
