"""The demonstration's registry: areas, consents of different kinds, days away, breaks, looks, saved views."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from experts import actions as registry
from experts.models import Area, Expert, ReadLog, SavedView
from office.models import User
from office.workdays import local_date

#: What experts show before and after they have accepted: from everything to nothing but the name's beginning.
CONSENTS: tuple[tuple[list[str], list[str]], ...] = (
    (["introduction"], ["introduction", "last_name", "phone"]),
    (["introduction", "municipality", "training"], ["introduction", "municipality", "training", "last_name", "phone"]),
    (["introduction"], ["introduction", "last_name", "phone", "email"]),
    ([], ["introduction", "last_name"]),
    (["training"], ["training", "last_name", "email"]),
    ([], []),
)
AVAILABILITY = {
    "fi": ("Arkisin klo 9–15", "", "Maanantaista keskiviikkoon", "Iltapäivisin, myös etänä", ""),
    "sv": ("Vardagar kl. 9–15", "", "Måndag till onsdag", "Eftermiddagar, också på distans", ""),
}


def shared(n: int, language: str) -> dict[str, Any]:
    """What the n-th expert of the registry shows, and when it suits."""
    before, after = CONSENTS[n % len(CONSENTS) if n > 2 else 0]  # those who work most show the usual
    words = AVAILABILITY["sv" if language == "sv" else "fi"]
    return {"shown_before": before, "shown_after": after, "availability": words[n % len(words)]}


def areas_of(n: int, municipality: str, areas: Sequence[Area]) -> list[int]:
    """The own municipality and a neighbour; every fourth works everywhere."""
    own = [place for place, area in enumerate(areas) if municipality in {area.name_fi, area.name_sv}]
    if n % 4 == 3 or not own:
        return []
    return sorted({areas[own[0]].pk, areas[(own[0] + 1 + n % 2) % len(areas)].pk})


def breaks(quiet: Sequence[Expert], *, by: User, now: datetime) -> None:
    """On a break with an end, without one, and one whose break is over (all have nothing agreed ahead)."""
    today = local_date(now)
    cases = (
        ("own_wish", today + timedelta(days=45), now - timedelta(hours=20)),
        ("work_or_studies", None, now - timedelta(days=9)),
        ("own_wish", today - timedelta(days=3), now - timedelta(days=33)),
    )
    for expert, (reason, until, at) in zip(quiet, cases, strict=False):
        registry.pause(Expert.objects.get(pk=expert.pk), by=by, at=at, reason=reason, until=until)


def absences(experts: Sequence[Expert], *, by: User, now: datetime) -> None:
    """Days away now and ahead, where nothing is agreed; most by the experts themselves."""
    today = local_date(now)
    spans = ((60, 81), (-2, 5), (12, 18), (30, 30))
    for n, expert in enumerate(experts[::3]):
        for start, end in (spans[n % 4], spans[0]) if n % 2 else (spans[n % 4],):
            first, last = today + timedelta(days=start), today + timedelta(days=end)
            busy = expert.sessions.filter(state="agreed", starts_at__date__gte=first, starts_at__date__lte=last)
            asked = expert.offers.filter(state="waiting").exists()
            if not asked and not busy.exists():
                registry.add_absence(
                    expert, first, last, by=expert.user or by, at=now - timedelta(days=3 + n, hours=2 * n)
                )


def looks(experts: Sequence[Expert], *, by: User, now: datetime) -> None:
    """Who has looked lately, and the coordinator's own views."""
    rows = [
        ReadLog(
            at=now - timedelta(days=12 - n // 2, hours=n % 5),
            reader=by,
            expert=expert,
            what=("page", "edit")[n % 3 == 2],
        )
        for n, expert in enumerate(experts[:14])
    ]
    topic = experts[0].expert_topics.values_list("topic_id", flat=True).first()
    rows.append(ReadLog(at=now - timedelta(days=2), reader=by, what=f"topic search:{topic}"))
    rows += [ReadLog(at=now - timedelta(days=1), reader=by, expert=one, what="export") for one in (None, *experts)]
    ReadLog.objects.bulk_create(rows)
    for name, query in (
        ("Sopimus päättyy, ryhmänohjaus", "kind=group&look=ending"),
        ("Ruotsinkieliset, etänä", "state=active&language=sv&way=remote"),
    ):
        SavedView.objects.create(user=by, page="registry", name=name, query=query)
