"""The table of permissions: which roles carry which permission, and which token scope it asks for."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person does for an organisation (机构角色), or at a desk of the exchange (交易所岗位)."""

    ADMIN = "admin"  # 管理员
    SELLER = "seller"  # 出让经办
    BIDDER = "bidder"  # 竞买经办
    SIGNATORY = "signatory"  # 签约人
    REVIEWER = "reviewer"  # 审核岗
    HOST = "host"  # 场务岗
    FINANCE = "finance"  # 资金岗
    REGISTRAR = "registrar"  # 登记岗
    SUPERVISOR = "supervisor"  # 监督岗


ORGANISATION_ROLES = frozenset({Role.ADMIN, Role.SELLER, Role.BIDDER, Role.SIGNATORY})
DESKS = frozenset(Role) - ORGANISATION_ROLES

ROLE_ZH: dict[Role, str] = {
    Role.ADMIN: "管理员",
    Role.SELLER: "出让经办",
    Role.BIDDER: "竞买经办",
    Role.SIGNATORY: "签约人",
    Role.REVIEWER: "审核岗",
    Role.HOST: "场务岗",
    Role.FINANCE: "资金岗",
    Role.REGISTRAR: "登记岗",
    Role.SUPERVISOR: "监督岗",
}


class Scope(StrEnum):
    """What a personal token was made for (令牌范围)."""

    READ = "read"  # 查看
    SELL = "sell"  # 出让
    BUY = "buy"  # 竞买
    SIGN = "sign"  # 签约
    DESK = "desk"  # 岗位操作


class Permission(StrEnum):
    """One thing a caller may or may not do."""

    ORGANISATION_MANAGE = "organisation.manage"
    PATENT_WRITE = "patent.write"
    LISTING_WRITE = "listing.write"
    LISTING_READ_OWN = "listing.read-own"
    LISTING_REVIEW = "listing.review"
    INTENT_WRITE = "intent.write"
    INTENT_QUALIFY = "intent.qualify"
    DEPOSIT_READ_OWN = "deposit.read-own"
    DEPOSIT_CONFIRM = "deposit.confirm"
    BID_PLACE = "bid.place"
    AUCTION_HOST = "auction.host"
    AUCTION_DECIDE = "auction.decide"
    DEAL_READ = "deal.read"
    CONTRACT_DRAFT = "contract.draft"
    CONTRACT_SIGN = "contract.sign"
    REGISTRATION_APPLY = "registration.apply"
    REGISTRATION_DECIDE = "registration.decide"
    SETTLEMENT_PLAN = "settlement.plan"
    ESCROW_RELEASE = "escrow.release"
    MANDATE_READ = "mandate.read"
    MANDATE_SIGN = "mandate.sign"
    DISTRIBUTION_READ = "distribution.read"
    DISTRIBUTION_WRITE = "distribution.write"
    DISTRIBUTION_DECIDE = "distribution.decide"
    LEDGER_READ = "ledger.read"
    PAYOUT_READ = "payout.read"
    PAYABLE_READ_OWN = "payable.read-own"
    PAYMENT_ORDER = "payment.order"
    AUDIT_READ = "audit.read"
    RULE_KEEP = "rule.keep"
    ORGANISATION_CLASSIFY = "organisation.classify"
    NOTICE_WRITE = "notice.write"
    NOTICE_DECIDE = "notice.decide"
    DESK_READ = "desk.read"
    RESTRICTION_KEEP = "restriction.keep"


