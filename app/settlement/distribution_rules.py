"""Pure rules of income distribution (收益分配): net income, the pool, its floors and its shares, to the fen.

Sources: 促进科技成果转化法 (2015) articles 44 and 45 (agreement or unit rule first, else not less than half of the net
income), 国发〔2016〕16号 (main contributors not less than half of the pool) and the regulations of the provinces, whose
numbers are dated rules. Net income: 上海市促进科技成果转化条例 34, 北京市促进科技成果转化条例 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from app.settlement.errors_distribution import (
    AuxiliaryIsNoCompleter,
    BasisDocumentMissing,
    CostsDeductedOnce,
    DistributionStateForbids,
    LeftoverUnknown,
    MainBelowFloor,
    NoticeNotOver,
    NotOnTheList,
    OfficeBelowFloor,
    OfficeIsNoMain,
    PoolTooSmall,
    RateBelowFloor,
    SharedTwice,
    SharesNotWhole,
    StatutoryRateFixed,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from uuid import UUID

WHOLE_BP = 10_000
STATE_RESEARCH = "state_research"


class Mode(StrEnum):
    """How the achievement earns (转化方式)."""

    ASSIGN = "assign"  # 转让
    LICENSE = "license"  # 许可
    INVEST = "invest"  # 作价投资
    IMPLEMENT = "implement"  # 自行实施或合作实施, of a year's operating profit


class Basis(StrEnum):
    """What the rate rests on, in the order of precedence (转化法 44, 45)."""

    AGREEMENT = "agreement"  # 与科技人员约定
    UNIT_RULE = "unit_rule"  # 单位规定
    STATUTORY = "statutory"  # 法定比例


class Part(StrEnum):
    """What somebody on the list is to the achievement (名单身份)."""

    COMPLETER = "completer"  # 成果完成人
    CONTRIBUTOR = "contributor"  # 转化贡献人
    TRANSFER_OFFICE = "transfer_office"  # 技术转移机构人员


class Work(StrEnum):
    """What somebody did (贡献内容)."""

    RESEARCH = "research"  # 研究开发
    CONVERSION = "conversion"  # 转化实施
    TRANSFER = "transfer"  # 技术转移服务
    FUNDING = "funding"  # 提供资金
    EQUIPMENT = "equipment"  # 提供设备、材料
    TRANSLATION = "translation"  # 翻译文献
    MANAGEMENT = "management"  # 组织管理


class DistributionStatus(StrEnum):
    """The life of a distribution."""

    DRAFT = "draft"  # 草稿
    UNIT_DECIDED = "unit_decided"  # 单位已决定
    NOTICED = "noticed"  # 公示中
    APPROVED = "approved"  # 已批准
    PAID = "paid"  # 已发放


AUXILIARY_WORDS = {
    Work.FUNDING: ("提供资金的工作", "funds"),
    Work.EQUIPMENT: ("提供设备材料的工作", "equipment or materials"),
    Work.TRANSLATION: ("翻译文献的工作", "translations"),
    Work.MANAGEMENT: ("组织管理的工作", "organisation and management"),
}
STATUS_WORDS = {
    DistributionStatus.DRAFT: ("草稿", "a draft"),
    DistributionStatus.UNIT_DECIDED: ("单位已决定", "decided by the unit"),
    DistributionStatus.NOTICED: ("公示中", "on notice"),
    DistributionStatus.APPROVED: ("已批准", "approved"),
    DistributionStatus.PAID: ("已发放", "paid"),
}


@dataclass(frozen=True)
class Floor:
    """A part that must not be undercut, with the law that says so."""

    bp: int
    source: str


NO_FLOOR = Floor(0, "")


@dataclass(frozen=True)
class Floors:
    """The floors in force: of the pool from the net income, and inside the pool."""

    pool: Floor
    main: Floor = NO_FLOOR
    office_of_pool: Floor = NO_FLOOR
    office_of_net: Floor = NO_FLOOR


@dataclass(frozen=True)
class Receipt:
    """Money that came for the achievement, with what is deducted from it."""

    number: int
    receipt_fen: int
    taxes_fen: int
    maintenance_fen: int
    direct_costs_fen: int
    carried_fen: int = 0


@dataclass(frozen=True)
class Net:
    """Net income (净收入), or the shortfall that the next receipt carries."""

    net_fen: int
    shortfall_fen: int


@dataclass(frozen=True)
class Person:
    """Somebody on the list of contributors."""

    id: UUID
    name: str
    part: Part
    is_main: bool


@dataclass(frozen=True)
class Share:
    """What part of the pool somebody gets."""

    contributor_id: UUID
    share_bp: int


@dataclass(frozen=True)
class Distribution:
    """A whole distribution to the fen; ``amounts`` are in the order of the shares and sum to the pool."""

    net_fen: int
    shortfall_fen: int
    pool_fen: int
    retained_fen: int
    main_fen: int
    office_fen: int
    amounts: tuple[int, ...]


def ceil_bp(amount_fen: int, bp: int) -> int:
    """A part in basis points rounded up: a floor is “not less than”."""
    return -(-amount_fen * bp // WHOLE_BP)


def check_contributor(name: str, part: Part, work: Work, *, is_main: bool) -> None:
    """Raises AuxiliaryIsNoCompleter or OfficeIsNoMain.

    Source: 最高人民法院关于审理技术合同纠纷案件适用法律若干问题的解释 article 6, 专利法实施细则 article 14: whoever only gave
    funds, equipment, materials, translations or organised the work did not complete the achievement.
    """
    if part is Part.COMPLETER and work in AUXILIARY_WORDS:
        raise AuxiliaryIsNoCompleter(name, *AUXILIARY_WORDS[work])
    if part is Part.TRANSFER_OFFICE and is_main:
        raise OfficeIsNoMain(name)


def net_income(receipt: Receipt) -> Net:
    """Receipt less its taxes, less costs once, less what an earlier receipt fell short; raises CostsDeductedOnce."""
    if receipt.number > 1 and (receipt.maintenance_fen or receipt.direct_costs_fen):
        raise CostsDeductedOnce(receipt.number)
    net = (
        receipt.receipt_fen
        - receipt.taxes_fen
        - receipt.maintenance_fen
        - receipt.direct_costs_fen
        - receipt.carried_fen
    )
    return Net(max(net, 0), max(-net, 0))


def floors_bind(regime: str | None, basis: Basis) -> bool:
    """Whether the floors hold: always for the state's own research units and universities, else only by default.

    Source: 转化法 45: agreements and rules of 国家设立的研究开发机构、高等院校 must meet the floors themselves.
    """
    return regime == STATE_RESEARCH or basis is Basis.STATUTORY


def check_basis(basis: Basis, document: str) -> None:
    """Raises BasisDocumentMissing where the rate rests on words that are not named."""
    if basis is not Basis.STATUTORY and len(document.strip()) < 2:  # noqa: PLR2004 - the shortest name of a document
        raise BasisDocumentMissing


def check_rate(rate_bp: int, basis: Basis, floors: Floors, regime: str | None) -> None:
    """Raises RateBelowFloor where the floor binds, StatutoryRateFixed where nothing else was agreed or ruled."""
    if basis is Basis.STATUTORY and rate_bp != floors.pool.bp:
        raise StatutoryRateFixed(rate_bp, floors.pool.bp)
    if floors_bind(regime, basis) and rate_bp < floors.pool.bp:
        raise RateBelowFloor(rate_bp, floors.pool.bp, floors.pool.source)


def distribute(
    receipt: Receipt,
    *,
    rate_bp: int,
    basis: Basis,
    regime: str | None,
    floors: Floors,
    people: Collection[Person],
    shares: Sequence[Share],
    leftover_to: UUID | None = None,
) -> Distribution:
    """Distributes a receipt; every fen of the pool has an owner and no floor is undercut by a fen.

    Raises CostsDeductedOnce, RateBelowFloor, StatutoryRateFixed, SharesNotWhole, NotOnTheList, SharedTwice,
    MainBelowFloor, OfficeBelowFloor, LeftoverUnknown, PoolTooSmall.
    """
    check_rate(rate_bp, basis, floors, regime)
    by_id = _check_shares(people, shares, leftover_to)
    net = net_income(receipt)
    pool = ceil_bp(net.net_fen, rate_bp)
    # The floors inside the pool are laid on the state's own units.
    inner = floors if regime == STATE_RESEARCH else Floors(floors.pool)
    main = [index for index, share in enumerate(shares) if by_id[share.contributor_id].is_main]
    office = [
        index
        for index, share in enumerate(shares)
        if by_id[share.contributor_id].part is Part.TRANSFER_OFFICE
    ]
    main_floor = _main_floor(pool, shares, main, inner)
    office_floor = _office_floor(pool, net.net_fen, shares, office, inner)
    if main_floor + office_floor > pool:
        raise PoolTooSmall(pool)
    left_at = next((i for i, share in enumerate(shares) if share.contributor_id == leftover_to), None)
    weights = [share.share_bp for share in shares]
    amounts = allocate(pool, weights, [(main, main_floor), (office, office_floor)], left_at)
    return Distribution(
        net_fen=net.net_fen,
        shortfall_fen=net.shortfall_fen,
        pool_fen=pool,
        retained_fen=net.net_fen - pool,
        main_fen=sum(amounts[index] for index in main),
        office_fen=sum(amounts[index] for index in office),
        amounts=tuple(amounts),
    )


def _check_shares(
    people: Collection[Person], shares: Sequence[Share], leftover_to: UUID | None
) -> dict[UUID, Person]:
    by_id = {person.id: person for person in people}
    seen: set[UUID] = set()
    for share in shares:
        if share.contributor_id not in by_id:
            raise NotOnTheList(str(share.contributor_id))
        if share.contributor_id in seen:
            raise SharedTwice(by_id[share.contributor_id].name)
        seen.add(share.contributor_id)
    total = sum(share.share_bp for share in shares)
    if total != WHOLE_BP or any(share.share_bp <= 0 for share in shares):
        raise SharesNotWhole(total)
    if leftover_to is not None and leftover_to not in seen:
        raise LeftoverUnknown
    return by_id


def _main_floor(pool_fen: int, shares: Sequence[Share], main: Sequence[int], floors: Floors) -> int:
    share_bp = sum(shares[index].share_bp for index in main)
    if share_bp < floors.main.bp:
        raise MainBelowFloor(share_bp, floors.main.bp, floors.main.source)
    return ceil_bp(pool_fen, floors.main.bp)


def _office_floor(
    pool_fen: int, net_fen: int, shares: Sequence[Share], office: Sequence[int], floors: Floors
) -> int:
    """The greater of the two ways in which provinces count the transfer office's part."""
    share_bp = sum(shares[index].share_bp for index in office)
    needed = 0
    for floor, base in ((floors.office_of_pool, pool_fen), (floors.office_of_net, net_fen)):
        if share_bp * pool_fen < floor.bp * base:
            raise OfficeBelowFloor(share_bp * pool_fen // WHOLE_BP, ceil_bp(base, floor.bp), floor.source)
        needed = max(needed, ceil_bp(base, floor.bp))
    return needed


def allocate(
    pool_fen: int, weights: Sequence[int], floors: Sequence[tuple[Sequence[int], int]], left_at: int | None
) -> list[int]:
    """Splits the pool by weights: whole fen first, then the leftover ones, so that groups keep their floors.

    A leftover fen goes where a floor lacks it, then to the named account ``left_at``, or without one to the largest
    remainders. Where two floors lack more than is left over, the fen is taken from whoever is not bound to one.
    """
    total = sum(weights)
    amounts = [pool_fen * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(pool_fen * weights[i] % total), i))
    rest = pool_fen - sum(amounts)
    given: set[int] = set()
    for members, floor_fen in floors:
        for index in [i for i in by_remainder if i in set(members)]:
            if sum(amounts[member] for member in members) >= floor_fen:
                break
            amounts[index] += 1
            given.add(index)
            rest -= 1
    if left_at is not None and rest > 0:
        amounts[left_at] += rest
        rest = 0
    for index in [i for i in by_remainder if i not in given][: max(rest, 0)]:
        amounts[index] += 1
    for _ in range(-rest):
        amounts[_spare(amounts, floors)] -= 1
    return amounts


