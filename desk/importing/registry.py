"""The registry: one sheet, read by the resource of the registry itself (experts.resources)."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import transaction
from tablib import Dataset

from desk.importing.report import Difference, Report
from desk.importing.sheets import Fault, Line
from experts.models import Topic
from experts.resources import ExpertResource
from experts.sheet_words import HEADINGS as HEADINGS
from experts.sheet_words import NEEDED as NEEDED
from experts.usual_topics import USUAL_TOPICS
from office.models import User
from office.workdays import local_date


def take_lines(
    lines: list[Line],
    heads: dict[str, str],
    report: Report,
    *,
    by: User | None,
    at: datetime,
    lock: bool,
    tick: Callable[[int], None],
) -> None:
    """Takes all lines inside the caller's transaction and tells in ``report`` what became of each."""
    if not Topic.objects.exists():
        Topic.objects.bulk_create(Topic(code=code, name_fi=fi, name_sv=sv) for code, fi, sv in USUAL_TOPICS)
    columns = list(heads)
    data = Dataset(headers=[*columns, "row"])
    for line in lines:
        data.append([*(line[column] for column in columns), line.number])
    resource = ExpertResource(by=by, at=at, today=local_date(at), file=report.file, lock=lock, tick=tick, only=columns)
    with transaction.atomic():
        result = resource.import_data(data, use_transactions=True, raise_errors=False)
    for error in (*result.base_errors, *(error for row in result.error_rows for error in row.errors)):
        raise error.error  # a fault of the program, not of the sheet
    told = sorted(resource.told.values(), key=lambda row: row.number)
    report.added = sum(row.new for row in told)
    report.changed = len(told) - report.added
    for row in told:
        fields = [(heads.get(name, name), old, new) for name, old, new in row.fields]
        report.differences.append(Difference(row.number, row.who, fields))
    for bad in result.invalid_rows:
        # rows that an action refused carry the sheet's number, the library counts its own from 1
        number = bad.number if NON_FIELD_ERRORS in bad.error_dict else lines[bad.number - 1].number
        for name, sentences in bad.error_dict.items():
            for sentence in sentences:
                report.faults.append(Fault(report.file, number, heads.get(name, ""), sentence))
    report.faults.sort(key=lambda fault: fault.row)
    report.same = len(lines) - report.bad_rows - len(told)
    for number, name, sentence in resource.remarks:
        report.remarks.append(Fault(report.file, number, heads.get(name, ""), sentence))
