"""Signing (签署): a recorded act of a side's signatory over the digest of the text he has read.

The form is what the parties agree on in the contract itself (电子签名法 3; 民法典 490). It is a record kept by the
market, not a certified electronic signature; the audit record and the contract's event chain are its evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.audit import audit
from app.chain import Event
from app.clock import market_now
from app.contracts.clauses import document_sha256
from app.contracts.earlier import settle_earlier
from app.contracts.errors import ContractNotFound, DocumentChanged
from app.contracts.models import Signature
from app.contracts.queries import get_signing_state, lock_contract
from app.contracts.rules import ContractStatus, Side, side_of, sign
from app.events import record

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.contracts.models import Contract
    from app.db import Session
    from app.trades.open_licence_models import OpenLicence


async def sign_contract(session: Session, caller: Caller, contract_id: UUID, read_sha256: str) -> Signature:
    """Signs for the caller's side; when both sides have signed, the contract is in force.

    Takes the contract's lock, so that of two signatures at once the second sees the first. Raises ContractNotFound
    for strangers, DocumentChanged for another digest, AlreadySigned for a side that has signed; the last signature also
    PatentAssignedAway, and of a licence, which it enters into the register, what is in that one's way.
    """
    caller.require(Permission.CONTRACT_SIGN)
    contract = await lock_contract(session, contract_id)
    state = await get_signing_state(session, contract)
    side = side_of(state, caller.organisation_id)
    if side is None:
        raise ContractNotFound(contract_id)
    now = await market_now(session)
    state = sign(state, side, read_sha256, now)
    # What is signed is the text as it lies in the table now, not a digest that was once computed from it.
    present = document_sha256(contract.body)
    if present != contract.document_sha256:
        raise DocumentChanged(present)
    signature = Signature(
        contract_id=contract.id,
        side=side,
        organisation_id=caller.organisation_id,
        person_id=caller.person_id,
        document_sha256=read_sha256,
        signed_at=now,
    )
    session.add(signature)
    events = [
        Event(
            "contract_signed",
            {"side": side.value, "person_id": str(caller.person_id), "document_sha256": read_sha256},
        )
    ]
    if state.status is ContractStatus.IN_FORCE:
        contract.status = ContractStatus.IN_FORCE
        contract.in_force_at = now
        await settle_earlier(session, caller, contract)
        events.append(Event("contract_in_force", {"document_sha256": read_sha256}))
    await session.flush()
    await record(session, contract.id, *events, at=now)
    await audit(
        session,
        caller,
        "contract.signed",
        subject_kind="contract",
        subject_id=contract.id,
        detail={"side": side.value, "document_sha256": read_sha256},
    )
    return signature


async def sign_by_declaration(session: Session, contract: Contract, declared: OpenLicence) -> None:
    """Enters the licensor's signature of an open licence, which his declaration is; nobody's press is needed for it.

    Called in the transaction that draws the contract up. Source: 专利法 article 51.
    """
    now = await market_now(session)
    signature = Signature(
        contract_id=contract.id,
        side=Side.SELLER,
        organisation_id=contract.seller_id,
        person_id=declared.declared_by,
        document_sha256=contract.document_sha256,
        signed_at=now,
    )
    session.add(signature)
    await session.flush()
    body = {
        "side": Side.SELLER.value,
        "person_id": str(declared.declared_by),
        "document_sha256": contract.document_sha256,
        "announcement_no": declared.announcement_no,
    }
    await record(session, contract.id, Event("contract_signed", body), at=now)
