"""Seeding the demonstration market (演示市场) on its first start: whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import structlog

from app.accounts.passwords import hash_password
from app.audit import audit
from app.catalog.patent_facts import PatentFacts
from app.catalog.registering import Origin
from app.clock import market_date, market_now
from app.contracts.office import Office, office_of
from app.demo.accounts import PASSWORD
from app.demo.cast import Cast, make_cast, name_owners
from app.demo.licences import offer_licences
from app.demo.offers import Times, offer_invented, offer_real
from app.demo.patents import (
    ENDED,
    LICENSED,
    LIVE,
    OWN,
    invented_number,
    invented_patents,
    read_real_patents,
    record_patents,
)
from app.demo.sales import RUNNING, next_hour, soon
from app.demo.seeded import is_seeded
from app.demo.steps import LIST_PATENTS, OPEN_SALE, enter, put_up, submit
from app.deployment import get_deployment, is_demonstration
from app.errors import Forbidden
from app.tasks import promise
from app.trades.reviewing import review_listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.models import Auction
    from app.db import Database, Session
    from app.demo.sales import Plan
    from app.settings import Settings

AWAITING, AT_ONCE, IN_REVIEW, RETURNED, ENDED_OF_REAL = 50, 12, 5, 2, 2
LISTED = AWAITING + IN_REVIEW + RETURNED + ENDED_OF_REAL + RUNNING
_GAP = timedelta(seconds=0.3)
# After the short sales have ended: on a busy machine nothing of theirs shall wait behind other work.
_LISTED_LATER = timedelta(seconds=40)
_RETURNED_WORDS = "演示：项目说明缺少实施情况，请补充应用场景后再次提交。"
_log = structlog.get_logger()


class NotADemonstration(Forbidden):
    """This database is not marked as demonstration."""

    zh = "这个数据库建立时没有标为演示，不写入演示数据。"
    en = (
        "This database was not marked as demonstration when it was made; no demonstration is written into it."
    )


async def seed(db: Database, settings: Settings) -> None:
    """Fills the demonstration market once, in one transaction; a market that is filled stays as it is.

    What takes longer is promised to the worker and comes within the first minute.
    Raises NotADemonstration for a database that does not bear the mark.
    """
    if not await db.read(is_demonstration):
        raise NotADemonstration
    if await db.read(is_seeded):
        return
    password_hash = await hash_password(settings, PASSWORD)
    await db.write(_seed, password_hash, settings.exchange_name_zh, office_of(settings))
    _log.info("demonstration_seeded")


async def _seed(session: Session, password_hash: str, exchange_name: str, office: Office) -> None:
    now = await market_now(session)
    cast = await make_cast(session, password_hash, exchange_name)
    real = iter(await _record_real(session, cast, market_date(now)))
    own = await _record_invented(session, cast, market_date(now))
    await _list_awaiting(session, cast, real, now)
    await _fill_desks(session, cast, real, own, now)
    await offer_licences(session, cast, [own[title] for title, _ in LICENSED], now)
    await _open_live_sale(session, cast, own)
    await _promise_rest(session, real, own, office, await market_now(session))
    deployment = await get_deployment(session)
    detail = {"notice": "演示市场：价格与成交均为虚构"}
    await audit(
        session,
        None,
        "demonstration.seeded",
        subject_kind="deployment",
        subject_id=deployment.id,
        detail=detail,
    )


@dataclass(frozen=True)
class RealPatent:
    """A real patent with the post that enters it for its applicant."""

    entering: Caller
    id: UUID
    number: str


async def _record_real(session: Session, cast: Cast, today: date) -> list[RealPatent]:
    """Records the real patents that are to be listed under their applicants' names, in the file's order.

    The others go into the exchange's catalogue, which everybody reads.
    """
    facts = read_real_patents(today)
    listed, others = facts[:LISTED], facts[LISTED:]
    await record_patents(session, others, Origin(source="demonstration"))
    owners = await name_owners(session, [item.applicant or "" for item in listed])
    by_owner: dict[str, list[PatentFacts]] = {}
    for item in listed:
        by_owner.setdefault(item.applicant or "", []).append(item)
    ids: dict[str, UUID] = {}
    for name, items in by_owner.items():
        origin = Origin(owners[name].id, name, cast.entry.person_id, "demonstration")
        ids |= await record_patents(session, items, origin)
    return [
        RealPatent(
            cast.entering_for(owners[item.applicant or ""]), ids[item.application_no], item.application_no
        )
        for item in listed
    ]


async def _record_invented(session: Session, cast: Cast, today: date) -> dict[str, UUID]:
    """Records the seller's invented patents; gives their ids by title."""
    seller = cast.seller
    origin = Origin(seller.organisation_id, seller.organisation_name, seller.person_id, "demonstration")
    ids = await record_patents(session, invented_patents(today), origin)
    return {title: ids[invented_number(title)] for title, _ in (*LIVE, *ENDED, *OWN, *LICENSED)}


