"""Versions of the guides, and who has read them."""

from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from induction.actions.common import only_keeper
from induction.models import GuideRead, GuideVersion
from induction.states import GUIDE, GuideState
from office.actions import log, move
from office.errors import Conflict, Refused
from office.models import Unit, User
from office.saving import readable, save


def _of(unit: Unit | None) -> dict[str, object]:
    return {"unit__isnull": True} if unit is None else {"unit": unit}


def save_draft(unit: Unit | None, *, text_fi: str, text_sv: str, seen: int, by: User, at: datetime) -> GuideVersion:
    """Writes the draft of the guide; the first one after a published version gets the next number.

    ``seen``: how often the draft had been saved when the form was opened (0: there was none). Conflict when somebody
    else has saved meanwhile.
    """
    only_keeper(by, unit.pk if unit else None)
    with readable():
        versions = GuideVersion.objects.filter(**_of(unit))
        draft = versions.select_for_update().filter(state=GuideState.DRAFT).first()
        if (draft.saves if draft else 0) != seen:
            raise Conflict(_("Somebody has changed the draft meanwhile. Copy your text and open the page again."))
        if draft is None:
            last = versions.aggregate(last=Max("number"))["last"] or 0
            draft = GuideVersion(unit=unit, number=last + 1)
        draft.text_fi, draft.text_sv = text_fi.strip(), text_sv.strip()
        draft.saves, draft.changed_at, draft.changed_by = seen + 1, at, by
        save(draft)
        log("guideversion.save", draft, by=by, at=at)
    return draft


def drop_draft(draft: GuideVersion, *, by: User, at: datetime) -> None:
    """Removes a draft. A second click is harmless; a published version is refused."""
    only_keeper(by, draft.unit_id)
    with readable():
        held = GuideVersion.objects.select_for_update().filter(pk=draft.pk).first()
        if held is None:
            return
        if held.state != GuideState.DRAFT:
            raise Refused(_("A published version is never changed. Write a new one."))
        log("guideversion.drop", held, by=by, at=at)
        held.delete()


def publish(draft: GuideVersion, *, seen: int, by: User, at: datetime) -> None:
    """Publishes the draft as it was seen; from now on it is never changed. A second click is harmless."""
    only_keeper(by, draft.unit_id)
    with readable():
        held = GuideVersion.objects.select_for_update().get(pk=draft.pk)
        if held.state == GuideState.PUBLISHED:
            return
        if held.saves != seen:
            raise Conflict(_("Somebody has changed the draft meanwhile. Read it again before you publish it."))
        transition = GUIDE["publish_common" if held.unit_id is None else "publish"]
        move(held, transition, by=by, at=at, unit_id=held.unit_id, published_at=at, published_by=by)


def note_read(version: GuideVersion, expert: Expert, *, language: str, by: User, at: datetime) -> None:
    """The expert tells that they have read the version. Nobody tells it for another. A second click is harmless."""
    if expert.user_id != by.pk:
        raise Refused(_("You may not do this."))
    with readable():
        if not GuideVersion.objects.current().filter(pk=version.pk).exists():
            raise Conflict(_("A new version has been published. Read that one."))
        _read, made = GuideRead.objects.get_or_create(
            expert=expert, version=version, defaults={"read_at": at, "language": language}
        )
        if made:
            log("guideversion.read", version, by=by, at=at)
