"""Double entry and references: every transfer is whole, every slip of a typist is found."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.errors import (
    DepositStateForbids,
    PayerIsNotTheBuyer,
    ReceiptDiffersFromDeposit,
    ReferenceNotRead,
    TransferUnbalanced,
)
from app.payments.reference import check_digit, make_reference, read_reference
from app.payments.rules import (
    Account,
    AccountKind,
    DepositStatus,
    Entry,
    Transfer,
    TransferKind,
    capture_deposit,
    check_deposit_step,
    check_receipt,
    check_transfer,
    receive_deposit,
    release_deposit,
)

PARTY, DEAL = uuid4(), uuid4()
amounts = st.integers(min_value=1, max_value=2**53 - 1)


@given(amounts)
def test_every_step_of_a_deposit_is_a_transfer_that_sums_to_zero(amount_fen: int) -> None:
    for transfer in (
        receive_deposit(PARTY, amount_fen),
        release_deposit(PARTY, amount_fen),
        capture_deposit(PARTY, DEAL, amount_fen),
    ):
        assert sum(entry.amount_fen for entry in transfer.entries) == 0
        assert len(transfer.entries) == 2


@given(amounts)
def test_a_received_and_settled_deposit_leaves_nothing_held(amount_fen: int) -> None:
    held = Account(AccountKind.DEPOSIT_HELD, PARTY)
    for settled in (release_deposit(PARTY, amount_fen), capture_deposit(PARTY, DEAL, amount_fen)):
        entries = [*receive_deposit(PARTY, amount_fen).entries, *settled.entries]
        assert sum(entry.amount_fen for entry in entries if entry.account == held) == 0


@given(st.lists(st.integers(min_value=-1000, max_value=1000), max_size=5))
def test_a_transfer_is_taken_only_when_it_is_whole(amounts_fen: list[int]) -> None:
    entries = tuple(Entry(Account(AccountKind.REFUND_DUE, uuid4()), fen) for fen in amounts_fen)
    transfer = Transfer(TransferKind.DEPOSIT_RELEASED, entries)
    if len(entries) >= 2 and 0 not in amounts_fen and sum(amounts_fen) == 0:
        assert check_transfer(transfer) is transfer
    else:
        with pytest.raises(TransferUnbalanced):
            check_transfer(transfer)


def test_two_entries_on_one_account_are_refused() -> None:
    bank = Account(AccountKind.BANK)
    with pytest.raises(TransferUnbalanced):
        check_transfer(Transfer(TransferKind.DEPOSIT_RECEIVED, (Entry(bank, 5), Entry(bank, -5))))


@pytest.mark.parametrize(
    ("kind", "party_id", "deal_id"),
    [
        (AccountKind.BANK, PARTY, None),
        (AccountKind.DEPOSIT_HELD, None, None),
        (AccountKind.REFUND_DUE, None, DEAL),
        (AccountKind.PRICE_ESCROW, PARTY, None),
    ],
)
def test_an_account_is_for_what_its_kind_says(
    kind: AccountKind, party_id: UUID | None, deal_id: UUID | None
) -> None:
    with pytest.raises(ValueError, match=str(kind)):
        Account(kind, party_id, deal_id)


def test_a_deposit_goes_only_its_way() -> None:
    allowed = {("due", "held"), ("due", "cancelled")}
    allowed |= {("held", "released"), ("held", "captured"), ("held", "forfeited"), ("held", "lapsed")}
    # What was released and not yet sent back may still be kept on an announced ground.
    allowed |= {("released", "forfeited")}
    for present in DepositStatus:
        for wanted in DepositStatus:
            if (present.value, wanted.value) in allowed:
                check_deposit_step(present, wanted)
            else:
                with pytest.raises(DepositStateForbids) as refusal:
                    check_deposit_step(present, wanted)
                assert refusal.value.deposit_status == present.value


@pytest.mark.parametrize("amount_fen", [7_999_999, 8_000_001, 1])
def test_another_amount_is_refused_naming_both(amount_fen: int) -> None:
    with pytest.raises(ReceiptDiffersFromDeposit) as refusal:
        check_receipt(due_fen=8_000_000, amount_fen=amount_fen, buyer_name="甲公司", payer_name="甲公司")
    assert "80,000.00" in refusal.value.detail("zh")
    assert refusal.value.members() == {"due_fen": 8_000_000, "amount_fen": amount_fen}


def test_money_from_another_account_is_refused_naming_the_right_one() -> None:
    with pytest.raises(PayerIsNotTheBuyer) as refusal:
        check_receipt(due_fen=1, amount_fen=1, buyer_name="甲公司", payer_name="乙公司")
    assert "甲公司" in refusal.value.detail("zh")
    assert "甲公司" in refusal.value.detail("en")


@pytest.mark.parametrize("payer_name", ["甲（杭州）有限公司", "甲(杭州)有限公司", " 甲 (杭州) 有限公司 "])
def test_a_bank_may_print_the_name_in_its_own_width(payer_name: str) -> None:
    check_receipt(due_fen=1, amount_fen=1, buyer_name="甲（杭州）有限公司", payer_name=payer_name)


serials = st.integers(min_value=0, max_value=10**8 - 1)


def test_the_check_digit_is_the_published_one() -> None:
    assert check_digit("572") == "4"  # the example of Damm's thesis
    assert make_reference(12345678) == "BZ123456786"


@given(serials)
def test_a_reference_is_read_back_however_it_is_typed(serial: int) -> None:
    reference = make_reference(serial)
    digits = reference[2:]
    wide = "".join(chr(ord(char) + 0xFEE0) for char in reference)
    for typed in (reference, digits, reference.lower(), f" BZ {digits[:4]}-{digits[4:8]} {digits[8]}", wide):
        assert read_reference(typed) == reference


@given(serials, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(serial: int, place: int, shift: int) -> None:
    digits = list(make_reference(serial)[2:])
    digits[place] = str((int(digits[place]) + shift) % 10)
    with pytest.raises(ReferenceNotRead):
        read_reference("BZ" + "".join(digits))


@given(serials, st.integers(0, 7))
def test_two_swapped_neighbours_are_always_found(serial: int, place: int) -> None:
    digits = list(make_reference(serial)[2:])
    digits[place], digits[place + 1] = digits[place + 1], digits[place]
    if digits[place] != digits[place + 1]:
        with pytest.raises(ReferenceNotRead):
            read_reference("".join(digits))


@pytest.mark.parametrize(
    "typed", ["", "BZ", "BZ12345678", "BZ1234567845", "XX123456784", "一二三四五六七八四", "BZ١٢٣٤٥٦٧٨٤"]
)
def test_what_is_no_reference_is_refused(typed: str) -> None:
    with pytest.raises(ReferenceNotRead):
        read_reference(typed)


def test_a_serial_out_of_range_makes_no_reference() -> None:
    with pytest.raises(ValueError, match="8 digits"):
        make_reference(10**8)