def _awaited_times(now: datetime) -> Iterator[Times]:
    """Openings at full hours: a dozen within a day, the others in office hours of the days after."""
    first = next_hour(now)
    for hours in range(1, 25, 2):
        opens_at = first + timedelta(hours=hours)
        yield Times(opens_at, opens_at + timedelta(days=1))
    morning = first.replace(hour=9)
    for turn in range(AWAITING):
        opens_at = morning + timedelta(days=2 + turn // 4, hours=(0, 1, 5, 6)[turn % 4])
        yield Times(opens_at, opens_at + timedelta(days=1 + turn % 3))


async def _list_awaiting(session: Session, cast: Cast, real: Iterator[RealPatent], now: datetime) -> None:
    """Lists the first that buyers can still come to; some have come, so that the desks have work."""
    sales: list[Auction] = []
    for times, patent in zip(islice(_awaited_times(now), AT_ONCE), real, strict=False):
        offer = offer_real(patent.id, patent.number, times)
        sales.append(await put_up(session, cast, patent.entering, offer))
    third, fourth, fifth, sixth = cast.simulated
    await enter(session, cast, sales[0], cast.buyer, "submitted")
    await enter(session, cast, sales[1], cast.buyer, "qualified")
    await enter(session, cast, sales[1], third, "submitted")
    await enter(session, cast, sales[2], fourth, "submitted")
    await enter(session, cast, sales[3], cast.second_buyer, "qualified")
    await enter(session, cast, sales[4], fifth, "qualified")
    await enter(session, cast, sales[5], sixth, "admitted")


async def _fill_desks(
    session: Session, cast: Cast, real: Iterator[RealPatent], own: dict[str, UUID], now: datetime
) -> None:
    """Puts listings on the reviewer's desk and back on the sellers'."""
    opens_at = next_hour(now) + timedelta(days=5)
    times = Times(opens_at, opens_at + timedelta(days=1))
    for turn in range(IN_REVIEW + RETURNED):
        patent = next(real)
        listing_id = await submit(session, patent.entering, offer_real(patent.id, patent.number, times))
        if turn >= IN_REVIEW:
            await review_listing(session, cast.reviewer, listing_id, "return", _RETURNED_WORDS)
    (returned, _), (reviewed, _), *_ = OWN
    await submit(session, cast.seller, offer_invented(own[reviewed], times))
    listing_id = await submit(session, cast.seller, offer_invented(own[returned], times))
    await review_listing(session, cast.reviewer, listing_id, "return", _RETURNED_WORDS)


async def _open_live_sale(session: Session, cast: Cast, own: dict[str, UUID]) -> None:
    """Opens the sale that is always live, with everybody in it who may want to bid."""
    opens_at = await soon(session)
    offer = offer_invented(own[LIVE[0][0]], Times.live(opens_at))
    auction = await put_up(session, cast, cast.seller, offer)
    for bidder in cast.bidders:
        await enter(session, cast, auction, bidder)


async def _promise_rest(
    session: Session, real: Iterator[RealPatent], own: dict[str, UUID], office: Office, now: datetime
) -> None:
    """Promises what comes within the first minute: sales that run, sales that end, and the other listings.

    The worker carries it out while the market is open already; nothing of it is lost when the process dies.
    """
    (registered, _), (signing, _) = ENDED
    plans: list[tuple[Plan, UUID]] = [("ends_registered", own[registered]), ("ends_signing", own[signing])]
    plans += [("ends_sold", next(real).id), ("ends_unsold", next(real).id)]
    plans += [("runs", next(real).id) for _ in range(RUNNING)]
    run_at = now
    for turn, (plan, patent_id) in enumerate(plans):
        run_at += _GAP
        payload = {"patent_id": str(patent_id), "plan": plan, "turn": turn, "office": vars(office)}
        await promise(session, OPEN_SALE, payload, run_at=run_at, key=str(patent_id))
    later = zip(islice(_awaited_times(now), AT_ONCE, AWAITING), real, strict=False)
    offers = [
        (str(patent.id), times.opens_at.isoformat(), times.closes_at.isoformat()) for times, patent in later
    ]
    await promise(session, LIST_PATENTS, {"offers": offers}, run_at=now + _LISTED_LATER)
