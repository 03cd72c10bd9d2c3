"""The accounts of the demonstration market: fictional organisations and posts, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoAccount:
    """One account that a visitor may sign in with; it exists only in a database marked as demonstration."""

    login: str
    password: str
    role_zh: str
    role_en: str
    organisation: str


_PASSWORD = "yanshi-2026"  # noqa: S105 - printed on the page on purpose; the accounts exist only under the mark

DEMO_ACCOUNTS = (
    DemoAccount("demo-buyer", _PASSWORD, "买方", "Buyer", "演示买方甲（虚构）有限公司"),
    DemoAccount("demo-buyer-2", _PASSWORD, "买方（第二家）", "Second buyer", "演示买方乙（虚构）有限公司"),
    DemoAccount("demo-seller", _PASSWORD, "卖方", "Seller", "演示转让方（虚构）研究院"),
    DemoAccount("demo-reviewer", _PASSWORD, "审核岗", "Reviewer", "交易机构"),
    DemoAccount("demo-host", _PASSWORD, "场务岗", "Auction host", "交易机构"),
    DemoAccount("demo-finance", _PASSWORD, "资金岗", "Finance", "交易机构"),
    DemoAccount("demo-registrar", _PASSWORD, "登记岗", "Registrar", "交易机构"),
    DemoAccount("demo-supervisor", _PASSWORD, "监督岗", "Supervisor", "交易机构"),
)
