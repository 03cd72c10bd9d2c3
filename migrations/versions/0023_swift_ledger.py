"""the ledger's checks by the statement instead of by the row, with their promises as they were or stronger

What belongs to a transfer is written by one statement and checked at its end, once for all that it wrote. An entry's
account and transfer are found there too: neither can be removed or renamed, so the lock that a foreign key takes for each
entry on the exchange's one account at the bank guards nothing.
"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_CHECKS = """
DROP TRIGGER ledger_transfer_is_balanced ON ledger_transfer;
DROP TRIGGER ledger_entry_is_balanced ON ledger_entry;
DROP TRIGGER ledger_account_limit ON ledger_entry;
DROP FUNCTION check_transfer_is_balanced();
DROP FUNCTION check_account_limit();
ALTER TABLE ledger_entry DROP CONSTRAINT fk_ledger_entry_transfer_id, DROP CONSTRAINT fk_ledger_entry_account_id;

-- A plan made while a table was empty would read all of it, by every later check of that connection; by the keys is right
-- for every size, so one plan is enough.
CREATE FUNCTION check_transfers_have_entries() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  bare record;
BEGIN
  SELECT head.id, head.entry_count INTO bare FROM added head
   WHERE NOT EXISTS (SELECT FROM ledger_entry entry WHERE entry.transfer_id = head.id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transfer % has 0 of % entries with a total of 0 fen', bare.id, bare.entry_count
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_is_balanced';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_transfer_is_balanced AFTER INSERT ON ledger_transfer REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_transfers_have_entries();

-- A transfer has all its entries, they sum to zero in one currency, and they are pending when it is. As each is whole
-- when its own statement ends, none can be added later.
CREATE FUNCTION check_transfers_are_balanced() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  broken record;
BEGIN
  SELECT touched.transfer_id, head.entry_count, sides.* INTO broken
    FROM (SELECT DISTINCT transfer_id FROM added) touched
    LEFT JOIN ledger_transfer head ON head.id = touched.transfer_id
    CROSS JOIN LATERAL (
      SELECT count(*) AS written, sum(entry.amount_fen) AS total, count(account.id) AS homes,
             count(*) FILTER (WHERE entry.is_pending) AS pending,
             min(account.currency) AS currency, max(account.currency) AS other
        FROM ledger_entry entry LEFT JOIN ledger_account account ON account.id = entry.account_id
       WHERE entry.transfer_id = touched.transfer_id) sides
   WHERE head.id IS NULL OR sides.written <> head.entry_count OR sides.total <> 0 OR sides.homes <> sides.written
      OR sides.pending <> (CASE WHEN head.is_pending THEN head.entry_count ELSE 0 END) OR sides.currency <> sides.other
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transfer % has % of % entries with a total of % fen', broken.transfer_id, broken.written,
      broken.entry_count, broken.total
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_is_balanced',
            DETAIL = 'It is there, its entries have accounts in one currency, and they are pending when it is.';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_is_balanced AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_transfers_are_balanced();

-- What is kept for a party or a deal may not be overdrawn: posted less reserved never falls below zero. The accounts'
-- rows are locked first, in the order of their ids, so that two writers who did not lock them themselves cannot both
-- pass; accounts without a limit take no lock. Each statement in here has a snapshot of its own, taken after the lock.
CREATE FUNCTION check_account_limits() RETURNS trigger LANGUAGE plpgsql
  SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  drawn uuid[];
  broken record;
BEGIN
  SELECT array_agg(locked.id) INTO drawn FROM (
    SELECT account.id FROM ledger_account account
     WHERE account.id = ANY (ARRAY(SELECT DISTINCT account_id FROM added WHERE amount_fen > 0))
       AND account.kind NOT IN ('bank', 'stripe_clearing', 'card_disputed', 'fee_income', 'suspense')
     ORDER BY account.id FOR NO KEY UPDATE) locked;
  IF drawn IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT account.id, account.kind, balance.fen INTO broken
    FROM unnest(drawn) AS wanted (id)
    JOIN ledger_account account ON account.id = wanted.id
    CROSS JOIN LATERAL (
      SELECT sum(entry.amount_fen) FILTER (
               WHERE NOT entry.is_pending OR entry.outcome = 'posted'
                  OR (entry.outcome IS NULL AND entry.amount_fen > 0)) AS fen
        FROM (SELECT amount_fen, is_pending, CASE WHEN is_pending THEN (
                       SELECT outcome FROM ledger_outcome WHERE ledger_outcome.transfer_id = side.transfer_id) END AS outcome
                FROM ledger_entry side WHERE side.account_id = account.id OFFSET 0) entry) balance
   WHERE balance.fen > 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger account % (%) is overdrawn by % fen', broken.id, broken.kind, broken.fen
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_account_limit';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_account_limit AFTER INSERT ON ledger_entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION check_account_limits();

-- What a deposit's state says is asked of all kinds of its transfers, which no index had.
CREATE INDEX ix_ledger_transfer_deposit ON ledger_transfer (deposit_id) WHERE deposit_id IS NOT NULL;
ALTER FUNCTION check_deposit_in_ledger() SET enable_seqscan = off;
ALTER FUNCTION check_deposit_in_ledger() SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION check_order_in_ledger() SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION check_released_in_ledger() SET plan_cache_mode = force_generic_plan;
"""


def upgrade() -> None:
    """Applies the revision."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(_CHECKS))  # type: ignore[union-attr]
