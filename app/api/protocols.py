"""Records of ended sales (竞价记录): the bundle, the readable PDF, and what is withheld from both for a supervisor."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field

from app.accounts.permissions import Permission
from app.api.deps import CallerDep, DbDep, SettingsDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Line
from app.auction.protocol.export import build_bundle, list_withheld, read_sale_rows, record_opening
from app.chain import canonical
from app.contracts.records import render_record

router = Router(tags=["protocol"])
AuctionId = Annotated[UUID, Path(description="竞价场次 / the sale's id")]
# One at a time on two cores: whoever reads records must not take the bids' time.
_PRESS = asyncio.Semaphore(1)
# An ended sale's record never changes.
_FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}


class MaximaOpeningIn(Wire):
    """Why a supervisor has the withheld maxima opened; it is kept in the audit record."""

    reason: Line = Field(examples=["复核第 T2026-0101 号项目的异议"])


class WithheldMaximumOut(Wire):
    """A maximum that stands replaced in the record, as its bidder set it, with the key of its commitment."""

    turn: int
    bidder: str
    bid_id: UUID
    amount_fen: int
    key: str
    commitment: str
    shown_fen: int | None


class WithheldMaximaOut(Wire):
    """The maxima that a sale's public record withholds."""

    maxima: list[WithheldMaximumOut]


async def _in_thread(work: Callable[..., Any], *args: Any) -> Any:  # noqa: ANN401 - passed on
    async with _PRESS:
        return await asyncio.to_thread(work, *args)


@router.get(
    "/auctions/{auction_id}/bundle",
    operation_id="download_auction_bundle",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {"schema": {"type": "object"}}}},
        **problems(404, 409, 422),
    },
)
async def bundle(auction_id: AuctionId, db: DbDep) -> Response:
    """Downloads an ended sale's record, with which anybody can verify its result; open to everybody."""
    rows = await db.read(read_sale_rows, auction_id)
    content = await _in_thread(lambda: canonical(build_bundle(rows)).encode())
    name = f'attachment; filename="record-{auction_id}.json"'
    headers = {"Content-Disposition": name, **_FOR_AN_HOUR}
    return Response(content, media_type="application/json", headers=headers)


@router.get(
    "/auctions/{auction_id}/protocol.pdf",
    operation_id="download_auction_protocol",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(404, 409, 422),
    },
)
async def protocol_pdf(auction_id: AuctionId, db: DbDep, settings: SettingsDep) -> Response:
    """Downloads an ended sale's record to be read by people; open to everybody."""
    rows = await db.read(read_sale_rows, auction_id)
    pdf = await _in_thread(
        lambda: render_record(
            build_bundle(rows), settings.exchange_name_zh, settings.exchange_name_en, settings.public_url
        )
    )
    name = f'inline; filename="record-{auction_id}.pdf"'
    headers = {"Content-Disposition": name, **_FOR_AN_HOUR}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.post(
    "/auctions/{auction_id}/maxima-openings",
    status_code=201,
    operation_id="open_withheld_maxima",
    responses=problems(401, 403, 404, 409, 422),
)
async def open_maxima(
    auction_id: AuctionId, body: MaximaOpeningIn, db: DbDep, caller: CallerDep
) -> WithheldMaximaOut:
    """Opens to a supervisor what the public record withholds; who asked and why is recorded."""
    caller.require(Permission.AUDIT_READ)
    rows = await db.read(read_sale_rows, auction_id)
    withheld = list_withheld(rows, await _in_thread(build_bundle, rows))
    await db.write(record_opening, caller, auction_id, body.reason, len(withheld))
    return WithheldMaximaOut(maxima=[WithheldMaximumOut(**item) for item in withheld])
