"""What a reviewer sees of the rights in the way, the secrecy review and the export class of what is put up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trades.export_gate import classed, list_findings
from app.trades.export_rules import CLASS_WORDS
from app.trades.review_points import Check, judge, refusal_of
from app.trades.rights_gate import in_the_way, list_rights
from app.trades.rights_rules import check_consents, require_rights_answer, scope_of
from app.trades.secrecy_rules import require_secrecy_answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.db import AnySession
    from app.trades.models import Listing
    from app.trades.review_points import Outcome
    from app.trades.rights_gate import RightView
    from app.trades.rules import Offer

_RIGHTS_BASIS = (
    "专利法第十四条；民法典第四百四十四条；天津技术产权交易规则第三条（权属清晰）",
    "Patent Law article 14; Civil Code article 444; clear title",
)


async def right_checks(session: AnySession, listing: Listing, offer: Offer, today: date) -> list[Check]:
    """The points of what is sold that the seller declares: rights in the way with their consents, secrecy, export."""
    views = await list_rights(session, listing, with_ended=True)
    found = [check_rights(offer, views, is_open=listing.is_open_licence), check_secrecy(offer, today)]
    return [*found, await _check_export(session, listing)]


def check_rights(offer: Offer, views: Sequence[RightView], *, is_open: bool = False) -> Check:
    """What the seller declares about co-owners and pledges, and whether the consents are there and verified."""
    standing = [view for view in views if view.right.ended_at is None]
    ended = [view for view in views if view.right.ended_at is not None]
    declared = offer.encumbrances.strip()
    rows = [(*view.words, _consent_words(view)) for view in standing]
    named_zh = "；".join(f"{zh}（{said[0]}）" for zh, _, said in rows) or "没有申报共有人和质押"
    named_en = "; ".join(f"{en} ({said[1]})" for _, en, said in rows) or "no co-owner or pledge declared"
    if ended:
        named_zh += "；撤下的申报：" + "；".join(f"{one.words[0]}，{one.right.end_reason}" for one in ended)
        named_en += "; struck out: " + "; ".join(f"{one.words[1]}, {one.right.end_reason}" for one in ended)

    def stands() -> None:
        require_rights_answer(offer)
        check_consents(in_the_way(standing), scope_of(offer.rights, is_open=is_open), verified=True)

    refusal = refusal_of(stands)
    fact = judge(
        refusal,
        f"转让方申报：{named_zh}；其他说明：{declared or '无'}。请与登记簿副本核对",
        f"declared: {named_en}; also: {declared or 'nothing'}. Compare the register extract",
    )
    # That nothing else is in the way no computation shows: the register extract does.
    outcome: Outcome = "look" if refusal is None else "fail"
    return Check("encumbrances", "权利负担", "Encumbrances", *fact[:2], *_RIGHTS_BASIS, outcome)


def _consent_words(view: RightView) -> tuple[str, str]:
    if not view.needs_consent:
        return "无须同意", "no consent needed"
    given = view.consents[-1] if view.consents else None
    if given is None:
        return "缺同意书", "consent missing"
    word_zh, word_en = {
        "waiting": ("待核验", "waiting to be verified"),
        "verified": ("已核验", "verified"),
        "refused": ("已退回", "refused"),
    }[given.status]
    return f"{given.given_on} 的同意书{word_zh}", f"consent of {given.given_on}, {word_en}"


def check_secrecy(offer: Offer, today: date) -> Check:
    """What the seller's own secrecy review found; whether it was made, a person has to see."""
    refusal = refusal_of(lambda: require_secrecy_answer(offer, today))
    fact = judge(
        refusal,
        f"转让方声明：{offer.secrecy_reviewer}于 {offer.secrecy_on} 审查，结论为公开；请核对审查记录",
        f"declared: reviewed by {offer.secrecy_reviewer} on {offer.secrecy_on}, public; see the review's record",
    )
    outcome: Outcome = "look" if refusal is None else "fail"
    basis = (
        "保守国家秘密法第三十五条；专利法第四条、第十九条",
        "Law on Guarding State Secrets article 35; Patent Law articles 4 and 19",
    )
    return Check("secrecy", "保密审查", "Secrecy review", *fact[:2], *basis, outcome)


async def _check_export(session: AnySession, listing: Listing) -> Check:
    """The export class that was found of each patent; an unknown one keeps foreign buyers out, and nobody else."""
    patents = [
        classed(patent.application_no, finding) for patent, finding in await list_findings(session, listing)
    ]
    said_zh = "；".join(f"{one.application_no} {CLASS_WORDS[one.export_class][0]}" for one in patents)
    said_en = "; ".join(f"{one.application_no} {CLASS_WORDS[one.export_class][1]}" for one in patents)
    is_open = all(one.is_cleared for one in patents)
    outcome: Outcome = "pass" if is_open else "look"
    basis = (
        "技术进出口管理条例；《中国禁止出口限制出口技术目录》",
        "Regulations on Technology Import and Export; the export catalogue",
    )
    rest_zh = "" if is_open else "：境外单位只能看公开页面"
    rest_en = "" if is_open else ": foreign parties see the public page only"
    return Check(
        "export",
        "技术出口",
        "Technology export",
        f"出口类别：{said_zh}{rest_zh}",
        f"export class: {said_en}{rest_en}",
        *basis,
        outcome,
    )
