"""How people are told what becomes of a published listing; pure."""

from __future__ import annotations

from app.accounts.permissions import Permission
from app.telling.sides import Side, Telling

_MINE, _SELLERS = "/my/intents", "/seller/listings/{id}"


def _both(kind: str, zh: str, en: str) -> tuple[Telling, ...]:
    """The same for the seller and for everybody who takes part."""
    return (
        Telling(kind, Side.SELLER, Permission.LISTING_WRITE, _SELLERS, zh, en),
        Telling(f"{kind}_buyer", Side.OTHERS, Permission.INTENT_WRITE, _MINE, zh, en),
    )


COURSE_TELLINGS: dict[str, tuple[Telling, ...]] = {
    "listing.suspended": _both(
        "listing_suspended",
        "{listing_no} 已中止，最长至 {deadline}：{reason_zh}",
        "{listing_no} is suspended until {deadline} at the latest: {reason_en}",
    ),
    "listing.resumed": _both(
        "listing_resumed",
        "{listing_no} 已恢复，公告截止 {deadline}：{reason_zh}",
        "{listing_no} is resumed; its notice ends at {deadline}: {reason_en}",
    ),
    "listing.prolonged": _both(
        "listing_prolonged",
        "{listing_no} 已延牌，公告截止 {deadline}",
        "{listing_no} is prolonged; its notice ends at {deadline}",
    ),
    "listing.terminated": _both(
        "listing_terminated",
        "{listing_no} 已终结，保证金将原路退回。{reason_zh}",
        "{listing_no} is terminated; deposits go back. {reason_en}",
    ),
    "listing.announced-anew": (
        Telling(
            "listing_announced_anew",
            Side.SELLER,
            Permission.LISTING_WRITE,
            _SELLERS,
            "{listing_no} 的变更已重新公告，公告截止 {deadline}",
            "{listing_no} is announced anew with its changes; the notice ends at {deadline}",
        ),
        Telling(
            "confirmation_wanted",
            Side.OTHERS,
            Permission.INTENT_WRITE,
            _MINE,
            "{listing_no} 已变更并重新公告，请在 {deadline} 前重新确认受让意向，逾期退回保证金",
            "{listing_no} was changed and announced anew: confirm your intent before {deadline}, or you are out",
        ),
    ),
    "intent.unconfirmed": (
        Telling(
            "intent_unconfirmed",
            Side.BUYER,
            Permission.INTENT_WRITE,
            _MINE,
            "{listing_no} 变更后没有按期重新确认，受让意向失效，保证金将原路退回",
            "{listing_no}: not confirmed in time after its change; the intent has lapsed and the deposit goes back",
        ),
    ),
    "listing.suspension-over": (
        Telling(
            "suspension_over",
            Side.DESK,
            Permission.LISTING_REVIEW,
            "/desk/listings/{id}",
            "{listing_no} 中止已到最长期限，请恢复或终结",
            "{listing_no} has been suspended for the longest time: resume or terminate it",
        ),
    ),
    "petition.asked": (
        Telling(
            "petition_wanted",
            Side.DESK,
            Permission.LISTING_REVIEW,
            "/desk/listings/{id}",
            "{listing_no} 转让方提出申请：{reason}",
            "{listing_no}: its seller asks for something: {reason}",
        ),
    ),
    "petition.approved": (
        Telling(
            "petition_approved",
            Side.SELLER,
            Permission.LISTING_WRITE,
            _SELLERS,
            "{listing_no} 的申请已批准并办理",
            "{listing_no}: what you asked for was approved and done",
        ),
    ),
    "consent.refused": (
        Telling(
            "consent_refused",
            Side.SELLER,
            Permission.LISTING_WRITE,
            _SELLERS,
            "{listing_no} 的同意书被退回：{reason}",
            "{listing_no}: a consent was refused: {reason}",
        ),
    ),
    "petition.refused": (
        Telling(
            "petition_refused",
            Side.SELLER,
            Permission.LISTING_WRITE,
            _SELLERS,
            "{listing_no} 的申请未获批准：{reason}",
            "{listing_no}: what you asked for was refused: {reason}",
        ),
    ),
}