def _spare(amounts: Sequence[int], floors: Sequence[tuple[Sequence[int], int]]) -> int:
    """Whose fen can be taken without undercutting a floor: the greatest amount of those who can spare one."""
    bound = {
        member
        for members, floor_fen in floors
        if sum(amounts[index] for index in members) <= floor_fen
        for member in members
    }
    free = [index for index, amount in enumerate(amounts) if index not in bound and amount > 0]
    if not free:
        raise PoolTooSmall(sum(amounts))
    return max(free, key=lambda index: (amounts[index], index))


def check_distribution_step(
    present: DistributionStatus, wanted: DistributionStatus, *, needs_notice: bool = True
) -> None:
    """Raises DistributionStateForbids unless the step is the next one; without a need for it the notice is left out."""
    way = [step for step in DistributionStatus if needs_notice or step is not DistributionStatus.NOTICED]
    if (present, wanted) not in pairwise(way):
        raise DistributionStateForbids(*STATUS_WORDS[present], *STATUS_WORDS[wanted])


def check_notice_over(started_on: date, ends_on: date, today: date) -> None:
    """Raises NoticeNotOver while the notice runs: its last day ends at 24:00 (民法典 203)."""
    if today <= ends_on:
        raise NoticeNotOver(started_on.isoformat(), ends_on.isoformat())
