"""For each row of the table what is asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.ids import uuid7
from tests.make_catalog import application_number
from tests.make_trades import rules_of
from tests.permissions.asking import (
    ALL,
    Ask,
    at_desk,
    bought_by,
    dealt,
    managed,
    open_to_all,
    own_listing,
    sold_by,
)
from tests.permissions.asks_connect import CONNECT_ASKS
from tests.permissions.asks_course import COURSE_ASKS
from tests.permissions.asks_desks import DESK_ASKS
from tests.permissions.asks_finance import FINANCE_ASKS
from tests.permissions.asks_forfeits import FORFEIT_ASKS
from tests.permissions.asks_intents import INTENT_ASKS
from tests.permissions.asks_licences import LICENCE_ASKS
from tests.permissions.asks_money import MONEY_ASKS
from tests.permissions.asks_plans import PLAN_ASKS
from tests.permissions.asks_rights import RIGHTS_ASKS
from tests.permissions.asks_rooms import ROOM_ASKS
from tests.permissions.asks_settlement import SETTLEMENT_ASKS

if TYPE_CHECKING:
    from tests.permissions.world import World

__all__ = ["ALL", "ASKS", "Ask"]


def _draft_terms(_: World) -> dict[str, Any]:
    return {
        "format": "english",
        "start_price_fen": 10_000_000,
        "step_fen": 100_000,
        "deposit_fen": 1_000_000,
        "opens_at": "2030-01-07T01:00:00Z",
        "closes_at": "2030-01-08T01:00:00Z",
    }


def new_organisation(world: World) -> dict[str, Any]:
    """A registration that is right."""
    admin = {"login": "newcomer", "name": "新来者", "password": "plum-rain-1984"}
    return {"name": "新来的大学", "uscc": world.ids["free_uscc"], "kind": "university", "admin": admin}


def new_person(_: World) -> dict[str, Any]:
    """A person to add."""
    return {"login": "colleague-9", "name": "新同事", "password": "plum-rain-1984", "roles": ["bidder"]}


def new_patent(_: World) -> dict[str, Any]:
    """A patent that nobody has recorded."""
    return {
        "application_no": application_number(7_777_777),
        "title": "一种尚未录入的装置",
        "filing_on": "2015-05-01",
        "ipc_main": "H01M10/0525",
        "applicant": "晨星大学",
    }


def new_listing(world: World) -> dict[str, Any]:
    """An offer of the seller's free patent, with the reserve that nobody else may read."""
    return {
        "patent_id": world.ids["patent"],
        "description": "一种虚构的温控装置，已有样机。",
        "start_price_fen": 10_000_000,
        "step_fen": 100_000,
        "deposit_fen": 1_000_000,
        "reserve_price_fen": world.reserve_fen,
        "opens_at": world.opens_at.isoformat(),
        "closes_at": world.closes_at.isoformat(),
    }


def bank_line(world: World) -> dict[str, Any]:
    """The line that pays the deposit that is due."""
    return {
        "amount_fen": 1_000_000,
        "payer_name": world.organisations["B"].name,
        "bank_reference": "LS9999999999",
        "received_on": world.today.isoformat(),
    }


def application(world: World) -> dict[str, Any]:
    """What the seller states about a contract in force."""
    return {
        "contract_id": world.ids["contract_in_force"],
        "contract_type": "transfer",
        "subtype": "patent",
        "total_fen": world.price_fen,
        "tech_fen": world.price_fen,
        "tech_field": "先进制造",
    }


def new_demand(_: World) -> dict[str, Any]:
    """A demand with its ceiling."""
    return {"title": "防积雪涂层", "description": "积雪滑落率不低于 90%。", "ceiling_fen": 5_000_000}


def new_package(world: World) -> dict[str, Any]:
    """Two patents of the seller's as one lot."""
    items = [
        {"patent_id": world.ids[name], "share_bp": share}
        for name, share in (("patent", 6_000), ("second_patent", 4_000))
    ]
    return {"title": "温控成果包", "items": items}


def new_panel(world: World) -> dict[str, Any]:
    """Five experts for a tender that has no panel yet."""
    return {
        "listing_id": world.ids["tender_listing"],
        "experts": [{"name": f"专家{n}"} for n in "一二三四五"],
    }


def new_year(_: World) -> dict[str, Any]:
    """The arrangement of a year that nobody has entered."""
    day = {"on": "2031-01-01", "name": "元旦", "is_working": False}
    return {"source": "国务院办公厅关于2031年部分节假日安排的通知", "days": [day]}


def new_rule(_: World) -> dict[str, Any]:
    """A longer notice from a day on that is far off."""
    return {
        "key": "notice.period",
        "value": {"count": 20, "unit": "day"},
        "valid_from": "2031-01-01",
        "source": "示例条例第二十条",
    }


