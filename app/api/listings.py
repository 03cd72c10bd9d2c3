"""Listings (挂牌项目): a seller's offer, its review and its publication, and what buyers read."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.accounts.errors import SignInRequired
from app.api.asking import asks
from app.api.auctions import RulesOut, SaleSentencesOut
from app.api.declared_wire import DeclaredIn, DeclaredPatch
from app.api.deps import CallerDep, DbDep, OptionalCallerDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.intent_wire import IntentIn, IntentOut, intent_out
from app.api.listing_filter import ListingFilterDep
from app.api.listing_wire import ListingOut, Method, Priority, listing_out
from app.api.problems import problems
from app.api.routing import Router
from app.api.trading_rules import Options
from app.api.wire import Line
from app.lists import Asked
from app.money import MAX_FEN
from app.trades.checks import review_checks
from app.trades.intent_cases import get_written_case
from app.trades.intents import declare_intent
from app.trades.licence_rules import LICENCE_FIELDS, LONGEST_FIELD
from app.trades.lifecycle_rules import MOST_PROLONGATIONS
from app.trades.list_shapes import LISTINGS
from app.trades.listings import NewListing, change_listing, create_listing, submit_listing
from app.trades.method import MOST_HOLDERS
from app.trades.publication import publish_listing
from app.trades.queries import (
    get_announced_rules,
    get_listing_view,
    get_written_listing,
    list_listings,
)
from app.trades.reviewing import review_listing
from app.trades.rules import (
    LONGEST_DESCRIPTION,
    LONGEST_ENCUMBRANCES,
    LONGEST_REASON,
    LONGEST_TITLE,
    MAXIMUM_EXTENSION_SECONDS,
)

router = Router(prefix="/listings", tags=["listings"])

ListingId = Annotated[UUID, Path(description="挂牌项目 / the listing's id")]
Fen = Annotated[int, Field(gt=0, le=MAX_FEN, description="分 / fen", examples=[10000000])]
Seconds = Annotated[int, Field(ge=1, le=MAXIMUM_EXTENSION_SECONDS, examples=[300])]
Moment = Annotated[datetime, Field(examples=["2026-12-01T01:00:00Z"])]
_NULLABLE = frozenset(
    {
        "hard_end_at",
        "reserve_price_fen",
        "notice_ends_at",
        "step_fen",
        "deposit_fen",
        "opens_at",
        "trigger_seconds",
        "extension_seconds",
        *LICENCE_FIELDS,
        "prolong_count",
    }
)
Territory = Annotated[
    str, Field(max_length=5, description="许可地域：WW, CN, CN-33 / where it is licensed", examples=[None])
]
FieldOfUse = Annotated[
    str, Field(max_length=LONGEST_FIELD, description="使用领域，空为全部 / empty for all", examples=[None])
]
LicenceDay = Annotated[date, Field(description="许可的首日、末日 / its first and last day", examples=[None])]
FormatName = Annotated[
    str,
    Field(max_length=40, description="竞价方式，见 /trading-rules / a format's name", examples=["english"]),
]
Bidders = Annotated[
    int, Field(ge=1, le=100, examples=[1], description="最少竞买人数 / the least number of bidders")
]
ProlongCount = Annotated[
    int,
    Field(ge=1, le=1000, examples=[5], description="延牌每次多少个工作日（演示板块为秒）/ units each time"),
]
ProlongTimes = Annotated[
    int,
    Field(
        ge=0, le=MOST_PROLONGATIONS, examples=[0], description="延牌最多几次，0 为不延牌 / how often at most"
    ),
]
PrioritySeconds = Annotated[int, Field(ge=0, le=10 * 86400, examples=[259200])]
Holders = Annotated[
    list[Line],
    Field(
        max_length=MOST_HOLDERS, description="优先购买权人 / holders of the right", examples=[["发明人甲"]]
    ),
]


class ListingIn(DeclaredIn):
    """What is put up; the extension is the board's own where it is left out, the title the thing's own."""

    patent_id: UUID | None = Field(
        default=None,
        description="标的三选一：专利、成果包、技术需求 / exactly one: patent, package or demand",
        examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"],
    )
    package_id: UUID | None = Field(default=None, examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    demand_id: UUID | None = Field(
        default=None,
        description="需求以反向竞价征集 / put out by reverse bidding",
        examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"],
    )
    board: str = Field(
        default="standard",
        max_length=20,
        description="板块，见 /boards / a board's key",
        examples=["standard"],
    )
    title: str | None = Field(default=None, max_length=LONGEST_TITLE, examples=["一种绳网的编织方法"])
    rights: str = Field(default="assignment", max_length=40, examples=["assignment"])
    description: str = Field(
        max_length=LONGEST_DESCRIPTION, examples=["用于温室大棚的绳网编织方法，已有样机。"]
    )
    encumbrances: str = Field(default="", max_length=LONGEST_ENCUMBRANCES, examples=["无质押，无在先许可。"])
    method: Method = Field(
        default="auction",
        description="交易方式：auction 网络竞价, listed 挂牌价, negotiated 协议定价；挂牌价还要写明两家以上时的竞价 / "
        "a listed price also names the competition for two buyers or more",
        examples=["auction"],
    )
    notice_ends_at: Moment | None = Field(
        default=None,
        description="挂牌价的公告期满 / the end of the notice at a listed price",
        examples=[None],
    )
    start_price_fen: Fen
    step_fen: Fen | None = None
    deposit_fen: Fen | None = None
    reserve_price_fen: Fen | None = Field(
        default=None, description="保留价，保密 / hidden reserve", examples=[12000000]
    )
    opens_at: Moment | None = None
    closes_at: Moment
    hard_end_at: Moment | None = None
    trigger_seconds: Seconds | None = None
    extension_seconds: Seconds | None = None
    format: FormatName = "english"
    min_bidders: Bidders = 1
    options: Options = Field(default_factory=dict)
    priority: Priority = "none"
    priority_seconds: PrioritySeconds = 0
    priority_holders: Holders = Field(default_factory=list)
    priority_declared: bool = Field(
        default=False,
        description="已就职务发明完成人的优先受让权作出说明 / the statutory priority has been answered",
        examples=[True],
    )
    territory: Territory | None = None
    field_of_use: FieldOfUse | None = None
    licence_from: LicenceDay | None = None
    licence_to: LicenceDay | None = None
    sublicence: bool | None = Field(
        default=None, description="被许可人能否分许可 / may sublicense", examples=[None]
    )
    accepts_earlier: bool = Field(
        default=False,
        description="受让独占、排他许可的一方须接受在先的普通许可 / earlier ordinary licences are accepted",
        examples=[False],
    )
    prolong_count: ProlongCount | None = None
    prolong_times: ProlongTimes = 0


class ListingPatch(DeclaredPatch):
    """Changes to a draft; what is left out stays, and null removes what is not in every offer."""

    version: int | None = Field(default=None, description="你看到的版本 / the version you saw", examples=[1])
    title: str | None = Field(default=None, max_length=LONGEST_TITLE, examples=["一种绳网的编织方法"])
    description: str | None = Field(
        default=None, max_length=LONGEST_DESCRIPTION, examples=["已有样机，可现场验证。"]
    )
    encumbrances: str | None = Field(default=None, max_length=LONGEST_ENCUMBRANCES, examples=["无质押。"])
    method: Method | None = None
    notice_ends_at: Moment | None = None
    start_price_fen: Fen | None = None
    step_fen: Fen | None = None
    deposit_fen: Fen | None = None
    reserve_price_fen: Fen | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    hard_end_at: Moment | None = None
    trigger_seconds: Seconds | None = None
    extension_seconds: Seconds | None = None
    format: FormatName | None = None
    min_bidders: Bidders | None = None
    options: Options | None = None
    priority: Priority | None = None
    priority_seconds: PrioritySeconds | None = None
    priority_holders: Holders | None = None
    priority_declared: bool | None = Field(default=None, examples=[True])
    rights: str | None = Field(default=None, max_length=40, examples=["assignment"])
    territory: Territory | None = None
    field_of_use: FieldOfUse | None = None
    licence_from: LicenceDay | None = None
    licence_to: LicenceDay | None = None
    sublicence: bool | None = Field(default=None, examples=[None])
    accepts_earlier: bool | None = Field(default=None, examples=[False])
    prolong_count: ProlongCount | None = None
    prolong_times: ProlongTimes | None = None
    approval_ref: str | None = Field(default=None, max_length=LONGEST_TITLE, examples=["某国资〔2026〕12号"])

    def changes(self) -> dict[str, Any]:
        """The fields that were sent and say something."""
        sent = self.model_dump(exclude_unset=True, exclude={"version"})
        return {name: value for name, value in sent.items() if value is not None or name in _NULLABLE}


class ReviewIn(Wire):
    """A reviewer's decision; a return needs a reason, which the seller reads as it is."""

    decision: Literal["accept", "return"]
    reason: str = Field(
        default="", max_length=LONGEST_REASON, examples=["请补交定价依据：会议纪要或评估报告。"]
    )
    version: int | None = Field(default=None, description="你审的版本 / the version you judged", examples=[1])


