"""What a listing looks like to its readers."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.api.deps import Wire
from app.api.patents import PatentOut
from app.catalog.packages import PackageView
from app.trades.licence_sales import is_sold_to_many, terms_sha256
from app.trades.queries import ListingView

Status = Literal[
    "draft", "in_review", "returned", "accepted", "listed", "suspended", "sold", "unsold", "terminated"
]
Direction = Literal["forward", "reverse"]
Method = Literal["auction", "listed", "negotiated"]
Priority = Literal["none", "in_field", "post"]


class SellerOut(Wire):
    """Who sells."""

    id: UUID
    name: str = Field(examples=["泰山学院"])
    kind: str = Field(examples=["university"])


class PackagedOut(Wire):
    """One patent of a package with its share of the price, in hundredths of a percent."""

    application_no: str
    title: str
    share_bp: int = Field(examples=[6000])


class ListedPackageOut(Wire):
    """A package that is sold as one lot; its allocation never changes."""

    id: UUID
    title: str
    items: list[PackagedOut]


class ListedDemandOut(Wire):
    """A demand that is put out by reverse bidding."""

    id: UUID
    title: str
    description: str
    ceiling_fen: int


class ListedSaleOut(Wire):
    """The listing's sale as it stands."""

    status: Literal["scheduled", "open", "suspended", "sold", "unsold", "void"]
    price_fen: int | None
    bid_count: int
    ends_at: datetime


class ListingOut(Wire):
    """A listing; ``reserve_price_fen`` and ``review_reason`` are null for those whom they do not concern."""

    id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    board: str = Field(examples=["standard"], description="板块，见 /boards / the board's key")
    status: Status
    is_demonstration: bool
    title: str
    seller: SellerOut
    patent: PatentOut | None = Field(
        description="成果包为其第一件，需求为 null / of a package the first; null for a demand"
    )
    package: ListedPackageOut | None
    demand: ListedDemandOut | None
    rights: str
    territory: str | None = Field(description="许可地域；转让为 null / where it is licensed; null for a sale")
    field_of_use: str | None
    licence_from: date | None
    licence_to: date | None
    sublicence: bool | None
    accepts_earlier: bool
    is_open_licence: bool = Field(description="专利开放许可 / an open licence, see its declaration")
    licence_terms_sha256: str | None = Field(
        description="按挂牌价办理的普通许可：所接受条件的指纹 / of the terms of a licence that is taken at its price"
    )
    description: str
    encumbrances: str
    method: Method = Field(description="交易方式：网络竞价、挂牌价、协议定价 / how a buyer is found")
    notice_ends_at: datetime | None = Field(
        description="挂牌价的公告期满 / the end of the notice at a listed price"
    )
    start_price_fen: int = Field(description="起始价、挂牌价或意向价 / start, listed or asking price")
    step_fen: int | None = Field(description="不会进入竞价的为 null / null where it never comes to bidding")
    deposit_fen: int | None
    has_reserve: bool
    reserve_price_fen: int | None
    opens_at: datetime | None
    closes_at: datetime
    hard_end_at: datetime | None
    trigger_seconds: int | None
    extension_seconds: int | None
    format: str = Field(examples=["english"])
    direction: Direction
    min_bidders: int
    options: dict[str, Any]
    priority: Priority
    priority_seconds: int
    priority_holders: list[str]
    priority_declared: bool
    rights_declared: bool = Field(
        description="权利状况声明 / no other right is in the way than those declared"
    )
    secrecy_reviewer: str | None = Field(
        description="仅转让方和审核岗可见 / for the seller and the desk alone"
    )
    secrecy_on: date | None
    secrecy_result: Literal["public", "internal"] | None
    announcement: int = Field(description="第几次公告 / how often it was announced")
    prolong_count: int | None = Field(description="延牌：每次多少个单位 / units of each prolongation")
    prolong_times: int = Field(description="延牌：最多几次，0 为不延牌 / how often at most")
    former_id: UUID | None = Field(description="重新挂牌的原项目 / listed anew after")
    first_price_fen: int | None
    approval_ref: str = Field(description="降价的批准文号 / the approval of a lower price")
    auction_id: UUID | None
    review_reason: str | None
    version: int
    created_at: datetime
    submitted_at: datetime | None
    published_at: datetime | None
    auction: ListedSaleOut | None


def _package_out(package: PackageView) -> ListedPackageOut:
    items = [
        PackagedOut(
            application_no=item.patent.application_no, title=item.patent.title, share_bp=item.share_bp
        )
        for item in package.items
    ]
    return ListedPackageOut(id=package.id, title=package.title, items=items)


def listing_out(view: ListingView) -> ListingOut:
    """Puts a listing into the shape that its readers share."""
    listing, auction = view.listing, view.auction
    sale = None
    if auction is not None:
        sale = ListedSaleOut(
            status=auction.phase,
            price_fen=auction.price_fen,
            bid_count=auction.sequence,
            ends_at=auction.ends_at,
        )
    own = {name: getattr(listing, name) for name in _COLUMNS}
    return ListingOut(
        **own,
        seller=SellerOut.model_validate(view.seller),
        patent=None if view.patent is None else PatentOut.model_validate(view.patent),
        package=None if view.package is None else _package_out(view.package),
        demand=None if view.demand is None else ListedDemandOut.model_validate(view.demand),
        has_reserve=listing.reserve_price_fen is not None,
        reserve_price_fen=view.reserve_price_fen,
        secrecy_reviewer=view.secrecy_reviewer,
        review_reason=view.review_reason,
        licence_terms_sha256=terms_sha256(listing)
        if is_sold_to_many(listing) and not listing.is_open_licence
        else None,
        auction=sale,
    )


_COMPUTED = frozenset(
    {
        "seller",
        "patent",
        "package",
        "demand",
        "has_reserve",
        "reserve_price_fen",
        "secrecy_reviewer",
        "review_reason",
        "licence_terms_sha256",
        "auction",
    }
)
_COLUMNS = tuple(name for name in ListingOut.model_fields if name not in _COMPUTED)
