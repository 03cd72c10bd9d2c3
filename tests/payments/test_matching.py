"""Statements against the real database: suspense, matches, third parties, over- and underpayment, collusion."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.accounts.queries import get_organisation
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments.deposits import record_receipt
from app.payments.errors import (
    LineDiffers,
    LineStateForbids,
    MatchDecided,
    PayableDiffers,
    PayableStateForbids,
    PayerIsNotTheBuyer,
    ReceivedInTheFuture,
    SamePayerAccount,
    SecondPersonNeeded,
    StatementLineDiffers,
    StatementOfOtherAccount,
    TargetTaken,
    Underpaid,
)
from app.payments.errors_statement import StatementKnown, StatementPageRepeated
from app.payments.line_matches import match_payable_line, return_line
from app.payments.match_rules import TargetKind
from app.payments.order_models import PaymentOrder
from app.payments.orders import cancel_order
from app.payments.payables import PAID_TASK, cancel_payable, request_payable
from app.payments.queries import get_balance, get_deposit
from app.payments.rules import Account, AccountKind
from app.payments.statement_import import StatementFile, import_statement
from app.payments.statement_models import BankLine, BankStatement, LineMatch
from app.tasks import TaskRow
from app.trades.admission import confirm_receipt
from app.trades.errors_intents import SuspicionHolds
from app.trades.line_matching import decide_match, match_line
from app.trades.queries import find_intent_by_deposit
from app.trades.suspicions import decide_suspicion, list_suspicions_of
from tests.make_accounts import make_caller
from tests.make_payments import make_deposit, make_line
from tests.make_statements import ACCOUNT, make_bank_line, make_payable, make_row, write_csv
from tests.make_trades import make_intent, make_listing

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from app.payments.models import Deposit
    from app.trades.models import Listing

BANK, SUSPENSE = Account(AccountKind.BANK), Account(AccountKind.SUSPENSE)


async def finance(session: Session) -> Caller:
    return await make_caller(session, Role.FINANCE)


async def imports(session: Session, rows: list[dict[str, Any]], **over: Any) -> BankStatement:
    content = write_csv(rows, **over)
    made = await import_statement(session, await finance(session), StatementFile("a.csv", content, ACCOUNT))
    return await session.get_one(BankStatement, made)


async def all_checked(session: Session) -> None:
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


async def due_deposit(session: Session, listing: Listing | None = None) -> Deposit:
    """A deposit that a qualified buyer of a listed sale owes."""
    listing = listing or await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="qualified")
    assert intent.deposit_id is not None
    return await get_deposit(session, intent.deposit_id)


async def match_of(session: Session, line: BankLine) -> LineMatch:
    query = select(LineMatch).where(LineMatch.line_id == line.id)
    return (await session.execute(query)).scalar_one()


async def test_a_statement_puts_its_money_in_suspense_once(session: Session) -> None:
    rows = [make_row(), make_row(amount="50.00")]
    with pytest.raises(StatementPageRepeated):
        await imports(session, [*rows, rows[0]])
    first = await imports(session, rows)
    assert (first.new_lines, first.known_lines) == (2, 0)
    with pytest.raises(StatementKnown):
        await imports(session, rows)
    again = await imports(session, [*rows, make_row(amount="1.00")])
    assert (again.new_lines, again.known_lines) == (1, 2)
    assert await get_balance(session, BANK) == 15_100
    assert await get_balance(session, SUSPENSE) == -15_100
    await all_checked(session)


async def test_a_statement_that_contradicts_is_refused_whole(session: Session) -> None:
    row = make_row()
    await imports(session, [row])
    with pytest.raises(StatementLineDiffers, match=row["reference"]):
        await imports(session, [make_row(), {**row, "amount": "99.00"}])
    with pytest.raises(StatementOfOtherAccount):
        await imports(session, [make_row()], account="111122223333")
    tomorrow = market_date(await market_now(session)) + timedelta(days=1)
    with pytest.raises(ReceivedInTheFuture):
        await imports(session, [make_row(day=tomorrow.isoformat())])
    assert await get_balance(session, BANK) == 10_000


async def test_a_line_that_was_confirmed_by_hand_is_known(session: Session) -> None:
    deposit = await make_deposit(session)
    line = await make_line(session, deposit, bank_reference="LSHAND")
    await record_receipt(session, deposit.id, line, person_id=(await finance(session)).person_id)
    made = await imports(session, [make_row(reference="LSHAND", amount="80000.00")])
    assert (made.new_lines, made.known_lines) == (0, 1)
    assert await get_balance(session, BANK) == deposit.amount_fen
    with pytest.raises(StatementLineDiffers):
        await imports(session, [make_row(reference="LSHAND", amount="80000.01")])


async def test_a_matched_deposit_admits_its_buyer_from_suspense(session: Session) -> None:
    deposit = await due_deposit(session)
    line = await make_bank_line(session, deposit)
    await match_line(session, await finance(session), line.id, TargetKind.DEPOSIT, deposit.id)
    assert (deposit.status, line.status) == ("held", "matched")
    assert await get_balance(session, SUSPENSE) == 0
    assert await get_balance(session, BANK) == deposit.amount_fen
    with pytest.raises(LineStateForbids):
        await match_line(
            session, await finance(session), line.id, TargetKind.DEPOSIT, (await due_deposit(session)).id
        )
    await all_checked(session)


async def test_what_is_typed_by_hand_must_be_what_the_statement_says(session: Session) -> None:
    deposit = await due_deposit(session)
    line = await make_bank_line(session, deposit)
    typed = await make_line(session, deposit, bank_reference=line.bank_reference)
    caller = await finance(session)
    with pytest.raises(LineDiffers):
        await confirm_receipt(session, caller, deposit.id, typed)
    typed = await make_line(session, deposit, bank_reference=line.bank_reference, received_on=line.booked_on)
    await confirm_receipt(session, caller, deposit.id, typed)
    assert (line.status, await get_balance(session, SUSPENSE)) == ("matched", 0)
    await all_checked(session)


async def test_a_paid_payable_goes_where_it_belongs_and_its_asker_hears(session: Session) -> None:
    deal_id = uuid7()
    price = await make_payable(session, purpose="price", subject_kind="deal", subject_id=deal_id)
    line = await make_bank_line(session, price)
    await match_line(session, await finance(session), line.id, TargetKind.PAYABLE, price.id)
    assert price.status == "paid"
    escrow = Account(AccountKind.PRICE_ESCROW, deal_id=deal_id)
    assert await get_balance(session, escrow) == -price.amount_fen
    task = (await session.execute(select(TaskRow).where(TaskRow.name == PAID_TASK))).scalar_one()
    assert task.payload["payable_id"] == str(price.id)
    assert (task.payload["purpose"], task.payload["subject_id"]) == ("price", str(deal_id))
    await all_checked(session)


async def test_asking_twice_makes_one_payable_and_asking_otherwise_is_refused(session: Session) -> None:
    payable = await make_payable(session)
    same: dict[str, Any] = {
        "party_id": payable.party_id,
        "purpose": "fee",
        "subject_kind": payable.subject_kind,
        "subject_id": payable.subject_id,
        "due_on": payable.due_on,
    }
    assert (await request_payable(session, amount_fen=payable.amount_fen, **same)).id == payable.id
    with pytest.raises(PayableDiffers, match=payable.reference):
        await request_payable(session, amount_fen=payable.amount_fen + 1, **same)
    await cancel_payable(session, payable.id)
    assert (await request_payable(session, amount_fen=7, **same)).id != payable.id


async def test_less_than_is_due_stays_in_suspense(session: Session) -> None:
    payable = await make_payable(session)
    line = await make_bank_line(session, payable, fen=payable.amount_fen - 1)
    with pytest.raises(Underpaid, match=r"4,999\.99"):
        await match_payable_line(session, await finance(session), line.id, payable.id)
    assert (payable.status, line.status) == ("due", "open")
    assert await get_balance(session, SUSPENSE) == -line.amount_fen


@pytest.mark.parametrize("kind", list(TargetKind))
async def test_what_came_too_much_is_owed_back_and_ordered(session: Session, kind: TargetKind) -> None:
    due = await due_deposit(session) if kind is TargetKind.DEPOSIT else await make_payable(session)
    line = await make_bank_line(session, due, fen=due.amount_fen + 250)
    await match_line(session, await finance(session), line.id, kind, due.id)
    assert due.status in {"held", "paid"}
    assert await get_balance(session, SUSPENSE) == 0
    assert await get_balance(session, Account(AccountKind.REFUND_DUE, due.party_id)) == -250
    order = (await session.execute(select(PaymentOrder))).scalar_one()
    assert (order.amount_fen, order.payee_account, order.purpose) == (250, line.payer_account, "refund")
    await all_checked(session)


async def test_a_third_party_pays_a_payable_only_when_a_second_person_agrees(session: Session) -> None:
    payable = await make_payable(session)
    line = await make_bank_line(session, payable, name="别家公司")
    first, second = await finance(session), await finance(session)
    await match_line(session, first, line.id, TargetKind.PAYABLE, payable.id)
    assert (payable.status, line.status) == ("due", "held")
    match = await match_of(session, line)
    assert match.ground == "third_party"
    await all_checked(session)
    with pytest.raises(SecondPersonNeeded):
        await decide_match(session, first, match.id, is_confirmed=True, reason="代付协议")
    other = await make_bank_line(session, payable)
    with pytest.raises(TargetTaken):
        await match_line(session, second, other.id, TargetKind.PAYABLE, payable.id)
    await decide_match(session, second, match.id, is_confirmed=True, reason="已收到代付协议。")
    assert (payable.status, line.status, match.status) == ("paid", "matched", "confirmed")
    with pytest.raises((MatchDecided, PayableStateForbids)):
        await decide_match(session, second, match.id, is_confirmed=False, reason="再来一次")
    await all_checked(session)


async def test_a_refused_third_party_leaves_everything_as_it_was(session: Session) -> None:
    payable = await make_payable(session)
    line = await make_bank_line(session, payable, name="别家公司")
    await match_line(session, await finance(session), line.id, TargetKind.PAYABLE, payable.id)
    match = await match_of(session, line)
    await decide_match(session, await finance(session), match.id, is_confirmed=False, reason="没有代付协议。")
    assert (payable.status, line.status, match.status) == ("due", "open", "refused")
    await match_line(session, await finance(session), line.id, TargetKind.PAYABLE, payable.id)
    assert line.status == "held"
    await all_checked(session)


async def test_a_third_party_never_pays_a_deposit(session: Session) -> None:
    deposit = await due_deposit(session)
    line = await make_bank_line(session, deposit, name="别家公司")
    with pytest.raises(PayerIsNotTheBuyer):
        await match_line(session, await finance(session), line.id, TargetKind.DEPOSIT, deposit.id)
    assert (deposit.status, line.status) == ("due", "open")


async def two_from_one_account(session: Session) -> tuple[Deposit, BankLine, Caller]:
    """The second of two buyers of one listing whose deposits came from the same account, held as a suspicion."""
    listing = await make_listing(session, status="listed")
    one, two = await due_deposit(session, listing), await due_deposit(session, listing)
    caller = await finance(session)
    for deposit in (one, two):
        line = await make_bank_line(session, deposit)
        await match_line(session, caller, line.id, TargetKind.DEPOSIT, deposit.id)
    return two, line, caller


async def clear_suspicion(session: Session, deposit: Deposit) -> None:
    """The desk looks at the two intents, and lets them go on."""
    intent = await find_intent_by_deposit(session, deposit.id)
    assert intent is not None
    (suspicion,) = await list_suspicions_of(session, intent.id)
    reviewer = await make_caller(session, Role.REVIEWER)
    await decide_suspicion(session, reviewer, suspicion.id, clears=True, reason="同一集团结算中心。")


async def test_two_buyers_from_one_account_are_held_as_a_suspicion(session: Session) -> None:
    deposit, line, first = await two_from_one_account(session)
    assert (deposit.status, line.status) == ("due", "held")
    match = await match_of(session, line)
    assert (match.ground, match.status) == ("same_account", "proposed")
    await all_checked(session)
    typed = await make_line(session, deposit, bank_reference=line.bank_reference, received_on=line.booked_on)
    with pytest.raises(SuspicionHolds):
        await confirm_receipt(session, first, deposit.id, typed)
    await clear_suspicion(session, deposit)
    with pytest.raises(LineStateForbids):
        await confirm_receipt(session, first, deposit.id, typed)
    with pytest.raises(SecondPersonNeeded):
        await decide_match(session, first, match.id, is_confirmed=True, reason="查过了")
    await decide_match(
        session, await finance(session), match.id, is_confirmed=True, reason="同一集团结算中心。"
    )
    assert (deposit.status, line.status, match.status) == ("held", "matched", "confirmed")
    await all_checked(session)


async def test_a_confirmed_suspicion_keeps_the_buyer_out(session: Session) -> None:
    deposit, line, _ = await two_from_one_account(session)
    second = await finance(session)
    match = await match_of(session, line)
    await decide_match(session, second, match.id, is_confirmed=False, reason="两家同一实际控制人。")
    assert (deposit.status, line.status) == ("due", "open")
    typed = await make_line(session, deposit, bank_reference=line.bank_reference, received_on=line.booked_on)
    with pytest.raises(SuspicionHolds):
        await confirm_receipt(session, second, deposit.id, typed)
    await clear_suspicion(session, deposit)
    with pytest.raises(SamePayerAccount):
        await confirm_receipt(session, second, deposit.id, typed)
    await return_line(session, second, line.id, "疑似串通，退回。")
    assert line.status == "returned"


async def test_a_line_that_pays_nothing_is_sent_back_to_where_it_came_from(session: Session) -> None:
    payable = await make_payable(session)
    line = await make_bank_line(session, payable, fen=5, name="走错门公司")
    caller = await finance(session)
    order_id = await return_line(session, caller, line.id, "付错了户头。")
    order = await session.get_one(PaymentOrder, order_id)
    assert (order.payee_name, order.payee_account) == ("走错门公司", line.payer_account)
    with pytest.raises(LineStateForbids):
        await match_payable_line(session, caller, line.id, payable.id)
    await all_checked(session)
    await cancel_order(session, caller, order_id, reason="付款方改了主意。")
    assert line.status == "open"
    await all_checked(session)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bank_line SET amount_fen = amount_fen + 1",
        "UPDATE bank_line SET status = 'open'",
        "DELETE FROM bank_line",
        "UPDATE bank_statement SET new_lines = 9",
        "UPDATE line_match SET ground = NULL",
        "DELETE FROM line_match",
        "UPDATE payable SET amount_fen = 1",
        "UPDATE payable SET status = 'due', settled_at = NULL WHERE status = 'paid'",
        "DELETE FROM payable",
        (
            "INSERT INTO line_match (id, line_id, payable_id, status, proposed_by) "
            "SELECT gen_random_uuid(), line_id, payable_id, 'confirmed', proposed_by FROM line_match"
        ),
    ],
)
async def test_the_database_refuses_to_rewrite_what_came(session: Session, statement: str) -> None:
    payable = await make_payable(session)
    line = await make_bank_line(session, payable)
    await match_line(session, await finance(session), line.id, TargetKind.PAYABLE, payable.id)
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payable SET status = 'paid', settled_at = now()",
        "UPDATE bank_line SET status = 'matched'",
        "UPDATE bank_line SET status = 'held'",
    ],
)
async def test_the_database_wants_the_money_behind_each_state(session: Session, statement: str) -> None:
    await make_bank_line(session, await make_payable(session))
    await all_checked(session)
    await session.execute(text(statement))
    with pytest.raises(DBAPIError):
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_the_second_person_of_a_match_is_another_in_the_database_too(session: Session) -> None:
    payable = await make_payable(session)
    line = await make_bank_line(session, payable, name="别家公司")
    await match_line(session, await finance(session), line.id, TargetKind.PAYABLE, payable.id)
    with pytest.raises(DBAPIError):
        await session.execute(
            text("UPDATE line_match SET status = 'confirmed', decided_by = proposed_by, decided_at = now()")
        )


async def test_a_party_name_is_compared_as_banks_print_it(session: Session) -> None:
    payable = await make_payable(session)
    party = await get_organisation(session, payable.party_id)
    assert isinstance(party.id, UUID)
    line = await make_bank_line(session, payable, name=party.name.replace("(", "（").replace(")", "）") + " ")
    await match_line(session, await finance(session), line.id, TargetKind.PAYABLE, payable.id)
    assert payable.status == "paid"
