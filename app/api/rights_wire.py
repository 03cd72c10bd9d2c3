"""What the rights in a listing's way, their consents and the export class look like."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.api.deps import Wire
from app.trades.right_queries import ListedRights
from app.trades.rights_gate import RightView

Kind = Literal["co_owner", "pledge"]
ConsentState = Literal["none", "waiting", "verified", "refused"]
ExportClassName = Literal["unknown", "free", "restricted", "prohibited"]


class RightConsentOut(Wire):
    """A consent without its document; for the seller's own people and the desk."""

    id: UUID
    given_by: str = Field(examples=["示例研究院"])
    given_on: date
    name: str = Field(examples=["同意书.pdf"])
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    laid_at: datetime
    status: Literal["waiting", "verified", "refused"]
    reason: str
    decided_at: datetime | None


class PatentRightOut(Wire):
    """A co-owner or a pledge; ``consents`` is empty for those whom the documents do not concern."""

    id: UUID
    patent_id: UUID
    application_no: str
    kind: Kind
    holder_name: str
    holder_uscc: str | None
    since_on: date | None
    register_no: str
    needs_consent: bool = Field(
        description="本次权利种类是否要其同意 / whether what is offered needs consent"
    )
    consent: ConsentState
    consents: list[RightConsentOut]


class EarlierLicenceOut(Wire):
    """An earlier licence of the register, without its licensee's name."""

    application_no: str
    kind: Literal["exclusive", "sole", "ordinary"]
    territory: str
    field: str
    starts_on: date
    ends_on: date


class ExportFindingOut(Wire):
    """A patent's export class; the evidence is for the seller and the desk, and null for others."""

    patent_id: UUID
    application_no: str
    export_class: ExportClassName
    is_cleared: bool = Field(description="境外单位能否参加 / whether a foreign party may take part")
    catalogue_code: str = Field(examples=["050302X"])
    licence_no: str | None
    evidence: str | None
    found_at: datetime | None


class ListedRightsOut(Wire):
    """Everything that is declared or found of a listing's patents; ``is_clear`` once no consent is missing."""

    rights: list[PatentRightOut]
    licences: list[EarlierLicenceOut]
    export: list[ExportFindingOut]
    is_clear: bool


def _right_out(view: RightView, *, is_shown: bool) -> PatentRightOut:
    right = view.right
    own = {
        name: getattr(right, name)
        for name in ("id", "patent_id", "kind", "holder_name", "holder_uscc", "since_on", "register_no")
    }
    consents = [RightConsentOut.model_validate(one) for one in view.consents] if is_shown else []
    return PatentRightOut(
        **own,
        application_no=view.application_no,
        needs_consent=view.needs_consent,
        consent=view.consent,
        consents=consents,
    )


def listed_rights_out(found: ListedRights) -> ListedRightsOut:
    """Puts what stands in a listing's way into the shape of its readers."""
    shown = found.shows_papers
    return ListedRightsOut(
        rights=[_right_out(view, is_shown=shown) for view in found.rights],
        licences=[EarlierLicenceOut.model_validate(one) for one in found.licences],
        export=[
            ExportFindingOut(
                patent_id=one.patent_id,
                application_no=one.classed.application_no,
                export_class=one.classed.export_class,
                is_cleared=one.classed.is_cleared,
                catalogue_code=one.finding.catalogue_code if one.finding else "",
                licence_no=one.finding.licence_no if one.finding and shown else None,
                evidence=one.finding.evidence if one.finding and shown else None,
                found_at=one.finding.found_at if one.finding else None,
            )
            for one in found.export
        ],
        is_clear=found.is_clear,
    )
