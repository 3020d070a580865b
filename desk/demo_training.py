"""Trainings of the demonstration office: courses over, going on and to come, trainings from elsewhere, papers shown."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from desk.demo_items import POSTINGS
from experts.actions import note_seen_paper
from experts.models import Expert, SeenPaper
from feetables.models import FeeItem, FeeTable
from office.kinds import TaskType as Kind
from office.models import User
from office.workdays import at_wall_clock, is_working_day, local_date, next_working_day
from training import actions
from training.models import Course, ExternalTraining, Participant, Training

SORTS = Training.Sort
#: Code, Finnish, Swedish, what it is.
TRAININGS = (
    ("basic", "Kokemusasiantuntijan peruskoulutus", "Grundutbildning för erfarenhetsexperter", SORTS.INTRODUCTION),
    ("group", "Ryhmänohjaajan koulutus", "Utbildning i grupphandledning", SORTS.FURTHER),
    ("speaker", "Puhujakoulutus", "Talarutbildning", SORTS.FURTHER),
    ("privacy", "Tietosuoja ja salassapito", "Dataskydd och sekretess", SORTS.FURTHER),
)
TRAINER_FI, TRAINER_SV = "Kaarina Lehtovaara, Esimerkkiopisto", "Mats Bergholm, Exempelinstitutet"
LIBRARY, COUNTY_HALL = "Kirjaston ryhmähuone, Porvoo", "Fyrens mötesrum, Lovisa"


def load(*, coordinator: User, begun: datetime, now: datetime) -> None:
    """Everything about trainings, after the months of work: what was agreed before was agreed before."""
    _Trainings(coordinator, begun, now).live()


class _Trainings:
    def __init__(self, coordinator: User, begun: datetime, now: datetime) -> None:
        self.by, self.begun, self.now = coordinator, begun, now
        self.today = local_date(now)
        self.experts = list(Expert.objects.exclude(state=Expert.State.ENDED).order_by("pk"))
        self.trainings: dict[str, Training] = {}

    def live(self) -> None:
        for code, name_fi, name_sv, sort in TRAININGS:
            training = Training(code=code, name_fi=name_fi, name_sv=name_sv, sort=sort)
            self.trainings[code] = actions.save_training(training, by=self.by, at=self.begun)
        self._over()
        self._going_on()
        self._to_come()
        self._from_elsewhere()
        self._conditions()
        self._papers()

    def _day(self, days: int) -> date:
        day = self.today + timedelta(days=days)
        return day if is_working_day(day) else next_working_day(day)

    def _course(
        self, code: str, trainer: str, days: Sequence[int], *, place: str, seats: int, at: datetime, clock: int = 9
    ) -> Course:
        times = [
            (at_wall_clock(day, time(clock)), at_wall_clock(day, time(clock + 6, 30)))
            for day in sorted({self._day(n) for n in days})
        ]
        course = Course(training=self.trainings[code], trainer=trainer, seats=seats)
        return actions.save_course(course, by=self.by, at=at, times=times, place=place)

    def _enrol(self, course: Course, experts: Sequence[Expert], at: datetime) -> list[Participant]:
        for expert in experts:
            actions.enrol(course, expert, by=self.by, at=at)
        return list(course.participants.order_by("pk"))

    def _over(self) -> None:
        """Two days in the spring: all but two completed it, one broke off, one missed a day."""
        at = self.now - timedelta(days=80)
        course = self._course("group", TRAINER_FI, (-60, -53), place=LIBRARY, seats=12, at=at)
        places = self._enrol(course, self.experts[:8], at)
        first, second = course.dates.all()
        actions.mark(first, {place.pk for place in places}, by=self.by, at=first.ends_at)
        there = {place.pk for place in places[:6]}
        actions.mark(second, there, by=self.by, at=second.ends_at)
        last = local_date(second.ends_at)
        actions.end(places[:7], "complete", on=last, by=self.by, at=second.ends_at)
        actions.end(places[7:], "interrupt", on=last, by=self.by, at=second.ends_at)

    def _going_on(self) -> None:
        """The first date was a few days ago and nobody has marked it; the second is to come."""
        at = self.now - timedelta(days=30)
        course = self._course("speaker", TRAINER_SV, (-6, 8), place=COUNTY_HALL, seats=6, at=at)
        self._enrol(course, self.experts[8:14], at)  # every seat is taken

    def _to_come(self) -> None:
        at = self.now - timedelta(days=3)
        course = self._course("privacy", TRAINER_FI, (17,), place=LIBRARY, seats=16, at=at, clock=12)
        self._enrol(course, self.experts[:5], at)

    def _from_elsewhere(self) -> None:
        """Most have the basic training from elsewhere; those who lecture are trained speakers, but for two of them."""
        day = date(self.begun.year - 1, 5, 28)
        lecturers = [expert for expert in self.experts if Kind.LECTURE in expert.kinds]
        noted = [(expert, "basic", "Kokemusasiantuntijakoulutus", 90 * 60) for expert in self.experts[::2]]
        noted += [(expert, "speaker", "Puhujakurssi", 12 * 60) for expert in lecturers[:-2]]
        ExternalTraining.objects.bulk_create(
            ExternalTraining(
                expert=expert,
                training=self.trainings[code],
                name=name,
                organiser="Esimerkkiopisto",
                completed_on=day,
                minutes=minutes,
                noted_by=self.by,
            )
            for expert, code, name, minutes in noted
        )
        hours = ExternalTraining(
            expert=self.experts[0], name="Mielenterveyden ensiapu", organiser="Esimerkkiyhdistys",
            completed_on=self._day(-20) - timedelta(days=7), minutes=14 * 60,
        )  # fmt: skip
        actions.note_external(hours, by=self.by, at=self.now - timedelta(days=9))

    def _conditions(self) -> None:
        """From now on lectures ask for the training of speakers; next year's draft pays trained group leaders more."""
        speaker = self.trainings["speaker"]
        speaker.kinds = [str(Kind.LECTURE)]
        actions.save_training(speaker, by=self.by, at=self.now - timedelta(days=1))
        draft = FeeTable.objects.filter(state=FeeTable.State.DRAFT).first()
        if draft is not None:
            FeeItem.objects.create(
                table=draft,
                code="RYHK",
                name_fi="Ryhmänohjaus, koulutettu ohjaaja",
                name_sv="Grupphandledning, utbildad handledare",
                kinds=[str(Kind.GROUP)],
                basis="per_hour",
                amount=Decimal("29.00"),
                step_minutes=15,
                income_type="336",
                posting=POSTINGS["336"],
                training="group",
            )

    def _papers(self) -> None:
        """An extract shown by those who work with families; YEL certificates, of which one runs out and one has."""
        at = self.now - timedelta(days=2)
        yel, extract = SeenPaper.Kind.YEL, SeenPaper.Kind.CRIMINAL_RECORD
        for expert in self.experts[1::5]:
            note_seen_paper(expert, kind=extract, shown_on=local_date(self.begun), valid_to=None, by=self.by, at=at)
        for expert, days in zip(self.experts[3:24:7], (31, 240, -12), strict=True):
            shown = self.today - timedelta(days=120)
            last = self.today + timedelta(days=days)
            note_seen_paper(expert, kind=yel, shown_on=shown, valid_to=last, by=self.by, at=at)
