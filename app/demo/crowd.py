"""The simulated bidders: they bid by the public API at a person's pace, each up to a price of his own."""

from __future__ import annotations

import random
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from app.demo.accounts import BUYER, SELLER_NAME, SIMULATED
from app.demo.acts import choose_act, worth_fen
from app.demo.panel import score_offers
from app.demo.public_api import RefusedError
from app.ids import uuid7

if TYPE_CHECKING:
    from app.demo.public_api import PublicApi

PAUSE_SECONDS = (4.0, 20.0)
LOOK_SECONDS = 2.5
_LIVE_SHARE = 0.8
_AMONG_THEMSELVES = 0.5
# How likely a visitor's bid is answered, by the seconds left: he shall be able to win.
_ANSWERS = ((120.0, 0.6), (30.0, 0.35), (0.0, 0.1))
# How likely somebody acts at one look, by the stage: a cycle or a turn is over soon, an envelope has time.
_ODDS = {"free": 0.15, "limited": 0.35, "sealed": 0.12, "extra": 0.5, "round": 0.5, "pause": 0.0, "over": 0.0}
_QUICK_ODDS, _QUICK_SECONDS = 0.7, 70.0
_YOUNG_BIDS = 4
_SHORT_EXTENSION_SECONDS, _SHORT_BIDDERS, _LAST_WORD_SECONDS = 5, 3, 9.0
_SECRET = frozenset({"maximum", "seal", "turn"})
_ROUND_FEN = 100_00
_PAGE = 50
_LOGINS = tuple(party.login for party in SIMULATED)
_chance = random.SystemRandom()
_log = structlog.get_logger()


def pause_seconds() -> float:
    """How long the crowd thinks before its next bid."""
    return _chance.uniform(*PAUSE_SECONDS)


def highest_fen(auction_id: str, login: str, start_price_fen: int, *, is_live: bool) -> int:
    """The price at which a bidder gives up: his own for each sale, and the same after a restart."""
    share = random.Random(f"{auction_id} {login}").random()  # noqa: S311 - no secret
    low, high = (1.15, 1.8) if is_live else (1.05, 1.3)
    return int(start_price_fen * (low + (high - low) * share)) // _ROUND_FEN * _ROUND_FEN


async def _open_sales(api: PublicApi) -> list[dict[str, Any]]:
    found = (await api.get("auctions", status="open", limit=_PAGE))["items"]
    return [sale for sale in found if sale["is_demonstration"] and sale["status"] == "open"]


async def bid_once(api: PublicApi) -> bool:
    """Lets one of the crowd look at one open rising sale and perhaps bid; True when he bid."""
    sales = [sale for sale in await _open_sales(api) if sale["format"] == "english"]
    live = [sale for sale in sales if sale["seller_name"] == SELLER_NAME]
    others = [sale for sale in sales if sale["seller_name"] != SELLER_NAME]
    is_live = bool(live) and (not others or _chance.random() < _LIVE_SHARE)
    if not (live if is_live else others):
        return False
    return await _bid_in(api, _chance.choice(live if is_live else others), is_live=is_live)


async def _bid_in(api: PublicApi, sale: dict[str, Any], *, is_live: bool, is_keen: bool = False) -> bool:
    """Lets the first who wants to and may bid in a rising sale; ``is_keen``: without waiting."""
    seen = {
        login: await api.get(f"auctions/{sale['id']}", login)
        for login in _chance.sample(_LOGINS, len(_LOGINS))
    }
    codes = {snapshot["me"]["bidder_code"] for snapshot in seen.values()} - {None}
    for login, snapshot in seen.items():
        me = snapshot["me"]
        if not me["can_bid"] or me["leading"]:
            continue
        if not is_keen and not _wants(snapshot, codes):
            return False
        worth = highest_fen(sale["id"], login, snapshot["start_price_fen"], is_live=is_live)
        if await _act(api, sale["id"], login, choose_act(snapshot, worth, _chance)):
            return True
    return False


def _wants(snapshot: dict[str, Any], codes: set[str]) -> bool:
    """Whether the crowd answers now: among themselves now and then, a visitor the less the nearer the end is."""
    if snapshot["leader_code"] is None:
        return True
    if snapshot["leader_code"] in codes:
        return _chance.random() < _AMONG_THEMSELVES
    seconds = _seconds(snapshot["server_time"], snapshot["ends_at"])
    return _chance.random() < next((odds for least, odds in _ANSWERS if seconds > least), 0.0)


