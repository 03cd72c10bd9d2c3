"""Signed heads (签名链头): what the exchange cannot take back once it has answered a batch. Pure; Ed25519 and SHA-256.

One signature covers everything that one batch put on one stream: the numbers, the hash of the chain's head, the root of
a Merkle tree over the batch's event hashes, and the official time. So one event's path in the tree proves that this
event was signed, without the others. Signature: RFC 8032.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.chain import instant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADING = "signed-head/1"
_NODE = b"\x01"
_KEY_ID_DIGITS = 16
_PUBLIC_KEY_BYTES = 32
_HASH_BYTES = 32


class SignedHead(NamedTuple):
    """What was signed for one batch on one stream: events ``first`` to ``last``, the head's hash, the tree's root."""

    stream: str
    first: int
    last: int
    hash: bytes
    root: bytes
    at: datetime
    key_id: str
    signature: bytes

    def wire(self) -> dict[str, Any]:
        """The head as answers, frames and bundles carry it."""
        return {
            "stream": self.stream,
            "first": self.first,
            "last": self.last,
            "hash": self.hash.hex(),
            "root": self.root.hex(),
            "at": instant(self.at),
            "key_id": self.key_id,
            "signature": self.signature.hex(),
        }

    @classmethod
    def read(cls, wire: Mapping[str, Any]) -> SignedHead:
        """Reads back what ``wire`` wrote; raises KeyError, TypeError or ValueError at anything else."""
        return cls(
            str(wire["stream"]),
            _read_number(wire["first"]),
            _read_number(wire["last"]),
            bytes.fromhex(wire["hash"]),
            bytes.fromhex(wire["root"]),
            datetime.fromisoformat(wire["at"]),
            str(wire["key_id"]),
            bytes.fromhex(wire["signature"]),
        )


def head_text(stream: str, first: int, last: int, head: bytes, root: bytes, at: datetime) -> bytes:
    """The text that is signed; lines are parted by a newline that none can contain."""
    return f"{_HEADING}\n{stream}\n{first}\n{last}\n{head.hex()}\n{root.hex()}\n{instant(at)}".encode()


def key_id_of(public_key: bytes) -> str:
    """The name of a raw public key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:_KEY_ID_DIGITS]


class Tree:
    """A Merkle tree over the hashes of a batch's events, in their order; a node without a sibling moves up as it is.

    The leaves are the event hashes themselves: what they cover begins with a hexadecimal digit and what a node covers
    with the byte 1, so none is the other. That a path is not begun at an inner node is seen by its length, which number
    and size of the batch fix. A leaf is not hashed once more, because that would double the cost of a hot batch.
    """

    __slots__ = ("_levels",)

    def __init__(self, hashes: Sequence[bytes]) -> None:
        """Hashes all levels at once; ``hashes`` must not be empty."""
        if not hashes:
            message = "a batch without events has no root"
            raise ValueError(message)
        sha256 = hashlib.sha256
        level = list(hashes)
        self._levels = [level]
        while len(level) > 1:
            pairs = zip(level[::2], level[1::2], strict=False)
            above = [sha256(_NODE + left + right).digest() for left, right in pairs]
            if len(level) % 2:
                above.append(level[-1])
            level = above
            self._levels.append(level)

    @property
    def root(self) -> bytes:
        """The one hash over all events of the batch."""
        return self._levels[-1][0]

    def __len__(self) -> int:
        return len(self._levels[0])

    def path(self, index: int) -> list[str]:
        """One event's siblings up to the root, as ``paths`` gives them for all."""
        path: list[str] = []
        for level in self._levels[:-1]:
            sibling = index ^ 1
            if sibling < len(level):
                path.append(("L:" if sibling < index else "R:") + level[sibling].hex())
            index >>= 1
        return path

    def paths(self) -> list[list[str]]:
        """For each event the siblings up to the root: ``L:`` or ``R:`` for the sibling's side, then its hash in hex."""
        above: list[list[str]] = [[]]
        for level in self._levels[-2::-1]:
            paths: list[list[str]] = []
            for start in range(0, len(level) - 1, 2):
                rest = above[start >> 1]
                paths += (["R:" + level[start + 1].hex(), *rest], ["L:" + level[start].hex(), *rest])
            if len(level) % 2:
                paths.append(above[-1])
            above = paths
        return above


class Signer:
    """Holds the exchange's private key and signs heads with it."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        """Takes the key; nothing gives it out again."""
        self._private_key = private_key
        self.public_key = private_key.public_key().public_bytes_raw()
        self.key_id = key_id_of(self.public_key)

    def sign(
        self, stream: str, first: int, hashes: Tree | Sequence[bytes], head: bytes, at: datetime
    ) -> SignedHead:
        """Signs what one batch put on one stream; ``head`` is the hash of its last event.

        A caller that needs the paths too gives the tree that it keeps, so that it is hashed once.
        """
        tree = hashes if isinstance(hashes, Tree) else Tree(hashes)
        last = first + len(tree) - 1
        signature = self._private_key.sign(head_text(stream, first, last, head, tree.root, at))
        return SignedHead(stream, first, last, head, tree.root, at, self.key_id, signature)


def verify_head(signed: SignedHead, public_key: bytes) -> bool:
    """Whether the holder of this raw public key signed exactly this."""
    if len(public_key) != _PUBLIC_KEY_BYTES or key_id_of(public_key) != signed.key_id:
        return False
    text = head_text(signed.stream, signed.first, signed.last, signed.hash, signed.root, signed.at)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signed.signature, text)
    except InvalidSignature:
        return False
    return True


def verify_path(event_hash: bytes, path: Sequence[str], root: bytes, *, index: int, size: int) -> bool:
    """Whether an event's hash at this place of a batch of this size leads to this root; one unreadable leads nowhere.

    The sides and the length of the path follow from ``index`` and ``size``: a path of another shape is none.
    """
    if not 0 <= index < size or len(event_hash) != _HASH_BYTES:
        return False
    reached, steps = event_hash, iter(path)
    while size > 1:
        sibling_index = index ^ 1
        if sibling_index < size:
            side, _, text = next(steps, "").partition(":")
            sibling = _read_hash(text)
            if sibling is None or side != ("L" if sibling_index < index else "R"):
                return False
            pair = sibling + reached if side == "L" else reached + sibling
            reached = hashlib.sha256(_NODE + pair).digest()
        index, size = index >> 1, (size + 1) >> 1
    return reached == root and next(steps, None) is None


def _read_number(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        message = f"{given!r} is no number"
        raise TypeError(message)
    return given


def _read_hash(text: str) -> bytes | None:
    try:
        read = bytes.fromhex(text)
    except ValueError:
        return None
    return read if len(read) == _HASH_BYTES else None
