"""Induction in the demonstration office: guides in two versions, checklists in every state, units ready and not."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from desk.demo_cast import UnitCast
from experts.models import Expert
from induction import actions
from induction.models import ChecklistRow, GuideRead, GuideVersion, Induction, InductionItem
from induction.states import InductionState
from induction.work import agreed_work
from office.models import LogEntry, Unit, User
from office.workdays import at_wall_clock, local_date, next_working_day

Sort = ChecklistRow.Sort

#: By the unit's code: the unit's own text in Finnish and in Swedish (empty: not yet written).
TEXTS = {
    "101": (
        """\
# Näin tulet sisään
Soita ovikelloa pihan puolella. Ilmoittaudu vastaanotossa, saat sieltä vierailijakortin.

# Ihmiset
- Aamupalaveri on joka arkipäivä kello 8.30. Olet tervetullut mukaan.
- Ryhmissä on aina mukana yksi hoitaja.

# Tavat
- Kahvi on kaikille yhteistä, ota vapaasti.
- Huoneet varataan vastaanotosta. Ovi jätetään raolleen.
- Jos jokin huolestuttaa, kerro siitä hoitajalle ennen kuin lähdet.""",
        """\
# Så här kommer du in
Ring på dörrklockan på gårdssidan. Anmäl dig i receptionen, där får du ett besökskort.

# Människorna
- Morgonmötet är varje vardag klockan 8.30. Du är välkommen med.
- I grupperna är det alltid en vårdare med.

# Rutiner
- Kaffet är för alla, ta för dig.
- Rummen bokas i receptionen. Dörren lämnas på glänt.
- Om något oroar dig ska du berätta det för en vårdare innan du går.""",
    ),
    "102": (
        """\
# Näin tulet sisään
Ovi on auki kello 8–16. Walk-in-tila on heti oikealla.

# Tavat
- Päihtynyttä asiakasta ei lähetetä pois yksin. Hae työntekijä.
- Puhelimet ovat äänettömällä.""",
        """\
# Så här kommer du in
Dörren är öppen klockan 8–16. Walk-in-rummet ligger genast till höger.

# Rutiner
- En berusad klient skickas inte iväg ensam. Hämta en anställd.
- Telefonerna är på ljudlöst.""",
    ),
    "103": (
        "",
        """\
# Så här kommer du in
Kom genom caféet. Nyckeln till grupprummet finns hos Benita.

# Rutiner
- Vi äter lunch tillsammans klockan 11.30.
- Gruppen bestämmer själv dagens tema.""",
    ),
    "701": (
        """\
# Näin tulet sisään
Ilmoittaudu neuvonnassa. Takit jätetään naulakkoon.

# Tavat
- Puhu rauhallisesti ja selvästi.
- Kotikäynnille mennään aina työntekijän kanssa.""",
        """\
# Så här kommer du in
Anmäl dig vid rådgivningen. Ytterkläderna lämnas i garderoben.

# Rutiner
- Tala lugnt och tydligt.
- Hembesök görs alltid tillsammans med en anställd.""",
    ),
}

#: Rows of a unit's own (Finnish, Swedish).
ROWS = {
    "101": (("Hälytyspainike kokeiltu", "Larmknappen provad"), ("Aamupalaveriin tutustuttu", "Morgonmötet besökt")),
    "102": (("Walk-in-tilan kalusteet ja ovi", "Möblerna och dörren i walk-in-rummet"),),
}


def load(units: list[UnitCast], *, coordinator: User, begun: datetime, now: datetime) -> None:
    """Writes it as it stands at ``now``; the office took the usual texts at ``begun``. After the orders."""
    guides = _common(coordinator, begun, now)
    for n, cast in enumerate(units):
        guides += _own(cast, _work_day(begun, 6 + n), now)
        _readiness(cast, n, _work_day(begun, 10 + n))
    _reads(guides, now)
    _checklists(units, now)


def _work_day(begun: datetime, days: int) -> datetime:
    """Nine o'clock on the first working day after so many days."""
    return at_wall_clock(next_working_day(local_date(begun + timedelta(days=days))), time(9, days))


def _publish(unit: Unit | None, fi: str, sv: str, by: User, at: datetime) -> GuideVersion:
    draft = actions.save_draft(unit, text_fi=fi, text_sv=sv, seen=0, by=by, at=at)
    actions.publish(draft, seen=1, by=by, at=at + timedelta(hours=1))
    draft.refresh_from_db()
    return draft


def _common(coordinator: User, begun: datetime, now: datetime) -> list[GuideVersion]:
    """The usual texts, and a second version of the guide a fortnight ago."""
    actions.take_usual(by=coordinator, at=begun)
    first = GuideVersion.objects.get()
    actions.publish(first, seen=1, by=coordinator, at=_work_day(begun, 3))
    first.refresh_from_db()
    fi = first.text_fi.replace(
        "Hätänumero on 112.", "Hätänumero on 112. Kerro tapahtuneesta samana päivänä koordinaattorille."
    )
    sv = first.text_sv.replace(
        "Nödnumret är 112.", "Nödnumret är 112. Berätta samma dag för koordinatorn vad som hände."
    )
    return [first, _publish(None, fi, sv, coordinator, now - timedelta(days=13))]


