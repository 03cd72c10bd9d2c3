"""Dated rules (交易规则参数): read by everybody, changed by two people of the desks, each value with its source."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field, StringConstraints

from app.api.calendar import Source
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.rulebook.changing import NewRule, decide_proposal, propose_rule
from app.rulebook.queries import ProposalView, get_proposal, list_proposals, list_rules

router = Router(tags=["rulebook"])

ProposalId = Annotated[UUID, Path(description="规则修改 / the proposal's id")]
RuleKey = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=80),
    Field(examples=["notice.period"]),
]
Number = Annotated[int, Field(ge=0)]
Word = Annotated[str, StringConstraints(max_length=200)]
Value = bool | Number | Word | Annotated[list[Word], Field(max_length=50)] | dict[Word, bool | Number | Word]
_VALUE = Field(
    description="取值，与现行取值同类 / of the kind of the present value",
    examples=[{"count": 15, "unit": "day"}],
)


class DatedRuleOut(Wire):
    """One row of the rulebook; ``valid_to`` is the first day on which it holds no more."""

    id: UUID
    key: str = Field(examples=["notice.period"])
    board: str = Field(examples=["standard"])
    jurisdiction: str = Field(description="CN 或省级行政区划代码 / or a GB/T 2260 code", examples=["330000"])
    value: Any = _VALUE
    valid_from: date
    valid_to: date | None
    source: str
    standing: Literal["past", "in_force", "coming"]


class DatedRulesOut(Wire):
    """All rules with their history."""

    items: list[DatedRuleOut]


class RuleProposalIn(Wire):
    """A new value; it takes effect on a day after today, once another person has approved it."""

    key: RuleKey
    board: Literal["standard", "demo"] = "standard"
    jurisdiction: str = Field(default="CN", pattern="^(CN|[0-9]{2}0000)$", examples=["330000"])
    value: Value = _VALUE
    valid_from: date = Field(examples=["2027-01-01"])
    source: Source


class RuleProposalOut(Wire):
    """A proposal with what became of it."""

    id: UUID
    key: str
    board: str
    jurisdiction: str
    value: Any = _VALUE
    valid_from: date
    source: str
    proposed_by: str = Field(examples=["审核岗 01"])
    proposed_at: datetime
    decision: Literal["approve", "reject"] | None
    reason: str
    decided_by: str | None
    decided_at: datetime | None
    rule_id: UUID | None


class RuleDecisionIn(Wire):
    """The other person's decision; a rejection gives a reason."""

    decision: Literal["approve", "reject"]
    reason: str = Field(default="", max_length=500, examples=["来源条款已废止，请核对后再提。"])


def _proposal_out(view: ProposalView) -> RuleProposalOut:
    names = {"proposed_by": view.proposed_by, "decided_by": view.decided_by}
    columns = {column.name: getattr(view.proposal, column.name) for column in view.proposal.__table__.columns}
    return RuleProposalOut(**{**columns, **names})


@router.get("/dated-rules", operation_id="list_dated_rules", responses=problems(422))
async def rules(
    db: DbDep,
    key: Annotated[RuleKey | None, Query(description="只看一项 / one rule only")] = None,
) -> DatedRulesOut:
    """交易规则参数及其沿革，公开 / The dated rules with their history, open to everybody."""
    return DatedRulesOut(items=[DatedRuleOut.model_validate(rule) for rule in await db.read(list_rules, key)])


@router.get("/rule-proposals", operation_id="list_rule_proposals", responses=problems(401, 403, 422))
async def proposals(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    open: Annotated[bool, Query(description="只看待批的 / undecided ones only")] = False,  # noqa: A002, FBT002 - a query parameter
) -> PageOf[RuleProposalOut]:
    """规则修改，最新在前 / Proposals, the newest first, for the desks that keep the rules and the supervisor."""
    rows = await db.read(list_proposals, caller, is_open=open, before_id=page.after_id, limit=page.fetch)
    shown, cursor = page.cut(rows, lambda view: view.proposal.id)
    return PageOf[RuleProposalOut](items=[_proposal_out(view) for view in shown], next_cursor=cursor)


@router.post(
    "/rule-proposals",
    status_code=201,
    operation_id="propose_rule",
    responses=problems(401, 403, 404, 409, 422),
)
async def propose(
    body: RuleProposalIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> RuleProposalOut:
    """提出规则修改（审核岗、场务岗）；另一人批准后自生效日起施行 / Proposes a new value; another person approves it."""
    new = NewRule(**body.model_dump())
    made = await db.write(
        once, caller, key, "propose_rule", body, lambda session: propose_rule(session, caller, new)
    )
    return _proposal_out(await db.read(get_proposal, caller, made))


@router.post(
    "/rule-proposals/{proposal_id}/decision",
    status_code=201,
    operation_id="decide_rule_proposal",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    proposal_id: ProposalId, body: RuleDecisionIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> RuleProposalOut:
    """批准或否决，不得是提出人 / Approves or rejects a proposal; never by whoever made it."""
    await db.write(
        once,
        caller,
        key,
        "decide_rule_proposal",
        body,
        lambda session: decide_proposal(session, caller, proposal_id, body.decision, body.reason),
        subject=proposal_id,
    )
    return _proposal_out(await db.read(get_proposal, caller, proposal_id))
