"""One market in the middle of its life, made by the program's own operations, with everybody signed in.

S sells: five of its sales are over and stand at five steps from the deal to the certificate, one is being bid for, and
others wait at each step before that. B buys. Y bids against B in the open sale, so nobody may know of it; Z lost a sale
that is over. X has no part in anything. The clock stands still.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, text

from app.accounts.finding import find_caller_by_cookie
from app.accounts.models import Organisation
from app.accounts.permissions import DESKS, Role
from app.accounts.signing_in import sign_out
from app.auction.bidding import place_bids
from app.auction.closing import advance_auction, list_due
from app.auction.decisions import propose_decision
from app.auction.suspending import suspend_auction
from app.catalog.demands import post_demand
from app.catalog.importing import start_upload
from app.catalog.package_rules import Share
from app.catalog.packages import make_package
from app.contracts.drafting import draft_contract
from app.contracts.models import Certificate
from app.contracts.registration import Decision, apply_registration, decide_registration
from app.contracts.signing import sign_contract
from app.ids import uuid7
from app.payments.line_matches import match_payable_line
from app.payments.orders import approve_orders, export_orders
from app.trades.award import award_auction
from app.trades.models import DemandAward, Intent, Listing
from app.trades.negotiating import OfferTerms, undertaking_sha256
from app.trades.room_documents import give_undertaking, lay_document
from app.trades.rooms import accept_offer, make_offer, open_room
from tests.make_accounts import caller_for, make_credit_code, make_organisation, make_person
from tests.make_auction import request
from tests.make_catalog import keep_promises, make_patent
from tests.make_contracts import OFFICE, application_for
from tests.make_sealed import make_master
from tests.make_statements import make_bank_line, make_order, make_paid_line, make_payable
from tests.make_tenders import make_panel, make_tender
from tests.make_trades import close_sale, make_intent, make_listing, make_negotiated, make_patent_of
from tests.permissions.asks import ALL, ASKS
from tests.permissions.corrected import propose_charge
from tests.permissions.encumbered import encumber
from tests.permissions.everybody import COOKIE_MARK, holders, sign_everybody_in
from tests.permissions.intended import complete_intents
from tests.permissions.licensed import offer_licences
from tests.permissions.planned import plan_payments
from tests.permissions.settled import SETTLED, deal_of, distribute, settle_prices
from tests.permissions.succeeded import bid_for_successions, default_successions, list_successions
from tests.permissions.waiting import keep_waiting

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.contracts.models import Contract
    from app.db import Database, Session
    from app.settings import Settings

BEGAN = datetime(2026, 6, 1, 2, tzinfo=UTC)  # a Monday, 10:00 in Shanghai
SECOND = BEGAN + timedelta(hours=27)  # the first sales are over
NOW = SECOND + timedelta(hours=2)
TODAY = NOW.date()
START_FEN, STEP_FEN = 10_000_000, 100_000
_NAMES = {
    "S": "晨星大学",
    "B": "北辰材料有限公司",
    "X": "路人研究院",
    "Y": "暗渡竞买有限公司",
    "Z": "落槌未得有限公司",
    "M": "桥梁技术经纪有限公司",
}
_SOLD = ("deal", "signing", "in_force", "applied", "registered", *SETTLED)


@dataclass
class World:
    """The things of the world by name, its people, and the secrets that no answer may hold."""

    organisations: dict[str, Organisation] = field(default_factory=dict)
    people: dict[str, Caller] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    reserve_fen: int = 13_371_300
    price_fen: int = 12_800_000
    next_fen: int = START_FEN + 2 * STEP_FEN
    opens_at: datetime = NOW + timedelta(hours=10)
    closes_at: datetime = NOW + timedelta(hours=40)
    today: date = TODAY


async def set_clock(db: Database, now: datetime) -> None:
    """Makes the market's clock stand at an instant, in this world's database."""
    body = f"SELECT timestamptz '{now.isoformat()}'".replace(":", r"\:")
    async with db.transaction() as session:
        await session.execute(
            text(
                "CREATE OR REPLACE FUNCTION market_now() RETURNS timestamptz "
                f"LANGUAGE sql VOLATILE AS $now$ {body} $now$"
            )
        )


async def build_world(db: Database, settings: Settings) -> World:
    """Lives through two days of the market."""
    world = World()
    await set_clock(db, BEGAN)
    await db.write(_populate, world)
    await db.write(_list_for_sale, world, _SOLD, opens_in=1, closes_in=25)
    await db.write(list_successions, world)
    await set_clock(db, BEGAN + timedelta(hours=2))
    await bid_for_successions(db, world)
    for name in _SOLD:
        await _bid(db, world, name, "Z" if name == "deal" else "B", START_FEN)
        await _bid(db, world, name, "B", world.price_fen)
    await set_clock(db, BEGAN + timedelta(hours=26))
    for auction_id in await db.read(list_due):
        await db.write(advance_auction, auction_id)
    await keep_promises(db)
    await db.write(_settle, world)
    await db.write(default_successions, world)
    await db.write(distribute, world)
    await db.write(settle_prices, world)
    await db.write(plan_payments, world)
    await set_clock(db, SECOND)
    await db.write(_offer, world)
    await db.write(complete_intents, world)
    await db.write(_negotiate, world)
    await keep_promises(db)
    await db.write(_find_certificate, world)
    await set_clock(db, NOW)
    await db.write(_tender, world)
    await db.write(keep_waiting, world)
    await db.write(offer_licences, world)
    await db.write(encumber, world)
    await db.write(_award_demand, world)
    await _bid(db, world, "open", "Y", START_FEN)
    world.ids["bid"] = await _bid(db, world, "open", "B", START_FEN + STEP_FEN)
    await db.write(_stop, world)
    await db.write(_move_money, world)
    await db.write(sign_everybody_in, world, settings)
    for name in holders():
        cookie = world.headers[f"{name} ended"]["Cookie"].removeprefix(COOKIE_MARK)
        caller = await find_caller_by_cookie(db, settings, cookie)
        assert caller is not None
        await db.write(sign_out, caller)
    return world


async def _populate(session: Session, world: World) -> None:
    for letter, name in _NAMES.items():
        world.organisations[letter] = await make_organisation(session, name=name)
    world.organisations["E"] = await make_organisation(session, kind="exchange")
    names = {f"{letter}/{ALL}" for letter in _NAMES} | {f"E/{desk}" for desk in DESKS}
    for ask in ASKS.values():
        names |= {ask.owner, ask.colleague, ask.counterparty, ask.holder}
    for name in sorted(names):
        letter, _, roles = name.partition("/")
        person = await make_person(session, world.organisations[letter], roles.split("+"))
        world.people[name] = await caller_for(session, person)
        if name == "S/seller":
            world.ids["login"] = person.login
    plain = await make_person(session, world.organisations["S"], [Role.BIDDER])
    free = await make_patent_of(session, world.organisations["S"].id)
    world.ids |= {letter: str(found.id) for letter, found in world.organisations.items()}
    world.ids |= {
        "person": str(plain.id),
        "patent": str(free.id),
        "catalogue_patent": str((await make_patent(session)).id),
        "number": "ZL201710601862.3",
        "page": "listings",
        "year": "2031",
        "next_bid": str(uuid7()),
        "free_uscc": make_credit_code(),
    }
    content = b'{"application_no": "CN201710601862.4", "title": "refused"}\n'
    world.ids["import"] = str(
        await start_upload(session, world.people["S/seller"], "patents.jsonl", content, "0" * 64)
    )


async def _list_for_sale(
    session: Session, world: World, names: tuple[str, ...], *, opens_in: int, closes_in: int
) -> None:
    for name in names:
        await _list(session, world, name, "listed", opens_in, closes_in, reserve_price_fen=START_FEN)
        await _admit(session, world, name, "B")
        if name == "deal":
            await _admit(session, world, name, "Z")


async def _list(
    session: Session, world: World, name: str, status: str, opens_in: int, closes_in: int, **over: Any
) -> Listing:
    began = (await session.execute(text("SELECT market_now()"))).scalar_one()
    listing = await make_listing(
        session,
        status=status,
        seller=world.people["S/seller"],
        start_price_fen=START_FEN,
        step_fen=STEP_FEN,
        deposit_fen=1_000_000,
        opens_at=began + timedelta(hours=opens_in),
        closes_at=began + timedelta(hours=closes_in),
        **{"reserve_price_fen": world.reserve_fen, **over},
    )
    world.listings[name] = listing
    world.ids[name] = str(listing.id)
    return listing


async def _intend(session: Session, world: World, name: str, buyer: str, status: str) -> Intent:
    caller = world.people[f"{buyer}/{ALL}"]
    intent = await make_intent(session, world.listings[name], status=status, buyer=caller)
    await session.refresh(intent)
    return intent


async def _admit(session: Session, world: World, name: str, buyer: str) -> Intent:
    intent = await _intend(session, world, name, buyer, "admitted")
    assert intent.bidder_code is not None
    query = text("SELECT reference FROM deposit WHERE id = :id")
    found = await session.execute(query, {"id": intent.deposit_id})
    world.references[f"{buyer} {name}"] = found.scalar_one()
    world.codes[f"{buyer} {name}"] = intent.bidder_code
    return intent


async def _bid(db: Database, world: World, name: str, buyer: str, amount_fen: int) -> str:
    auction_id = world.listings[name].auction_id
    assert auction_id is not None
    bid = request(world.organisations[buyer].id, amount_fen)
    (answer,) = await db.write(place_bids, auction_id, [bid])
    assert getattr(answer, "refusal", answer) is None
    return str(bid.bid_id)


async def _settle(session: Session, world: World) -> None:
    """Brings each of the sales that are over one step further than the one before."""
    seller, buyer = world.people[f"S/{ALL}"], world.people[f"B/{ALL}"]
    world.ids["sold"] = world.ids["deal"]
    world.ids["deal"] = str(await deal_of(session, world.listings["deal"]))
    world.ids["ended_auction"] = str(world.listings["deal"].auction_id)
    contracts: dict[str, Contract] = {}
    for name in _SOLD[1:]:
        deal_id = await deal_of(session, world.listings[name])
        contracts[name] = await draft_contract(session, seller, deal_id, OFFICE)
    world.ids["contract"] = str(contracts["signing"].id)
    world.ids["document_sha256"] = contracts["signing"].document_sha256
    world.ids["contract_in_force"] = str(contracts["in_force"].id)
    for name in _SOLD[2:]:
        for side in (seller, buyer):
            await sign_contract(session, side, contracts[name].id, contracts[name].document_sha256)
    for name in _SOLD[3:5]:
        stated = application_for(contracts[name])
        made = await apply_registration(session, seller, contracts[name].id, stated)
        world.ids["registration" if name == "applied" else "registered"] = str(made.id)
    registered = world.ids["registered"]
    await decide_registration(
        session, world.people["E/registrar"], UUID(registered), Decision("approve"), OFFICE
    )


async def _offer(session: Session, world: World) -> None:
    """Lists what waits at each step, and a sale that opens in an hour."""
    for name, status in (("draft", "draft"), ("in_review", "in_review"), ("accepted", "accepted")):
        await _list(session, world, name, status, 10, 40)
    for name in ("scheduled", "wanted", "qualified", "joined"):
        await _list(session, world, name, "listed", 10, 40)
    await _list(session, world, "stopped", "listed", 1, 25)
    ends_at = SECOND + timedelta(hours=9)
    await _list(session, world, "priced", "listed", 10, 40, method="listed", notice_ends_at=ends_at)
    opened = await _list(session, world, "open", "listed", 1, 25)
    world.ids["auction"] = str(opened.auction_id)
    await _admit(session, world, "open", "Y")
    entered = await _admit(session, world, "open", "B")
    world.ids["intent"], world.ids["deposit"] = str(entered.id), str(entered.deposit_id)
    wanted = await _intend(session, world, "wanted", "B", "submitted")
    world.ids["intent_submitted"] = str(wanted.id)
    qualified = await _intend(session, world, "qualified", "B", "qualified")
    world.ids["deposit_due"] = str(qualified.deposit_id)


async def _negotiate(session: Session, world: World) -> None:
    """Rooms of S with B: one in which B has offered and documents lie, one with S's own offer, and one agreed."""
    seller, buyer = world.people[f"S/{ALL}"], world.people[f"B/{ALL}"]
    rooms: dict[str, UUID] = {}
    until = SECOND + timedelta(hours=30)
    for name in ("negotiable", "room", "own_room", "agreed_room"):
        listing = await make_negotiated(
            session, seller=world.people["S/seller"], closes_at=SECOND + timedelta(hours=40)
        )
        world.listings[name] = listing
        world.ids[name] = str(listing.id)
        if name != "negotiable":
            rooms[name] = await open_room(session, buyer, listing.id)
            world.ids[name] = str(rooms[name])
    digest = undertaking_sha256()
    for side in (seller, buyer):
        await give_undertaking(session, side, rooms["room"], digest)
    offer = OfferTerms(price_fen=8_000_000, valid_until=until)
    for name in ("room", "agreed_room"):
        await make_offer(session, buyer, rooms[name], offer)
    await make_offer(session, seller, rooms["own_room"], offer)
    await accept_offer(session, seller, rooms["agreed_room"], 1)
    document = await lay_document(session, buyer, rooms["room"], "说明.txt", b"notes")
    world.ids |= {"document": str(document), "offer": "1"}


