"""What a reviewer sees of a patent's licences: the one that is offered, and those that run already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trades.licence_register import list_grants
from app.trades.licence_rules import KIND_WORDS, LICENCES, check_overlap, offered_grant
from app.trades.review_points import Check, judge, refusal_of
from app.trades.subjects import require_licensable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import AnySession
    from app.trades.licence_rules import Grant
    from app.trades.models import Listing
    from app.trades.review_points import Outcome
    from app.trades.rules import Offer
    from app.trades.subjects import Subject

_BASIS = (
    "民法典第八百六十五条；技术合同解释第二十四条、第二十五条",
    "Civil Code article 865; licences stand",
)


async def licence_checks(
    session: AnySession, listing: Listing, subject: Subject, offer: Offer
) -> list[Check]:
    """The points of a licence that is offered, or the licences that a sale of the patent leaves standing."""
    if subject.demand is not None:
        return []
    taken = [
        grant
        for patent in subject.patents
        for grant in await list_grants(session, patent.id, except_listing_id=listing.id)
    ]
    return [_offered(subject, offer, taken)] if offer.rights in LICENCES else [_standing(taken)]


def _offered(subject: Subject, offer: Offer, taken: Sequence[Grant]) -> Check:
    def fits() -> None:
        require_licensable(subject, offer)
        check_overlap(offered_grant(offer), taken, accepts_earlier=offer.accepts_earlier)

    offered_zh, offered_en = grant_words(offered_grant(offer))
    fact = judge(
        refusal_of(fits),
        f"{offered_zh}；在先许可 {len(taken)} 项，不冲突",
        f"{offered_en}; {len(taken)} earlier licence(s), none in the way",
    )
    return Check("licence", "许可范围", "Licence", *fact[:2], *_BASIS, fact[2])


def _standing(taken: Sequence[Grant]) -> Check:
    outcome: Outcome = "look" if taken else "pass"
    words = [grant_words(grant) for grant in taken]
    fact_zh = "登记簿中没有在先许可"
    fact_en = "no earlier licence in the market's register"
    if taken:
        fact_zh = "在先许可继续有效，请核对已披露：" + "；".join(zh for zh, _ in words)
        fact_en = "earlier licences stand, see that they are disclosed: " + "; ".join(en for _, en in words)
    return Check("licences", "在先许可", "Earlier licences", fact_zh, fact_en, *_BASIS, outcome)


def grant_words(grant: Grant) -> tuple[str, str]:
    """A licence in words: kind, where, for what, and from when until when."""
    kind_zh, kind_en = KIND_WORDS[grant.kind]
    field_zh, field_en = grant.field or "全部领域", grant.field or "all fields"
    return (
        f"{kind_zh}，{grant.territory}，{field_zh}，{grant.starts_on} 至 {grant.ends_on}",
        f"{kind_en}, {grant.territory}, {field_en}, {grant.starts_on} to {grant.ends_on}",
    )
