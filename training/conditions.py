"""What trainings allow: the questions that ordering, offering, accepting and the fee table ask. The rule is pure."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Exists, OuterRef

from experts.querysets import ExpertQuerySet
from office.asked_once import Question
from training import rules
from training.models import ExternalTraining, Participant, Training

_IN_USE = Question(lambda: Training.objects.filter(is_active=True).exclude(kinds=[]))


def required(kind: str) -> list[Training]:
    """The trainings in use that the kind of work requires (one query)."""
    return [training for training in _IN_USE() if kind in training.kinds]


def done_by(expert_id: int) -> dict[str, date]:
    """What the expert has completed, on courses and elsewhere, with the first day of each (one query)."""
    return done_by_each([expert_id])[expert_id]


def done_by_each(experts: Collection[int]) -> dict[int, dict[str, date]]:
    """The same of many experts (one query)."""
    courses = Participant.objects.filter(expert__in=experts, state=Participant.State.COMPLETED).order_by()
    elsewhere = ExternalTraining.objects.filter(expert__in=experts, training__isnull=False).order_by()
    rows = courses.values_list("expert_id", "course__training__code", "ended_on").union(
        elsewhere.values_list("expert_id", "training__code", "completed_on")
    )
    found: dict[int, dict[str, date]] = {expert: {} for expert in experts}
    for expert, code, day in rows:
        if day is not None:  # the database keeps a completion without its day out
            found[expert][code] = min(day, found[expert].get(code, day))
    return found


def done_by_everybody() -> dict[int, dict[str, date]]:
    """Expert → what ``done_by`` says of each (one query). For counting many sessions at once."""
    courses = Participant.objects.filter(state=Participant.State.COMPLETED).order_by()
    elsewhere = ExternalTraining.objects.filter(training__isnull=False).order_by()
    rows = courses.values_list("expert_id", "course__training__code", "ended_on").union(
        elsewhere.values_list("expert_id", "training__code", "completed_on")
    )
    found: dict[int, dict[str, date]] = {}
    for expert_id, code, day in rows:
        if day is not None:
            own = found.setdefault(expert_id, {})
            own[code] = min(day, own.get(code, day))
    return found


def lacking(expert_id: int, kind: str, days: Iterable[date]) -> tuple[Training, date] | None:
    """The first training that the kind of work requires and the expert has not completed by one of the days."""
    needed = {training.code: training for training in required(kind)}
    if not needed:
        return None
    done = done_by(expert_id)
    for day in sorted(days):
        for code in rules.lacking(needed, done, day):
            return needed[code], day
    return None


def lacks_one(kind: str, day: date) -> Exists:
    """The same rule as ``rules.has`` for a whole search: a training is required that was not completed by the day."""
    on_course = Participant.objects.filter(
        expert=OuterRef(OuterRef("pk")),
        course__training=OuterRef("pk"),
        state=Participant.State.COMPLETED,
        ended_on__lte=day,
    )
    elsewhere = ExternalTraining.objects.filter(
        expert=OuterRef(OuterRef("pk")), training=OuterRef("pk"), completed_on__lte=day
    )
    needed = Training.objects.filter(is_active=True, kinds__contains=[kind])
    return Exists(needed.filter(~Exists(on_course), ~Exists(elsewhere)))


def trained(experts: ExpertQuerySet, kind: str, day: date) -> ExpertQuerySet:
    """Those who have completed by the day what the kind of work requires; all, when it requires nothing."""
    return experts.filter(~lacks_one(kind, day)) if kind else experts
