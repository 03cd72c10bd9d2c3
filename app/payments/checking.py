"""The ledger's invariants, asked of a real database: each finds what is wrong by name, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from app.db import AnySession

_POSTED = "(NOT e.is_pending OR o.outcome = 'posted')"
_ENTRIES = "ledger_entry e LEFT JOIN ledger_outcome o ON e.is_pending AND o.transfer_id = e.transfer_id"
_LIMITED = "'deposit_held', 'refund_due', 'price_escrow', 'seller_due', 'commission_due', 'distribution_pool', 'forfeited'"


@dataclass(frozen=True)
class Invariant:
    """Something that always holds: its name, what it says, and a query for each thing that breaks it."""

    name: str
    zh: str
    en: str
    query: str


@dataclass(frozen=True)
class Fault:
    """One thing that breaks an invariant."""

    invariant: Invariant
    what: str


INVARIANTS = (
    Invariant(
        "transfers-balance",
        "每笔转账借贷相等、分录齐全",
        "each transfer sums to zero and has all its entries",
        """SELECT t.id || ' has ' || count(e.id) || ' of ' || t.entry_count || ' entries and sums to '
             || coalesce(sum(e.amount_fen), 0)
           FROM ledger_transfer t LEFT JOIN ledger_entry e ON e.transfer_id = t.id
           GROUP BY t.id HAVING coalesce(sum(e.amount_fen), 0) <> 0 OR count(e.id) <> t.entry_count
             OR bool_or(e.is_pending <> t.is_pending)""",
    ),
    Invariant(
        "entries-belong",
        "每条分录都有其转账和科目",
        "each entry has its transfer and its account",
        """SELECT e.id || ' is of transfer ' || e.transfer_id || ' on account ' || e.account_id
           FROM ledger_entry e LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
           LEFT JOIN ledger_account a ON a.id = e.account_id WHERE t.id IS NULL OR a.id IS NULL""",
    ),
    Invariant(
        "limits",
        "为他人保管的科目不透支",
        "no account kept for somebody is overdrawn, what is reserved included",
        f"""SELECT a.kind || ' ' || a.id || ' is overdrawn by '
             || sum(e.amount_fen) FILTER (WHERE {_POSTED} OR (o.outcome IS NULL AND e.amount_fen > 0))
           FROM {_ENTRIES} JOIN ledger_account a ON a.id = e.account_id WHERE a.kind IN ({_LIMITED})
           GROUP BY a.id
           HAVING sum(e.amount_fen) FILTER (WHERE {_POSTED} OR (o.outcome IS NULL AND e.amount_fen > 0)) > 0""",  # noqa: S608 - made of this file's constants
    ),
    Invariant(
        "deposits",
        "各方名下保证金科目等于其已到账的保证金",
        "what is held for each party is the sum of its held deposits",
        f"""SELECT 'party ' || coalesce(h.party_id, d.party_id) || ' has ' || coalesce(h.fen, 0)
             || ' in the ledger and ' || coalesce(d.fen, 0) || ' in deposits'
           FROM (SELECT a.party_id, -sum(e.amount_fen) AS fen FROM {_ENTRIES}
                 JOIN ledger_account a ON a.id = e.account_id
                 WHERE a.kind = 'deposit_held' AND {_POSTED} GROUP BY a.party_id) h
           FULL JOIN (SELECT party_id, sum(amount_fen) AS fen FROM deposit WHERE status = 'held' GROUP BY party_id) d
             ON d.party_id = h.party_id
           WHERE coalesce(h.fen, 0) <> coalesce(d.fen, 0)""",  # noqa: S608 - made of this file's constants
    ),
    Invariant(
        "deposits-end-once",
        "每笔保证金恰有与其状态相符的转账",
        "each deposit has exactly the transfers that its state says",
        """SELECT d.reference || ' is ' || d.status || ' with ' || coalesce(string_agg(t.kind, ', '), 'no transfer')
           FROM deposit d LEFT JOIN (
             SELECT t.* FROM ledger_transfer t LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
             WHERE NOT t.is_pending OR o.outcome = 'posted') t ON t.deposit_id = d.id
           GROUP BY d.id
           HAVING count(*) FILTER (WHERE t.kind = 'deposit_received')
                  <> (d.status IN ('held', 'released', 'captured', 'forfeited', 'lapsed'))::int
             OR count(*) FILTER (WHERE t.kind IN ('deposit_released', 'deposit_captured', 'deposit_forfeited',
                  'deposit_lapsed'))
                <> (d.status IN ('released', 'captured', 'forfeited', 'lapsed'))::int
             OR count(*) FILTER (WHERE t.kind = 'deposit_' || d.status AND d.status <> 'forfeited'
                                 OR t.kind IN ('deposit_forfeited', 'refund_forfeited'))
                <> (d.status IN ('released', 'captured', 'forfeited', 'lapsed'))::int""",
    ),
    Invariant(
        "suspense",
        "待查款项等于未匹配的来款",
        "suspense is the sum of the lines that are not matched or sent back",
        f"""SELECT 'suspense has ' || ledger.fen || ' and the lines ' || lines.fen
           FROM (SELECT coalesce(-sum(e.amount_fen), 0) AS fen FROM {_ENTRIES}
                 JOIN ledger_account a ON a.id = e.account_id
                 JOIN ledger_transfer t ON t.id = e.transfer_id
                 WHERE a.kind = 'suspense' AND t.kind <> 'correction' AND {_POSTED}) ledger,
                (SELECT coalesce(sum(l.amount_fen), 0) AS fen FROM bank_line l
                 WHERE l.status IN ('open', 'held') OR (l.status = 'returned' AND NOT EXISTS (
                   SELECT FROM payment_order p WHERE p.purpose = 'line_return' AND p.subject_id = l.id
                     AND p.status = 'executed'))) lines
           WHERE ledger.fen <> lines.fen""",  # noqa: S608 - made of this file's constants
    ),
    Invariant(
        "payables",
        "已缴应缴款恰有等额入账",
        "each paid payable has its amount in the ledger, once, and no other has any",
        """SELECT p.reference || ' is ' || p.status || ' with ' || coalesce(-sum(e.amount_fen), 0) || ' of '
             || p.amount_fen
           FROM payable p
           LEFT JOIN (SELECT t.id, t.subject_id FROM ledger_transfer t
             LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
             WHERE t.subject_kind = 'payable' AND t.kind IN ('payable_received', 'card_received')
               AND (NOT t.is_pending OR o.outcome = 'posted')) t ON t.subject_id = p.id
           LEFT JOIN ledger_entry e ON e.transfer_id = t.id AND e.amount_fen < 0
           GROUP BY p.id
           HAVING coalesce(-sum(e.amount_fen), 0) <> CASE p.status WHEN 'paid' THEN p.amount_fen ELSE 0 END""",
    ),
    Invariant(
        "orders",
        "付款单与其预留转账一致，无人收两次款",
        "each payment order's transfer is as the order is, and no subject is paid twice",
        """SELECT p.reference || ' is ' || p.status || ' with ' || coalesce(o.outcome, 'open')
           FROM payment_order p LEFT JOIN ledger_outcome o ON o.transfer_id = p.transfer_id
           WHERE coalesce(o.outcome, 'open') <> CASE p.status WHEN 'executed' THEN 'posted'
             WHEN 'failed' THEN 'voided' WHEN 'cancelled' THEN 'voided' ELSE 'open' END
           UNION ALL
           SELECT purpose || ' of ' || subject_id || ' was paid ' || count(*) || ' times'
           FROM payment_order WHERE status = 'executed' GROUP BY purpose, subject_kind, subject_id, party_id
           HAVING count(*) > 1""",
    ),
    Invariant(
        "paid-lines",
        "核销付款单的流水与该单金额相符、状态为已付",
        "each line of money that went which is matched has executed its order, to the fen",
        """SELECT 'line ' || l.bank_reference || ' of ' || l.amount_fen || ' is matched to ' || p.reference || ' of '
             || p.amount_fen || ', ' || p.status
           FROM paid_line l JOIN payment_order p ON p.id = l.order_id
           WHERE p.status <> 'executed' OR p.amount_fen <> l.amount_fen""",
    ),
    Invariant(
        "two-people",
        "付款、更正和有疑点的匹配都经过两人",
        "payments, corrections and doubtful matches have two different people",
        """SELECT 'order ' || reference FROM payment_order
           WHERE status NOT IN ('pending', 'cancelled') AND (second_by IS NULL OR second_by = first_by)
           UNION ALL SELECT 'match ' || id FROM line_match
             WHERE ground IS NOT NULL AND status <> 'proposed' AND (decided_by IS NULL OR decided_by = proposed_by)
           UNION ALL SELECT 'correction ' || t.id FROM ledger_transfer t
             LEFT JOIN ledger_outcome o ON o.transfer_id = t.id
             WHERE t.kind = 'correction' AND (NOT t.is_pending OR o.outcome = 'posted')
               AND (t.person_id IS NULL OR coalesce(t.approved_by, o.person_id) IS NULL
                    OR coalesce(t.approved_by, o.person_id) = t.person_id)""",
    ),
)


async def find_faults(session: AnySession, *, most: int = 20) -> list[Fault]:
    """Asks every invariant; returns what breaks them, at most so many for each."""
    faults: list[Fault] = []
    for invariant in INVARIANTS:
        found = (await session.execute(text(f"{invariant.query} LIMIT {most}"))).scalars()
        faults.extend(Fault(invariant, what) for what in found)
    return faults
