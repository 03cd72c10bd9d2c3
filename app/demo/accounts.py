"""The accounts of the demonstration market: fictional organisations and posts, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.permissions import Role


@dataclass(frozen=True)
class DemoAccount:
    """One account that a visitor may sign in with; it exists only in a database marked as demonstration."""

    login: str
    password: str
    role_zh: str
    role_en: str
    organisation: str


_PASSWORD = "yanshi-2026"  # noqa: S105 - printed on the page on purpose; the accounts exist only under the mark

SELLER_NAME = "演示转让方（虚构）研究院"
BUYER_NAME = "演示买方甲（虚构）有限公司"
SECOND_BUYER_NAME = "演示买方乙（虚构）有限公司"
# Who enters the records of real organisations for the demonstration; they themselves have no account here.
ENTRY_NAME = "演示资料录入（虚构）中心"

DEMO_ACCOUNTS = (
    DemoAccount("demo-buyer", _PASSWORD, "买方", "Buyer", BUYER_NAME),
    DemoAccount("demo-buyer-2", _PASSWORD, "买方（第二家）", "Second buyer", SECOND_BUYER_NAME),
    DemoAccount("demo-seller", _PASSWORD, "卖方", "Seller", SELLER_NAME),
    DemoAccount("demo-reviewer", _PASSWORD, "审核岗", "Reviewer", "交易机构"),
    DemoAccount("demo-host", _PASSWORD, "场务岗", "Auction host", "交易机构"),
    DemoAccount("demo-finance", _PASSWORD, "资金岗", "Finance", "交易机构"),
    DemoAccount("demo-finance-2", _PASSWORD, "资金岗（第二人）", "Finance, the second person", "交易机构"),
    DemoAccount("demo-registrar", _PASSWORD, "登记岗", "Registrar", "交易机构"),
    DemoAccount("demo-supervisor", _PASSWORD, "监督岗", "Supervisor", "交易机构"),
)


@dataclass(frozen=True)
class Party:
    """A fictional organisation with its one post; ``serial`` makes its credit code."""

    login: str
    organisation: str
    post: str
    serial: int
    kind: str
    roles: frozenset[Role]


_BUYS = frozenset({Role.ADMIN, Role.BIDDER, Role.SIGNATORY})
_SELLS = frozenset({Role.ADMIN, Role.SELLER, Role.SIGNATORY})

BUYER = Party("demo-buyer", BUYER_NAME, "演示经办人 甲", 1, "company", _BUYS)
SECOND_BUYER = Party("demo-buyer-2", SECOND_BUYER_NAME, "演示经办人 乙", 2, "company", _BUYS)
SELLER = Party("demo-seller", SELLER_NAME, "演示转让经办", 3, "institute", _SELLS)
ENTRY = Party("demo-entry", ENTRY_NAME, "演示资料录入岗", 4, "institute", _SELLS)
SIMULATED = tuple(
    Party(
        f"demo-sim-{serial}",
        f"演示买方{word}（虚构）有限公司",
        f"模拟竞买程序 {word}",
        serial,
        "company",
        _BUYS,
    )
    for serial, word in enumerate("丙丁戊己", 11)
)
VISITORS = (BUYER, SECOND_BUYER)
WITH_PASSWORD = (BUYER, SECOND_BUYER, SELLER, *SIMULATED)
PARTIES = (*WITH_PASSWORD, ENTRY)

# The posts at the exchange's desks by login; everybody's password is the demonstration's.
DESKS = {
    "demo-reviewer": ("审核岗 01", Role.REVIEWER),
    "demo-host": ("场务岗 01", Role.HOST),
    "demo-finance": ("资金岗 01", Role.FINANCE),
    # Money goes out by two: without a second post a visitor could approve nothing.
    "demo-finance-2": ("资金岗 02", Role.FINANCE),
    "demo-registrar": ("登记岗 01", Role.REGISTRAR),
    "demo-supervisor": ("监督岗 01", Role.SUPERVISOR),
}
PASSWORD = _PASSWORD
# No password hashes to this: nobody signs in as the post that enters records.
NO_PASSWORD = "!"  # noqa: S105 - the mark of an account without a password
