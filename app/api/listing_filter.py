"""Which listings a reader wants, beside what every list is asked."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import AfterValidator, StringConstraints

from app.api.listing_wire import Method, Status
from app.api.wire import storable
from app.trades.queries import ListingFilter

_ClassBeginning = Annotated[str, AfterValidator(storable), StringConstraints(min_length=1, max_length=20)]
_SellerKind = Literal["university", "institute", "company", "inventor", "exchange"]


async def _read(
    status: Annotated[list[Status] | None, Query(max_length=9, description="可多选 / any of these")] = None,
    ipc: Annotated[
        list[_ClassBeginning] | None,
        Query(max_length=20, description="主分类号的开头，可多选 / beginnings of the class"),
    ] = None,
    method: Annotated[list[Method] | None, Query(max_length=3, description="可多选 / any of these")] = None,
    seller_kind: Annotated[
        list[_SellerKind] | None, Query(max_length=5, description="可多选 / any of these")
    ] = None,
    mine: Annotated[bool, Query(description="只看本单位的 / only my organisation's")] = False,  # noqa: FBT002 - a query parameter
) -> ListingFilter:
    return ListingFilter(
        statuses=tuple(status or ()),
        ipc=tuple(ipc or ()),
        methods=tuple(method or ()),
        seller_kinds=tuple(seller_kind or ()),
        is_mine=mine,
    )


ListingFilterDep = Annotated[ListingFilter, Depends(_read)]
