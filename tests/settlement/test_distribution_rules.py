"""Income distribution: golden test 9, every floor kept to the fen, every refusal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.settlement import errors_distribution as errors
from app.settlement.distribution_rules import (
    Basis,
    DistributionStatus,
    Floor,
    Floors,
    Net,
    Part,
    Person,
    Receipt,
    Share,
    Work,
    ceil_bp,
    check_contributor,
    check_distribution_step,
    check_notice_over,
    distribute,
    net_income,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ZHEJIANG = Floors(Floor(7000, "浙江 37"), Floor(7000, "浙江 37"), Floor(500, "浙江 40"))
SHANDONG = Floors(Floor(7000, "山东 34"), Floor(5000, "16号文"), office_of_net=Floor(1000, "山东 36"))
NATION = Floors(Floor(5000, "转化法 45"), Floor(5000, "16号文"))
AUTHOR, CONVERTER, OFFICE = (
    Person(uuid4(), "甲", Part.COMPLETER, is_main=True),
    Person(uuid4(), "乙", Part.CONTRIBUTOR, is_main=False),
    Person(uuid4(), "丙", Part.TRANSFER_OFFICE, is_main=False),
)
PEOPLE = (AUTHOR, CONVERTER, OFFICE)


def receipt(receipt_fen: int = 100_000_000, **over: int) -> Receipt:
    columns: dict[str, int] = {
        "number": 1,
        "taxes_fen": 0,
        "maintenance_fen": 0,
        "direct_costs_fen": 0,
        **over,
    }
    return Receipt(receipt_fen=receipt_fen, **columns)


def shares(*parts: int) -> list[Share]:
    return [Share(person.id, part) for person, part in zip(PEOPLE, parts, strict=True)]


def run(parts: Sequence[int] = (7000, 2500, 500), **over: Any) -> Any:
    options: dict[str, Any] = {
        "rate_bp": 7000,
        "basis": Basis.UNIT_RULE,
        "regime": "state_research",
        "floors": ZHEJIANG,
        "people": PEOPLE,
        "shares": shares(*parts),
        **over,
    }
    return distribute(options.pop("receipt", receipt()), **options)


def test_golden_9_a_million_with_a_tenth_of_costs_in_zhejiang() -> None:
    """1,000,000.00 yuan with costs of a tenth: the pool, its main part and the transfer office, to the fen."""
    made = run(receipt=receipt(direct_costs_fen=10_000_000))
    assert made.net_fen == 90_000_000
    assert made.pool_fen == 63_000_000
    assert made.main_fen >= 44_100_000
    assert made.office_fen >= 3_150_000
    assert made.retained_fen == 27_000_000
    assert made.amounts == (44_100_000, 15_750_000, 3_150_000)
    with pytest.raises(errors.MainBelowFloor):
        run((6999, 2501, 500), receipt=receipt(direct_costs_fen=10_000_000))
    with pytest.raises(errors.OfficeBelowFloor) as refused:
        run((7000, 2501, 499), receipt=receipt(direct_costs_fen=10_000_000))
    assert refused.value.floor_fen == 3_150_000


@given(
    fen=st.integers(min_value=1, max_value=2**53 - 1),
    rate=st.integers(min_value=7000, max_value=10_000),
    parts=st.lists(st.integers(min_value=1, max_value=500), min_size=1, max_size=12),
    floors=st.sampled_from([ZHEJIANG, SHANDONG, NATION]),
    named=st.booleans(),
)
def test_shares_sum_to_the_pool_and_no_floor_is_undercut_by_a_fen(
    *, fen: int, rate: int, parts: list[int], floors: Floors, named: bool
) -> None:
    others = [Person(uuid4(), f"其他{n}", Part.CONTRIBUTOR, is_main=False) for n in range(len(parts))]
    office_bp = 1500 if floors is SHANDONG else 500
    rest = 10_000 - floors.main.bp - office_bp
    assume(sum(parts) <= rest)
    given_shares = [
        Share(AUTHOR.id, floors.main.bp + rest - sum(parts)),
        Share(OFFICE.id, office_bp),
        *(Share(person.id, part) for person, part in zip(others, parts, strict=True)),
    ]
    try:
        made = run(
            receipt=receipt(fen),
            rate_bp=rate,
            floors=floors,
            people=[AUTHOR, OFFICE, *others],
            shares=given_shares,
            leftover_to=others[0].id if named else None,
        )
    except errors.PoolTooSmall:
        assert fen < 100  # only where a few fen cannot be split at all
        return
    assert sum(made.amounts) == made.pool_fen
    assert made.pool_fen + made.retained_fen == made.net_fen == fen
    assert made.pool_fen * 10_000 >= fen * floors.pool.bp
    assert made.main_fen * 10_000 >= made.pool_fen * floors.main.bp
    assert made.office_fen * 10_000 >= made.pool_fen * floors.office_of_pool.bp
    assert made.office_fen * 10_000 >= made.net_fen * floors.office_of_net.bp
    assert all(amount >= 0 for amount in made.amounts)
    for index, (amount, share) in enumerate(zip(made.amounts, given_shares, strict=True)):
        exact = made.pool_fen * share.share_bp / 10_000
        slack = len(given_shares) if named and index == 2 else 2
        assert abs(amount - exact) <= slack + fen * 1e-15


def test_a_leftover_fen_goes_to_the_named_account_or_to_the_largest_remainder() -> None:
    odd = receipt(1_000_01)
    free = {"regime": "private_entity", "receipt": odd, "rate_bp": 10_000, "basis": Basis.AGREEMENT}
    assert run((3333, 3333, 3334), **free).amounts == (33_330, 33_330, 33_341)
    assert run((3333, 3333, 3334), leftover_to=AUTHOR.id, **free).amounts == (33_331, 33_330, 33_340)
    with pytest.raises(errors.LeftoverUnknown):
        run((3333, 3333, 3334), leftover_to=uuid4(), **free)


def test_the_pool_is_rounded_up_because_a_floor_is_not_less_than() -> None:
    assert run(receipt=receipt(1_000_001)).pool_fen == 700_001
    assert ceil_bp(1, 1) == 1
    assert ceil_bp(0, 7000) == 0


def test_costs_are_deducted_once_and_a_shortfall_is_carried_to_the_next_receipt() -> None:
    first = net_income(receipt(1_000_000, direct_costs_fen=1_500_000, taxes_fen=100_000))
    assert first == Net(0, 600_000)
    second = net_income(receipt(2_000_000, number=2, carried_fen=first.shortfall_fen))
    assert second == Net(1_400_000, 0)
    with pytest.raises(errors.CostsDeductedOnce):
        net_income(receipt(2_000_000, number=2, maintenance_fen=1))
    nothing = run(receipt=receipt(1_000_000, direct_costs_fen=1_500_000))
    assert (nothing.pool_fen, nothing.retained_fen, set(nothing.amounts)) == (0, 0, {0})


def test_a_state_unit_must_meet_the_floor_and_a_company_is_free_in_its_rule() -> None:
    with pytest.raises(errors.RateBelowFloor) as refused:
        run(rate_bp=6999)
    assert "浙江 37" in refused.value.detail("zh")
    free = run((5000, 4999, 1), rate_bp=1000, regime="private_entity")
    assert free.pool_fen == 10_000_000
    with pytest.raises(errors.StatutoryRateFixed):
        run(rate_bp=8000, basis=Basis.STATUTORY, regime="private_entity")
    assert run(basis=Basis.STATUTORY, regime="private_entity").pool_fen == 70_000_000


def test_who_is_not_on_the_list_or_listed_twice_and_shares_that_are_not_whole_are_refused() -> None:
    stranger = UUID(int=7)
    with pytest.raises(errors.NotOnTheList):
        run(shares=[*shares(7000, 2000, 500), Share(stranger, 500)])
    with pytest.raises(errors.SharedTwice):
        run(shares=[*shares(7000, 2000, 500), Share(AUTHOR.id, 500)])
    for parts in ((7000, 2500, 499), (7000, 2500, 501)):
        with pytest.raises(errors.SharesNotWhole):
            run(parts)
    with pytest.raises(errors.SharesNotWhole):
        run(shares=[Share(AUTHOR.id, 10_001), Share(CONVERTER.id, -1)])


@pytest.mark.parametrize("work", [Work.FUNDING, Work.EQUIPMENT, Work.TRANSLATION, Work.MANAGEMENT])
def test_auxiliary_staff_are_no_completers(work: Work) -> None:
    with pytest.raises(errors.AuxiliaryIsNoCompleter):
        check_contributor("丁", Part.COMPLETER, work, is_main=False)
    check_contributor("丁", Part.CONTRIBUTOR, work, is_main=False)


def test_the_transfer_office_is_no_main_contributor() -> None:
    with pytest.raises(errors.OfficeIsNoMain):
        check_contributor("丙", Part.TRANSFER_OFFICE, Work.TRANSFER, is_main=True)


def test_a_distribution_goes_its_way_and_no_other() -> None:
    way = list(DistributionStatus)
    for present in way:
        for wanted in way:
            if way.index(wanted) == way.index(present) + 1:
                check_distribution_step(present, wanted)
                continue
            with pytest.raises(errors.DistributionStateForbids):
                check_distribution_step(present, wanted)


def test_two_floors_that_need_the_same_leftover_fen_take_one_from_whoever_is_not_bound() -> None:
    made = run(receipt=receipt(630_001), rate_bp=10_000)
    assert made.amounts == (441_001, 157_499, 31_501)
    assert sum(made.amounts) == 630_001


def test_a_pool_of_a_fen_cannot_keep_two_floors() -> None:
    with pytest.raises(errors.PoolTooSmall):
        run(receipt=receipt(1))


def test_a_company_s_distribution_needs_no_notice() -> None:
    decided, approved = DistributionStatus.UNIT_DECIDED, DistributionStatus.APPROVED
    check_distribution_step(decided, approved, needs_notice=False)
    with pytest.raises(errors.DistributionStateForbids):
        check_distribution_step(decided, approved)


def test_a_notice_is_over_on_the_morning_after_its_last_day() -> None:
    """民法典 203: the last day ends at 24:00."""
    began, ends = date(2026, 3, 2), date(2026, 3, 17)
    with pytest.raises(errors.NoticeNotOver):
        check_notice_over(began, ends, date(2026, 3, 17))
    check_notice_over(began, ends, date(2026, 3, 18))
