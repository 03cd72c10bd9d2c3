"""What always holds, asked of the database in words of its own: the program's own check is asked beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from app.payments.checking import find_faults

if TYPE_CHECKING:
    from app.db import AnySession
    from tests.stateful.market import Market

_POSTED = """
SELECT e.amount_fen, a.kind, a.party_id, a.deal_id, e.transfer_id FROM ledger_entry e
JOIN ledger_account a ON a.id = e.account_id LEFT JOIN ledger_outcome o ON o.transfer_id = e.transfer_id
WHERE NOT e.is_pending OR o.outcome = 'posted'
"""
# Each finds what must not be; nothing is found when all is well.
ALWAYS = {
    "all entries sum to zero": f"SELECT sum(amount_fen) FROM ({_POSTED}) p HAVING sum(amount_fen) <> 0",
    "nobody's account is below nothing": (
        f"SELECT kind, sum(amount_fen) FROM ({_POSTED}) p"
        " WHERE kind NOT IN ('bank', 'stripe_clearing', 'fee_income', 'suspense')"
        " GROUP BY kind, party_id, deal_id HAVING sum(amount_fen) > 0"
    ),
    "the bank has what came less what went": f"""
        SELECT b.fen, i.fen, r.fen, o.fen FROM
          (SELECT coalesce(sum(amount_fen), 0) AS fen FROM ({_POSTED}) p WHERE kind = 'bank') b,
          (SELECT coalesce(sum(amount_fen), 0) AS fen FROM bank_line) i,
          (SELECT coalesce(sum(amount_fen), 0) AS fen FROM receipt WHERE NOT EXISTS (
             SELECT FROM bank_line l WHERE l.bank_reference = receipt.bank_reference)) r,
          (SELECT coalesce(sum(amount_fen), 0) AS fen FROM payment_order WHERE status = 'executed') o
        WHERE b.fen <> i.fen + r.fen - o.fen""",
    "no deposit is paid back twice, or though it became the price": """
        SELECT d.reference, d.status FROM deposit d
        WHERE (SELECT coalesce(sum(p.amount_fen), 0) FROM payment_order p
               WHERE p.subject_kind = 'deposit' AND p.subject_id = d.id AND p.status = 'executed')
              + (SELECT coalesce(sum(c.amount_fen), 0) FROM card_payment c
                 WHERE c.deposit_id = d.id AND c.is_deposit AND c.stage = 'refunded')
              > CASE d.status WHEN 'released' THEN d.amount_fen ELSE 0 END""",
    "no release pays out more than it released": """
        SELECT r.id FROM escrow_release r
        WHERE (SELECT coalesce(sum(p.amount_fen), 0) FROM payment_order p
               WHERE p.subject_kind = 'release' AND p.subject_id = r.id AND p.status = 'executed')
              > CASE r.status WHEN 'approved' THEN r.seller_fen + r.commission_fen ELSE 0 END""",
}
AT_THE_END = {
    "every deposit has ended somewhere": "SELECT reference, status FROM deposit WHERE status IN ('due', 'held')",
    "nothing that is due is left undone": """
        SELECT name, last_error FROM task WHERE done_at IS NULL AND run_at <= market_now()""",
}


async def _broken(session: AnySession, rules: dict[str, str]) -> list[str]:
    return [
        f"{name}: {tuple(row)}" for name, query in rules.items() for row in await session.execute(text(query))
    ]


async def find_broken(market: Market, *, is_over: bool = False) -> list[str]:
    """What does not hold."""
    async with market.db.reading() as session:
        broken = await _broken(session, {**ALWAYS, **(AT_THE_END if is_over else {})})
        broken += [f"{fault.invariant.name}: {fault.what}" for fault in await find_faults(session)]
    taken: dict[str, int] = {}
    for refund in market.stripe.state.refunds.values():
        taken[refund["payment_intent"]] = taken.get(refund["payment_intent"], 0) + refund["amount"]
    for intent, fen in taken.items():
        if fen > market.stripe.state.intents[intent]["amount_received"]:
            broken.append(f"the gateway gave back {fen} of {intent}")
    return broken
