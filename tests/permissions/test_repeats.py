"""Whatever makes something makes it once for a key: the repeat gets the first answer, other content is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.permissions.asks import ASKS
from tests.permissions.calls import call
from tests.permissions.expected import read_table

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tests.permissions.undone import UndoneDatabase
    from tests.permissions.world import World

API = "POST /api/v1"
NOTHING = "0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"
# For each route that takes a key, other content that is just as readable; None where there is no content at all.
OTHER: dict[str, dict[str, Any] | None] = {
    f"{API}/organisations/{{organisation_id}}/people": {"name": "另一位同事"},
    f"{API}/patents": {"title": "另一个名称"},
    f"{API}/patent-imports": {},
    f"{API}/demands": {"title": "另一项需求"},
    f"{API}/packages": {"title": "另一个成果包"},
    f"{API}/panels": {"experts": [{"name": "另一位专家"}]},
    f"{API}/panels/{{panel_id}}/lock": None,
    f"{API}/patents/{{patent_id}}/rights": {"holder_name": "第三家虚构银行"},
    f"{API}/rights/{{right_id}}/ends": {"reason": "另一个理由，见登记簿。"},
    f"{API}/listings/{{listing_id}}/consents": {"given_by": "另一位出具人"},
    f"{API}/consents/{{consent_id}}/decisions": {"decision": "refuse", "reason": "印章不清，请重新出具。"},
    f"{API}/patents/{{patent_id}}/export-findings": {"evidence": "另一份核对表，未列入。"},
    f"{API}/listings": {"description": "另一份说明，已有样机。"},
    f"{API}/listings/{{listing_id}}/submissions": None,
    f"{API}/listings/{{listing_id}}/reviews": {"decision": "return", "reason": "请补交权属证明。"},
    f"{API}/listings/{{listing_id}}/publications": None,
    f"{API}/listings/{{listing_id}}/suspensions": {"reason_zh": "另一个理由，待核实。"},
    f"{API}/listings/{{listing_id}}/resumptions": {"reason_zh": "另一个理由，已核实。"},
    f"{API}/listings/{{listing_id}}/terminations": {"ground": "withdrawal"},
    f"{API}/listings/{{listing_id}}/petitions": {"kind": "terminate"},
    f"{API}/listings/{{listing_id}}/petitions/{{petition_id}}/decision": {
        "decision": "refuse",
        "reason": "请补交内部决策文件。",
    },
    f"{API}/listings/{{listing_id}}/relistings": None,
    f"{API}/intents/{{intent_id}}/confirmations": {"accept_rules_sha256": "0" * 64},
    f"{API}/listings/{{listing_id}}/intents": {"accept_rules_sha256": "0" * 64},
    f"{API}/intents/{{intent_id}}/qualifications": {
        "decision": "reject",
        "reason": "主体资格不符合受让条件。",
    },
    f"{API}/deposits/{{deposit_id}}/receipts": {"bank_reference": "LS0000000001"},
    f"{API}/deposits/{{deposit_id}}/card-payments": {"card": "pm_card_mastercard"},
    f"{API}/bank-statements": {},
    f"{API}/bank-lines/{{line_id}}/matches": {"target_kind": "deposit"},
    f"{API}/bank-lines/{{line_id}}/returns": {"reason": "另一个理由。"},
    f"{API}/line-matches/{{match_id}}/decisions": {"is_confirmed": False},
    f"{API}/paid-lines/{{line_id}}/matches": {"order_id": NOTHING},
    f"{API}/ledger/corrections": {"amount_fen": 1501},
    f"{API}/ledger/corrections/{{correction_id}}/decisions": {"approves": False},
    f"{API}/payment-approvals": {"order_ids": [NOTHING]},
    f"{API}/payment-orders/{{order_id}}/cancellations": {"reason": "另一个理由。"},
    f"{API}/payment-orders/{{order_id}}/outcomes": {"outcome": "failed"},
    f"{API}/payout-account": None,
    f"{API}/payment-orders/{{order_id}}/ways": {"way": "connect"},
    f"{API}/payment-orders/{{order_id}}/repetitions": None,
    f"{API}/payment-exports": {"order_ids": [NOTHING]},
    f"{API}/payment-exports/{{export_id}}/executions": None,
    f"{API}/auction-decisions": {"act": "void"},
    f"{API}/auction-decisions/{{decision_id}}/approval": None,
    f"{API}/rule-proposals": {"source": "另一条例第二十条"},
    f"{API}/rule-proposals/{{proposal_id}}/decision": {"reason": "另一个理由。"},
    f"{API}/notices": {"achievement_name": "另一项成果"},
    f"{API}/notices/{{notice_id}}/publication": None,
    f"{API}/notices/{{notice_id}}/withdrawal": None,
    f"{API}/notices/{{notice_id}}/objections": {"reason": "另一个理由，也请予核查清楚。"},
    f"{API}/objections/{{objection_id}}/decision": {"decision": "uphold"},
    f"{API}/demand-awards/{{award_id}}/security-releases": {"reason": "双方已经签订另一份合同。"},
    f"{API}/deals/{{deal_id}}/settlement": {"kind": "instalments"},
    f"{API}/settlements/{{settlement_id}}/plan-answers": {"accepts": False},
    f"{API}/settlements/{{settlement_id}}/recordals": {"recordal_no": "2026112000123460"},
    f"{API}/settlements/{{settlement_id}}/recordal-reviews": None,
    f"{API}/settlements/{{settlement_id}}/releases": {"amount_fen": 2_000},
    f"{API}/releases/{{release_id}}/decisions": {"approves": False},
    f"{API}/settlements/{{settlement_id}}/completion": None,
    f"{API}/settlements/{{settlement_id}}/royalty-reports": {"base_fen": 2_000_000},
    f"{API}/royalty-reports/{{report_id}}/answers": {"accepts": False, "objection": "要求查阅账目。"},
    f"{API}/royalty-reports/{{report_id}}/corrections": {"base_fen": 4_000_000},
    f"{API}/report-corrections/{{correction_id}}/answers": {"agrees": False},
    f"{API}/settlements/{{settlement_id}}/milestones": {"statement": "另一份验收报告已签字。"},
    f"{API}/milestones/{{statement_id}}/answers": {"confirms": False, "reason": "缺少第三方检测。"},
    f"{API}/deals/{{deal_id}}/defaults": {"ground": "false_documents"},
    f"{API}/defaults/{{default_id}}/decisions": {"confirms": False},
    f"{API}/mandates": {"rate_bp": 301},
    f"{API}/intents/{{intent_id}}/forfeitures": {"loss_fen": 1},
    f"{API}/forfeitures/{{forfeiture_id}}/answers": {"words": "另一份陈述和申辩。"},
    f"{API}/forfeitures/{{forfeiture_id}}/decisions": {"reason": "另一个理由。"},
    f"{API}/mandates/{{mandate_id}}/signatures": None,
    f"{API}/deals/{{deal_id}}/contributors": {"name": "贡献人丙"},
    f"{API}/deals/{{deal_id}}/distributions": {"receipt_fen": 2_000_000},
    f"{API}/distributions/{{distribution_id}}/steps": {"step": "notice"},
    f"{API}/listings/{{listing_id}}/negotiation-rooms": None,
    f"{API}/negotiation-rooms/{{room_id}}/offers": {"price_fen": 1},
    f"{API}/negotiation-rooms/{{room_id}}/offers/{{number}}/acceptance": None,
    f"{API}/negotiation-rooms/{{room_id}}/offers/{{number}}/withdrawal": None,
    f"{API}/negotiation-rooms/{{room_id}}/deal": None,
    f"{API}/negotiation-rooms/{{room_id}}/undertaking": {"text_sha256": "0" * 64},
    f"{API}/negotiation-rooms/{{room_id}}/documents": {},
    f"{API}/licences": {"licensee_name": "另一家有限公司"},
    f"{API}/listings/{{listing_id}}/open-licence/announcement": {"announcement_no": "KF20260002"},
    f"{API}/listings/{{listing_id}}/open-licence/withdrawal": None,
    f"{API}/listings/{{listing_id}}/licences": {"accept_terms_sha256": "0" * 64},
    f"{API}/contracts": {"deal_id": NOTHING},
    f"{API}/contracts/{{contract_id}}/signatures": {"document_sha256": "0" * 64},
    f"{API}/registrations": {"tech_field": "电子信息"},
    f"{API}/registrations/{{registration_id}}/decisions": {"decision": "refuse"},
    f"{API}/deals/{{deal_id}}/successor-offers": {"words": "按贵方另一次报价另行签约。"},
    f"{API}/intents/{{intent_id}}/consents": {"consents": False},
    f"{API}/intents/{{intent_id}}/documents": {},
    f"{API}/intents/{{intent_id}}/withdrawal": None,
    f"{API}/restrictions": {"source": "失信被执行人名单，示例法院决定书第二号"},
    f"{API}/restrictions/{{restriction_id}}/decisions": {"confirms": False},
    f"{API}/restrictions/{{restriction_id}}/liftings": {"reason": "另一个理由。"},
    f"{API}/successor-offers/{{offer_id}}/answers": {"accepts": False},
    f"{API}/suspicions/{{suspicion_id}}/decisions": {"clears": False},
}


def test_every_route_that_takes_a_key_is_repeated_here(app: FastAPI) -> None:
    described = app.openapi()["paths"]
    keyed = {
        f"{method.upper()} {path}"
        for path, item in described.items()
        for method, operation in item.items()
        if "Idempotency-Key" in str(operation.get("parameters"))
    }
    assert set(OTHER) == keyed


@pytest.mark.parametrize("row", OTHER)
async def test_a_repeat_makes_nothing_new(
    row: str, app: FastAPI, world: World, world_database: UndoneDatabase
) -> None:
    ask, changes = ASKS[row], OTHER[row]
    caller = "fit" if ask.scope else "owner"
    async with world_database.undoing():
        first = await call(app, world, row, ask, caller, "key-1")
        again = await call(app, world, row, ask, caller, "key-1")
        assert first.status == read_table()[row][caller]
        assert (again.status, again.text) == (first.status, first.text)
        if changes is None:
            return
        body, file = ask.body, ask.file and ask.file + b'{"application_no": "y"}\n'
        changed = (lambda world: {**body(world), **changes}) if body is not None else None
        other = await call(app, world, row, replace(ask, body=changed, file=file), caller, "key-1")
        assert (other.status, json.loads(other.text)["code"]) == (422, "idempotency-key-reused")
