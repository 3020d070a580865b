"""All data about a person as one ZIP: a page to read, the same for machines (JSON), and the documents themselves."""

import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from desk.access import GIVE_DATA, OWN_DATA
from desk.periods import in_words, months_of
from desk.rights import person_of
from experts.actions import noted_read
from experts.models import Expert
from office import formats
from office.access import allowed
from office.actions import log
from office.errors import Refused
from office.models import User
from office.rights import Fact, Person, RecordClass, Section, classes
from office.workdays import local_date

#: Grows when programs that read the JSON would have to be changed.
VERSION = 1


@dataclass
class Told:
    """A record class as the page tells it."""

    found: RecordClass
    months: int | None
    sections: list[Section] = field(default_factory=list)

    @property
    def period(self) -> str:
        return in_words(self.months)


def make(expert: Expert, *, by: User, at: datetime) -> IO[bytes]:
    """The ZIP as a temporary file at its beginning; one document at a time is in memory. The download is noted.

    The expert gets their own, the coordinator one on the expert's behalf (that is a look). Refused otherwise, and for
    somebody who has been erased.
    """
    own = expert.user_id == by.pk and allowed(by, OWN_DATA)
    if not own and not allowed(by, GIVE_DATA):
        raise Refused(_("You may not do this."))
    if expert.erased_at is not None:
        raise Refused(_("This expert has been erased."))
    person = person_of(expert)
    noted_read(expert, "data", by=by, at=at)
    log("expert.data", expert, by=by, at=at, on_behalf_of=None if own else expert.user)
    with translation.override(person.language):
        return _pack(person, at)


def _pack(person: Person, at: datetime) -> IO[bytes]:
    periods = months_of()
    told = [Told(found, periods.get(found.code)) for found in classes()]
    for one in told:
        one.sections = list(one.found.collect(person)) if one.found.collect else []
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        _write(file, person, told, at)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _write(file: IO[bytes], person: Person, told: list[Told], at: datetime) -> None:
    moment = formats.local(at)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:

        def put(name: str, content: bytes | str) -> None:
            entry = zipfile.ZipInfo(name, date_time=moment.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content)

        files = []
        for one in told:
            for document in one.found.collect_files(person) if one.found.collect_files else ():
                content = document.read()
                name = f"{_('documents')}/{document.name}"
                put(name, content)
                files.append({"name": name, "title": str(document.title), "sha256": sha256(content).hexdigest()})
        put("data.json", as_json(person, told, files, at))
        put(f"{_('my-data')}.html", as_page(person, told, files, at))


# --- for machines ----------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A value as JSON has it: amounts as text with a point, days and moments (UTC) in ISO 8601."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value if isinstance(value, (str, int, bool)) or value is None else str(value)


def as_json(person: Person, told: Iterable[Told], files: list[dict[str, str]], at: datetime) -> str:
    """The data with keys that stay the same; no words of the page."""
    data = {
        "format": "erfa-personal-data",
        "version": VERSION,
        "made_at": at.isoformat(),
        "controller": settings.COUNTY_NAME["fi"],
        "person": {"name": person.name, "expert": person.expert_id or None, "account": person.user_id or None},
        "records": {
            one.found.code: {
                "kept_months": one.months,
                **{
                    part.key: [{one_fact.key: plain(one_fact.value) for one_fact in record} for record in part.records]
                    for part in one.sections
                },
            }
            for one in told
            if one.sections
        },
        "files": files,
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


# --- for people ------------------------------------------------------------------------------------------------------


def shown(one: Fact) -> str:
    """The value in words, in the active language; empty when there is none."""
    if one.shown is not None:
        return str(one.shown)
    value, language = one.value, translation.get_language() or "fi"
    match value:
        case None | "":
            said = ""
        case bool():
            said = _("yes") if value else _("no")
        case datetime():
            said = formats.moment(value, language)
        case date():
            said = formats.day(value, language)
        case Decimal():
            said = formats.number(value.normalize(), language)
        case list():
            said = ", ".join(map(str, value))
        case _value:
            said = str(value)
    return said


def as_page(person: Person, told: Iterable[Told], files: list[dict[str, str]], at: datetime) -> str:
    """A page that stands alone: no links to the outside, readable without the program."""
    parts = [
        {
            "key": part.key,
            "title": part.title,
            "note": part.note,
            "records": [
                [(capfirst(str(one_fact.label)), words) for one_fact in record if (words := shown(one_fact))]
                for record in part.records
            ],
        }
        for one in told
        for part in one.sections
    ]
    context = {
        "person": person,
        "county": settings.COUNTY_NAME[formats.known(person.language)],
        "parts": parts,
        "files": files,
        "kept": [one for one in told if one.sections],
        "day": local_date(at),
        "language": person.language,
    }
    return render_to_string("desk/rights_data.html", context)
