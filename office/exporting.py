"""A year's lists as files: asked for on a page, made as long work in parts, kept for a day for who asked.

An app tells its own in ``yearly.py``: what of a year it gives, to whom, in which parts. A part is made once, in its
own transaction (office.longwork), and holds a month or some documents: what it takes of memory does not grow with the
year. The file is put together from its pieces while it is taken away.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, Sum
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from office import archives, longwork
from office.access import Permission, allowed
from office.actions import log
from office.errors import Refused
from office.models import Export, ExportFile, LongWork, User

#: The kind of long work; it is about an export.
EXPORT = "office.export"
#: How long a file can be taken away after it is ready.
KEPT = timedelta(days=1)
#: What was asked for and never became ready goes after so long.
UNREADY = timedelta(days=3)
#: Places of a part: more than the pieces that it makes.
PLACES = 1000


class Piece(NamedTuple):
    """What a part makes: rows of the sheet, or a file of the archive with its name and moment."""

    content: bytes
    name: str = ""
    moment: datetime | None = None


@dataclass(frozen=True)
class Yearly:
    """A list of a year. ``head`` begins a sheet (CSV); without one the pieces are files of an archive (ZIP)."""

    name: str
    file: str  # its name without the year
    title: str | Promise
    text: str | Promise
    needed: Permission
    years: Callable[[], list[int]]
    parts: Callable[[int], Iterable[tuple[Any, int]]]
    make: Callable[[int, Any], Iterable[Piece]]
    head: Callable[[], bytes] | None = None
    all_years: bool = False  # may be asked for as year 0, too

    @property
    def type(self) -> str:
        return "text/csv; charset=utf-8" if self.head else "application/zip"

    def has(self, year: int) -> bool:
        """Whether there is anything of the year (0: of any year, where all may be asked for at once)."""
        years = self.years()
        return year in years or (self.all_years and year == 0 and bool(years))

    def filename(self, year: int) -> str:
        """As it is called when it is taken away."""
        return f"{self.file}{f'-{year}' if year else ''}.{'csv' if self.head else 'zip'}"


YEARLY: dict[str, Yearly] = {}


def yearly(one: Yearly) -> Yearly:
    """Registers a list of a year; each app does this in its ``yearly.py``."""
    YEARLY[one.name] = one
    return one


def lists_for(user: User) -> list[Yearly]:
    """The lists that the person may have."""
    return [one for one in YEARLY.values() if allowed(user, one.needed)]


def ask(one: Yearly, year: int, *, by: User, at: datetime, language: str) -> Export:
    """Begins the making of a year's list. One that is being made for the person stays; a finished one is made anew.

    Refused without the permission, and for a year of which there is nothing.
    """
    if not allowed(by, one.needed):
        raise Refused(_("You may not do this."))
    if not one.has(year):
        raise Refused(_("There is nothing of this year."))
    try:
        with transaction.atomic():
            before = Export.objects.select_for_update().filter(asked_by=by, sort=one.name, year=year).first()
            if before is not None:
                work = longwork.find(EXPORT, before.pk)
                if work is not None and work.state == LongWork.State.RUNNING:
                    return before
                remove(before)
            made = Export.objects.create(sort=one.name, year=year, language=language, asked_by=by, asked_at=at)
            parts = [([number, what], size) for number, (what, size) in enumerate(one.parts(year))]
            longwork.begin(EXPORT, made.pk, parts, by=by, at=at)
            log("export.ask", made, by=by, at=at, list=one.name, year=year)
    except IntegrityError:  # the second of two clicks at the same moment
        return Export.objects.get(asked_by=by, sort=one.name, year=year)
    return made


@longwork.long_work(EXPORT)
def make_part(export_id: int, told: list[Any]) -> None:
    """Makes a part in the language of who asked."""
    export = Export.objects.get(pk=export_id)
    number, what = told
    with translation.override(export.language):
        for place, piece in enumerate(YEARLY[export.sort].make(export.year, what), number * PLACES):
            ExportFile.objects.create(
                export=export,
                place=place,
                name=piece.name,
                made_for=piece.moment,
                size=len(piece.content),
                content=piece.content,
            )


def visible_to(user: User) -> Any:
    """What the person has asked for and may still have."""
    return Export.objects.filter(asked_by=user, sort__in=[one.name for one in lists_for(user)])


def ready(export: Export, *, at: datetime) -> bool:
    """Whether it can be taken away: made, and its time is not over."""
    work = longwork.find(EXPORT, export.pk)
    return work is not None and work.ended_at is not None and at < work.ended_at + KEPT


def size_of(export: Export) -> int:
    """Bytes of its pieces."""
    return int(export.files.aggregate(size=Sum("size"))["size"] or 0)


def content(export: Export) -> Iterator[bytes]:
    """The file, piece by piece: one of them is in memory."""
    one = YEARLY[export.sort]
    pieces = export.files.order_by("place").iterator(chunk_size=1)
    if one.head is None:
        yield from archives.zipped(
            (piece.name, piece.made_for or export.asked_at, bytes(piece.content)) for piece in pieces
        )
        return
    with translation.override(export.language):
        begin = one.head()
    yield begin
    for piece in pieces:
        yield bytes(piece.content)


def remove(export: Export) -> None:
    """The export, its pieces and what is known of the work."""
    longwork.forget(EXPORT, [export.pk])
    export.delete()


def drop_old(*, at: datetime) -> int:
    """What has been ready for a day, or was never made, goes. Says how many."""
    work = LongWork.objects.filter(kind=EXPORT, about=OuterRef("pk"))
    over = Q(asked_at__lt=at - UNREADY) | Exists(work.filter(ended_at__lt=at - KEPT))
    count = 0
    for export in Export.objects.filter(over):
        remove(export)
        count += 1
    return count


def kept_until(work: LongWork) -> datetime | None:
    """Until when a finished one can be taken away."""
    return work.ended_at + KEPT if work.ended_at else None


def listed(user: User) -> list[tuple[Export, Yearly, LongWork | None]]:
    """The person's own, the newest first. Two queries."""
    exports = list(visible_to(user))
    works = {one.about: one for one in LongWork.objects.filter(kind=EXPORT, about__in=[made.pk for made in exports])}
    return [(made, YEARLY[made.sort], works.get(made.pk)) for made in exports]