async def _stop(session: Session, world: World) -> None:
    """Stops a sale, and proposes to go on with it."""
    host, auction_id = world.people["E/host"], world.listings["stopped"].auction_id
    assert auction_id is not None
    await suspend_auction(session, host, auction_id, "机房断电，无法出价。", "The power failed.")
    decision = await propose_decision(
        session,
        host,
        auction_ids=[auction_id],
        act="resume",
        reason_zh="电力已恢复。",
        reason_en="The power is back.",
    )
    world.ids |= {"stopped_auction": str(auction_id), "decision": str(decision)}


async def _move_money(session: Session, world: World) -> None:
    """What came to the bank and what is to be paid, at each step; two colleagues of finance have begun."""
    people = [await make_person(session, world.organisations["E"], [Role.FINANCE]) for _ in range(2)]
    first, second = [await caller_for(session, person) for person in people]
    payable, other = [await make_payable(session, party_id=world.organisations["B"].id) for _ in range(2)]
    line = await make_bank_line(session, payable, caller=first)
    held = await make_bank_line(session, other, caller=first, name="代付有限公司")
    match = await match_payable_line(session, first, held.id, other.id)
    waiting, approved, exported = [await make_order(session) for _ in range(3)]
    await approve_orders(session, first, [waiting.id, approved.id, exported.id])
    await approve_orders(session, second, [approved.id, exported.id])
    exports = await export_orders(session, first, [exported.id])
    world.ids |= await propose_charge(session, first)
    world.ids |= {
        "payable": str(payable.id),
        "bank_line": str(line.id),
        "line_match": str(match.id),
        "payment_order": str(waiting.id),
        "payment_order_exported": str(exported.id),
        "payment_export": str(exports),
        "paid_line": str((await make_paid_line(session, exported)).id),
    }


