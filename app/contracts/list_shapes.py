"""What the lists of contracts and registrations may be searched, narrowed and ordered by."""

from __future__ import annotations

from app.accounts.queries import name_of
from app.contracts.models import Contract, Registration
from app.lists import Key, Shape

_NAMES = (name_of(Contract.seller_id), name_of(Contract.buyer_id))
CONTRACTS = Shape(
    Key(Contract.id, "id"),
    {
        "created_at": Key(Contract.created_at, "created_at"),
        "in_force_at": Key(Contract.in_force_at, "in_force_at", is_optional=True),
        "price_fen": Key(Contract.price_fen, "price_fen"),
        "contract_no": Key(Contract.contract_no, "contract_no"),
    },
    words=(Contract.contract_no, Contract.project_name, *_NAMES),
    on=Contract.created_at,
    fen=Contract.price_fen,
)
REGISTRATIONS = Shape(
    Key(Registration.id, "id"),
    {
        "created_at": Key(Registration.created_at, "created_at"),
        "decided_at": Key(Registration.decided_at, "decided_at", is_optional=True),
        "total_fen": Key(Registration.total_fen, "total_fen"),
    },
    words=(Registration.registration_no, Contract.contract_no, Contract.project_name, *_NAMES),
    on=Registration.created_at,
    fen=Registration.total_fen,
)
