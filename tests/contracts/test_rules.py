"""The rules of contracts, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contracts.errors import (
    AlreadyDecided,
    AlreadyRegistered,
    AlreadySigned,
    AmountNotPositive,
    ContractNotInForce,
    DocumentChanged,
    PatentFactMissing,
    RefusalReasonNeeded,
    RegistrarIsParty,
    TechAmountAboveTotal,
    TotalNotThePrice,
    UnknownContractType,
    UnknownTechField,
)
from app.contracts.kinds import KINDS, REASONS, TECH_FIELDS, check_kind, check_reason, check_tech_field
from app.contracts.rules import (
    FACT_WORDS,
    ContractStatus,
    RegistrationStatus,
    Side,
    SigningState,
    check_amounts,
    check_in_force,
    check_not_registered,
    check_registrar,
    check_undecided,
    patent_facts,
    patent_no_of,
    side_of,
    sign,
)

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DIGEST = "a" * 64
FACTS = {
    "invention_name": "一种温控装置",
    "applicant": "虚构大学",
    "owner": "虚构大学",
    "filing_on": date(2014, 4, 28),
    "application_no": "CN201410174011.1",
    "patent_no": "ZL201410174011.1",
    "last_day": date(2034, 4, 27),
}


def unsigned() -> SigningState:
    return SigningState(DIGEST, {Side.SELLER: uuid4(), Side.BUYER: uuid4()}, {})


def test_the_six_facts_of_article_845_are_stated() -> None:
    facts = patent_facts(**FACTS)  # type: ignore[arg-type]
    assert vars(facts) == {
        "invention_name": "一种温控装置",
        "applicant_and_owner": "虚构大学",
        "filing_on": "2014-04-28",
        "application_no": "CN201410174011.1",
        "patent_no": "ZL201410174011.1",
        "term": "2014-04-28 — 2034-04-27",
    }
    assert set(vars(facts)) == set(FACT_WORDS)


@pytest.mark.parametrize(
    ("left_out", "fact", "zh"),
    [
        ("invention_name", "invention_name", "发明创造名称"),
        ("applicant", "applicant_and_owner", "专利申请人和专利权人"),
        ("owner", "applicant_and_owner", "专利申请人和专利权人"),
        ("filing_on", "filing_on", "申请日期"),
        ("application_no", "application_no", "申请号"),
        ("patent_no", "patent_no", "专利号"),
        ("last_day", "term", "专利权有效期限"),
    ],
)
def test_a_missing_fact_is_named(left_out: str, fact: str, zh: str) -> None:
    with pytest.raises(PatentFactMissing) as refused:
        patent_facts(**{**FACTS, left_out: None})  # type: ignore[arg-type]
    assert refused.value.fact == fact
    assert zh in refused.value.detail("zh")
    assert "845" in refused.value.detail("en")


def test_a_blank_fact_is_a_missing_one() -> None:
    with pytest.raises(PatentFactMissing):
        patent_facts(**{**FACTS, "patent_no": "  "})  # type: ignore[arg-type]


def test_an_applicant_who_is_not_the_owner_is_named_beside_him() -> None:
    facts = patent_facts(**{**FACTS, "owner": "虚构公司"})  # type: ignore[arg-type]
    assert facts.applicant_and_owner == "申请人：虚构大学；专利权人：虚构公司"


def test_a_patent_number_is_zl_and_the_application_number() -> None:
    assert patent_no_of("CN201410174011.1") == "ZL201410174011.1"
    assert patent_no_of("") == ""


def test_a_contract_is_in_force_when_both_have_signed_and_not_before() -> None:
    state = unsigned()
    assert state.status is ContractStatus.SIGNING
    state = sign(state, Side.BUYER, DIGEST, NOW)
    assert state.status is ContractStatus.SIGNING
    with pytest.raises(ContractNotInForce) as refused:
        check_in_force(state)
    assert refused.value.missing == ["seller"]
    assert "让与人" in refused.value.detail("zh")
    state = sign(state, Side.SELLER, DIGEST, NOW)
    assert state.status is ContractStatus.IN_FORCE
    check_in_force(state)


def test_a_signature_over_another_text_is_refused_with_the_present_digest() -> None:
    with pytest.raises(DocumentChanged) as refused:
        sign(unsigned(), Side.SELLER, "b" * 64, NOW)
    assert refused.value.document_sha256 == DIGEST
    assert "不一致" in refused.value.detail("zh")


def test_a_side_signs_once() -> None:
    state = sign(unsigned(), Side.SELLER, DIGEST, NOW)
    with pytest.raises(AlreadySigned) as refused:
        sign(state, Side.SELLER, DIGEST, NOW)
    assert "2026-11-22 09:00:00" in refused.value.detail("zh")


@given(st.permutations([Side.SELLER, Side.BUYER]), st.text(max_size=64))
def test_no_order_of_acts_puts_a_contract_in_force_without_both_digests(
    order: list[Side], other: str
) -> None:
    state = unsigned()
    for side in order:
        if other != DIGEST:
            with pytest.raises(DocumentChanged):
                sign(state, side, other, NOW)
        assert state.status is ContractStatus.SIGNING
        state = sign(state, side, DIGEST, NOW)
    assert state.status is ContractStatus.IN_FORCE


def test_a_stranger_is_on_no_side() -> None:
    state = unsigned()
    assert side_of(state, uuid4()) is None
    assert side_of(state, state.parties[Side.BUYER]) is Side.BUYER


amounts = st.integers(min_value=-(10**15), max_value=10**15)


@given(amounts, amounts, amounts)
def test_amounts_pass_only_when_zero_is_below_technology_is_within_total_is_price(
    total: int, tech: int, price: int
) -> None:
    holds = total == price and 0 < tech <= total
    try:
        check_amounts(total_fen=total, tech_fen=tech, price_fen=price)
    except (TotalNotThePrice, AmountNotPositive, TechAmountAboveTotal):
        assert not holds
    else:
        assert holds


def test_each_wrong_amount_says_what_would_be_right() -> None:
    with pytest.raises(TechAmountAboveTotal) as above:
        check_amounts(total_fen=26_000_000, tech_fen=28_000_000, price_fen=26_000_000)
    assert above.value.detail("zh") == "技术交易额不能大于成交总额 260,000.00 元。请填 260,000.00 元或更小。"
    with pytest.raises(AmountNotPositive):
        check_amounts(total_fen=26_000_000, tech_fen=0, price_fen=26_000_000)
    with pytest.raises(TotalNotThePrice) as other:
        check_amounts(total_fen=26_000_001, tech_fen=1, price_fen=26_000_000)
    assert "260,000.00" in other.value.detail("en")


def test_one_fen_of_technology_and_the_whole_price_are_both_allowed() -> None:
    check_amounts(total_fen=26_000_000, tech_fen=1, price_fen=26_000_000)
    check_amounts(total_fen=26_000_000, tech_fen=26_000_000, price_fen=26_000_000)


def test_a_second_registration_names_the_first() -> None:
    first = uuid4()
    with pytest.raises(AlreadyRegistered) as refused:
        check_not_registered((first, RegistrationStatus.REGISTERED, "2026110001000128"))
    assert refused.value.members()["registration_id"] == str(first)
    assert "2026110001000128" in refused.value.detail("zh")
    with pytest.raises(AlreadyRegistered):
        check_not_registered((first, RegistrationStatus.SUBMITTED, None))


def test_a_refused_application_stands_in_nobodys_way() -> None:
    check_not_registered(None)
    check_not_registered((uuid4(), RegistrationStatus.REFUSED, None))


@pytest.mark.parametrize("status", [RegistrationStatus.REGISTERED, RegistrationStatus.REFUSED])
def test_an_application_is_decided_once(status: RegistrationStatus) -> None:
    check_undecided(RegistrationStatus.SUBMITTED, None)
    with pytest.raises(AlreadyDecided):
        check_undecided(status, NOW)


def test_a_registrar_of_a_party_does_not_decide() -> None:
    parties = unsigned().parties
    check_registrar(uuid4(), parties)
    with pytest.raises(RegistrarIsParty):
        check_registrar(parties[Side.SELLER], parties)


def test_the_table_of_kinds_has_the_five_types_and_eleven_fields() -> None:
    assert set(KINDS) == {"development", "transfer", "licence", "consulting", "service"}
    assert len(TECH_FIELDS) == 11
    assert check_kind("transfer", "patent")[1].zh == "专利权转让"
    assert check_tech_field("农业").en == "agriculture"


@pytest.mark.parametrize(("kind", "subtype"), [("sale", "patent"), ("transfer", "commissioned"), ("", "")])
def test_an_unknown_type_says_what_may_be_chosen(kind: str, subtype: str) -> None:
    with pytest.raises(UnknownContractType) as refused:
        check_kind(kind, subtype)
    assert "transfer/patent" in refused.value.detail("zh")


def test_an_unknown_field_says_what_may_be_chosen() -> None:
    with pytest.raises(UnknownTechField) as refused:
        check_tech_field("区块链")
    assert "先进制造" in refused.value.detail("zh")


@pytest.mark.parametrize(("code", "words"), [(None, "x"), ("NO_SUCH", "x"), ("ORAL", ""), ("ORAL", "  ")])
def test_a_refusal_needs_a_reason_from_the_list_and_words(code: str | None, words: str) -> None:
    with pytest.raises(RefusalReasonNeeded):
        check_reason(code, words)


def test_every_reason_has_words_and_a_basis() -> None:
    for code, reason in REASONS.items():
        assert reason.name.zh
        assert reason.name.en
        assert reason.basis
        assert check_reason(code, " 见说明 ")[1] == "见说明"
