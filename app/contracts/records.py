"""The readable record of a sale (竞价记录): a paper made from its bundle alone, for people and files."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

from app.auction.protocol.record import read_record
from app.auction.protocol.replayed import open_replay
from app.chain import canonical
from app.clock import to_shanghai
from app.contracts.papers import make_pdf
from app.money import capital, yuan

Json = dict[str, Any]
# A paper that nobody can hold is no paper: what is beyond is in the bundle.
_MOST_ROWS: Final = 2000
_OUTCOMES: Final = {"sold": ("成交", "Sold"), "unsold": ("未成交", "Not sold"), "void": ("作废", "Void")}
_REASONS: Final = {
    "no_bid": "无人出价",
    "reserve_not_met": "最高出价未达到保留价",
    "too_few_bidders": "竞买人数不足",
}
_KINDS: Final = {
    "bid": "出价",
    "maximum": "自动出价上限",
    "match": "行使优先购买权",
    "waive": "放弃优先购买权",
    "enter": "确认进入",
    "seal": "密封报价",
    "withdraw": "撤回密封报价",
    "take": "应价",
    "accept": "接受本轮价",
    "raise": "加价",
    "turn": "轮次报价",
}
_STANDINGS: Final = {
    "seller": "转让方",
    "exchange": "交易机构",
    "stranger": "无竞买资格",
    "deposit_due": "保证金未到账",
}


def render_record(bundle: Json, exchange_zh: str, exchange_en: str, public_url: str) -> bytes:
    """Sets an ended sale's record from its bundle; CPU work, call it in a thread."""
    closed_at = datetime.fromisoformat(bundle["result"]["at"])
    return make_pdf("record", printed(bundle, exchange_zh, exchange_en, public_url), closed_at)


def printed(bundle: Json, exchange_zh: str, exchange_en: str, public_url: str) -> Json:
    """Words a bundle for its template: facts, rules, requests in their order, openings, and what proves them."""
    terms, result = bundle["parameters"]["terms"], bundle["result"]
    public = next(stream for stream in bundle["streams"] if stream["audience"] == "public")
    requests = [act for act in bundle["acts"] if act["act"] == "request"]
    outcome_zh, outcome_en = _OUTCOMES[result["outcome"]]
    return {
        "is_demonstration": bundle["is_demonstration"],
        "exchange_zh": exchange_zh,
        "exchange_en": exchange_en,
        "title": bundle["title"],
        "listing_no": bundle["parameters"]["listing_no"],
        "outcome_zh": outcome_zh,
        "outcome_en": outcome_en,
        "rows": _facts(bundle, terms, result),
        "rules": bundle["parameters"]["rules"]["zh"],
        "rules_sha256": bundle["parameters"]["rules"]["sha256"],
        "course": _course(public["events"]),
        "requests": [
            _request(act, price) for act, price in zip(requests[:_MOST_ROWS], _prices(bundle), strict=False)
        ],
        "left_out": max(0, len(requests) - _MOST_ROWS),
        "openings": _openings(bundle, requests),
        "heads": [
            {
                "name": _audience(stream["audience"]),
                "number": len(stream["events"]),
                "hash": stream["events"][-1]["hash"],
            }
            for stream in bundle["streams"]
            if stream["events"]
        ],
        "keys": sorted({head["key_id"] for head in bundle["heads"]}),
        "bundle_sha256": hashlib.sha256(canonical(bundle).encode()).hexdigest(),
        "check_url": f"{public_url}/protocol-check",
        "keys_url": f"{public_url}/api/v1/signing-keys",
    }


