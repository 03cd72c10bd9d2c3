"""Accounts of sellers at the gateway, through the stand-in over HTTP: from asked for to ready, stopped, lost answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.payments.connect_accounts import (
    open_payout_account,
)
from app.payments.connect_rules import PayoutState
from app.payments.errors_connect import (
    PayoutAccountOpened,
)
from tests.make_accounts import make_caller
from tests.stripe.paying import hasten
from tests.stripe.selling import (
    acts,
    hear,
    make_selling,
    run,
    state,
)
from tests.stripe.serving import lose

if TYPE_CHECKING:
    from app.db import Database
    from app.payments.stripe_gateway import StripeGateway
    from tests.stripe.speaking import Speaking


async def test_an_account_goes_from_asked_for_to_ready_and_may_be_stopped_again(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await db.write(make_selling)
    assert await state(db, made) is PayoutState.NONE
    await db.write(open_payout_account, made.seller)
    assert await state(db, made) is PayoutState.OPENING
    with pytest.raises(PayoutAccountOpened):
        await db.write(open_payout_account, made.seller)
    await run(db, gateway.connect)
    assert await state(db, made) is PayoutState.ONBOARDING
    (account_id,) = [each for each in stripe.state.accounts if each != "acct_standin1"]
    for step, wanted in (
        (stripe.state.submit, PayoutState.IN_REVIEW),
        (stripe.state.allow, PayoutState.READY),
        (stripe.state.restrict, PayoutState.RESTRICTED),
    ):
        step(account_id)
        await hear(db, stripe, gateway)
        assert await state(db, made) is wanted
    told = ["payout-account.asked", "payout-account.ready", "payout-account.restricted"]
    assert await acts(db, "payout-account.") == told


async def test_only_an_organisation_s_admin_opens_an_account(db: Database) -> None:
    for role in (Role.SELLER, Role.SIGNATORY, Role.FINANCE):
        caller = await db.write(make_caller, role)
        with pytest.raises(NotPermitted):
            await db.write(open_payout_account, caller)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_opens_no_second_account(
    db: Database, stripe: Speaking, gateway: StripeGateway, when: str
) -> None:
    made = await db.write(make_selling)
    setattr(stripe, when, lose)
    await db.write(open_payout_account, made.seller)
    await run(db, gateway.connect)
    setattr(stripe, when, None)
    # The key has long expired: it is by asking that no second one is opened.
    stripe.kept.clear()
    before = len(stripe.exchanges)
    await hasten(db)
    await run(db, gateway.connect)
    assert stripe.exchanges[before].method == "GET"
    assert len(stripe.state.accounts) == 2
    assert await state(db, made) is PayoutState.ONBOARDING
