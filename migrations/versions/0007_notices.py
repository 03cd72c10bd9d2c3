"""the holiday calendar, rules with two hands, regimes of sellers, public notices, listings that stand still

One function for each, because it is one act.
"""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The arrangements as they were proclaimed: first day off, last day off, name; then the weekend days that are worked.
YEARS: dict[int, tuple[str, list[tuple[str, str, str]], dict[str, str]]] = {
    2025: (
        "国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号，2024-11-12）",
        [
            ("2025-01-01", "2025-01-01", "元旦"),
            ("2025-01-28", "2025-02-04", "春节"),
            ("2025-04-04", "2025-04-06", "清明节"),
            ("2025-05-01", "2025-05-05", "劳动节"),
            ("2025-05-31", "2025-06-02", "端午节"),
            ("2025-10-01", "2025-10-08", "国庆节、中秋节"),
        ],
        {
            "2025-01-26": "春节调休上班",
            "2025-02-08": "春节调休上班",
            "2025-04-27": "劳动节调休上班",
            "2025-09-28": "国庆节、中秋节调休上班",
            "2025-10-11": "国庆节、中秋节调休上班",
        },
    ),
    2026: (
        "国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）",
        [
            ("2026-01-01", "2026-01-03", "元旦"),
            ("2026-02-15", "2026-02-23", "春节"),
            ("2026-04-04", "2026-04-06", "清明节"),
            ("2026-05-01", "2026-05-05", "劳动节"),
            ("2026-06-19", "2026-06-21", "端午节"),
            ("2026-09-25", "2026-09-27", "中秋节"),
            ("2026-10-01", "2026-10-07", "国庆节"),
        ],
        {
            "2026-01-04": "元旦调休上班",
            "2026-02-14": "春节调休上班",
            "2026-02-28": "春节调休上班",
            "2026-05-09": "劳动节调休上班",
            "2026-09-20": "国庆节调休上班",
            "2026-10-10": "国庆节调休上班",
        },
    ),
}

# A day that has come is counted as it was: its row is not written, changed or removed any more.
CALENDAR = """
CREATE FUNCTION check_holiday_ahead() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  today date := (market_now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
  IF (TG_OP <> 'INSERT' AND OLD."on" <= today) OR (TG_OP <> 'DELETE' AND NEW."on" <= today) THEN
    RAISE EXCEPTION 'a day that has come is not changed in the calendar'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'holiday_ahead';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER holiday_ahead BEFORE INSERT OR UPDATE OR DELETE ON holiday
  FOR EACH ROW EXECUTE FUNCTION check_holiday_ahead();
CREATE TRIGGER calendar_year_is_kept BEFORE DELETE ON calendar_year
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Makes all of it."""
    _make_calendar()


def _make_calendar() -> None:
    year = op.create_table(
        "calendar_year",
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "maintained_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("market_now()"),
            nullable=False,
        ),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_calendar_year_year")),
        sa.CheckConstraint("char_length(btrim(source)) >= 5", name=op.f("ck_calendar_year_source")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    holiday = op.create_table(
        "holiday",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.CheckConstraint('extract(year FROM "on") = year', name=op.f("ck_holiday_year")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_holiday_name")),
        sa.ForeignKeyConstraint(["year"], ["calendar_year.year"], name=op.f("fk_holiday_year")),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_holiday")),
    )
    for number, (source, breaks, worked) in YEARS.items():
        op.bulk_insert(year, [{"year": number, "source": source}])
        rows: list[dict[str, object]] = []
        for first, last, name in breaks:
            day = date.fromisoformat(first)
            while day <= date.fromisoformat(last):
                rows.append({"on": day, "year": number, "name": name, "is_working": False})
                day += timedelta(days=1)
        rows += [
            {"on": date.fromisoformat(day), "year": number, "name": name, "is_working": True}
            for day, name in worked.items()
        ]
        op.bulk_insert(holiday, rows)
    run(CALENDAR)
