"""The table of permissions and what a caller may do by it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.caller import Caller, role_names
from app.accounts.errors import NotPermitted, SessionNeeded, TokenTooNarrow
from app.accounts.permissions import (
    DESKS,
    GRANTS,
    ORGANISATION_ROLES,
    ROLE_ZH,
    SCOPES,
    Permission,
    Role,
    Scope,
)
from app.ids import uuid7

TRADING = {
    Permission.LISTING_WRITE,
    Permission.PATENT_WRITE,
    Permission.INTENT_WRITE,
    Permission.BID_PLACE,
    Permission.CONTRACT_DRAFT,
    Permission.CONTRACT_SIGN,
    Permission.REGISTRATION_APPLY,
    Permission.NOTICE_WRITE,
}
AT_DESKS = {
    Permission.LISTING_REVIEW,
    Permission.INTENT_QUALIFY,
    Permission.DEPOSIT_CONFIRM,
    Permission.AUCTION_HOST,
    Permission.REGISTRATION_DECIDE,
    Permission.LEDGER_READ,
    Permission.AUDIT_READ,
    Permission.RULE_KEEP,
    Permission.ORGANISATION_CLASSIFY,
    Permission.NOTICE_DECIDE,
}


def caller(*roles: Role, is_exchange: bool = False, scopes: frozenset[str] | None = None) -> Caller:
    return Caller(
        person_id=uuid7(),
        organisation_id=uuid7(),
        organisation_kind="exchange" if is_exchange else "company",
        roles=role_names(roles),
        scopes=scopes,
        is_exchange=is_exchange,
        name="虚构人员",
        organisation_name="虚构机构",
    )


def test_every_permission_has_roles_and_a_scope_and_every_role_a_chinese_name() -> None:
    assert set(GRANTS) == set(Permission) == set(SCOPES)
    assert all(GRANTS.values())
    assert set(ROLE_ZH) == set(Role)


@given(st.sets(st.sampled_from(Role)))
def test_the_exchange_never_lists_bids_or_signs_whatever_roles_it_was_given(roles: set[Role]) -> None:
    assert not any(caller(*roles, is_exchange=True).may(permission) for permission in TRADING)


@given(st.sets(st.sampled_from(Role)))
def test_a_party_never_works_at_a_desk_whatever_roles_it_was_given(roles: set[Role]) -> None:
    assert not any(caller(*roles).may(permission) for permission in AT_DESKS)


@given(st.sets(st.sampled_from(Role)), st.booleans(), st.sets(st.sampled_from(Scope)))
def test_a_token_never_widens_what_its_owner_may(
    roles: set[Role],
    is_exchange: bool,  # noqa: FBT001 - hypothesis passes it
    scopes: set[Scope],
) -> None:
    owner = caller(*roles, is_exchange=is_exchange)
    holder = caller(*roles, is_exchange=is_exchange, scopes=role_names(scopes))
    for permission in Permission:
        assert holder.may(permission) <= owner.may(permission)
        if holder.may(permission):
            assert SCOPES[permission] in scopes


@given(st.sets(st.sampled_from(Role)), st.booleans(), st.sets(st.sampled_from(Scope)) | st.none())
def test_require_raises_exactly_where_may_is_false(
    roles: set[Role],
    is_exchange: bool,  # noqa: FBT001 - hypothesis passes it
    scopes: set[Scope] | None,
) -> None:
    given_scopes = None if scopes is None else role_names(scopes)
    asking = caller(*roles, is_exchange=is_exchange, scopes=given_scopes)
    for permission in Permission:
        refused = False
        try:
            asking.require(permission)
        except (NotPermitted, TokenTooNarrow, SessionNeeded):
            refused = True
        assert refused is not asking.may(permission)


def test_a_bidder_without_the_sellers_role_is_told_which_role_would_do() -> None:
    with pytest.raises(NotPermitted) as caught:
        caller(Role.BIDDER).require(Permission.LISTING_WRITE)
    assert caught.value.members() == {"permission": "listing.write", "needs_roles": ["seller"]}
    assert "出让经办（seller）" in caught.value.detail("zh")
    assert "seller" in caught.value.detail("en")


def test_a_host_who_bids_is_told_that_the_exchange_never_bids() -> None:
    with pytest.raises(NotPermitted) as caught:
        caller(Role.HOST, is_exchange=True).require(Permission.BID_PLACE)
    assert caught.value.needs_roles == []
    assert "不能出让、竞买或签约" in caught.value.detail("zh")


def test_a_narrow_token_is_told_the_scope_it_lacks() -> None:
    with pytest.raises(TokenTooNarrow) as caught:
        caller(Role.BIDDER, scopes=frozenset({"read"})).require(Permission.BID_PLACE)
    assert caught.value.needs_scope == "buy"
    assert "buy" in caught.value.detail("zh")


def test_no_token_manages_an_organisation() -> None:
    wide = frozenset(str(scope) for scope in Scope)
    with pytest.raises(SessionNeeded):
        caller(Role.ADMIN, scopes=wide).require(Permission.ORGANISATION_MANAGE)


def test_desks_and_parties_share_no_role() -> None:
    assert not DESKS & ORGANISATION_ROLES
    assert set(Role) == DESKS | ORGANISATION_ROLES
