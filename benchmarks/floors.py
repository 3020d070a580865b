"""The least that the same work can cost here: thin views over the same rows, bare SQL, a bare document."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import get_context
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import override_settings
from django.utils import timezone

from assignments.models import Session
from experts.models import Contract, Expert, TaxCard
from fees.models import HourList, RunLine
from office.models import LogEntry

THIN = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]

_HEAD = "<!doctype html><html lang=fi><head><title>Floor</title></head><body><p>{{ user.email }}</p><table>"
_FOOT = "</table></body></html>"
_CELLS = "<td>{{ row.expert }}</td><td>{{ row.unit }}</td><td>{{ row.state }}</td><td>{{ row.entries }}</td>"
LISTS = Template(
    _HEAD
    + "{% for row in rows %}<tr><td><input type=checkbox name=list value={{ row.id }}></td>"
    + _CELLS
    + "<td>{{ row.fees }}</td><td>{{ row.travel }}</td></tr>{% endfor %}"
    + _FOOT
)
MONTH = Template(
    _HEAD
    + "{% for row in rows %}<tr><td>{{ row.starts_at|date }}</td><td>{{ row.unit.name_fi }}</td><td>{{ row.kind }}</td>"
    + "<td>{{ row.outcome }}</td><td>{{ row.fee }}</td><td>{{ row.travel_fee }}</td></tr>{% endfor %}"
    + _FOOT
)
EXPERTS = Template(
    _HEAD
    + "{% for row in rows %}<tr><td>{{ row.last_name }} {{ row.first_name }}</td><td>{{ row.municipality }}</td>"
    + "<td>{{ row.work_languages }}</td><td>{{ row.contract_to }}</td><td>{{ row.has_card }}</td>"
    + "<td>{{ row.state }}</td></tr>{% endfor %}"
    + _FOOT
)

SESSIONS = Template(
    _HEAD
    + "{% for row in rows %}<tr><td>{{ row.starts_at|date }}</td><td>{{ row.kind }}</td><td>{{ row.place }}</td>"
    + "<td>{{ row.unit__name_fi }}</td><td>{{ row.expert__last_name }}</td><td>{{ row.state }}</td></tr>{% endfor %}"
    + _FOOT
)


def thin() -> WSGIHandler:
    """Django with a session and a user, nothing else."""
    with override_settings(MIDDLEWARE=THIN):
        return WSGIHandler()


def _lists(**where: Any) -> Any:
    return (
        HourList.objects.filter(**where)
        .order_by("expert__last_name", "expert__first_name", "id")
        .values("id", "state", "expert__last_name", "expert__first_name", "unit__name_fi")
        .annotate(entries=Count("rows"), fees=Sum("rows__session__fee"), travel=Sum("rows__session__travel_fee"))
    )


def _page(request: HttpRequest, template: Template, rows: Any) -> HttpResponse:
    return HttpResponse(template.render(Context({"user": request.user, "rows": rows})))


def _told(rows: Any) -> list[dict[str, Any]]:
    return [
        row | {"expert": f"{row['expert__last_name']} {row['expert__first_name']}", "unit": row["unit__name_fi"]}
        for row in rows
    ]


@login_not_required
def lists_page(request: HttpRequest) -> HttpResponse:
    """Fifty lists of a unit in one query."""
    asked = {"unit": request.GET["unit"], "state": "at_unit"}
    return _page(request, LISTS, _told(_lists(**asked)[:50]))


@login_not_required
def month_page(request: HttpRequest) -> HttpResponse:
    """A person's entries of a month in one query."""
    rows = Session.objects.filter(hour_row__hour_list__expert=int(request.GET["expert"]))
    rows = rows.filter(hour_row__hour_list__month=request.GET["month"]).select_related("unit")
    return _page(request, MONTH, rows)


@login_not_required
def board_page(request: HttpRequest) -> HttpResponse:
    """All lists of a month with their sums in one query."""
    return _page(request, LISTS, _told(_lists(month=request.GET["month"])))


@login_not_required
def budgets_page(request: HttpRequest) -> HttpResponse:
    """What a year's lines and open sessions cost by unit (of one unit: by month) in two queries."""
    year = int(request.GET["year"])
    span: dict[str, Any] = {"starts_at__year": year}
    if unit := request.GET.get("unit"):
        span["unit"] = int(unit)
    lines = RunLine.objects.filter(**span).order_by().values("unit", "starts_at__month").annotate(fees=Sum("amount"))
    open_ = Session.objects.filter(**span, hour_row__hour_list__run=None, state__in=["agreed", "closed"])
    sums = open_.order_by().values("unit", "starts_at__month").annotate(fees=Sum("fee"), travel=Sum("travel_fee"))
    return _page(request, LISTS, [*lines, *sums])


