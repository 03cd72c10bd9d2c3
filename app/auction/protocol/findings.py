"""What a verifier says: findings that a record does not hold, and notes on what it cannot prove, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

_WANTED: Final = {
    "json": ("JSON", "JSON"),
    "object": ("对象", "an object"),
    "list": ("列表", "a list"),
    "text": ("文字", "a text"),
    "whole": ("整数或 null", "a whole number or null"),
    "instant": ("带时区的 ISO 8601 时刻", "an ISO 8601 instant with its zone"),
    "later": ("不早于前一行的时刻", "an instant not before that of the line above"),
    "hex": ("小写十六进制文字", "a text of lower-case hexadecimal digits"),
    "kind": ("已知的请求种类", "a known kind of request"),
    "standing": ("已知的竞买资格", "a known standing"),
    "act": ("已知的动作", "a known act"),
    "audience": ("public、host 或竞买号", "public, host or a bidder's code"),
    "terms": ("已公布的竞价条件", "the terms of a sale"),
    "format": ("本程序支持的记录版本 sale-record/1", "a version that this program reads: sale-record/1"),
    "head": ("已签名的链头", "a signed head"),
    "receipt": ("出价回执", "a receipt of a bid"),
    "keys": ("交易所公布的签名公钥", "the exchange's published keys"),
}

FINDINGS: Final = {
    "unreadable": ("{place} 无法读取：应为{wanted_zh}。", "{place} cannot be read: it is to be {wanted_en}."),
    "event-altered": (
        "{stream} 流第 {number} 号事件被改动：其内容与散列值不符。",
        "Event {number} of stream {stream} was altered: its content does not give its hash.",
    ),
    "event-misplaced": (
        "{stream} 流第 {number} 号事件的位置上是第 {found} 号：有事件缺失、多出或调换了次序。",
        "Stream {stream} has event {found} in the place of event {number}: events are missing, added or reordered.",
    ),
    "event-missing": (
        "{stream} 流缺少第 {number} 号事件（{kind}）：按规则重放应有此事件。",
        "Event {number} ({kind}) of stream {stream} is missing: the rules bring it when they are replayed.",
    ),
    "event-unexplained": (
        "{stream} 流第 {number} 号事件（{kind}）没有来由：没有任何请求或动作产生它。",
        "Event {number} ({kind}) of stream {stream} is unexplained: no request and no act brings it.",
    ),
    "rules-altered": (
        "规则文字与公布时的指纹不符。",
        "The rules in words do not give the fingerprint that was published.",
    ),
    "parameters-differ": (
        "竞价参数（{name}）与第 1 号公开事件不符。",
        "The parameters ({name}) are not those of public event 1.",
    ),
    "bidders-differ": (
        "竞买人名单与准入记录不符：{bidder}。",
        "The list of bidders is not that of the admissions: {bidder}.",
    ),
    "reserve-contradicted": (
        "所公开的保留价与承诺值不符：金额或密钥被改动。",
        "The reserve that was opened is not the one committed to: its amount or key was altered.",
    ),
    "reserve-unopened": ("有保留价而没有公开。", "There is a reserve, and it was not opened."),
    "amount-contradicted": (
        "第 {turn} 个请求（{bidder}）公开的金额与承诺值不符：金额或密钥被改动。",
        "The amount opened for request {turn} ({bidder}) is not the one committed to: amount or key was altered.",
    ),
    "amount-unopened": (
        "第 {turn} 个请求（{bidder}）的金额没有公开。",
        "The amount of request {turn} ({bidder}) was not opened.",
    ),
    "amount-withheld": (
        "第 {turn} 个请求（{bidder}）的自动出价上限被代替：只有最后领先者的上限可以代替。",
        "The maximum of request {turn} ({bidder}) was replaced: only those of who led at the end may be.",
    ),
    "act-impossible": (
        "第 {place} 个动作（{act}）按规则不能进行：{reason_zh}",
        "Act {place} ({act}) is not allowed by the rules: {reason_en}",
    ),
    "act-out-of-time": (
        "第 {place} 个动作（{act}）的时刻 {at} 早于前一个动作。",
        "Act {place} ({act}) at {at} is earlier than the act before it.",
    ),
    "requests-misplaced": (
        "第 {turn} 个请求的位置上是第 {found} 个：有请求缺失、多出或调换了次序。",
        "Request {found} stands in the place of request {turn}: requests are missing, added or reordered.",
    ),
    "request-misplaced": (
        "第 {turn} 个请求自称产生 {stream} 流第 {number} 号事件，按次序它产生的是 {came} 流第 {expected} 号：请求被增删或调换。",
        "Request {turn} claims event {number} of stream {stream}; in its turn it brings event {expected} of {came}: requests were added, dropped or reordered.",
    ),
    "standing-contradicted": (
        "第 {turn} 个请求的竞买资格（{bidder}，{standing}）与准入记录不符。",
        "The standing of request {turn} ({bidder}, {standing}) is not that of the admissions.",
    ),
    "request-contradicted": (
        "第 {turn} 个请求（{bidder}，{kind}，{at}）：按规则重放得到“{expected}”，记录中是“{found}”。",
        "Request {turn} ({bidder}, {kind}, {at}): the rules give '{expected}', the record has '{found}'.",
    ),
    "act-contradicted": (
        "第 {place} 个动作（{act}，{at}）：按规则重放得到的 {stream} 流第 {number} 号事件与记录不符。",
        "Act {place} ({act}, {at}): event {number} of stream {stream} is not the one that the rules give.",
    ),
    "unfinished": (
        "按记录重放到最后，竞价仍未结束。",
        "The acts of the record do not bring the sale to its end.",
    ),
    "result-contradicted": (
        "结果被改动：记录为“{found}”，按规则重放得到“{expected}”。",
        "The result was altered: the record says '{found}', the rules give '{expected}'.",
    ),
    "head-unknown-key": (
        "{stream} 流到第 {last} 号的链头由未公布的密钥 {key_id} 签名。",
        "The head of stream {stream} at {last} is signed by a key that was not published: {key_id}.",
    ),
    "head-out-of-period": (
        "{stream} 流到第 {last} 号的链头（{at}）不在密钥 {key_id} 的使用期内。",
        "The head of stream {stream} at {last} ({at}) lies outside the period of the key {key_id}.",
    ),
    "head-forged": (
        "{stream} 流到第 {last} 号的链头签名无效。",
        "The signature of the head of stream {stream} at {last} is not valid.",
    ),
    "head-contradicted": (
        "{stream} 流到第 {last} 号的链头已签名，而记录中的事件与之不符。",
        "The head of stream {stream} at {last} was signed, and the record's events are not what it covers.",
    ),
    "head-elsewhere": (
        "链头不属于这场竞价：{stream}。",
        "The head belongs to no stream of this sale: {stream}.",
    ),
    "head-lacking": (
        "观察到的链头到第 {last} 号，而记录的 {stream} 流只到第 {found} 号：记录缺少后面的事件。",
        "A head at {last} was seen, and the record's stream {stream} ends at {found}: later events are missing.",
    ),
    "unsigned": (
        "{stream} 流第 {number} 号起的事件没有签名。",
        "Events of stream {stream} from {number} on are not signed.",
    ),
    "receipt-elsewhere": (
        "回执 {bid_id} 不属于这场竞价。",
        "The receipt {bid_id} belongs to another sale.",
    ),
    "receipt-unsigned": (
        "回执 {bid_id} 没有链头，不能单独证明什么。",
        "The receipt {bid_id} has no signed head, so it proves nothing by itself.",
    ),
    "receipt-forged": (
        "回执 {bid_id} 不是交易所签发的：签名或路径无效。",
        "The receipt {bid_id} was not given by the exchange: signature or path is not valid.",
    ),
    "receipt-lacking": (
        "记录缺少回执 {bid_id} 所证明的请求：{stream} 流没有第 {number} 号事件。",
        "The record lacks what the receipt {bid_id} proves: stream {stream} has no event {number}.",
    ),
    "receipt-contradicted": (
        "记录与回执 {bid_id} 矛盾：{stream} 流第 {number} 号事件不是交易所签发的那一个。",
        "The record contradicts the receipt {bid_id}: event {number} of stream {stream} is not the one that was signed.",
    ),
    "receipt-request-differs": (
        "记录中编号 {bid_id} 的请求与回执不同：{name}。",
        "The record's request {bid_id} is not the receipt's: {name}.",
    ),
    "receipt-secret-differs": (
        "回执 {bid_id} 保存的金额和密钥与记录中的承诺值不符。",
        "The amount and key kept with the receipt {bid_id} do not give the commitment in the record.",
    ),
}

NOTES: Final = {
    "amount-replaced": (
        "第 {turn} 个请求（{bidder}）的自动出价上限以 {amount_fen} 分代替：结果不变的最低值。承诺值无法用它核对，原值可向监管人员公开。",
        "The maximum of request {turn} ({bidder}) stands as {amount_fen} fen, the lowest value with the same result. Its commitment cannot be checked with that; a supervisor can have the value itself opened.",
    ),
    "sealed-unopened": (
        "第 {turn} 个请求（{bidder}）的密封报价未开启（被替换、撤回或不应开启），只有承诺值。",
        "The sealed amount of request {turn} ({bidder}) was not opened (replaced, withdrawn, or never to be opened).",
    ),
    "admission-unsigned": (
        "{stream} 流只有准入记录，没有签名。",
        "Stream {stream} has the admission only, which is not signed.",
    ),
}


class Finding(NamedTuple):
    """One thing that is wrong with a record, or one note; its code is its stable name."""

    code: str
    values: Mapping[str, Any]

    def text(self, lang: str) -> str:
        """The finding as a sentence in ``zh`` or ``en``."""
        templates = FINDINGS.get(self.code) or NOTES[self.code]
        return templates[0 if lang == "zh" else 1].format_map(self.values)

    def wire(self) -> dict[str, Any]:
        """The finding as reports carry it."""
        return {"code": self.code, "zh": self.text("zh"), "en": self.text("en"), **self.values}


def finding(code: str, **values: Any) -> Finding:  # noqa: ANN401 - the members of one text
    """Makes a finding."""
    return Finding(code, values)


class Unreadable(ValueError):
    """Something that was given is not what its format says."""

    def __init__(self, place: str, wanted: str) -> None:
        """``place`` is where, ``wanted`` a word of the table above."""
        wanted_zh, wanted_en = _WANTED[wanted]
        self.finding = finding("unreadable", place=place, wanted_zh=wanted_zh, wanted_en=wanted_en)
        super().__init__(self.finding.text("en"))
