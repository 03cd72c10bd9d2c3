"""Two at once: each race has a twin that takes the lock away from outside and must go wrong."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.permissions import Role
from app.contracts import drafting, numbering, registration, signing
from app.contracts.errors import AlreadyDecided, AlreadyRegistered, AlreadySigned
from app.contracts.models import Certificate, Contract, NumberSeries, Registration, Signature
from app.contracts.queries import lock_series
from app.contracts.registration import Decision
from app.db import Session
from tests.make_accounts import make_caller
from tests.make_contracts import (
    OFFICE,
    Agreed,
    application_for,
    make_application,
    make_contract,
    make_registered,
)
from tests.make_trades import make_buyer, make_deal, make_seller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import ModuleType
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database
    from app.trades.models import Deal


@dataclass
class Race:
    """Steers two callers so that they meet at one point, with the lock or, for the twin, without it."""

    monkeypatch: pytest.MonkeyPatch
    # With the lock the second cannot come, and the first goes on alone after this time.
    patience_seconds: float = 0.7

    def without(self, module: ModuleType, lock: str, instead: Callable[..., Awaitable[Any]]) -> None:
        """Takes a lock away; now both do come, however slow the machine is."""
        self.monkeypatch.setattr(module, lock, instead)
        self.patience_seconds = 60

    def meet_after(self, module: ModuleType, name: str) -> None:
        """Lets both callers read before either writes, if nothing keeps them apart."""
        read: Callable[..., Awaitable[Any]] = getattr(module, name)
        both_have_read = asyncio.Barrier(2)

        async def read_and_wait(*args: Any) -> Any:
            result = await read(*args)
            try:
                async with asyncio.timeout(self.patience_seconds):
                    await both_have_read.wait()
            except (TimeoutError, asyncio.BrokenBarrierError):
                pass  # the other one waits for our lock, as it should
            return result

        self.monkeypatch.setattr(module, name, read_and_wait)


@pytest.fixture
def race(monkeypatch: pytest.MonkeyPatch) -> Race:
    return Race(monkeypatch)


async def both(*calls: Awaitable[object]) -> list[object]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


def kinds(outcomes: list[object]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


async def read_contract(session: Session, contract_id: UUID) -> Contract:
    return await session.get_one(Contract, contract_id)


async def read_registration(session: Session, registration_id: UUID) -> Registration:
    return await session.get_one(Registration, registration_id)


async def read_series(session: Session, series: str) -> NumberSeries:
    """Reads a series without its lock; one that is new is opened as usual."""
    return await session.get(NumberSeries, series) or await lock_series(session, series)


async def new_contract(session: Session) -> Agreed:
    return await make_contract(session)


async def new_application(session: Session) -> tuple[Agreed, Registration]:
    return await make_application(session)


async def make_deal_of(seller: Caller, session: Session) -> Deal:
    return await make_deal(session, seller=seller)


async def signed_by_both_at_once(db: Database, race: Race) -> tuple[list[object], str]:
    agreed: Agreed = await db.write(new_contract)
    race.meet_after(signing, "get_signing_state")
    contract = agreed.contract
    outcomes = await both(
        db.write(signing.sign_contract, agreed.seller, contract.id, contract.document_sha256),
        db.write(signing.sign_contract, agreed.buyer, contract.id, contract.document_sha256),
    )
    return outcomes, (await db.read(read_contract, contract.id)).status


async def test_two_signatures_at_once_put_the_contract_in_force(db: Database, race: Race) -> None:
    outcomes, status = await signed_by_both_at_once(db, race)
    assert kinds(outcomes) == ["Signature", "Signature"]
    assert status == "in_force"


async def test_the_twin_without_the_lock_leaves_a_signed_contract_out_of_force(
    db: Database, race: Race
) -> None:
    race.without(signing, "lock_contract", read_contract)
    outcomes, status = await signed_by_both_at_once(db, race)
    assert kinds(outcomes) == ["Signature", "Signature"]
    assert status == "signing"


async def one_side_signs_twice_at_once(db: Database, race: Race) -> list[object]:
    agreed: Agreed = await db.write(new_contract)
    race.meet_after(signing, "get_signing_state")
    contract = agreed.contract

    def sign() -> Awaitable[Signature]:
        return db.write(signing.sign_contract, agreed.seller, contract.id, contract.document_sha256)

    return await both(sign(), sign())


async def test_of_two_signatures_of_one_side_the_second_is_told(db: Database, race: Race) -> None:
    outcomes = await one_side_signs_twice_at_once(db, race)
    assert kinds(outcomes) == ["AlreadySigned", "Signature"]
    assert any(isinstance(outcome, AlreadySigned) for outcome in outcomes)
    assert any(isinstance(outcome, Signature) for outcome in outcomes)


async def test_the_twin_without_the_lock_runs_into_the_constraint(db: Database, race: Race) -> None:
    race.without(signing, "lock_contract", read_contract)
    assert "IntegrityError" in kinds(await one_side_signs_twice_at_once(db, race))


async def decided_twice_at_once(db: Database, race: Race) -> list[object]:
    _, waiting = await db.write(new_application)
    first: Caller = await db.write(make_caller, Role.REGISTRAR)
    second: Caller = await db.write(make_caller, Role.REGISTRAR)
    race.meet_after(registration, "get_signing_state")
    refusal = Decision("refuse", reason_code="SUBJECT_UNCLEAR", reason="标的写得不清楚。")
    decide = registration.decide_registration
    return await both(
        db.write(decide, first, waiting.id, Decision("approve"), OFFICE),
        db.write(decide, second, waiting.id, refusal, OFFICE),
    )


async def test_of_two_decisions_at_once_the_second_is_told_of_the_first(db: Database, race: Race) -> None:
    outcomes = await decided_twice_at_once(db, race)
    assert kinds(outcomes) == ["AlreadyDecided", "Registration"]
    assert any(isinstance(outcome, AlreadyDecided) for outcome in outcomes)


async def test_the_twin_without_the_lock_is_stopped_only_by_the_trigger(db: Database, race: Race) -> None:
    race.without(registration, "lock_registration", read_registration)
    outcomes = await decided_twice_at_once(db, race)
    assert kinds(outcomes) == ["IntegrityError", "Registration"]


async def a_number_given_and_one_taken_at_once(db: Database, race: Race) -> list[object]:
    _, before = await db.write(make_registered)  # number 1 of the year
    following = str(int(before.registration_no or "") + 1)
    _, one = await db.write(new_application)
    _, other = await db.write(new_application)
    registrar: Caller = await db.write(make_caller, Role.REGISTRAR)
    race.meet_after(numbering, "is_number_taken")
    decide = registration.decide_registration
    return await both(
        db.write(decide, registrar, one.id, Decision("approve"), OFFICE),
        db.write(decide, registrar, other.id, Decision("approve", registration_no=following), OFFICE),
    )


async def test_a_number_given_by_hand_and_one_taken_at_once_never_meet(db: Database, race: Race) -> None:
    outcomes = await a_number_given_and_one_taken_at_once(db, race)
    # Whoever comes first has number 2; the other steps over it, or is told that it is taken.
    assert kinds(outcomes) in (["Registration", "Registration"], ["Registration", "RegistrationNumberTaken"])
    numbers = [outcome.registration_no for outcome in outcomes if isinstance(outcome, Registration)]
    assert len(set(numbers)) == len(numbers)
    async with db.reading() as session:
        codes = (await session.execute(select(Certificate.verification_code))).scalars().all()
    assert len(set(codes)) == 1 + len(numbers)


async def test_the_twin_without_the_lock_gives_one_number_twice(db: Database, race: Race) -> None:
    race.without(numbering, "lock_series", read_series)
    outcomes = await a_number_given_and_one_taken_at_once(db, race)
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, IntegrityError)]
    assert "uq_registration_registration_no" in str(refused)


async def two_contracts_numbered_at_once(db: Database, race: Race) -> list[object]:
    await db.write(new_contract)  # number 1 of the year
    callers, deals = [], []
    for _ in range(2):
        seller = await db.write(make_seller)
        callers.append(seller)
        deals.append(await db.write(partial(make_deal_of, seller)))
    race.meet_after(numbering, "lock_series")
    return await both(
        *(
            db.write(drafting.draft_contract, caller, deal.id, OFFICE)
            for caller, deal in zip(callers, deals, strict=True)
        )
    )


async def test_two_contracts_at_once_get_numbers_in_a_row(db: Database, race: Race) -> None:
    outcomes = await two_contracts_numbered_at_once(db, race)
    numbers = sorted(int(outcome.contract_no[-6:]) for outcome in outcomes if isinstance(outcome, Contract))
    assert numbers == [2, 3]


async def test_the_twin_without_the_lock_numbers_two_contracts_alike(db: Database, race: Race) -> None:
    race.without(numbering, "lock_series", read_series)
    assert kinds(await two_contracts_numbered_at_once(db, race)) == ["Contract", "IntegrityError"]


async def drafted_twice_at_once(db: Database, race: Race) -> list[object]:
    seller, buyer = await db.write(make_seller), await db.write(make_buyer)
    deal = await db.write(lambda session: make_deal(session, seller=seller, buyer=buyer))
    race.meet_after(drafting, "find_contract_of_deal")
    return await both(
        db.write(drafting.draft_contract, seller, deal.id, OFFICE),
        db.write(drafting.draft_contract, buyer, deal.id, OFFICE),
    )


async def test_seller_and_buyer_who_draft_at_once_get_the_same_contract(db: Database, race: Race) -> None:
    outcomes = await drafted_twice_at_once(db, race)
    assert len({outcome.id for outcome in outcomes if isinstance(outcome, Contract)}) == 1
    assert kinds(outcomes) == ["Contract", "Contract"]


async def test_the_twin_without_the_lock_draws_up_two(db: Database, race: Race) -> None:
    async def no_lock(_session: Session, _deal_id: UUID) -> None:
        return

    race.without(drafting, "lock_drafting", no_lock)
    assert kinds(await drafted_twice_at_once(db, race)) == ["Contract", "IntegrityError"]


async def applied_twice_at_once(db: Database, race: Race) -> list[object]:
    async def make(session: Session) -> Agreed:
        return await make_contract(session, signed=True)

    agreed = await db.write(make)
    race.meet_after(registration, "find_live_registration")
    application = application_for(agreed.contract)

    def apply() -> Awaitable[Registration]:
        return db.write(registration.apply_registration, agreed.seller, agreed.contract.id, application)

    return await both(apply(), apply())


async def test_of_two_applications_at_once_the_second_is_told_of_the_first(db: Database, race: Race) -> None:
    outcomes = await applied_twice_at_once(db, race)
    assert kinds(outcomes) == ["AlreadyRegistered", "Registration"]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, AlreadyRegistered)]
    (first,) = [outcome for outcome in outcomes if isinstance(outcome, Registration)]
    assert refused.registration_id == first.id


async def test_the_twin_without_the_lock_is_stopped_only_by_the_index(db: Database, race: Race) -> None:
    race.without(registration, "lock_contract", read_contract)
    assert kinds(await applied_twice_at_once(db, race)) == ["IntegrityError", "Registration"]
