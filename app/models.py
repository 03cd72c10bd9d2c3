"""All tables in one import: for migrations and for checks of the whole schema."""

from app import audit, dated_rules, deployment, events, holidays, tasks
from app.accounts import models as accounts
from app.api import idempotency_models as idempotency
from app.auction import envelope_models as envelopes
from app.auction import models as auction
from app.auction import trouble_models as trouble
from app.auction.protocol import models as protocol
from app.brokers import models as brokers
from app.catalog import lot_models as lots
from app.catalog import models as catalog
from app.contracts import models as contracts
from app.db import Base
from app.payments import card_models as cards
from app.payments import connect_models as connects
from app.payments import models as payments
from app.payments import order_models as orders
from app.payments import payable_models as payables
from app.payments import statement_models as statements
from app.rulebook import models as rulebook
from app.settlement import distribution_models as distribution
from app.settlement import models as settlement
from app.settlement import plan_models as plans
from app.telling import models as telling
from app.trades import announced_models as announced
from app.trades import default_models as defaults
from app.trades import forfeit_models as forfeits
from app.trades import intent_models as intents
from app.trades import licence_models as licences
from app.trades import lifecycle_models as lifecycle
from app.trades import models as trades
from app.trades import notice_models as notices
from app.trades import numbers
from app.trades import open_licence_models as open_licences
from app.trades import rights_models as rights
from app.trades import room_models as rooms
from app.trades import successor_models as successors

__all__ = [
    "Base",
    "accounts",
    "announced",
    "auction",
    "audit",
    "brokers",
    "cards",
    "catalog",
    "connects",
    "contracts",
    "dated_rules",
    "defaults",
    "deployment",
    "distribution",
    "envelopes",
    "events",
    "forfeits",
    "holidays",
    "idempotency",
    "intents",
    "licences",
    "lifecycle",
    "lots",
    "notices",
    "numbers",
    "open_licences",
    "orders",
    "payables",
    "payments",
    "plans",
    "protocol",
    "rights",
    "rooms",
    "rulebook",
    "settlement",
    "statements",
    "successors",
    "tasks",
    "telling",
    "trades",
    "trouble",
]