def _facts(bundle: Json, terms: Json, result: Json) -> list[Json]:
    price = result["price_fen"]
    rows = [
        _fact("竞价编号", "Sale", bundle["auction_id"], "code"),
        _fact("竞价期间", "From, to", f"{_shown(terms['opens_at'])} — {_shown(result['at'])}", "code"),
        _fact("起始价", "Start price", f"¥ {yuan(terms['start_price_fen'])}", "code"),
        _fact("竞买人", "Bidders", "、".join(bidder["code"] for bidder in bundle["bidders"]) or "无", "code"),
    ]
    if price is not None:
        rows.append(_fact("成交价", "Price", f"¥ {yuan(price)}　{capital(price)}"))
        rows.append(_fact("竞得人竞买号", "Winner", str(result["winner"]), "code"))
    if result["outcome"] == "void":
        rows.append(_fact("作废原因", "Reason", result["reason_zh"]))
    elif result["reason"] is not None:
        rows.append(_fact("未成交原因", "Reason", _REASONS.get(result["reason"], str(result["reason"]))))
    if bundle["reserve"] is not None:
        rows.append(_fact("保留价", "Reserve", f"¥ {yuan(bundle['reserve']['reserve_fen'])}", "code"))
    return rows


def _fact(zh: str, en: str, value: str, kind: str = "text") -> Json:
    return {"zh": zh, "en": en, "value": value, "kind": kind}


def _course(events: list[Json]) -> list[Json]:
    """What happened to the sale itself: its stages, interruptions and end, in their order."""
    words = {
        "auction_scheduled": "公布竞价条件与规则",
        "auction_opened": "竞价开始",
        "auction_suspended": "竞价中止",
        "auction_resumed": "竞价恢复",
        "priority_asked": "询问优先购买权人",
        "priority_exercised": "行使优先购买权",
        "priority_waived": "放弃优先购买权",
        "stage_opened": "进入下一阶段",
        "envelopes_opened": "密封报价统一开启",
        "auction_closed": "竞价结束",
    }
    return [
        {
            "number": event["number"],
            "at": _shown(event["at"]),
            "words": "　".join(
                part for part in (words[event["kind"]], event["body"].get("reason_zh") or "") if part
            ),
        }
        for event in events
        if event["kind"] in words
    ]


def _prices(bundle: Json) -> list[int | None]:
    """The price after each request, by replaying: an automatic bid may answer one that nobody saw."""
    record = read_record(bundle)
    replay = open_replay(record)
    prices: list[int | None] = []
    for act in record.acts:
        replay.carry_out(act)
        if act["act"] == "request":
            prices.append(replay.state.price_fen)
        if len(prices) == _MOST_ROWS:
            break
    return prices


def _request(act: Json, price_fen: int | None) -> Json:
    bidder = act["bidder"] or _STANDINGS.get(act["standing"], "")
    amount = act["amount_fen"]
    if act["kind"] == "seal":
        shown = "密封"
    elif act.get("replaced"):
        shown = f"≥ {yuan(amount)}"
    else:
        shown = "" if amount is None else yuan(amount)
    answer = "受理" if act["refusal"] is None else act["refusal"]
    return {
        "turn": act["turn"],
        "at": _shown(act["at"]),
        "bidder": bidder,
        "kind": _KINDS.get(act["kind"], act["kind"]),
        "amount": shown,
        "price": "" if price_fen is None else yuan(price_fen),
        "answer": answer,
        "is_accepted": act["refusal"] is None,
    }


def _openings(bundle: Json, requests: list[Json]) -> list[Json]:
    """What had been committed to and was opened: each amount with the key that proves it."""
    rows: list[Json] = []
    reserve = bundle["reserve"]
    if reserve is not None:
        rows.append({"what": "保留价", "amount": yuan(reserve["reserve_fen"]), "key": reserve["key"]})
    for act in requests:
        if act["key"] is not None and act["amount_fen"] is not None:
            what = f"第 {act['turn']} 个请求（{act['bidder'] or '—'}）"
            rows.append({"what": what, "amount": yuan(act["amount_fen"]), "key": act["key"]})
    for act in bundle["acts"]:
        for item in act.get("openings", ()):
            what = f"密封报价（{item['bidder']}）"
            rows.append({"what": what, "amount": yuan(item["amount_fen"]), "key": item["key"]})
    return rows[:_MOST_ROWS]


def _audience(audience: str) -> str:
    return {"public": "公开记录", "host": "场务记录"}.get(audience, f"竞买人 {audience}")


def _shown(moment: str) -> str:
    local = to_shanghai(datetime.fromisoformat(moment))
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}"