def _own(cast: UnitCast, at: datetime, now: datetime) -> list[GuideVersion]:
    for name_fi, name_sv in ROWS.get(cast.facts.code, ()):
        row = ChecklistRow(unit=cast.unit, sort=Sort.INDUCTION, name_fi=name_fi, name_sv=name_sv)
        actions.save_row(row, by=cast.named, at=at)
    if cast.facts.code not in TEXTS:
        return []
    fi, sv = TEXTS[cast.facts.code]
    made = _publish(cast.unit, fi, sv, cast.named, at)
    if cast.facts.code == "102":  # the next version is being written
        text = f"{fi}\n- Uusi hälytyspainike on oven vieressä."
        actions.save_draft(cast.unit, text_fi=text, text_sv=sv, seen=0, by=cast.deputy, at=now - timedelta(hours=26))
    return [made]


def _readiness(cast: UnitCast, n: int, at: datetime) -> None:
    """Most units are ready; every fourth has begun, one has not."""
    rows = list(ChecklistRow.objects.for_unit(cast.unit.pk).filter(sort=Sort.READINESS).values_list("pk", flat=True))
    ticked = rows if n % 4 != 3 else rows[: n % len(rows)]
    if n != 9:
        actions.mark_ready(cast.unit, on=ticked, off=(), by=cast.named, at=at)


def _reads(guides: list[GuideVersion], now: datetime) -> None:
    """Who has an account has read the first version; two of three the second; most the units' own."""
    pairs = set(agreed_work().values_list("expert", "unit").distinct())
    experts = list(Expert.objects.exclude(user=None).order_by("pk"))

    def reads() -> Iterator[GuideRead]:
        for n, expert in enumerate(experts):
            for version in guides:
                here = version.unit_id is None or (expert.pk, version.unit_id) in pairs
                skips = n % 3 == 0 if version.number > 1 else n % 5 == 4
                if here and not skips:
                    moment = min((version.published_at or now) + timedelta(days=1 + n % 9, minutes=7 * n), now)
                    language = "sv" if expert.language == "sv" and version.text_sv else "fi"
                    yield GuideRead(expert=expert, version=version, read_at=moment, language=language)

    GuideRead.objects.bulk_create(reads())


def _checklists(units: list[UnitCast], now: datetime) -> None:
    """Who has worked has been inducted, some still are; who comes for the first time has no checklist yet."""
    by_unit = {cast.unit.pk: cast for cast in units}
    firsts: dict[tuple[int, int], datetime] = {}
    for expert, unit, starts_at in agreed_work().order_by("starts_at").values_list("expert", "unit", "starts_at"):
        firsts.setdefault((expert, unit), starts_at)
    experts = Expert.objects.in_bulk()
    rows: dict[int, list[ChecklistRow]] = {}
    for cast in units:
        found = ChecklistRow.objects.for_unit(cast.unit.pk).filter(sort=Sort.INDUCTION, is_active=True)
        rows[cast.unit.pk] = list(found)
    inductions, items, entries = [], [], []
    for n, ((expert_pk, unit_pk), first) in enumerate(sorted(firsts.items())):
        cast, started = by_unit[unit_pk], min(first - timedelta(days=2), now - timedelta(days=1))
        if first > now - timedelta(days=3) or n % 9 == 7 or experts[expert_pk].user_id == cast.named.pk:
            continue
        done = n % 6 != 4
        made = Induction(
            expert_id=expert_pk,
            unit_id=unit_pk,
            state=InductionState.DONE if done else InductionState.OPEN,
            started_at=started,
            started_by=cast.named,
            done_at=started + timedelta(hours=2) if done else None,
            done_by=cast.named if done else None,
        )
        inductions.append(made)
        upto = len(rows[unit_pk]) if done else 2 + n % 6
        for place, row in enumerate(rows[unit_pk], start=1):
            ticked = (
                {"ticked_at": started + timedelta(minutes=5 * place), "ticked_by": cast.named} if place <= upto else {}
            )
            items.append(
                InductionItem(induction=made, row=row, name_fi=row.name_fi, name_sv=row.name_sv, place=place, **ticked)
            )
    Induction.objects.bulk_create(inductions)
    InductionItem.objects.bulk_create(items)
    for made in inductions:
        facts = {"object_type": made._meta.label_lower, "object_id": made.pk, "actor_id": made.started_by_id}
        entries.append(LogEntry(kind="induction.start", at=made.started_at, to_state="open", **facts))
        if made.done_at:
            entries.append(
                LogEntry(kind="induction.finish", at=made.done_at, from_state="open", to_state="done", **facts)
            )
    LogEntry.objects.bulk_create(entries)
