"""The certificate of a completed notice (公示证明) as a sheet, from the document that was fixed when it was completed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.clock import to_shanghai
from app.settlement.sheets import Amount, Row, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS = {"day": "日", "working_day": "个工作日", "second": "秒（演示）"}
_MODES = {
    "assign": "转让",
    "license": "许可",
    "joint_implement": "合作实施",
    "invest_in_kind": "作价投资",
    "other": "其他",
}
_DECISIONS = {"reject": "异议不成立", "uphold": "异议成立"}


def _shown(instant: str) -> str:
    moment = datetime.fromisoformat(instant).astimezone(UTC)
    return to_shanghai(moment).strftime("%Y-%m-%d %H:%M")


def _line(objection: Mapping[str, Any]) -> list[str]:
    """What became of one objection, as a line of the table."""
    decision = _DECISIONS.get(objection["decision"], "")
    return [str(objection["number"]), _shown(objection["filed_at"]), decision, objection["decided_body"]]


def notice_sheet(document: Mapping[str, Any], sha256: str, *, issuer_zh: str, verify_url: str) -> Sheet:
    """Writes the certificate: what was announced, where, how long, and what became of each objection."""
    period, listing, seller = document["period"], document["listing"], document["seller"]
    objections = document["objections"]
    where = (
        f"{document['posted_at_unit']}；本市场公示栏" if document["on_market"] else document["posted_at_unit"]
    )
    return Sheet(
        title_zh="公示证明",
        title_en="Certificate of public notice",
        number=f"{document['notice_no']}-{document['version']}",
        issuer_zh=issuer_zh,
        issued_at=datetime.fromisoformat(document["completed_at"]).astimezone(UTC),
        is_demonstration=document["is_demonstration"],
        rows=[
            Row("科技成果", "Achievement", document["achievement_name"], document["abstract"]),
            Row("挂牌项目", "Listing", listing["title"], f"挂牌编号　{listing['listing_no']}"),
            Row(
                "转让方",
                "Seller",
                seller["name"],
                f"统一社会信用代码　{seller['uscc']}" if seller["uscc"] else "",
            ),
            Row("拟受让方", "Transferee", document["transferee"]["name"], document["relation"]),
            Row("转化方式", "Way of transfer", _MODES[document["transfer_mode"]], document["pricing_basis"]),
            Row("公示地点", "Posted at", where),
            Row(
                "公示期",
                "Period",
                f"{period['count']} {_UNITS[period['unit']]}",
                f"{_shown(document['published_at'])} 发布，{_shown(document['ended_at'])} 届满",
            ),
            Row("异议", "Objections", f"{len(objections)} 件" if objections else "公示期内无异议"),
        ],
        amounts=[Amount("拟交易价格", "Intended price", document["price_fen"])],
        heads=["序号", "提出时间", "处理决定", "处理机构"] if objections else (),
        lines=[_line(each) for each in objections],
        statement_zh="上述事项已按促进科技成果转化法第十八条公示，公示期届满，没有未处理的异议。签约的受让方和价格应与公示一致，"
        "价格不得低于公示价格。",
        statement_en="The above was announced under article 18 of the Law on Promoting the Transformation of Achievements. The "
        "period is over and no objection is open. The contract is made with this transferee, at this price or above.",
        verify_url=verify_url,
        fingerprint=sha256,
    )
