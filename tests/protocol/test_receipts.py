"""Receipts and seen heads: a record that lacks or contradicts what somebody kept is named, and nothing forged counts."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.protocol.heads import Signer
from app.auction.protocol.verifying import verify
from app.commands.verify import main
from tests.protocol.bundles import Bundle, codes, played, rechain, request_of, resign, stream_of
from tests.protocol.make_record import KEYS, SIGNER, YUAN, key_of

if TYPE_CHECKING:
    from pathlib import Path

PUBLISHED = {
    "keys": [
        {
            "key_id": SIGNER.key_id,
            "public_key": SIGNER.public_key.hex(),
            "valid_from": "2026-11-01T00:00:00Z",
            "retired_at": None,
        }
    ]
}


def found(bundle: Bundle, *receipts: Any, heads: list[Any] | None = None) -> set[str]:
    return codes(verify(bundle, KEYS, receipts, heads or []))


def test_every_receipt_of_a_sale_is_in_its_record() -> None:
    sale, bundle = played("open")
    assert found(bundle, *(sale.receipt(turn) for turn in range(1, 8))) == set()


def test_a_receipt_whose_event_was_rewritten_contradicts_the_record() -> None:
    sale, bundle = played("open")
    stream_of(bundle, "public")["events"][2]["body"]["amount_fen"] = 1030 * YUAN
    rechain(bundle)
    resign(bundle)
    assert "receipt-contradicted" in found(bundle, sale.receipt(1))


def test_a_receipt_of_an_event_that_the_record_ends_before_is_lacking() -> None:
    sale, bundle = played("open")
    stream = stream_of(bundle, "public")
    del stream["events"][4:]
    resign(bundle)
    assert "receipt-lacking" in found(bundle, sale.receipt(5))


def test_a_receipt_whose_request_was_left_out_is_lacking() -> None:
    sale, bundle = played("open")
    bundle["acts"].remove(request_of(bundle, 3))
    assert "receipt-lacking" in found(bundle, sale.receipt(3))


@pytest.mark.parametrize(("name", "value"), [("amount_fen", 5), ("kind", "take")])
def test_a_request_that_is_not_the_receipt_s_is_named(name: str, value: object) -> None:
    sale, bundle = played("open")
    assert found(bundle, {**sale.receipt(1), name: value}) == {"receipt-request-differs"}


def test_a_receipt_with_another_hash_path_or_signature_is_no_receipt() -> None:
    sale, bundle = played("open")
    receipt = sale.receipt(1)
    head = {**receipt["head"], "signature": "00" * 64}
    for forged in (
        {**receipt, "hash": "00" * 32},
        {**receipt, "path": []},
        {**receipt, "number": 4},
        {**receipt, "head": head},
    ):
        assert found(bundle, forged) == {"receipt-forged"}


def test_a_receipt_signed_by_another_is_no_receipt() -> None:
    sale, bundle = played("open")
    other = Signer(Ed25519PrivateKey.generate())
    receipt = sale.receipt(5)
    head = other.sign(
        receipt["head"]["stream"],
        receipt["number"],
        [bytes.fromhex(receipt["hash"])],
        bytes.fromhex(receipt["hash"]),
        sale.heads[0][0].at,
    )
    assert found(bundle, {**receipt, "head": head.wire(), "path": []}) == {"receipt-forged"}


def test_a_receipt_of_another_sale_is_said_to_be_one() -> None:
    sale, bundle = played("open")
    receipt = sale.receipt(1)
    assert found(bundle, {**receipt, "auction_id": "00000000-0000-7000-8000-0000000000ff"}) == {
        "receipt-elsewhere"
    }
    head = {**receipt["head"], "stream": "00000000-0000-7000-8000-0000000000ff"}
    assert found(bundle, {**receipt, "head": head}) == {"receipt-elsewhere"}


def test_a_receipt_without_a_head_is_compared_and_its_weakness_said() -> None:
    sale, bundle = played("open")
    receipt = {**sale.receipt(1), "head": None, "path": []}
    assert found(bundle, receipt) == set()
    assert found(bundle, {**receipt, "hash": "00" * 32}) == {"receipt-unsigned", "receipt-contradicted"}
    own = {**played("automatic")[0].receipt(1), "head": None, "path": []}
    assert found(played("automatic")[1], own) == set()
    assert found(bundle, {**receipt, "stream": "own", "bid_id": "x"}) == {"receipt-elsewhere"}


@pytest.mark.parametrize(
    "receipt", [None, [], {}, {"bid_id": "x", "number": 1, "hash": "zz"}, {"bid_id": "x", "number": "1"}]
)
def test_what_is_no_receipt_is_said_to_be_none(receipt: object) -> None:
    assert found(played("open")[1], receipt) == {"unreadable"}


def with_secret(receipt: dict[str, Any], amount_fen: int, key: str | None = None) -> dict[str, Any]:
    bid_id = receipt["bid_id"]
    secret = {"bid_id": bid_id, "amount_fen": amount_fen, "key": key or key_of(bid_id).hex()}
    return {**receipt, "secret": secret}


def test_a_kept_secret_opens_the_commitment_even_of_a_maximum_that_stands_replaced() -> None:
    sale, bundle = played("automatic")
    loser, winner = sale.receipt(2), sale.receipt(4)
    assert found(bundle, with_secret(loser, 1200 * YUAN), with_secret(winner, 9000 * YUAN)) == set()
    for wrong in (
        with_secret(winner, 8999 * YUAN),
        with_secret(winner, 9000 * YUAN, "00" * 32),
        with_secret(winner, 9000 * YUAN, "zz"),
    ):
        assert found(bundle, wrong) == {"receipt-secret-differs"}


def test_a_maximum_that_was_made_to_reach_further_than_its_bidder_set_it_is_named() -> None:
    sale, bundle = played("automatic")
    request_of(bundle, 4)["amount_fen"] = 9001 * YUAN
    assert "receipt-secret-differs" in found(bundle, with_secret(sale.receipt(4), 9000 * YUAN))


def test_a_seen_head_may_come_in_a_snapshot_or_a_frame() -> None:
    sale, bundle = played("open")
    head = sale.heads[-1][0].wire()
    assert found(bundle, heads=[head, {"head": head}, {"signed_head": head, "number": 7}]) == set()
    assert found(bundle, heads=[None, {}, {**head, "last": "7"}]) == {"unreadable"}


def test_a_seen_head_that_the_record_lacks_or_contradicts_is_named() -> None:
    sale, bundle = played("open")
    head = next(head for head, _ in sale.heads if head.stream == sale.id and head.last == 5)
    foreign = head._replace(stream="00000000-0000-7000-8000-0000000000ff").wire()
    forged = head._replace(last=6).wire()
    assert found(bundle, heads=[foreign]) == {"head-elsewhere"}
    assert found(bundle, heads=[forged]) == {"head-forged"}
    cut = deepcopy(bundle)
    del stream_of(cut, "public")["events"][4:]
    assert "head-lacking" in found(cut, heads=[head.wire()])
    altered = deepcopy(bundle)
    stream_of(altered, "public")["events"][4]["body"]["amount_fen"] += 1
    rechain(altered)
    assert "head-contradicted" in found(altered, heads=[head.wire()])


def test_the_command_tells_what_holds_and_what_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sale, bundle = played("open")
    receipts = [sale.receipt(turn) for turn in (1, 2)]
    for name, content in (
        ("bundle", bundle),
        ("keys", PUBLISHED),
        ("receipts", receipts),
        ("head", sale.heads[-1][0].wire()),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    arguments = [
        str(tmp_path / "bundle.json"),
        *("--keys", str(tmp_path / "keys.json")),
        *("--receipt", str(tmp_path / "receipts.json")),
        *("--head", str(tmp_path / "head.json")),
    ]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert "记录成立" in told
    assert "sold C64 CNY 1,040.00" in told
    bundle["result"]["winner"] = "K07"
    (tmp_path / "bundle.json").write_text(json.dumps(bundle))
    assert main(arguments) == 1
    told = capsys.readouterr().out
    assert "[result-contradicted]" in told
    assert "记录不成立" in told
    assert main([*arguments, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "result-contradicted"


def test_the_command_says_which_file_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(PUBLISHED))
    (tmp_path / "bad.json").write_text("nonsense")
    (tmp_path / "no_keys.json").write_text('{"keys": []}')
    for bundle, keys in (("missing", "keys"), ("bad", "keys"), ("keys", "no_keys"), ("keys", "missing")):
        assert main([str(tmp_path / f"{bundle}.json"), "--keys", str(tmp_path / f"{keys}.json")]) == 2
        assert capsys.readouterr().err