GRANTS: dict[Permission, frozenset[Role]] = {
    Permission.ORGANISATION_MANAGE: frozenset({Role.ADMIN}),
    Permission.PATENT_WRITE: frozenset({Role.SELLER}),
    Permission.LISTING_WRITE: frozenset({Role.SELLER}),
    Permission.LISTING_READ_OWN: frozenset({Role.ADMIN, Role.SELLER, Role.SIGNATORY}),
    Permission.LISTING_REVIEW: frozenset({Role.REVIEWER}),
    Permission.INTENT_WRITE: frozenset({Role.BIDDER}),
    Permission.INTENT_QUALIFY: frozenset({Role.REVIEWER}),
    Permission.DEPOSIT_READ_OWN: frozenset({Role.BIDDER}),
    Permission.DEPOSIT_CONFIRM: frozenset({Role.FINANCE}),
    Permission.BID_PLACE: frozenset({Role.BIDDER}),
    Permission.AUCTION_HOST: frozenset({Role.HOST}),
    # The other of the two posts: whoever watches the posts does not act for one.
    Permission.AUCTION_DECIDE: frozenset({Role.REVIEWER}),
    Permission.DEAL_READ: frozenset({Role.SELLER, Role.BIDDER, Role.SIGNATORY}) | DESKS,
    Permission.CONTRACT_DRAFT: frozenset({Role.SELLER, Role.BIDDER}),
    Permission.CONTRACT_SIGN: frozenset({Role.SIGNATORY}),
    Permission.REGISTRATION_APPLY: frozenset({Role.SELLER}),
    Permission.REGISTRATION_DECIDE: frozenset({Role.REGISTRAR}),
    Permission.SETTLEMENT_PLAN: frozenset({Role.SELLER, Role.BIDDER}),
    Permission.ESCROW_RELEASE: frozenset({Role.FINANCE}),
    Permission.MANDATE_READ: ORGANISATION_ROLES,
    Permission.MANDATE_SIGN: frozenset({Role.SIGNATORY}),
    # A unit's staff and what they get is nobody else's business; the supervisor looks on.
    Permission.DISTRIBUTION_READ: frozenset({Role.ADMIN, Role.SELLER, Role.SIGNATORY, Role.SUPERVISOR}),
    Permission.DISTRIBUTION_WRITE: frozenset({Role.SELLER}),
    Permission.DISTRIBUTION_DECIDE: frozenset({Role.SIGNATORY}),
    Permission.LEDGER_READ: frozenset({Role.FINANCE, Role.SUPERVISOR}),
    Permission.PAYOUT_READ: frozenset({Role.ADMIN, Role.SELLER, Role.SIGNATORY}),
    Permission.PAYABLE_READ_OWN: frozenset({Role.SELLER, Role.BIDDER, Role.SIGNATORY}),
    Permission.PAYMENT_ORDER: frozenset({Role.FINANCE}),
    Permission.AUDIT_READ: frozenset({Role.SUPERVISOR}),
    # Two desks, so that there is a second person to approve.
    Permission.RULE_KEEP: frozenset({Role.REVIEWER, Role.HOST}),
    Permission.ORGANISATION_CLASSIFY: frozenset({Role.REVIEWER}),
    Permission.NOTICE_WRITE: frozenset({Role.SELLER}),
    Permission.NOTICE_DECIDE: frozenset({Role.REVIEWER}),
    Permission.DESK_READ: DESKS,
    # Two desks, so that there is a second person to confirm.
    Permission.RESTRICTION_KEEP: frozenset({Role.REVIEWER, Role.SUPERVISOR}),
}

# None: no token carries it, whatever its scopes. A token that leaks must not be able to make people or admins.
SCOPES: dict[Permission, Scope | None] = {
    Permission.ORGANISATION_MANAGE: None,
    Permission.PATENT_WRITE: Scope.SELL,
    Permission.LISTING_WRITE: Scope.SELL,
    Permission.LISTING_READ_OWN: Scope.READ,
    Permission.LISTING_REVIEW: Scope.DESK,
    Permission.INTENT_WRITE: Scope.BUY,
    Permission.INTENT_QUALIFY: Scope.DESK,
    Permission.DEPOSIT_READ_OWN: Scope.READ,
    Permission.DEPOSIT_CONFIRM: Scope.DESK,
    Permission.BID_PLACE: Scope.BUY,
    Permission.AUCTION_HOST: Scope.DESK,
    Permission.AUCTION_DECIDE: Scope.DESK,
    Permission.DEAL_READ: Scope.READ,
    Permission.CONTRACT_DRAFT: Scope.SIGN,
    Permission.CONTRACT_SIGN: Scope.SIGN,
    Permission.REGISTRATION_APPLY: Scope.SELL,
    Permission.REGISTRATION_DECIDE: Scope.DESK,
    Permission.SETTLEMENT_PLAN: Scope.SIGN,
    Permission.ESCROW_RELEASE: Scope.DESK,
    Permission.MANDATE_READ: Scope.READ,
    Permission.MANDATE_SIGN: Scope.SIGN,
    Permission.DISTRIBUTION_READ: Scope.READ,
    Permission.DISTRIBUTION_WRITE: Scope.SELL,
    Permission.DISTRIBUTION_DECIDE: Scope.SIGN,
    Permission.LEDGER_READ: Scope.DESK,
    Permission.PAYOUT_READ: Scope.READ,
    Permission.PAYABLE_READ_OWN: Scope.READ,
    Permission.PAYMENT_ORDER: Scope.DESK,
    Permission.AUDIT_READ: Scope.DESK,
    Permission.RULE_KEEP: Scope.DESK,
    Permission.ORGANISATION_CLASSIFY: Scope.DESK,
    Permission.NOTICE_WRITE: Scope.SELL,
    Permission.NOTICE_DECIDE: Scope.DESK,
    Permission.DESK_READ: Scope.DESK,
    Permission.RESTRICTION_KEEP: Scope.DESK,
}


def needed_roles(permission: Permission, *, is_exchange: bool) -> frozenset[Role]:
    """The roles that carry a permission on the caller's side: a desk never bids, lists or signs, and no party reviews.

    The set is empty where that whole side can never do it.
    """
    return GRANTS[permission] & (DESKS if is_exchange else ORGANISATION_ROLES)