async def play_short_sales(api: PublicApi) -> None:
    """One look at the sales of half a minute, whose course is set: so they come to their deals."""
    for sale in await _open_sales(api):
        if _is_short(sale):
            await _play_short(api, sale)


async def keep_pace(api: PublicApi) -> None:
    """One look at every sale that does not wait: price clocks, turns, rounds, cycles, envelopes, and young sales."""
    for sale in await _open_sales(api):
        try:
            await _look_in(api, sale)
        except RefusedError as refusal:
            # A sale that went on between the look and the act, or a visitor who was faster.
            _log.info("simulation_refused", sale=sale["listing_no"], reason=str(refusal))


async def _look_in(api: PublicApi, sale: dict[str, Any]) -> None:
    if sale["format"] == "english":
        has_short_extension = sale["trigger_seconds"] <= _SHORT_EXTENSION_SECONDS
        if _is_short(sale):
            await _play_short(api, sale)
        elif has_short_extension or sale["bid_count"] < _YOUNG_BIDS:
            await _bid_in(api, sale, is_live=sale["seller_name"] == SELLER_NAME, is_keen=True)
        return
    is_quick = _seconds(sale["opens_at"], sale["ends_at"]) < _QUICK_SECONDS
    if sale["stage"] == "scoring":
        await score_offers(api, sale, is_quick=is_quick)
        return
    odds = _ODDS.get(sale["stage"], 1.0)
    if _chance.random() < (max(odds, _QUICK_ODDS) if is_quick and odds else odds):
        await _play(api, sale)


async def _play(api: PublicApi, sale: dict[str, Any]) -> None:
    """Lets one of the crowd act who may; on a price clock only whoever takes first is asked."""
    is_clock = sale["stage"] == "clock"
    logins = _chance.sample(_LOGINS, len(_LOGINS))

    def worth(login: str, seen: dict[str, Any]) -> int:
        return worth_fen(sale["id"], login, seen["start_price_fen"], seen["step_fen"], is_clock=is_clock)

    if is_clock:
        shares = {"start_price_fen": sale["start_price_fen"], "step_fen": 1}
        logins = [max(logins, key=lambda login: worth(login, shares))]
    for login in logins:
        seen = await api.get(f"auctions/{sale['id']}", login)
        if not seen["me"]["can_bid"]:
            continue
        if await _act(api, sale["id"], login, choose_act(seen, worth(login, seen), _chance)):
            return


def _is_short(sale: dict[str, Any]) -> bool:
    """Whether it is one of the seed's that end within half a minute, three bidders in each."""
    has_short_extension: bool = sale["trigger_seconds"] <= _SHORT_EXTENSION_SECONDS
    return sale["format"] == "english" and has_short_extension and sale["bidder_count"] == _SHORT_BIDDERS


async def _play_short(api: PublicApi, sale: dict[str, Any]) -> None:
    """A sale of half a minute: the two others bid first, then the one who is to win has the last word."""
    winner = None
    for login in (BUYER.login, *_LOGINS):
        seen = await api.get(f"auctions/{sale['id']}", login)
        if not seen["me"]["can_bid"]:
            continue
        winner = winner or login
        is_last = _seconds(seen["server_time"], seen["ends_at"]) < _LAST_WORD_SECONDS
        if (login == winner) == is_last and not seen["me"]["leading"]:
            amount_fen = seen["offer"]["limit_fen"] + _chance.choice((0, 1)) * seen["step_fen"]
            await _act(api, sale["id"], login, {"kind": "bid", "amount_fen": amount_fen})
            return


async def _act(api: PublicApi, auction_id: str, login: str, act: dict[str, Any] | None) -> bool:
    """Sends a request as anybody's program would: with an id of its own, and a key for a secret amount."""
    if act is None:
        return False
    body = {"bid_id": str(uuid7()), **act}
    if act["kind"] in _SECRET:
        body["key"] = secrets.token_hex(32)
    await api.post(f"auctions/{auction_id}/bids", login, body)
    return True


def _seconds(since: str, until: str) -> float:
    return (datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()
