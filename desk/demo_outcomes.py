"""What happens to the agreed times of the demonstration office, told by whom it happens to."""

from datetime import timedelta

from assignments import actions as work
from assignments.models import Session
from assignments.rules import Event
from desk import demo_people as people
from desk.demo_cast import WEEK, Base, ExpertCast, Plan, Story, clock
from experts.models import Expert
from office.kinds import TaskType as Kind
from office.models import User
from office.workdays import local_date, next_working_day


class Outcomes(Base):
    """Held, changed, cancelled, moved."""

    def session(self, session: Session, plan: Plan, orderer: User, fate: Event) -> Story:
        """What happens to an agreed time, told by whom it happens to."""
        if plan.expert is None or session.free_until is None:
            return
        expert = plan.expert.user or self.coordinator
        minutes = timedelta(minutes=1)
        if fate in {Event.HELD, Event.NOBODY_CAME}:
            at = yield session.ends_at + self.random.randrange(30, 1500) * minutes
            if fate == Event.HELD and self.leaves_unmarked(session, plan.expert):
                return
            changes = self.changed_times(session, plan.expert.expert) if fate == Event.HELD else {}
            work.record_outcome(session, fate, by=expert, at=at, **changes)  # type: ignore[arg-type]  # of one kind
        elif fate == Event.NO_SHOW:
            at = yield session.starts_at + 40 * minutes
            used = self.random.choice(people.USED_FOR)[orderer.language == "sv"]
            work.record_outcome(session, fate, by=orderer, at=at, time_used_for=used)
        elif fate == Event.EXPERT_ILL:
            at = yield session.starts_at - 150 * minutes
            work.record_outcome(session, fate, by=expert, at=at)
        elif fate == Event.MOVED:
            yield from self.moved(session, plan, orderer)
        elif self.random.random() < 0.5:  # cancelled in time
            at = yield session.free_until - self.random.randrange(60, 1500) * minutes
            work.record_outcome(session, Event.ORDERER_CANCELLED, by=orderer, at=at)
        else:  # cancelled late, in the morning by telephone
            at = yield session.starts_at - 45 * minutes
            work.record_outcome(
                session, Event.ORDERER_CANCELLED, by=plan.cast.named, at=at, received_at=at - 25 * minutes,
                told_by=str(orderer),
            )  # fmt: skip

    def moved(self, session: Session, plan: Plan, orderer: User) -> Story:
        """Moved by the orderer, accepted by the expert; the new time is held."""
        if plan.expert is None:
            return
        at = yield session.starts_at - timedelta(hours=4)
        length = session.ends_at - session.starts_at
        day = next_working_day(local_date(session.starts_at))
        hours = (15, 8, 11, 9, 13, 18)
        spans = [(clock(day, hour), clock(day, hour) + length) for hour in hours]
        start, end = next((span for span in spans if plan.expert.free([span])), spans[0])
        plan.expert.busy.append((start, end))
        move = work.propose_move(session, start, end, by=orderer, at=at)
        at = yield at + timedelta(minutes=70)
        new = work.accept_move(move, by=plan.expert.user or self.coordinator, at=at)
        at = yield new.ends_at + timedelta(hours=2)
        work.record_outcome(new, Event.HELD, by=plan.expert.user or self.coordinator, at=at)

    def leaves_unmarked(self, session: Session, expert: ExpertCast) -> bool:
        """Some have not told yet what happened lately: their month cannot be sent."""
        day = local_date(session.starts_at)
        lately = (
            day >= self.this_month - timedelta(days=9) if day < self.this_month else self.now - session.starts_at < WEEK
        )
        return lately and expert.expert.pk in self.behind

    @property
    def behind(self) -> set[int]:
        """Experts who have not marked and sent the last month: every fifth, and the Swedish-speaking log-in."""
        return {cast.expert.pk for n, cast in enumerate(self.experts) if n % 5 == 1}

    def changed_times(self, session: Session, expert: Expert) -> dict[str, object]:
        if self.random.random() > 0.08 or session.kind in {Kind.LECTURE, Kind.MEETING}:
            return {}
        number = self.random.randrange(2)
        quarter = timedelta(minutes=15)
        done = (
            (session.starts_at, session.ends_at + quarter)
            if number == 0
            else (session.starts_at + quarter, session.ends_at)
        )
        return {"done": done, "change_reason": people.CHANGES[number][expert.language == "sv"]}