class ReviewCheckOut(Wire):
    """One point of a review with the fact that was computed, its basis and what follows."""

    key: str = Field(examples=["term"])
    name_zh: str = Field(examples=["专利在保护期"])
    name_en: str = Field(examples=["In its term"])
    fact_zh: str
    fact_en: str
    basis_zh: str
    basis_en: str
    outcome: Literal["pass", "fail", "look"]


class ChecksOut(Wire):
    """All points of a review."""

    items: list[ReviewCheckOut]


@router.get("", operation_id="list_listings", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: OptionalCallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(LISTINGS)],
    wanted: ListingFilterDep,
) -> PageOf[ListingOut]:
    """Lists what the caller may see, the newest first or as asked: published ones, one's own, all for a reviewer."""
    if wanted.is_mine and caller is None:
        raise SignInRequired
    rows = await db.read(list_listings, caller, wanted, asked.at(page.after, page.fetch))
    shown, next_cursor = page.cut(rows, lambda view: LISTINGS.key(view, asked))
    return PageOf[ListingOut](items=[listing_out(view) for view in shown], next_cursor=next_cursor)


@router.post("", status_code=201, operation_id="create_listing", responses=problems(401, 403, 404, 409, 422))
async def create(body: ListingIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> ListingOut:
    """Drafts a listing of the caller's own patent; it gets its number at once."""
    new = NewListing(**body.model_dump())
    listing_id = await db.write(
        once, caller, key, "create_listing", body, lambda session: create_listing(session, caller, new)
    )
    return listing_out(await db.read(get_written_listing, caller, listing_id))


@router.get("/{listing_id}", operation_id="get_listing", responses=problems(401, 403, 404, 422))
async def get(listing_id: ListingId, db: DbDep, caller: OptionalCallerDep) -> ListingOut:
    """Reads a listing: a published one is open to everybody."""
    return listing_out(await db.read(get_listing_view, caller, listing_id))


@router.get(
    "/{listing_id}/rules", operation_id="get_announced_rules", responses=problems(401, 403, 404, 409, 422)
)
async def announced(listing_id: ListingId, db: DbDep, caller: OptionalCallerDep) -> RulesOut:
    """Says in words how two buyers or more would compete for what is listed at a price; a buyer accepts this."""
    rules = await db.read(get_announced_rules, caller, listing_id)
    sentences = SaleSentencesOut(zh=rules["zh"], en=rules["en"])
    return RulesOut(sha256=rules["sha256"], sentences=sentences)


@router.patch("/{listing_id}", operation_id="change_listing", responses=problems(401, 403, 404, 409, 422))
async def change(listing_id: ListingId, body: ListingPatch, db: DbDep, caller: CallerDep) -> ListingOut:
    """Changes a draft or returned listing."""
    await db.write(change_listing, caller, listing_id, body.changes(), seen_version=body.version)
    return listing_out(await db.read(get_written_listing, caller, listing_id))


@router.post(
    "/{listing_id}/submissions",
    status_code=201,
    operation_id="submit_listing",
    responses=problems(401, 403, 404, 409, 422),
)
async def submit(
    listing_id: ListingId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> ListingOut:
    """Submits a listing for review."""
    await db.write(
        once,
        caller,
        key,
        "submit_listing",
        None,
        lambda session: submit_listing(session, caller, listing_id),
        subject=listing_id,
    )
    return listing_out(await db.read(get_written_listing, caller, listing_id))


@router.post(
    "/{listing_id}/reviews",
    status_code=201,
    operation_id="review_listing",
    responses=problems(401, 403, 404, 409, 422),
)
async def review(
    listing_id: ListingId, body: ReviewIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> ListingOut:
    """Accepts a listing or returns it with a reason."""
    await db.write(
        once,
        caller,
        key,
        "review_listing",
        body,
        lambda session: review_listing(
            session, caller, listing_id, body.decision, body.reason, seen_version=body.version
        ),
        subject=listing_id,
    )
    return listing_out(await db.read(get_listing_view, caller, listing_id))


@router.get(
    "/{listing_id}/review-checks", operation_id="list_review_checks", responses=problems(401, 403, 404, 422)
)
async def checks(listing_id: ListingId, db: DbDep, caller: CallerDep) -> ChecksOut:
    """Computes the points of a review at the market's time now."""
    found = await db.read(review_checks, caller, listing_id)
    return ChecksOut(items=[ReviewCheckOut.model_validate(check) for check in found])


@router.post(
    "/{listing_id}/publications",
    status_code=201,
    operation_id="publish_listing",
    responses=problems(401, 403, 404, 409, 422),
)
async def publish(
    listing_id: ListingId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> ListingOut:
    """Publishes an accepted listing and schedules its sale."""
    await db.write(
        once,
        caller,
        key,
        "publish_listing",
        None,
        lambda session: publish_listing(session, caller, listing_id),
        subject=listing_id,
    )
    return listing_out(await db.read(get_listing_view, caller, listing_id))


@router.post(
    "/{listing_id}/intents",
    status_code=201,
    operation_id="declare_intent",
    responses=problems(401, 403, 404, 409, 422),
)
async def declare(
    listing_id: ListingId, body: IntentIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> IntentOut:
    """Declares the intent to buy and accepts the sale's rules by their fingerprint."""
    intent_id = await db.write(
        once,
        caller,
        key,
        "declare_intent",
        body,
        lambda session: declare_intent(
            session, caller, listing_id, body.accept_rules_sha256, **body.declared()
        ),
        subject=listing_id,
    )
    return intent_out(await db.read(get_written_case, intent_id), caller)
