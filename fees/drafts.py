"""What somebody is typing about the times of a month, and whether another window has written meanwhile (questions)."""

from collections.abc import Iterable, Mapping

from assignments import texts
from assignments.models import Session
from fees.models import RowDraft
from office.models import User

#: The fields of a row that are kept while they are typed.
FIELDS = ("choice", "starts", "ends", "reason", "event", "used_for", "km")


def drafts_of(sessions: Iterable[Session], by: User) -> dict[int, RowDraft]:
    """The person's own drafts by session (one query)."""
    return {draft.session_id: draft for draft in RowDraft.objects.filter(session__in=list(sessions), written_by=by)}


def seen_of(session: Session, draft: RowDraft | None) -> str:
    """What a window has seen of a time: when it was marked, and how often its draft was saved."""
    marked = session.recorded_at.timestamp() if session.recorded_at else 0
    return f"{marked:.6f}/{draft.version if draft else 0}"


def in_words(session: Session, draft: RowDraft | None) -> str:
    """What stands on the server: the draft when there is one, else the mark."""
    if draft is not None:
        return typed_words(draft.values)
    return texts.describe_outcome(session) if session.outcome else ""


def typed_words(values: Mapping[str, str]) -> str:
    """What was typed, as it was typed: times, reason, what the time was used for."""
    from fees.forms import SessionForm  # noqa: PLC0415 - the form asks for drafts

    labels = dict(SessionForm.base_fields["choice"].choices)  # type: ignore[attr-defined]  # a ChoiceField
    times = "–".join(values[name] for name in ("starts", "ends") if values.get(name))
    said = [str(labels.get(values.get("choice", ""), "")), times if values.get("choice") == "changed" else ""]
    said += [values.get("reason", ""), values.get("used_for", "")]
    return ". ".join(part for part in said if part)
