"""A request sent again with its key, over HTTP: the same answer to the last letter, whatever has happened since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.accounts.permissions import Role
from app.accounts.queries import get_organisation
from app.api import idempotency
from app.api.idempotency_models import IdempotencyKey
from app.payments.models import Deposit, LedgerTransfer
from tests.conftest import give_key
from tests.make_accounts import token_headers
from tests.make_trades import make_intent, make_listing

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

    from app.db import Database, Session


async def ask(db: Database) -> tuple[str, dict[str, Any], dict[str, str]]:
    """A deposit that is due, a bank's line that pays it as it should, and finance's headers with a key."""

    async def make(session: Session) -> tuple[Deposit, str]:
        intent = await make_intent(session, await make_listing(session, status="listed"), status="qualified")
        deposit = await session.get_one(Deposit, intent.deposit_id)
        return deposit, (await get_organisation(session, deposit.party_id)).name

    deposit, name = await db.write(make)
    line = {"payer_name": name, "bank_reference": "LS0000000777", "received_on": "2026-01-05"}
    headers = {**await token_headers(db, Role.FINANCE), "Idempotency-Key": "k-1"}
    return f"/api/v1/deposits/{deposit.id}/receipts", {**line, "amount_fen": deposit.amount_fen}, headers


async def count_transfers(session: Session) -> int:
    return int(await session.scalar(select(func.count()).select_from(LedgerTransfer)) or 0)


async def count_keys(session: Session) -> int:
    return int(await session.scalar(select(func.count()).select_from(IdempotencyKey)) or 0)


def whole(answer: Response) -> tuple[int, str, str]:
    return answer.status_code, answer.text, answer.headers["content-type"]


async def test_a_repeat_gets_the_first_answer_and_moves_nothing(client: AsyncClient, db: Database) -> None:
    path, line, headers = await ask(db)
    first = await client.post(path, json=line, headers=headers)
    assert (first.status_code, first.json()["status"]) == (201, "held")
    assert "Idempotency-Replayed" not in first.headers

    async def end_otherwise(session: Session) -> None:
        deposit = (await session.execute(select(Deposit))).scalar_one()
        deposit.held_until = deposit.held_at

    # What is shown may change meanwhile; the answer to that request does not.
    await db.write(end_otherwise)
    again = await client.post(path, json=line, headers=headers)
    assert (whole(again), again.headers["Idempotency-Replayed"]) == (whole(first), "true")
    assert await db.write(count_transfers) == 1


async def test_a_refusal_is_repeated_too_though_the_reason_is_gone(client: AsyncClient, db: Database) -> None:
    path, line, headers = await ask(db)
    wrong = {**line, "amount_fen": 5}
    first = await client.post(path, json=wrong, headers=headers)
    assert (first.status_code, first.json()["code"]) == (422, "receipt-differs-from-deposit")
    other = {"Idempotency-Key": "k-2"}
    assert (await client.post(path, json=line, headers={**headers, **other})).status_code == 201
    assert whole(await client.post(path, json=wrong, headers=headers)) == whole(first)


async def test_other_content_under_the_same_key_is_refused(client: AsyncClient, db: Database) -> None:
    path, line, headers = await ask(db)
    assert (await client.post(path, json=line, headers=headers)).status_code == 201
    other = await client.post(path, json={**line, "bank_reference": "LS0000000778"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert await db.write(count_transfers) == 1


async def test_a_key_in_quotes_is_the_same_key(client: AsyncClient, db: Database) -> None:
    path, line, headers = await ask(db)
    first = await client.post(path, json=line, headers=headers)
    quoted = {**headers, "Idempotency-Key": '"k-1"'}
    assert whole(await client.post(path, json=line, headers=quoted)) == whole(first)


@pytest.mark.parametrize("key", ["", '"', '"a', "a b", "x" * 300])
async def test_a_key_that_is_none_is_refused(key: str, client: AsyncClient, db: Database) -> None:
    path, line, headers = await ask(db)
    answer = await client.post(path, json=line, headers={**headers, "Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (422, "request-invalid")


async def test_what_moves_money_needs_a_key(client: AsyncClient, db: Database) -> None:
    path, line, headers = await ask(db)
    del headers["Idempotency-Key"]
    client.event_hooks["request"].remove(give_key)
    answer = await client.post(path, json=line, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    guest = await client.post(path, json=line)
    assert guest.status_code == 401
    assert await db.write(count_transfers) == 0


async def test_a_failure_of_the_market_is_not_kept(
    client: AsyncClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, line, headers = await ask(db)

    async def away(*_: object) -> None:
        message = "lost"
        raise ConnectionError(message)

    with monkeypatch.context() as patched:
        patched.setattr("app.api.deposits.confirm_receipt", away)
        assert (await client.post(path, json=line, headers=headers)).status_code == 503
    assert await db.write(count_keys) == 0
    assert (await client.post(path, json=line, headers=headers)).status_code == 201


async def test_what_was_done_and_not_answered_is_answered_when_asked_again(
    client: AsyncClient, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, line, headers = await ask(db)

    async def cut(*_: object) -> None:
        message = "the process dies between the commit and the answer"
        raise OSError(message)

    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "_keep", cut)
        assert (await client.post(path, json=line, headers=headers)).status_code == 201
    second = await client.post(path, json=line, headers=headers)
    assert (second.status_code, second.json()["status"]) == (201, "held")
    third = await client.post(path, json=line, headers=headers)
    assert (whole(third), third.headers["Idempotency-Replayed"]) == (whole(second), "true")
    assert await db.write(count_transfers) == 1
