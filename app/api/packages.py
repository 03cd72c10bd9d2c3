"""Packages (成果包): own patents as one indivisible lot, with the table by which its price is split."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.patents import PatentOut
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Line
from app.catalog.package_rules import MOST_ITEMS, Share, percent_of, split_price
from app.catalog.packages import PackageView, get_package_for, list_packages, make_package
from app.money import MAX_FEN

router = Router(prefix="/packages", tags=["packages"])

PackageId = Annotated[UUID, Path(description="成果包 / the package's id")]


class PackageItemIn(Wire):
    """One patent with its share of the price."""

    patent_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    share_bp: int = Field(
        description="分配比例，万分之一 / share in hundredths of a percent", examples=[6000]
    )


class PackageIn(Wire):
    """A package; the shares sum to 10000 and never change."""

    title: Line = Field(examples=["温室环境控制成果包"])
    items: list[PackageItemIn] = Field(
        max_length=MOST_ITEMS,
        examples=[
            [
                {"patent_id": "0198f2a4-7c11-7d0e-8a53-5f1f0a7be001", "share_bp": 6000},
                {"patent_id": "0198f2a4-7c11-7d0e-8a53-5f1f0a7be002", "share_bp": 4000},
            ]
        ],
    )


class PackageItemOut(Wire):
    """One item in its place; ``amount_fen`` is its part of the price that was asked about."""

    patent: PatentOut
    share_bp: int = Field(examples=[6000])
    share_percent: str = Field(examples=["60"])
    amount_fen: int | None = Field(examples=[6000000])


class PackageOut(Wire):
    """A package as its organisation and the exchange read it."""

    id: UUID
    title: str = Field(examples=["温室环境控制成果包"])
    owner_organisation_id: UUID
    created_at: datetime = Field(examples=["2026-11-22T09:00:00Z"])
    items: list[PackageItemOut]


def _out(view: PackageView, price_fen: int | None = None) -> PackageOut:
    amounts = [None] * len(view.items) if price_fen is None else split_price(price_fen, view.shares())
    items = [
        PackageItemOut(
            patent=PatentOut.model_validate(item.patent),
            share_bp=item.share_bp,
            share_percent=percent_of(item.share_bp),
            amount_fen=amount_fen,
        )
        for item, amount_fen in zip(view.items, amounts, strict=True)
    ]
    return PackageOut(
        id=view.id,
        title=view.title,
        owner_organisation_id=view.owner_organisation_id,
        created_at=view.created_at,
        items=items,
    )


@router.get("", operation_id="list_packages", responses=problems(401, 422))
async def list_(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[PackageOut]:
    """Lists the packages of the caller's organisation, or all for the exchange, the newest first."""
    rows = await db.read(list_packages, caller, after=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    return PageOf[PackageOut](items=[_out(row) for row in shown], next_cursor=next_cursor)


@router.post("", status_code=201, operation_id="make_package", responses=problems(401, 403, 404, 409, 422))
async def make(body: PackageIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> PackageOut:
    """Puts own patents together; their allocation is fixed from now on."""
    shares = [Share(item.patent_id, item.share_bp) for item in body.items]
    made = await db.write(
        once,
        caller,
        key,
        "make_package",
        body,
        lambda session: make_package(session, caller, body.title, shares),
    )
    return _out(await db.read(get_package_for, caller, made))


@router.get("/{package_id}", operation_id="get_package", responses=problems(401, 404, 422))
async def get(
    package_id: PackageId,
    db: DbDep,
    caller: CallerDep,
    price_fen: Annotated[
        int | None,
        Query(gt=0, le=MAX_FEN, description="按此价试算分配，分 / shows how this price would be split"),
    ] = None,
) -> PackageOut:
    """Reads one package of the caller's organisation, or any as the exchange."""
    return _out(await db.read(get_package_for, caller, package_id), price_fen)
