"""Who could take a task: the search that people who order see, and the one truth about who is free and covered (R10).

Staff get `Found` and nothing else: what the expert has agreed to show (`experts.shown`), and facts of the work. What is
not shown does not match for them either (P4).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import MD5, Cast, Concat

from assignments.models import Session
from assignments.reasons import Asked, reasons
from assignments.states import OfferState, SessionState
from experts.actions import noted_topic_search, noted_topics_shown
from experts.busy import without_busy
from experts.facts import areas_of, with_areas
from experts.models import Area, Contract, Expert, ExpertTopic
from experts.querysets import ExpertQuerySet
from experts.shown import Stage, shown_facts, spoken
from office.choices import WORK_LANGUAGES, Role
from office.planning import by_its_values
from office.workdays import local_date
from training.conditions import lacks_one, trained

if TYPE_CHECKING:
    from office.models import User

#: Work agreed in this time counts in the order of the results (docs/decisions/0030).
RECENT = timedelta(weeks=4)
#: So many times or more count as the same: whoever has so much comes after the others anyway, in turn.
MOST_COUNTED = 20
MOST_KEPT_OUT = 20

Times = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True)
class Wanted:
    """What is asked for; what is empty does not restrict. `times` are UTC, half-open."""

    topic_id: int | None = None
    language: str = ""
    kind: str = ""
    area_id: int | None = None
    remote: bool | None = None
    times: Times = field(default=())
    #: Whose orders these are: work done there before is told as a reason, and restricts nothing.
    unit_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Found:
    """What may be shown of an expert to the one who asks. `unpublished` is filled for the coordinator only."""

    pk: int
    name: str
    topics: list[Any]
    unpublished: list[Any]
    introduction: str
    introduction_language: str
    languages: list[Any]
    areas: list[Area]
    availability: str
    municipality: str
    training: str
    on_site: bool
    remote: bool
    #: Times agreed lately, at most ``MOST_COUNTED``: then they may be more.
    recent: int
    reasons: list[str] = field(default_factory=list)

    @property
    def or_more(self) -> bool:
        return self.recent >= MOST_COUNTED


def sees_everything(user: "User") -> bool:
    """Whether full names and unpublished topics are shown: to the coordinator."""
    return user.has_role(Role.COORDINATOR)


def matching(user: "User", wanted: Wanted, day: date) -> ExpertQuerySet:
    """Experts who take work on the day (today) and suit the task, whether free or not."""
    found = Expert.objects.findable_by(user, day)
    if wanted.topic_id is not None:
        topics = ExpertTopic.objects.filter(expert=OuterRef("pk"), topic=wanted.topic_id)
        found = found.filter(Exists(topics if sees_everything(user) else topics.filter(published=True)))
    if wanted.language:
        found = found.filter(work_languages__contains=[wanted.language])
    if wanted.kind:
        found = found.filter(Q(kinds__contains=[wanted.kind]) | Q(kinds=[]))
    if wanted.area_id is not None:  # who has chosen no areas works in all of them
        found = found.filter(Exists(_areas().filter(area=wanted.area_id)) | ~Exists(_areas()))
    if wanted.remote is not None:
        found = found.filter(remote=True) if wanted.remote else found.filter(on_site=True)
    return found


def _areas() -> QuerySet[Any]:
    return Expert.areas.through.objects.filter(expert=OuterRef("pk"))


def covered(experts: ExpertQuerySet, wanted: Wanted, at: datetime) -> ExpertQuerySet:
    """Those whose contract covers every day asked for and the kind of work (R26); without a time, from today on."""
    if wanted.times:
        return experts.with_contracts({local_date(starts_at) for starts_at, _ends_at in wanted.times}, wanted.kind)
    today = local_date(at)
    contracts = Contract.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=today), expert=OuterRef("pk"), state__in=["in_force", "ended"]
    )
    return experts.filter(Exists(contracts.filter(kinds__contains=[wanted.kind]) if wanted.kind else contracts))


def free(experts: ExpertQuerySet, times: Times) -> ExpertQuerySet:
    """Those who are not away, and have no agreed session, open offer or supervision, at any of the times."""
    if not times:
        return experts
    clashing = Session.objects.at_times(times)
    agreed = clashing.taking_time().filter(expert__isnull=False)
    offered = clashing.filter(state=SessionState.PLANNED, order__offers__state__in=[OfferState.WAITING, OfferState.CAN])
    # sets, not a question for each expert: joined into one, half a dozen of them take longer to plan than to answer
    return (
        without_busy(experts.present(times), times)
        .exclude(pk__in=agreed.values("expert"))
        .exclude(pk__in=offered.values("order__offers__expert"))
    )


class _HowMany(Subquery):
    """The number of rows, counted from an index alone, without a group for each."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def in_fair_order(experts: ExpertQuerySet, at: datetime) -> ExpertQuerySet:
    """Fewest sessions agreed lately first; equal ones change places from day to day. A no counts for nothing (R3)."""
    lately = Session.objects.filter(
        expert=OuterRef("pk"), state__in=[SessionState.AGREED, SessionState.CLOSED], agreed_at__gt=at - RECENT
    )
    turn = MD5(Concat(Value(f"{local_date(at):%Y%m%d}-"), Cast("pk", CharField())))  # the same all day for everybody
    counted = _HowMany(lately.order_by().values("expert")[:MOST_COUNTED])
    return experts.annotate(recent=counted).order_by("recent", turn, "pk")


