"""Signed heads: one signature for a batch, a path for each event, and nothing else passes."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from app.auction.protocol.heads import (
    SignedHead,
    Signer,
    Tree,
    head_text,
    key_id_of,
    verify_head,
    verify_path,
)

STREAM = "01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b"
AT = datetime(2026, 12, 1, 1, 2, 3, 4005, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
HASHES = [hashlib.sha256(str(number).encode()).digest() for number in range(300)]


def signed(count: int = 7) -> SignedHead:
    return SIGNER.sign(STREAM, 12, HASHES[:count], HASHES[count - 1], AT)


def test_what_is_signed_is_a_text_that_anyone_can_write() -> None:
    head = signed(3)
    left = hashlib.sha256(b"\x01" + HASHES[0] + HASHES[1]).digest()
    root = hashlib.sha256(b"\x01" + left + HASHES[2]).hexdigest()
    text = f"signed-head/1\n{STREAM}\n12\n14\n{HASHES[2].hex()}\n{root}\n2026-12-01T01:02:03.004005Z"
    assert head_text(STREAM, 12, 14, HASHES[2], bytes.fromhex(root), AT).decode() == text
    assert (head.first, head.last, head.hash, head.root.hex()) == (12, 14, HASHES[2], root)


def test_a_signed_head_is_verified_with_the_public_key() -> None:
    assert verify_head(signed(), SIGNER.public_key)
    assert SIGNER.key_id == key_id_of(SIGNER.public_key)
    assert SIGNER.key_id == hashlib.sha256(SIGNER.public_key).hexdigest()[:16]


def test_another_key_does_not_verify_a_head() -> None:
    other = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))
    assert not verify_head(signed(), other.public_key)
    assert not verify_head(signed()._replace(key_id=other.key_id), other.public_key)
    assert not verify_head(signed(), b"")


@pytest.mark.parametrize(
    "change",
    [
        {"stream": STREAM.replace("0", "1")},
        {"first": 11},
        {"last": 19},
        {"hash": HASHES[0]},
        {"root": HASHES[0]},
        {"at": AT + timedelta(microseconds=1)},
        {"signature": bytes(64)},
        {"signature": b""},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_head_with_anything_changed_does_not_verify(change: dict[str, object]) -> None:
    assert not verify_head(signed()._replace(**change), SIGNER.public_key)  # type: ignore[arg-type]


def test_a_head_is_read_back_from_what_is_sent() -> None:
    assert SignedHead.read(signed().wire()) == signed()


@pytest.mark.parametrize(("member", "wrong"), [("first", "1"), ("first", True), ("hash", "xyz"), ("at", "")])
def test_a_head_that_cannot_be_read_is_refused(member: str, wrong: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        SignedHead.read({**signed().wire(), member: wrong})


@given(st.integers(1, 300))
def test_one_path_is_the_same_as_among_all(size: int) -> None:
    tree = Tree(HASHES[:size])
    assert [tree.path(index) for index in range(size)] == tree.paths()


@given(st.integers(1, 40))
def test_every_event_of_a_batch_has_a_path_to_its_root(size: int) -> None:
    tree = Tree(HASHES[:size])
    for index, path in enumerate(tree.paths()):
        assert verify_path(HASHES[index], path, tree.root, index=index, size=size)


@given(st.integers(1, 40), st.data())
def test_a_path_proves_its_own_event_at_its_own_place_only(size: int, data: st.DataObject) -> None:
    tree = Tree(HASHES[:size])
    index = data.draw(st.integers(0, size - 1))
    path = tree.paths()[index]
    other = data.draw(st.integers(0, 299).filter(lambda drawn: drawn != index))
    assert not verify_path(HASHES[other], path, tree.root, index=index, size=size)
    if other < size:
        assert not verify_path(HASHES[index], path, tree.root, index=other, size=size)
    assert not verify_path(HASHES[index], path, bytes(32), index=index, size=size)
    assert not verify_path(HASHES[index], path, tree.root, index=index, size=0)


@given(st.integers(2, 40), st.data())
def test_an_inner_node_does_not_pass_for_an_event(size: int, data: st.DataObject) -> None:
    tree = Tree(HASHES[:size])
    index = data.draw(st.integers(0, size - 1))
    side, _, sibling = tree.paths()[index][0].partition(":")
    node = HASHES[index]
    pair = bytes.fromhex(sibling) + node if side == "L" else node + bytes.fromhex(sibling)
    inner, rest = hashlib.sha256(b"\x01" + pair).digest(), tree.paths()[index][1:]
    assert not any(verify_path(inner, rest, tree.root, index=at, size=size) for at in range(size))


@pytest.mark.parametrize(
    "path", [[], ["L:"], ["R:zz"], ["X:" + "00" * 32], ["00" * 32], ["R:" + "00" * 31]], ids=str
)
def test_a_path_that_cannot_be_read_leads_nowhere(path: list[str]) -> None:
    tree = Tree(HASHES[:2])
    assert not verify_path(HASHES[0], path, tree.root, index=0, size=2)


def test_a_path_that_is_too_long_leads_nowhere() -> None:
    tree = Tree(HASHES[:2])
    assert not verify_path(HASHES[0], [*tree.paths()[0], "R:" + "00" * 32], tree.root, index=0, size=2)


def test_a_batch_without_events_is_not_signed() -> None:
    with pytest.raises(ValueError, match="without events"):
        Tree([])
