"""Copies as PDF of the contract and of the deal confirmation: made when asked for, from what was recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.clock import market_date, to_shanghai
from app.contracts.certificate import chinese_date
from app.contracts.papers import make_pdf
from app.contracts.rules import Side, side_words
from app.money import capital, yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from app.contracts.models import Contract, Signature
    from app.trades.models import Deal


def render_contract(contract: Contract, signatures: Sequence[Signature], people: Mapping[UUID, str]) -> bytes:
    """Sets the contract's text with the record of its signatures; CPU work, call it in a thread."""
    words = side_words(contract.body["contract_type"])
    names = {side.value: contract.body[side.value]["name"] for side in Side}
    rows = [
        {
            "side_zh": words[Side(signature.side)][0],
            "organisation_name": names[signature.side],
            "person_name": people[signature.person_id],
            "signed_at": to_shanghai(signature.signed_at).strftime("%Y-%m-%d %H:%M:%S"),
        }
        for signature in signatures
    ]
    missing = [words[side][0] for side in Side if side.value not in {each.side for each in signatures}]
    state = "双方均已签署，合同生效。" if not missing else f"尚待{'、'.join(missing)}签署，合同未生效。"
    data = {
        **contract.body,
        "document_sha256": contract.document_sha256,
        "signatures": rows,
        "state_zh": f"{state}签署是签约人登录本市场后对上述文本摘要所作的行为，由本市场记录。",
    }
    return make_pdf("contract", data, contract.in_force_at or contract.created_at)


def render_confirmation(deal: Deal, exchange_zh: str) -> bytes:
    """Sets the deal confirmation from the document that was fixed at the close; CPU work, call it in a thread."""
    document: dict[str, Any] = deal.confirmation
    patent, listing = document["patent"], document["listing"]
    record, code = document["record"], document["bidder_code"]
    closed_at = datetime.fromisoformat(document["closed_at"]).astimezone(UTC)

    def row(zh: str, en: str, value: str, note: str = "", kind: str = "text") -> dict[str, str]:
        return {"zh": zh, "en": en, "value": value, "note": note, "kind": kind}

    def party(zh: str, en: str, side: dict[str, Any], note: str = "") -> dict[str, str]:
        uscc = f"统一社会信用代码　{side['uscc']}" if side["uscc"] else ""
        return row(zh, en, side["name"], "　　".join(part for part in (uscc, note) if part))

    def amount(zh: str, en: str, fen: int) -> dict[str, str]:
        return {"zh": zh, "en": en, "yuan": yuan(fen), "capital": capital(fen)}

    data = {
        "is_demonstration": document["is_demonstration"],
        "exchange_zh": document["exchange"] or exchange_zh,
        "deal_no": deal.deal_no,
        "rows": [
            row("挂牌项目", "Listing", listing["title"], f"挂牌编号　{listing['listing_no']}"),
            row("专利", "Patent", patent["title"], f"申请号　{patent['application_no']}"),
            row(*_rights(document)),
            party("出让方", "Seller", document["seller"]),
            party("受让方", "Buyer", document["buyer"], f"竞买号　{code}" if code else ""),
            row("竞价方式" if record else "交易方式", "Method", document["method_zh"], document["method_en"]),
            row(
                "竞价结束" if record else "成交时间",
                "Bidding closed" if record else "Agreed",
                to_shanghai(closed_at).strftime("%Y-%m-%d %H:%M:%S"),
                f"有效出价 {document['bids']} 次，竞买人 {document['bidders']} 家" if record else "",
                "code",
            ),
        ],
        "amounts": [
            amount("成交价", "Price", document["price_fen"]),
            amount("保证金抵作价款", "Deposit in the price", document["deposit_fen"]),
            amount("余款", "Balance", document["remaining_fen"]),
        ],
        **_statement(is_bid_for=record is not None, is_licence=_licence_of(document) is not None),
        "confirmed_on_zh": chinese_date(market_date(deal.confirmed_at)),
        "confirmation_sha256": deal.confirmation_sha256,
        "record_number": record["number"] if record else None,
        "head_sha256": record["head_sha256"] if record else None,
    }
    return make_pdf("confirmation", data, deal.confirmed_at)


def _licence_of(document: dict[str, Any]) -> dict[str, Any] | None:
    """The licence that was sold; documents of before licences were sold know none."""
    found: dict[str, Any] | None = document.get("licence")
    return found


def _rights(document: dict[str, Any]) -> tuple[str, str, str, str]:
    """The row that says what was sold: the patent itself, or a licence by its kind, place, field and term."""
    licence = _licence_of(document)
    if licence is None:
        return ("转让方式", "Rights", "专利权转让", "Assignment of the patent")
    scope = f"地域 {licence['territory']}，{licence['field'] or '全部领域'}"
    term = f"{licence['starts_on']} 至 {licence['ends_on']}"
    return ("许可方式", "Licence", licence["kind_zh"], f"{scope}，{term}")


def _statement(*, is_bid_for: bool, is_licence: bool) -> dict[str, str]:
    """What the market confirms, and what the two sides do next."""
    contract_zh = "专利实施许可合同" if is_licence else "专利权转让合同"
    contract_en = "licence contract" if is_licence else "contract of assignment"
    if is_bid_for:
        return {
            "statement_zh": f"本市场确认上述受让方在网络竞价中成交。双方应按竞价文件和本确认书订立{contract_zh}，"
            "合同内容不得偏离竞价文件和成交结果。",
            "statement_en": "This market confirms that the buyer above won the network bidding. Both sides conclude the "
            f"{contract_en} in keeping with the published terms and this confirmation.",
        }
    return {
        "statement_zh": "本市场确认上述双方就该项目成交。双方应按挂牌文件和本确认书订立合同，合同内容不得偏离挂牌文件和成交结果。",
        "statement_en": "This market confirms that the two sides above concluded this deal. They conclude the contract in "
        "keeping with the published terms and this confirmation.",
    }
