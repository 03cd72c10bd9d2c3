"""Refusals about a listing after its publication: suspending, resuming, changing, terminating it, listing it anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Conflict, Forbidden, Invalid, Missing


@dataclass(eq=False)
class SaleReplaced(Conflict):
    """The listing's sale gave its place to another one just now."""

    zh = "本项目的竞价场次刚刚重新安排，请再提交一次。"
    en = "The listing's sale has just been scheduled anew; send this once more."


@dataclass(eq=False)
class DeadlineTooEarly(Invalid):
    """The notice would be too short."""

    zh = "公告截止 {deadline_at:instant} 太早：累计公告期不得少于原公告期，继续公告不得少于规定期间，最早为 {earliest:instant}。"
    en = (
        "A deadline at {deadline_at:instant} is too early: the notice must be as long as announced in all and last the "
        "prescribed time from now, so it ends at {earliest:instant} at the earliest."
    )
    deadline_at: datetime
    earliest: datetime


@dataclass(eq=False)
class DeadlineOver(Conflict):
    """The time in which buyers could come in is over."""

    zh = "公告已于 {deadline_at:instant} 期满，正在确定交易结果，不能再办理中止、变更。"
    en = "The notice ended at {deadline_at:instant} and the outcome is being found: it can no longer be suspended or changed."
    deadline_at: datetime


@dataclass(eq=False)
class NothingToWithdraw(Conflict):
    """A seller withdraws before a buyer is found, not afterwards."""

    zh = "双方已在协商室达成一致，转让方不能单方撤回；确有无法排除的障碍的，以“障碍不能消除”为由终结。"
    en = (
        "The sides have agreed in their room, so the seller cannot withdraw alone. Where an obstacle cannot be removed, "
        "terminate on that ground."
    )


@dataclass(eq=False)
class FrozenAfterPublication(Invalid):
    """How a listing is sold does not change once it is published."""

    zh = "发布后不能改变：{names_zh}。发布后只能变更披露内容、价格、加价幅度和时间；要换交易方式，请终结后重新挂牌。"
    en = (
        "These do not change after publication: {names_en}. Only what is disclosed, the price, the step and the times may be "
        "changed; to sell in another way, terminate and list anew."
    )
    fields: list[str]
    names_zh: str
    names_en: str


@dataclass(eq=False)
class NothingChanged(Invalid):
    """A change has to change something."""

    zh = "没有写明要变更的内容，或者与现在的一样。"
    en = "Nothing is named to be changed, or it is as it stands."


@dataclass(eq=False)
class PetitionOpen(Conflict):
    """A petition for this listing waits for its decision."""

    zh = "本项目已有一项申请待挂牌岗办理，请等它办结。"
    en = "A petition for this listing waits for the desk already; wait for its decision."
    petition_id: UUID


@dataclass(eq=False)
class PetitionMissing(Missing):
    """There is no such petition."""

    zh = "没有这项申请。"
    en = "There is no such petition."


@dataclass(eq=False)
class PetitionDecided(Conflict):
    """The petition has been decided already."""

    zh = "这项申请已于 {decided_at:instant} 办结。"
    en = "This petition was decided at {decided_at:instant}."
    decided_at: datetime


@dataclass(eq=False)
class NothingToConfirm(Conflict):
    """The intent was given for the announcement that is in force."""

    zh = "你的受让意向就是按现行公告登记的，无需重新确认。"
    en = "Your intent was given for the announcement that is in force; there is nothing to confirm."


@dataclass(eq=False)
class NotConfirmed(Conflict):
    """The listing was announced anew and the buyer has not confirmed yet."""

    zh = "项目已变更并重新公告（第 {announcement} 次公告），该意向方还没有重新确认，不能办理。"
    en = "The listing was announced anew (announcement {announcement}), and this buyer has not confirmed yet."
    announcement: int


@dataclass(eq=False)
class NotRelistable(Conflict):
    """Only a listing that ended without a buyer is listed anew."""

    zh = "{listing_no} 的状态是{present_zh}；只有未成交或终结的项目可以重新挂牌。"
    en = "{listing_no} is {present_en}; only one that closed unsold or was terminated can be listed anew."
    listing_no: str
    present_zh: str
    present_en: str


@dataclass(eq=False)
class ApprovalNeeded(Invalid):
    """So low a price needs a new approval."""

    zh = "新的价格低于首次挂牌价的 {percent}%（最低 {lowest_fen:yuan} 元），须经原批准单位重新批准，请写明批准文号。"
    en = (
        "The new price is below {percent}% of the first listing price (at least CNY {lowest_fen:yuan}): it has to be approved "
        "anew; name the approval's reference."
    )
    lowest_fen: int
    percent: str


@dataclass(eq=False)
class ProlongationOutOfRange(Invalid):
    """The clause of prolongation is not as the board asks."""

    zh = "延牌条款：每次不少于 {least}{unit_zh}，最多 {most} 次；不延牌的，两项都不写。"
    en = "A clause of prolongation: at least {least} {unit_en} each time, at most {most} times; or neither for none."
    least: int
    most: int
    unit_zh: str
    unit_en: str


@dataclass(eq=False)
class BoardDoesNotAdmit(Forbidden):
    """This board does not take such a listing."""

    zh = "{board_zh}不接受{what_zh}；接受：{allowed_zh}。"
    en = "The {board_en} does not take {what_en}; it takes: {allowed_en}."
    board: str
    board_zh: str
    board_en: str
    what_zh: str
    what_en: str
    allowed_zh: str
    allowed_en: str


@dataclass(eq=False)
class NoticeTooShort(Invalid):
    """The board asks for a longer notice."""

    zh = "公告期太短：{board_zh}自发布起公告不少于 {least}，截止时间最早为 {earliest:instant}。"
    en = "The notice is too short: on the {board_en} it lasts at least {least} from publication, to {earliest:instant} or later."
    board_zh: str
    board_en: str
    least: str
    earliest: datetime