async def _tender(session: Session, world: World) -> None:
    """Two tenders that run, one of them with a panel that has finished; and what an organisation bundles and asks for."""
    seller, host = world.people["S/seller"], world.people["E/host"]
    await make_master(session)
    bare, judged, begun = [await make_tender(session) for _ in range(3)]
    panel = await make_panel(session, host, judged, "40", "30", "20")
    await make_panel(session, host, begun)
    second = await make_patent_of(session, seller.organisation_id)
    shares = [Share(UUID(world.ids["patent"]), 6_000), Share(second.id, 4_000)]
    for title in ("温控成果包", "另一种分法"):
        package = await make_package(session, seller, title, shares)
        demand = await post_demand(session, seller, title=title, description="说明", ceiling_fen=5_000_000)
    world.ids |= {
        "tender_listing": str(bare.listing_id),
        "panel": str(panel),
        "assessed_code": judged.sale.codes[0],
        "second_patent": str(second.id),
        "package": str(package),
        "demand": str(demand),
    }


async def _award_demand(session: Session, world: World) -> None:
    """A demand that S put out and B has won."""
    seller, buyer = world.people["S/seller"], world.people[f"B/{ALL}"]
    demand_id = await post_demand(
        session, seller, title="防积雪涂层", description="说明", ceiling_fen=10_000_000
    )
    listing = await make_listing(session, status="listed", seller=seller, patent_id=None, demand_id=demand_id)
    won = await make_intent(session, listing, status="admitted", buyer=buyer)
    await close_sale(session, listing, won, 8_000_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    found = await session.execute(select(DemandAward.id))
    world.ids["award"] = str(found.scalar_one())


async def _find_certificate(session: Session, world: World) -> None:
    query = Certificate.__table__.select().where(Certificate.registration_id == UUID(world.ids["registered"]))
    found = (await session.execute(query)).one()
    assert found.sha256, "the certificate's file was not made"
    world.ids["code"] = found.verification_code
