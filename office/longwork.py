"""Long work in parts: progress on a page, broken off and gone on with, shared by whoever is free, killed without loss.

An app says what its kind of work does with a part (``@long_work``) and begins it in the transaction of the fact
(``begin``). Any number of workers call ``go_on``: each locks a part that nobody has (``SKIP LOCKED``), does it and
deletes it in one transaction. So a part is done once; a worker that dies leaves its part to the others; nothing has to
be cleaned up. Celery, the process itself and ``manage.py tick`` all do the same.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import F

from office.models import LongWork, User, WorkPart

State = LongWork.State

#: How often a part that fails is tried again (by the clock) before somebody is asked.
TRIES = 5

_kinds: dict[str, Callable[[int, Any], None]] = {}

Do = TypeVar("Do", bound=Callable[[int, Any], None])


def long_work(kind: str) -> Callable[[Do], Do]:
    """Registers what is done with a part: a function of the record's id and of what the part is."""

    def register(do: Do) -> Do:
        _kinds[kind] = do
        return do

    return register


def find(kind: str, about: int) -> LongWork | None:
    """The work for a record."""
    return LongWork.objects.filter(kind=kind, about=about).first()


def waiting(kind: str, about: int) -> list[Any]:
    """What is left of the work for a record: its parts."""
    return list(WorkPart.objects.filter(work__kind=kind, work__about=about).values_list("what", flat=True))


def begin(kind: str, about: int, parts: Iterable[tuple[Any, int]], *, by: User | None, at: datetime) -> LongWork:
    """Begins the work, or adds parts to it: (what, how much it is). A part that waits is not added twice."""
    with transaction.atomic():
        LongWork.objects.bulk_create(
            [LongWork(kind=kind, about=about, begun_at=at, begun_by=by)], ignore_conflicts=True
        )
        work = LongWork.objects.select_for_update(of=("self",)).get(kind=kind, about=about)
        known = waiting(kind, about)
        new = [WorkPart(work=work, what=what, size=size) for what, size in parts if what not in known]
        if new:
            WorkPart.objects.bulk_create(new)
            work.total += sum(part.size for part in new)
            work.state = State.RUNNING
            work.ended_at = None
            work.save(update_fields=["total", "state", "ended_at"])
    return work


def go_on(work_id: int, *, at: datetime) -> int:
    """Does parts of the work until nothing is left for this worker, or it is broken off. Says how much it did.

    A part that fails stays, for a later try; the error is raised. The others go before it then.
    """
    did = 0
    while size := _one_part(work_id):
        did += size
    _finish(work_id, at=at)
    return did


def _one_part(work_id: int) -> int:
    with transaction.atomic():
        part = (
            WorkPart.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(work=work_id, work__state=State.RUNNING, tries__lt=TRIES)
            .select_related("work")
            .order_by("tries", "id")
            .first()
        )
        if part is None:
            return 0
        work, size = part.work, part.size
        try:
            with transaction.atomic():
                _kinds[work.kind](work.about, part.what)
        except Exception as error:  # noqa: BLE001  raised below, when its try has been counted
            WorkPart.objects.filter(pk=part.pk).update(tries=F("tries") + 1)
            failed = error
        else:
            part.delete()
            LongWork.objects.filter(pk=work_id).update(done=F("done") + size)
            return size
    raise failed


def _finish(work_id: int, *, at: datetime) -> None:
    """Done when no part is left; given to somebody when those that are left have been tried often enough."""
    left = WorkPart.objects.filter(work=work_id)
    running = LongWork.objects.filter(pk=work_id, state=State.RUNNING)
    if not left.exists():
        running.update(state=State.DONE, ended_at=at)
    elif not left.filter(tries__lt=TRIES).exists():
        running.update(state=State.FAILED)


def go_on_with_all(kind: str, *, at: datetime) -> None:
    """The tick: whatever of this kind is not finished. One that fails holds up no other; the last error is raised."""
    failed: Exception | None = None
    for pk in LongWork.objects.filter(kind=kind, state=State.RUNNING).values_list("pk", flat=True):
        try:
            go_on(pk, at=at)
        except Exception as error:  # noqa: BLE001  raised below
            failed = error
    if failed is not None:
        raise failed


def stop(work: LongWork, *, by: User, at: datetime) -> bool:
    """Breaks the work off: what is done stays. False when it is over already."""
    stopped = LongWork.objects.filter(pk=work.pk, state=State.RUNNING)
    return bool(stopped.update(state=State.STOPPED, stopped_at=at, stopped_by=by))


def start_again(work: LongWork) -> bool:
    """Goes on with work that was broken off or not finished. False when it is at work or over."""
    with transaction.atomic():
        idle = LongWork.objects.filter(pk=work.pk, state__in=[State.STOPPED, State.FAILED])
        if not idle.update(state=State.RUNNING, stopped_at=None, stopped_by=None):
            return False
        WorkPart.objects.filter(work=work).update(tries=0)
    return True


def forget(kind: str, abouts: Iterable[int]) -> None:
    """For records that go: what is known of work for them goes with them."""
    LongWork.objects.filter(kind=kind, about__in=list(abouts)).delete()


def together(work_id: int, threads: int, *, at: datetime) -> None:
    """The same by several threads, for commands: documents are set outside Python's own lock.

    Inside a transaction this thread does it alone.
    """
    if threads < 2 or connection.in_atomic_block:
        go_on(work_id, at=at)
        return

    def one() -> None:
        try:
            go_on(work_id, at=at)
        finally:
            connection.close()  # the thread's own

    with ThreadPoolExecutor(threads) as hands:
        for begun in [hands.submit(one) for _number in range(threads)]:
            begun.result()
