"""The only writers of trainings, courses, attendance and completion."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.utils.translation import gettext as _

from experts.actions import coordinator_only
from experts.models import Expert
from office.actions import log, move
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import post
from office.saving import readable, save
from office.workdays import local_date
from training.messages import COURSE_PLACE
from training.models import Attendance, Course, CourseDate, ExternalTraining, Participant, Training
from training.states import PARTICIPANT

State = Participant.State
Times = Collection[tuple[datetime, datetime]]


def save_training(training: Training, *, by: User, at: datetime) -> Training:
    """Adds or changes a training of the office. The code stays: fee tables name the training by it."""
    coordinator_only(by)
    with readable():
        new = training.pk is None
        if not new and Training.objects.values_list("code", flat=True).get(pk=training.pk) != training.code:
            raise Refused(_("The code of a training is not changed: fee tables name it."))
        save(training)
        log("training.add" if new else "training.change", training, by=by, at=at)
    return training


def save_course(course: Course, *, by: User, at: datetime, times: Times = (), place: str = "") -> Course:
    """Adds a course with its dates (UTC, half-open), or changes one. Fewer seats than are taken put nobody out.

    Refused when the same trainer has the same training at one of the times already (a second click).
    """
    coordinator_only(by)
    with readable():
        new = course.pk is None
        if new:
            course.created_at = at
            _not_there_yet(course, [starts for starts, _ends in times])
        save(course)
        log("course.add" if new else "course.change", course, by=by, at=at)
        _add_dates(course, times, place)
    return course


def _not_there_yet(course: Course, starts: Collection[datetime]) -> None:
    Training.objects.select_for_update().get(pk=course.training_id)  # a second click waits for the first one
    same = CourseDate.objects.filter(
        course__training=course.training_id, course__trainer=course.trainer, starts_at__in=starts
    )
    if same.exists():
        raise Refused(_("This course is there already."))


def add_dates(course: Course, times: Times, *, place: str, by: User, at: datetime) -> int:
    """Adds dates, all or none: refused when one is over another date of the course. Gives the number."""
    coordinator_only(by)
    with readable():
        made = _add_dates(_locked(course), times, place)
        log("course.dates", course, by=by, at=at, dates=made)
    return made


def _add_dates(course: Course, times: Times, place: str) -> int:
    dates = [CourseDate(course=course, starts_at=starts, ends_at=ends, place=place) for starts, ends in times]
    for made in dates:
        save(made)
    return len(dates)


def remove_date(held: CourseDate, *, by: User, at: datetime) -> None:
    """Takes a date from a course. Refused when somebody was there. A second click is harmless."""
    coordinator_only(by)
    with readable():
        if held.attendances.exists():
            raise Refused(_("Attendance is marked for this date, so it stays."))
        removed, _rows = CourseDate.objects.filter(pk=held.pk).delete()
        if removed:
            log("course.date_removed", held.course, by=by, at=at, day=local_date(held.starts_at).isoformat())


def _locked(course: Course) -> Course:
    """The row, locked: seats are counted by one at a time."""
    return Course.objects.select_for_update(of=("self",)).select_related("training").get(pk=course.pk)


def enrol(course: Course, expert: Expert, *, by: User, at: datetime) -> bool:
    """Puts an expert on the course, who gets a message with the dates. False: is on it already (nothing happens).

    Refused when every seat is taken or the expert has left.
    """
    coordinator_only(by)
    with readable():
        held = _locked(course)
        if held.participants.filter(expert=expert).exists():
            return False
        if expert.state == Expert.State.ENDED:
            raise Refused(_("%(expert)s has left.") % {"expert": expert})
        if held.participants.taking_seat().count() >= held.seats:
            raise Refused(_("All seats of the course are taken."))
        place = Participant.objects.create(course=held, expert=expert)
        log("participant.enrol", place, by=by, at=at, expert=expert.pk)
        coming = held.dates.filter(ends_at__gt=at)
        if coming.exists():
            post(COURSE_PLACE, expert.user, about=place, at=at, once="place", course=held, dates=list(coming))
    return True


def take_off(place: Participant, *, by: User, at: datetime) -> None:
    """Takes off the course who was put on it by mistake. Refused when the expert was there or it has ended."""
    coordinator_only(by)
    with readable():
        held = Participant.objects.select_for_update(of=("self",)).filter(pk=place.pk).first()
        if held is None:
            return
        if held.state != State.ENROLLED or held.attendances.exists():
            raise Refused(_("The expert has been on the course. Mark it as interrupted instead."))
        held.delete()
        log("course.taken_off", place.course, by=by, at=at, expert=place.expert_id)


def mark(held: CourseDate, present: Collection[int], *, by: User, at: datetime) -> None:
    """Who was there: ``present`` are ids of participants; the others of the course were not.

    May be corrected. Refused before the date has begun, and for people who are not on the course.
    """
    coordinator_only(by)
    with readable():
        _locked(held.course)
        day = CourseDate.objects.select_for_update().filter(pk=held.pk).first()
        if day is None:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        if at < day.starts_at:
            raise Refused(_("Attendance is marked when the date has begun."))
        known = set(Participant.objects.filter(course=day.course_id).values_list("pk", flat=True))
        if set(present) - known:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        before = set(day.attendances.values_list("participant_id", flat=True))
        day.attendances.filter(participant__in=before - set(present)).delete()
        Attendance.objects.bulk_create(Attendance(date=day, participant_id=pk) for pk in sorted(set(present) - before))
        if day.marked_at is None or before != set(present):
            day.marked_at = at
            day.save(update_fields=["marked_at"])
            log("course.attendance", held.course, by=by, at=at, there=len(set(present)), of=len(known))


def end(places: Iterable[Participant], step: str, *, on: date, by: User, at: datetime) -> int:
    """``step`` "complete" or "interrupt" on the day ``on`` for those still on the course; gives how many.

    Those who have ended already stay as they are. Refused for a day in the future or before the course began.
    """
    if on > local_date(at):
        raise Refused(_("This day is in the future."))
    done = 0
    with readable():
        pks = [place.pk for place in places]
        held = Participant.objects.select_for_update(of=("self",)).filter(pk__in=pks).select_related("course")
        for place in held.order_by("pk"):
            if place.state != State.ENROLLED:
                continue
            first = place.course.dates.values_list("starts_at", flat=True).first()
            if first is not None and on < local_date(first):
                raise Refused(_("This day is before the course began."))
            move(place, PARTICIPANT[step], by=by, at=at, facts={"on": on.isoformat()}, ended_on=on, ended_by=by)
            done += 1
    return done


def undo(place: Participant, *, by: User, at: datetime) -> None:
    """Takes a completion or interruption back. What was agreed meanwhile stays as agreed (R4)."""
    with readable():
        move(place, PARTICIPANT["undo"], by=by, at=at, ended_on=None, ended_by=None)


def note_external(held: ExternalTraining, *, by: User, at: datetime) -> ExternalTraining:
    """Notes a training from elsewhere. Refused for a day in the future, and the same training twice."""
    coordinator_only(by)
    if held.completed_on > local_date(at):
        raise Refused(_("This day is in the future."))
    held.noted_by = by
    with readable():
        save(held)
        log("externaltraining.add", held, by=by, at=at, expert=held.expert_id)
    return held


def remove_external(held: ExternalTraining, *, by: User, at: datetime) -> None:
    """Removes a note that was a mistake. A second click is harmless."""
    coordinator_only(by)
    with readable():
        pk = held.pk
        removed, _rows = ExternalTraining.objects.filter(pk=pk).delete()
        if removed:
            held.pk = pk
            log("externaltraining.remove", held, by=by, at=at, expert=held.expert_id)
