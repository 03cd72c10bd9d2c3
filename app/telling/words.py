"""Which acts concern whom, and how they are told; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Permission
from app.desks.words import TOLD_PREFIX
from app.telling.connect_words import CONNECT_TELLINGS
from app.telling.course_words import COURSE_TELLINGS
from app.telling.forfeit_words import FORFEIT_TELLINGS
from app.telling.plan_words import PLAN_TELLINGS
from app.telling.sides import Side, Telling

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.errors import Lang


def _for(action: str, *tellings: Telling) -> tuple[str, tuple[Telling, ...]]:
    return action, tellings


TELLINGS: dict[str, tuple[Telling, ...]] = (
    COURSE_TELLINGS
    | PLAN_TELLINGS
    | CONNECT_TELLINGS
    | FORFEIT_TELLINGS
    | dict(
        (
            _for(
                "listing.submitted",
                Telling(
                    "review_wanted",
                    Side.DESK,
                    Permission.LISTING_REVIEW,
                    "/desk/listings/{id}",
                    "{listing_no} 提交审核：{title}",
                    "{listing_no} was submitted for review: {title}",
                ),
            ),
            _for(
                "listing.returned",
                Telling(
                    "listing_returned",
                    Side.SELLER,
                    Permission.LISTING_WRITE,
                    "/seller/listings/{id}",
                    "{listing_no} 被退回补正：{reason}",
                    "{listing_no} was returned: {reason}",
                ),
            ),
            _for(
                "listing.published",
                Telling(
                    "listing_published",
                    Side.SELLER,
                    Permission.LISTING_WRITE,
                    "/seller/listings/{id}",
                    "{listing_no} 已发布：{title}",
                    "{listing_no} is published: {title}",
                ),
            ),
            _for(
                "intent.declared",
                Telling(
                    "qualification_wanted",
                    Side.DESK,
                    Permission.INTENT_QUALIFY,
                    "/desk/intents/{id}",
                    "{listing_no} 有新的受让意向，待资格审查",
                    "{listing_no}: a new intent to buy waits for its qualification",
                ),
            ),
            _for(
                "intent.qualified",
                Telling(
                    "deposit_wanted",
                    Side.BUYER,
                    Permission.INTENT_WRITE,
                    "/my/deposits",
                    "{listing_no} 资格审查通过，请缴纳保证金 {deposit} 元，截止 {ends_at}",
                    "{listing_no}: you are qualified; pay the deposit of CNY {deposit} before {ends_at}",
                ),
            ),
            _for(
                "intent.rejected",
                Telling(
                    "intent_rejected",
                    Side.BUYER,
                    Permission.INTENT_WRITE,
                    "/my/intents",
                    "{listing_no} 资格审查未通过：{reason}",
                    "{listing_no}: you were not qualified: {reason}",
                ),
            ),
            _for(
                "deposit.received",
                Telling(
                    "admitted",
                    Side.BUYER,
                    Permission.BID_PLACE,
                    "/auctions/{auction_id}",
                    "{listing_no} 保证金已到账，已取得竞价资格，竞价截止 {ends_at}",
                    "{listing_no}: the deposit has come and you are admitted; bidding ends at {ends_at}",
                ),
            ),
            _for(
                "listing.sold",
                Telling(
                    "sold",
                    Side.SELLER,
                    Permission.DEAL_READ,
                    "/deals/{deal_id}",
                    "{listing_no} 已成交，成交价 {price} 元，请起草合同",
                    "{listing_no} is sold for CNY {price}; draw up the contract",
                ),
                Telling(
                    "bought",
                    Side.BUYER,
                    Permission.DEAL_READ,
                    "/deals/{deal_id}",
                    "{listing_no} 由你方以 {price} 元成交，请起草合同",
                    "{listing_no}: you bought it for CNY {price}; draw up the contract",
                ),
                Telling(
                    "not_won",
                    Side.OTHERS,
                    Permission.DEPOSIT_READ_OWN,
                    "/my/deposits",
                    "{listing_no} 由他人成交，保证金将原路退回",
                    "{listing_no} went to somebody else; the deposit goes back",
                ),
            ),
            _for(
                "licence.taken",
                Telling(
                    "licence_sold",
                    Side.SELLER,
                    Permission.DEAL_READ,
                    "/deals/{id}",
                    "{listing_no} 许可了一家，价款 {price} 元，请起草许可合同",
                    "{listing_no}: a licence was taken for CNY {price}; draw up its contract",
                ),
            ),
            _for(
                "listing.unsold",
                Telling(
                    "unsold",
                    Side.SELLER,
                    Permission.LISTING_WRITE,
                    "/seller/listings/{id}",
                    "{listing_no} 未成交",
                    "{listing_no} was not sold",
                ),
                Telling(
                    "ended_unsold",
                    Side.OTHERS,
                    Permission.DEPOSIT_READ_OWN,
                    "/my/deposits",
                    "{listing_no} 未成交，保证金将原路退回",
                    "{listing_no} was not sold; the deposit goes back",
                ),
            ),
            _for(
                "contract.drafted",
                Telling(
                    "signature_wanted",
                    Side.SELLER,
                    Permission.CONTRACT_SIGN,
                    "/contracts/{id}",
                    "合同 {contract_no} 待签署",
                    "Contract {contract_no} waits for your signature",
                ),
                Telling(
                    "signature_wanted",
                    Side.BUYER,
                    Permission.CONTRACT_SIGN,
                    "/contracts/{id}",
                    "合同 {contract_no} 待签署",
                    "Contract {contract_no} waits for your signature",
                ),
            ),
            _for(
                "registration.applied",
                Telling(
                    "registration_wanted",
                    Side.DESK,
                    Permission.REGISTRATION_DECIDE,
                    "/desk/registrations/{id}",
                    "合同 {contract_no} 申请认定登记",
                    "Contract {contract_no} was put in for registration",
                ),
            ),
            _for(
                "registration.approved",
                Telling(
                    "registered",
                    Side.SELLER,
                    Permission.REGISTRATION_APPLY,
                    "/registrations/{id}",
                    "合同 {contract_no} 已登记，登记号 {registration_no}",
                    "Contract {contract_no} is registered under {registration_no}",
                ),
            ),
            _for(
                "registration.refused",
                Telling(
                    "registration_refused",
                    Side.SELLER,
                    Permission.REGISTRATION_APPLY,
                    "/registrations/{id}",
                    "合同 {contract_no} 不予登记",
                    "The registration of contract {contract_no} was refused",
                ),
            ),
            _for(
                "default.declared",
                Telling(
                    "default_waits",
                    Side.DESK,
                    Permission.AUCTION_DECIDE,
                    "/desk/defaults",
                    "{deal_no} 已认定成交违约，待另一岗位确认：{reason}",
                    "{deal_no} was declared in default and waits for another desk: {reason}",
                ),
                Telling(
                    "declared_in_default",
                    Side.BUYER,
                    Permission.DEAL_READ,
                    "/deals/{deal_id}",
                    "{deal_no} 被认定成交违约，尚待确认：{reason}",
                    "{deal_no}: you were declared in default, to be confirmed by another desk: {reason}",
                ),
            ),
            _for(
                "default.confirmed",
                Telling(
                    "default_confirmed",
                    Side.SELLER,
                    Permission.DEAL_READ,
                    "/deals/{deal_id}",
                    "{deal_no} 的受让方违约已确认，可以征询下一位竞买人或者重新挂牌",
                    "{deal_no}: the buyer's default is confirmed; ask the next bidder or list the subject anew",
                ),
                Telling(
                    "in_default",
                    Side.BUYER,
                    Permission.DEAL_READ,
                    "/deals/{deal_id}",
                    "{deal_no} 的成交违约已确认，保证金按公告的顺序处理",
                    "{deal_no}: your default is confirmed; the deposit is applied in the announced order",
                ),
            ),
            _for(
                "successor.asked",
                Telling(
                    "successor_asked",
                    Side.BUYER,
                    Permission.INTENT_WRITE,
                    "/successor-offers/{id}",
                    "{listing_no} 的原受让方违约，转让方按你方最后出价 {price} 元征询，请在 {ends_at} 前答复",
                    "{listing_no}: the winner defaulted and the seller offers it at your last bid, CNY {price}; answer by {ends_at}",
                ),
            ),
            _for(
                "successor.accepted",
                Telling(
                    "successor_accepted",
                    Side.SELLER,
                    Permission.DEAL_READ,
                    "/deals/{deal_id}",
                    "{listing_no} 的下一位竞买人同意以 {price} 元成交，请起草合同",
                    "{listing_no}: the next bidder agreed at CNY {price}; draw up the contract",
                ),
            ),
            _for(
                "successor.declined",
                Telling(
                    "successor_declined",
                    Side.SELLER,
                    Permission.LISTING_WRITE,
                    "/deals/{default_deal_id}",
                    "{listing_no} 的下一位竞买人谢绝了征询，可以重新挂牌",
                    "{listing_no}: the next bidder declined; list the subject anew",
                ),
            ),
            _for(
                "successor.lapsed",
                Telling(
                    "successor_lapsed",
                    Side.SELLER,
                    Permission.LISTING_WRITE,
                    "/deals/{default_deal_id}",
                    "{listing_no} 的征询逾期没有答复，已失效，可以重新挂牌",
                    "{listing_no}: the next bidder did not answer in time; list the subject anew",
                ),
            ),
        )
    )
)
KINDS = {telling.kind: telling for tellings in TELLINGS.values() for telling in tellings}


def told(kind: str, members: Mapping[str, Any], lang: Lang) -> str:
    """A notification in words; what a later version knows no words for is told by its kind."""
    if kind.startswith(TOLD_PREFIX):
        # A deadline keeps its own sentences: what waited may be done, and be called otherwise, when it is read.
        return str(members[lang])
    telling = KINDS.get(kind)
    if telling is None:
        return kind
    return (telling.zh if lang == "zh" else telling.en).format_map(members)
