"""The text of the assignment contract."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contracts.clauses import canonical_document, document_sha256, numeral, write_contract
from app.contracts.rules import patent_facts
from app.contracts.terms import AssignmentTerms, Party

TERMS = AssignmentTerms(
    contract_no="HT2026-000001",
    deal_no="CJ2026-000001",
    listing_no="GP2026-000001",
    drafted_on="2026-11-22",
    exchange_zh="技术交易市场",
    exchange_en="Technology Trading Market",
    is_demonstration=False,
    seller=Party("虚构大学", "12100000400000018N"),
    buyer=Party("虚构公司", "91330100123456788G"),
    facts=patent_facts(
        invention_name="一种温控装置",
        applicant="虚构大学",
        owner="虚构大学",
        filing_on=date(2014, 4, 28),
        application_no="CN201410174011.1",
        patent_no="ZL201410174011.1",
        last_day=date(2034, 4, 27),
    ),
    encumbrances="",
    price_fen=128_000_000,
    deposit_fen=10_000_000,
    payment_days=10,
    recordal_days=10,
)


def words(terms: AssignmentTerms, lang: str) -> str:
    document = write_contract(terms)
    return "\n".join(text for section in document["sections"] for text in section[f"paragraphs_{lang}"])


@pytest.mark.parametrize(
    "must",
    [
        "虚构大学，统一社会信用代码 12100000400000018N",
        "虚构公司，统一社会信用代码 91330100123456788G",
        "发明创造名称：一种温控装置",
        "申请日期：2014-04-28",
        "申请号：CN201410174011.1",
        "专利号：ZL201410174011.1",
        "专利权有效期限：2014-04-28 — 2034-04-27",
        "人民币 1,280,000.00 元（大写：人民币壹佰贰拾捌万元整）",
        "保证金 100,000.00 元在本合同生效时抵作价款，余款为 1,180,000.00 元",
        "自国务院专利行政部门登记之日起生效",
        "合法拥有者",
        "完整、无误、有效",
        "后续改进",
        "保密义务",
        "专利实施许可合同的效力",
        "双方均签署时成立并生效",
        "权利负担：无",
    ],
)
def test_the_contract_says_what_the_law_asks_for(must: str) -> None:
    assert must in words(TERMS, "zh")


def test_both_languages_answer_to_each_other_paragraph_by_paragraph() -> None:
    for section in write_contract(TERMS)["sections"]:
        assert len(section["paragraphs_zh"]) == len(section["paragraphs_en"]) > 0
        assert section["title_zh"]
        assert section["title_en"]
        assert section["basis"]
        assert not any(mark in paragraph for mark in "，。；" for paragraph in section["paragraphs_en"])


def test_articles_are_numbered_in_a_row() -> None:
    sections = write_contract(TERMS)["sections"]
    for number, section in enumerate(sections, 1):
        assert section["title_zh"].startswith(f"第{numeral(number)}条")
        assert section["title_en"].startswith(f"Article {number}.")
    assert [numeral(n) for n in (1, 9, 10, 11, 20, 31, 99)] == [
        "一",
        "九",
        "十",
        "十一",
        "二十",
        "三十一",
        "九十九",
    ]


def test_only_a_demonstration_says_that_it_is_one() -> None:
    assert "演示" not in words(TERMS, "zh")
    marked = replace(TERMS, is_demonstration=True)
    assert "不产生任何法律效力" in words(marked, "zh")
    assert "no legal effect" in words(marked, "en")


def test_a_seller_without_a_code_is_named_by_name_alone() -> None:
    text = words(replace(TERMS, seller=Party("虚构大学", None)), "zh")
    assert "让与人（卖方）：虚构大学。" in text
    assert "None" not in text


def test_disclosed_encumbrances_are_in_the_text() -> None:
    assert "已披露的权利负担：2025 年普通许可一份" in words(
        replace(TERMS, encumbrances="2025 年普通许可一份"), "zh"
    )


def test_a_deposit_above_the_price_leaves_nothing_to_pay() -> None:
    assert "余款为 0.00 元" in words(replace(TERMS, price_fen=5_000_000), "zh")


def test_the_word_for_licensed_auctions_is_not_used() -> None:
    assert "拍卖" not in json.dumps(write_contract(TERMS), ensure_ascii=False)


def test_anybody_can_compute_the_digest_with_plain_json() -> None:
    document = write_contract(TERMS)
    plain = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    assert plain == canonical_document(document)
    assert document_sha256(document) == hashlib.sha256(plain).hexdigest()


def test_the_digest_survives_a_journey_through_json() -> None:
    document = write_contract(TERMS)
    assert document_sha256(orjson.loads(orjson.dumps(document))) == document_sha256(document)


@given(st.integers(min_value=1, max_value=10**14), st.integers(min_value=1, max_value=10**14))
def test_another_price_is_another_document(one: int, other: int) -> None:
    first = document_sha256(write_contract(replace(TERMS, price_fen=one)))
    second = document_sha256(write_contract(replace(TERMS, price_fen=other)))
    assert (first == second) == (one == other)