def _able(user: "User", wanted: Wanted, at: datetime) -> ExpertQuerySet:
    """Those who suit, are covered by a contract and free."""
    return free(covered(matching(user, wanted, local_date(at)), wanted, at), wanted.times)


def _first_day(wanted: Wanted, at: datetime) -> date:
    """The first day asked for; what is completed by then is completed by the others; without a time, today."""
    return min((local_date(starts_at) for starts_at, _ends_at in wanted.times), default=local_date(at))


def find(user: "User", wanted: Wanted, *, at: datetime) -> ExpertQuerySet:
    """Those who suit, are covered by a contract, free, and trained as the kind of work requires, in fair order.

    Pages of it go through `present`.
    """
    return in_fair_order(trained(_able(user, wanted, at), wanted.kind, _first_day(wanted, at)), at)


@dataclass(frozen=True)
class Ranked:
    """Everybody who is found, in fair order, with the times agreed lately; and whom only a training keeps out."""

    found: dict[int, int]
    #: For the coordinator alone; at most ``MOST_KEPT_OUT``, by name.
    kept_out: list[Expert] = field(default_factory=list)


def ranked(user: "User", wanted: Wanted, *, at: datetime) -> Ranked:
    """The keys of what `find` finds: one query for count and page, and one more when a training keeps somebody out."""
    if not wanted.kind or not sees_everything(user):
        with by_its_values():
            return Ranked(dict(find(user, wanted, at=at).values_list("pk", "recent")))  # type: ignore[misc]  # annotated
    able = _able(user, wanted, at).annotate(lacks=lacks_one(wanted.kind, _first_day(wanted, at)))
    with by_its_values():
        rows = list(in_fair_order(able, at).values_list("pk", "recent", "lacks"))  # type: ignore[misc]  # annotated
    without = [pk for pk, _recent, lacks in rows if lacks]
    kept_out = list(Expert.objects.filter(pk__in=without)[:MOST_KEPT_OUT]) if without else []
    return Ranked({pk: recent for pk, recent, lacks in rows if not lacks}, kept_out)


def present(
    experts: ExpertQuerySet | dict[int, int], user: "User", language: str, wanted: Wanted | None = None
) -> list[Found]:
    """What may be shown of a page of `find` (or of its `ranked`), and why they suit `wanted`; the introduction in the
    reader's language.

    Two queries, a third one when an area was asked for.
    """
    wanted = wanted or Wanted()
    asked = Asked(
        topic_id=wanted.topic_id,
        language=wanted.language,
        area=Area.objects.filter(pk=wanted.area_id).first() if wanted.area_id else None,
        times=len(wanted.times),
    )
    here = Session.objects.taking_time().filter(expert=OuterRef("pk"), unit__in=wanted.unit_ids)
    everything = sees_everything(user)
    topics = ExpertTopic.objects.select_related("topic").filter(topic__is_active=True).order_by("topic__name_fi")
    chosen = Expert.objects.filter(pk__in=experts) if isinstance(experts, dict) else experts
    rows = with_areas(chosen.annotate(worked_here=Exists(here))).prefetch_related(
        Prefetch("expert_topics", topics if everything else topics.filter(published=True))
    )
    if isinstance(experts, dict):
        by_key = {expert.pk: expert for expert in rows}
        found = [(by_key[pk], recent) for pk, recent in experts.items() if pk in by_key]
    else:
        found = [(expert, getattr(expert, "recent", 0)) for expert in rows]
    return [_found(expert, asked, recent=recent, everything=everything, language=language) for expert, recent in found]


def _found(expert: Expert, asked: Asked, *, recent: int, everything: bool, language: str) -> Found:
    facts = shown_facts(expert, Stage.BEFORE)
    own = {"fi": expert.introduction_fi, "sv": expert.introduction_sv} if everything else facts.introduction
    introduction, its_language = spoken(own, language)
    names = dict(WORK_LANGUAGES)
    topics = list(expert.expert_topics.all())
    areas = areas_of(expert)
    worked_here: bool = expert.worked_here  # type: ignore[attr-defined]  # annotated by present
    return Found(
        pk=expert.pk,
        name=str(expert) if everything else facts.name,
        topics=[row.topic for row in topics if row.published],
        unpublished=[row.topic for row in topics if not row.published],
        introduction=introduction,
        introduction_language=its_language,
        languages=[names.get(code, code) for code in expert.work_languages],
        areas=areas,
        availability=expert.availability,
        municipality=expert.municipality if everything else facts.municipality,
        training=expert.training if everything else facts.training,
        on_site=expert.on_site,
        remote=expert.remote,
        recent=recent,
        reasons=reasons(asked, topics=[row.topic for row in topics], areas=areas, worked_here=worked_here),
    )


def note_search(user: "User", wanted: Wanted, *, at: datetime) -> None:
    """A search by topic is a look at health data: who, when and which topic, for the coordinator's list of looks."""
    if wanted.topic_id is not None:
        noted_topic_search(wanted.topic_id, by=user, at=at)


def note_shown(user: "User", found: Sequence[Found], *, at: datetime) -> None:
    """Topics without consent on the page are a look at each of those records."""
    noted_topics_shown([expert.pk for expert in found if expert.unpublished], by=user, at=at)