def changed_notice(world: World) -> dict[str, Any]:
    """What a notice says of a sale to B."""
    return {"achievement_name": "温控装置", "price_fen": 12_800_000, "transferee_id": world.ids["B"]}


def new_notice(world: World) -> dict[str, Any]:
    """A notice of a sale that has none."""
    return {"listing_id": world.ids["negotiated"], **changed_notice(world)}


OBJECTION = {
    "relation": "unit_member",
    "reason": "公示的完成人名单有遗漏，请予核查。",
    "evidence": "项目任务书第 3 页。",
}
DECIDED = {
    "decision": "reject",
    "text": "经核查，完成人名单无遗漏，异议不成立。",
    "body": "成果转化领导小组",
    "is_unrelated": True,
}
CLASSIFIED = {"regime": "state_research", "jurisdiction": "330000", "reason": "经核对法人证书。"}
WHY = {"reason_zh": "机房断电，无法出价。", "reason_en": "The power failed."}


def _decision(world: World) -> dict[str, Any]:
    """What the host proposes about the sale that stands still."""
    return {"auction_ids": [world.ids["stopped_auction"]], "act": "resume", **WHY}


API = "/api/v1"
ASKS: dict[str, Ask] = {
    f"GET {API}/market": open_to_all(),
    f"GET {API}/trading-rules": open_to_all(),
    f"POST {API}/trading-rules/previews": open_to_all(body=_draft_terms),
    f"GET {API}/calendar-years/{{year}}": open_to_all("year"),
    f"PUT {API}/calendar-years/{{year}}": at_desk("host", "year", body=new_year),
    f"GET {API}/dated-rules": open_to_all(),
    f"GET {API}/rule-proposals": at_desk("host"),
    f"POST {API}/rule-proposals": at_desk("host", body=new_rule),
    f"POST {API}/rule-proposals/{{proposal_id}}/decision": at_desk(
        "host", "rule_proposal", body=lambda _: {"decision": "approve"}
    ),
    f"GET {API}/openapi.json": open_to_all(),
    "GET /healthz": open_to_all(),
    "GET /readyz": open_to_all(),
    "GET /metrics": open_to_all(),
    "GET /metrics #elsewhere": replace(open_to_all(), address="203.0.113.7"),
    "GET /{path:path}": open_to_all("page"),
    "MOUNT /assets": open_to_all(),
    f"POST {API}/organisations": open_to_all(body=new_organisation),
    f"GET {API}/organisations/{{organisation_id}}": open_to_all("S"),
    f"PUT {API}/organisations/{{organisation_id}}/classification": at_desk(
        "reviewer", "S", body=lambda _: dict(CLASSIFIED)
    ),
    f"GET {API}/organisations/{{organisation_id}}/people": managed("S"),
    f"POST {API}/organisations/{{organisation_id}}/people": managed("S", body=new_person),
    f"PUT {API}/people/{{person_id}}/roles": managed("person", body=lambda _: {"roles": ["bidder"]}),
    f"POST {API}/sessions": open_to_all(
        body=lambda world: {"login": world.ids["login"], "password": "plum-rain-1984"}
    ),
    f"GET {API}/sessions/current": open_to_all(),
    f"DELETE {API}/sessions/current": open_to_all(),
    f"GET {API}/tokens": open_to_all(),
    f"POST {API}/tokens": open_to_all(body=lambda _: {"name": "报表", "scopes": ["read"]}),
    f"DELETE {API}/tokens/{{token_id}}": open_to_all("token"),
    f"GET {API}/notifications": open_to_all(),
    f"GET {API}/notifications/unread": open_to_all(),
    f"PUT {API}/notifications/reads": open_to_all(body=lambda _: {"up_to": str(uuid7())}),
    f"GET {API}/notifications/address": open_to_all(),
    f"PUT {API}/notifications/address": open_to_all(body=lambda _: {"address": "somebody@example.com"}),
    f"GET {API}/audit-records": at_desk("supervisor"),
    f"GET {API}/patents": open_to_all(),
    f"GET {API}/patents/{{patent_id}}": open_to_all("patent"),
    f"GET {API}/patents/{{patent_id}} #catalogue": open_to_all("catalogue_patent"),
    f"POST {API}/patents": sold_by(body=new_patent),
    f"POST {API}/patent-imports": sold_by(file=b'{"application_no": "x"}\n'),
    f"GET {API}/patent-imports/{{import_id}}": open_to_all("import"),
    f"GET {API}/patent-imports/{{import_id}}/refusals.csv": open_to_all("import"),
    f"GET {API}/patent-number-checks/{{number}}": open_to_all("number"),
    f"POST {API}/demands": sold_by(body=new_demand),
    f"GET {API}/demands": open_to_all(),
    f"GET {API}/demands/{{demand_id}}": open_to_all("demand"),
    f"POST {API}/packages": sold_by(body=new_package),
    f"GET {API}/packages": open_to_all(),
    f"GET {API}/packages/{{package_id}}": open_to_all("package", query="?price_fen=100"),
    f"GET {API}/listings": open_to_all(query="?limit=100"),
    f"GET {API}/listings #mine": own_listing(query="?mine=true"),
    f"POST {API}/listings": sold_by(body=new_listing),
    f"GET {API}/listings/{{listing_id}} #draft": own_listing("draft"),
    f"GET {API}/listings/{{listing_id}} #listed": open_to_all("open"),
    f"GET {API}/listings/{{listing_id}} #sold": open_to_all("sold"),
    f"GET {API}/listings/{{listing_id}}/rules": open_to_all("priced"),
    f"PATCH {API}/listings/{{listing_id}} #draft": sold_by("draft", body=lambda _: {"title": "改过的名称"}),
    f"PATCH {API}/listings/{{listing_id}} #listed": sold_by("open", body=lambda _: {"title": "改过的名称"}),
    f"POST {API}/listings/{{listing_id}}/submissions": sold_by("draft"),
    f"POST {API}/listings/{{listing_id}}/reviews": at_desk(
        "reviewer", "in_review", body=lambda _: {"decision": "accept"}
    ),
    f"GET {API}/listings/{{listing_id}}/review-checks": at_desk("reviewer", "in_review"),
    f"POST {API}/listings/{{listing_id}}/publications": at_desk("reviewer", "accepted"),
    f"POST {API}/listings/{{listing_id}}/intents": bought_by(
        "scheduled", body=lambda world: {"accept_rules_sha256": rules_of(world.listings["scheduled"])}
    ),
    f"POST {API}/listings/{{listing_id}}/intents #draft": bought_by(
        "draft", body=lambda world: {"accept_rules_sha256": rules_of(world.listings["scheduled"])}
    ),
    f"GET {API}/notices": open_to_all(),
    f"GET {API}/notices #mine": sold_by(query="?mine=true"),
    f"POST {API}/notices": sold_by(body=new_notice),
    f"GET {API}/notices/{{notice_id}} #published": open_to_all("notice"),
    f"GET {API}/notices/{{notice_id}} #draft": sold_by("notice_draft"),
    f"PUT {API}/notices/{{notice_id}}": sold_by("notice_draft", body=changed_notice),
    f"POST {API}/notices/{{notice_id}}/publication": sold_by("notice_draft"),
    f"POST {API}/notices/{{notice_id}}/withdrawal": sold_by("notice_draft"),
    f"POST {API}/notices/{{notice_id}}/objections": open_to_all("notice", body=lambda _: dict(OBJECTION)),
    f"POST {API}/objections/{{objection_id}}/decision": at_desk(
        "reviewer", "objection", body=lambda _: dict(DECIDED)
    ),
    f"GET {API}/notices/{{notice_id}}/certificate": open_to_all("notice_done"),
    f"GET {API}/listings/{{listing_id}}/timeline": open_to_all("noticed"),
    f"GET {API}/intents": bought_by(scope="read"),
    f"GET {API}/intents/{{intent_id}}": bought_by("intent", scope="read"),
    f"POST {API}/intents/{{intent_id}}/qualifications": at_desk(
        "reviewer", "intent_submitted", body=lambda _: {"decision": "qualify"}, is_of_buyer=True
    ),
    f"POST {API}/deposits/{{deposit_id}}/card-payments": bought_by(
        "deposit_due", body=lambda _: {"card": "pm_card_visa"}
    ),
    f"GET {API}/deposits/{{deposit_id}}/card-payments": bought_by("deposit", scope="read"),
    f"POST {API}/payment-hooks/stripe": open_to_all(body=lambda _: {"id": "evt_1"}),
    f"GET {API}/deposits": bought_by(scope="read"),
    f"GET {API}/deposits/{{deposit_id}}": bought_by("deposit", scope="read"),
    f"POST {API}/deposits/{{deposit_id}}/receipts": at_desk(
        "finance", "deposit_due", body=bank_line, is_of_buyer=True
    ),
    f"GET {API}/auctions": open_to_all(query="?limit=100"),
    f"GET {API}/auctions/{{auction_id}}": open_to_all("auction"),
    f"GET {API}/auctions/{{auction_id}}/rules": open_to_all("auction"),
    f"GET {API}/auctions/{{auction_id}}/events": open_to_all("auction"),
    f"GET {API}/auctions/{{auction_id}}/own-events": bought_by("auction"),
    f"GET {API}/auctions/{{auction_id}}/host-events": at_desk("host", "auction"),
    f"WEBSOCKET {API}/auctions/{{auction_id}}/socket": open_to_all("auction"),
    f"POST {API}/auctions/{{auction_id}}/bids": bought_by(
        "auction",
        body=lambda world: {"bid_id": world.ids["next_bid"], "amount_fen": world.next_fen},
    ),
    f"GET {API}/auctions/{{auction_id}}/bids/{{bid_id}}": bought_by("auction", "bid"),
    f"POST {API}/auctions/{{auction_id}}/suspension": at_desk("host", "auction", body=lambda _: dict(WHY)),
    f"GET {API}/suspensions": at_desk("host"),
    f"GET {API}/auction-decisions": at_desk("host"),
    f"GET {API}/auction-decisions/{{decision_id}}": at_desk("host", "decision"),
    f"POST {API}/auction-decisions": at_desk("host", body=_decision),
    f"POST {API}/auction-decisions/{{decision_id}}/approval": at_desk("reviewer", "decision"),
    f"GET {API}/panels": at_desk("host"),
    f"POST {API}/panels": at_desk("host", body=new_panel),
    f"GET {API}/panels/{{panel_id}}": at_desk("host", "panel"),
    f"PUT {API}/panels/{{panel_id}}/assessments/{{bidder_code}}": at_desk(
        "host", "panel", "assessed_code", body=lambda _: {"rejection": "未按要求提交技术方案。"}
    ),
    f"POST {API}/panels/{{panel_id}}/lock": at_desk("host", "panel"),
    f"GET {API}/signing-keys": open_to_all(),
    f"GET {API}/auctions/{{auction_id}}/bundle #running": open_to_all("auction"),
    f"GET {API}/auctions/{{auction_id}}/bundle #ended": open_to_all("ended_auction"),
    f"GET {API}/auctions/{{auction_id}}/protocol.pdf #ended": open_to_all("ended_auction"),
    f"POST {API}/auctions/{{auction_id}}/maxima-openings #ended": at_desk(
        "supervisor", "ended_auction", body=lambda _: {"reason": "复核异议"}
    ),
    f"POST {API}/protocol-checks": open_to_all(body=lambda _: {"bundle": {}}),
    f"GET {API}/deals": dealt(),
    f"GET {API}/deals/{{deal_id}}": dealt("deal"),
    f"GET {API}/deals/{{deal_id}}/confirmation": dealt("deal"),
    f"GET {API}/demand-awards": dealt(),
    f"GET {API}/demand-awards/{{award_id}}": dealt("award"),
    f"POST {API}/demand-awards/{{award_id}}/security-releases": at_desk(
        "finance", "award", body=lambda _: {"reason": "双方已签订合同。"}
    ),
    f"GET {API}/contracts": dealt(),
    f"POST {API}/contracts": Ask(
        "S/seller",
        "S/admin+signatory",
        f"B/{ALL}",
        "sign",
        body=lambda world: {"deal_id": world.ids["deal"]},
    ),
    f"GET {API}/contracts/{{contract_id}}": dealt("contract"),
    f"GET {API}/contracts/{{contract_id}}/pdf": dealt("contract"),
    f"POST {API}/contracts/{{contract_id}}/signatures": Ask(
        "S/signatory",
        "S/admin+bidder+seller",
        f"B/{ALL}",
        "sign",
        ids=("contract",),
        body=lambda world: {"document_sha256": world.ids["document_sha256"]},
    ),
    f"GET {API}/registrations": dealt(),
    f"GET {API}/registrations/choices": open_to_all(),
    f"POST {API}/registrations": sold_by(body=application),
    f"GET {API}/registrations/{{registration_id}}": dealt("registration"),
    f"POST {API}/registrations/{{registration_id}}/decisions": at_desk(
        "registrar", "registration", body=lambda _: {"decision": "approve"}
    ),
    f"GET {API}/registrations/{{registration_id}}/certificate": dealt("registered"),
    f"GET {API}/certificates/{{verification_code}}": open_to_all("code"),
    f"GET {API}/certificates/{{verification_code}}/pdf": open_to_all("code"),
    f"GET {API}/ledger/transfers": at_desk("finance"),
    f"GET {API}/ledger/accounts": at_desk("finance"),
    **INTENT_ASKS,
    **FORFEIT_ASKS,
    **MONEY_ASKS,
    **LICENCE_ASKS,
    **DESK_ASKS,
    **FINANCE_ASKS,
    **RIGHTS_ASKS,
    **CONNECT_ASKS,
    **ROOM_ASKS,
    **COURSE_ASKS,
    **SETTLEMENT_ASKS,
    **PLAN_ASKS,
}