@login_not_required
def experts_page(request: HttpRequest) -> HttpResponse:
    """Fifty experts in one query, by a part of a name or town, and by a topic."""
    today = timezone.now().date()
    contracts = Contract.objects.filter(expert=OuterRef("pk"), state="in_force", valid_from__lte=today)
    cards = TaxCard.objects.filter(expert=OuterRef("pk"), year=today.year)
    rows = Expert.objects.annotate(contract_to=Subquery(contracts.values("valid_to")[:1]), has_card=Exists(cards))
    if word := request.GET.get("q"):
        rows = rows.filter(
            Q(last_name__icontains=word) | Q(first_name__icontains=word) | Q(municipality__icontains=word)
        )
    if topic := request.GET.get("topic"):
        rows = rows.filter(topics=int(topic))
    skip = int(request.GET.get("skip", 0))
    names = ("last_name", "first_name", "municipality", "work_languages", "contract_to", "has_card", "state")
    return _page(request, EXPERTS, rows.values(*names)[skip : skip + 50])


@login_not_required
def sessions_page(request: HttpRequest) -> HttpResponse:
    """Sessions between two moments, of a unit or an expert, in one query; ``most`` of them."""
    where = {name: int(request.GET[name]) for name in ("unit", "expert") if name in request.GET}
    rows = Session.objects.filter(**where, starts_at__gte=request.GET["from"], starts_at__lt=request.GET["to"])
    names = ("starts_at", "kind", "place", "unit__name_fi", "expert__last_name", "state")
    return _page(request, SESSIONS, rows.order_by("starts_at").values(*names)[: int(request.GET.get("most", 5000))])


@login_not_required
def free_page(request: HttpRequest) -> HttpResponse:
    """Twenty experts who have no session at a time, in one query."""
    taken = Session.objects.filter(expert=OuterRef("pk"), state__in=["agreed", "closed"])
    taken = taken.filter(starts_at__lt=request.GET["to"], ends_at__gt=request.GET["from"])
    names = ("last_name", "first_name", "municipality", "work_languages", "state")
    return _page(request, EXPERTS, Expert.objects.filter(~Exists(taken)).values(*names)[:20])


@login_not_required
def write_page(request: HttpRequest) -> HttpResponse:
    """One row changed, one log row, by a POST."""
    update_and_insert(int(request.POST["session"]), timezone.now())
    return HttpResponse(str(request.user.pk))


def sum_by_list(month: Any) -> None:
    """Every list of the month with name, unit and sums: one query."""
    list(_lists(month=month))


# --- money -----------------------------------------------------------------------------------------------------------

_OF_LISTS = """
    FROM fees_hourrow r JOIN fees_hourlist l ON l.id = r.hour_list_id JOIN assignments_session s ON s.id = r.session_id
    WHERE l.state IN ('approved', 'in_payment') AND l.month = %s
"""
_INSERT = """
    INSERT INTO floor_line
      (id, kind, session_id, hour_list_id, expert_id, unit_id, starts_at, ends_at, amount, price)
    SELECT s.id, 'fee', s.id, l.id, s.expert_id, s.unit_id, s.starts_at, s.ends_at, s.{amount}, s.{price}
"""


@contextmanager
def plain_table() -> Iterator[None]:
    """A table with the columns of a frozen line, without keys and indexes."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE floor_line (LIKE fees_runline INCLUDING DEFAULTS)")
        for (name,) in _columns():
            cursor.execute(f'ALTER TABLE floor_line ALTER "{name}" DROP NOT NULL')
        yield
        cursor.execute("DROP TABLE floor_line")


def _columns() -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'floor_line'::regclass AND attnum > 0")
        return list(cursor.fetchall())


def insert_lines(month: Any) -> None:
    """As many rows as the run has lines, with amounts and explanations, in two statements of one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE floor_line")
        for amount, price in (("fee", "price"), ("travel_fee", "travel_price")):
            wanted = _INSERT.format(amount=amount, price=price)
            cursor.execute(f"{wanted} {_OF_LISTS} AND s.{price} IS NOT NULL", [month])


def sum_only(month: Any) -> None:
    """The month's total, nothing stored."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum(s.fee + s.travel_fee) {_OF_LISTS}", [month])
        cursor.fetchone()


def update_and_insert(session_pk: int, at: datetime) -> None:
    """One row changed and one log row, in one transaction."""
    with transaction.atomic():
        Session.objects.filter(pk=session_pk).update(place="Floor")
        LogEntry.objects.create(at=at, kind="floor", object_type="floor", object_id=session_pk)


# --- documents -------------------------------------------------------------------------------------------------------


def document(rows: int) -> bytes:
    """A heading and an untagged table of that many rows, as WeasyPrint makes it out of the box."""
    from weasyprint import HTML  # noqa: PLC0415 - a second to import

    cells = "".join(f"<td>Cell {n}</td>" for n in range(6))
    table = "".join(f"<tr>{cells}</tr>" for _ in range(rows))
    made = HTML(string=f"<h1>Statement</h1><table>{table}</table>").write_pdf()
    return bytes(made or b"")


def documents(how_many: int, rows: int, processes: int) -> None:
    """That many bare documents, made by that many processes and thrown away."""
    import weasyprint  # noqa: F401, PLC0415 - read once here, not once in each child

    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as hands:
        for _made in hands.map(document, [rows] * how_many, chunksize=4):
            pass
