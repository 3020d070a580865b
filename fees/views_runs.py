"""Payment runs to read: their sums, lines, files and history. What finance does with them is in views_paying."""

from tempfile import SpooledTemporaryFile

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Prefetch, Q
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fees import actions
from fees.access import CORRECT, MARK_PAID, SEE_RUNS
from fees.actions.documents import DOCUMENTS, HOUSE_LANGUAGES
from fees.exports import write_zip
from fees.forms import CorrectionForm, PayForm, RejectForm
from fees.models import Correction, PaymentRun, Rejection, RunDocument, RunLine
from fees.paying import added_lines, explained, rejections_of
from fees.run_sums import sums_of_run
from fees.states import RejectionState, RunState
from fees.tasks import start_documents
from fees.texts import run_words
from office import longwork
from office.access import allowed, requires
from office.errors import RuleError
from office.forms import tell
from office.history import lines as history_lines
from office.models import LogEntry
from office.requests import Request
from office.workdays import local_date

PAGE = 50
TYPES = {
    RunDocument.Kind.CSV: "text/csv",
    RunDocument.Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@requires(SEE_RUNS)
@require_GET
def runs(request: Request) -> HttpResponse:
    """All runs, the newest first."""
    page = Paginator(PaymentRun.objects.visible_to(request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "fees/runs.html", {"page_obj": page})


@requires(SEE_RUNS)
@require_GET
def run(request: Request, pk: int) -> HttpResponse:
    """One run: count, sums, control total, files."""
    found = get_object_or_404(
        PaymentRun.objects.visible_to(request.user)
        .select_related("made_by", "sent_by", "paid_by")
        .annotate(late=Count("hour_lists", filter=Q(hour_lists__month__lt=F("month")))),
        pk=pk,
    )
    documents = list(found.documents.defer("content").order_by("kind", "filename"))
    by_kind = {kind: [doc for doc in documents if doc.kind == kind] for kind in RunDocument.Kind.values}
    rejections = list(rejections_of(found))
    parts = {rejection.part for rejection in rejections if rejection.part}
    sums = sums_of_run(found)
    in_each_language = len({unit.code for unit in sums.units}) + 1
    wanted = found.experts + in_each_language * len(HOUSE_LANGUAGES) + 2 * (1 + len(parts))
    finance = allowed(request.user, MARK_PAID)
    today = local_date(timezone.now())
    context = {
        "run": found,
        "sums": sums,
        "statements": by_kind[RunDocument.Kind.STATEMENT],
        "unit_reports": by_kind[RunDocument.Kind.UNIT_REPORT],
        "others": by_kind[RunDocument.Kind.SUMMARY] + by_kind[RunDocument.Kind.CSV] + by_kind[RunDocument.Kind.XLSX],
        "ready": len(documents),
        "wanted": wanted,
        "work": longwork.find(DOCUMENTS, found.pk) if len(documents) < wanted else None,
        "added": added_lines(found),
        "late": found.late,  # type: ignore[attr-defined]  # annotated above
        "rejections": rejections,
        "waiting": [rejection for rejection in rejections if rejection.state == RejectionState.WAITING],
        "explained": explained(found, rejections),
        "may_send": finance and found.state == RunState.MADE,
        "may_reject": finance and found.state == RunState.SENT,
        "pay_form": PayForm(early=today < found.pay_date) if finance and found.state == RunState.SENT else None,
        "early": today < found.pay_date,
        "history": history_lines(LogEntry.objects.of(found), run_words(found)),
    }
    return render(request, "fees/run.html", context)


@requires(SEE_RUNS)
@require_POST
def files(request: Request, pk: int) -> HttpResponse:
    """Breaks the making of a run's files off, or goes on with it."""
    found = get_object_or_404(PaymentRun.objects.visible_to(request.user), pk=pk)
    if request.POST.get("act") == "stop":
        actions.stop_documents(found, by=request.user, at=timezone.now())
    elif actions.go_on_documents(found, by=request.user, at=timezone.now()):
        start_documents(found.pk)
    return redirect(f"{reverse('fees:run', args=[pk])}#files")


@requires(SEE_RUNS)
@require_GET
def document(request: Request, pk: int) -> HttpResponse:
    """A file of a run. Downloading changes nothing (M10)."""
    found = get_object_or_404(RunDocument.objects.filter(run__in=PaymentRun.objects.visible_to(request.user)), pk=pk)
    response = HttpResponse(
        bytes(found.content), content_type=TYPES.get(RunDocument.Kind(found.kind), "application/pdf")
    )
    response["Content-Disposition"] = f'attachment; filename="{found.filename}"'
    return response


@requires(SEE_RUNS)
@require_GET
def everything(request: Request, pk: int) -> HttpResponseBase:
    """All files of a run as one ZIP."""
    found = get_object_or_404(PaymentRun.objects.visible_to(request.user), pk=pk)
    file = SpooledTemporaryFile(max_size=10_000_000)  # noqa: SIM115 - FileResponse closes it
    write_zip(found, file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"payment-run-{found.number}.zip")


@requires(SEE_RUNS)
@require_GET
def run_lines(request: Request, pk: int) -> HttpResponse:
    """Every line of a run, found by name."""
    found = get_object_or_404(PaymentRun.objects.visible_to(request.user), pk=pk)
    return lines_page(request, found, RejectForm())


def lines_page(request: Request, found: PaymentRun, form: RejectForm, status: int = 200) -> HttpResponse:
    """The lines of a run; finance ticks those that the payroll house rejected while it has the run."""
    text = request.GET.get("q", "").strip()
    rows = (
        found.lines.order_by("position")
        .select_related("hour_list")
        .prefetch_related(Prefetch("rejections", Rejection.objects.order_by("-id"), to_attr="history"))
    )
    for word in text.split():
        rows = rows.filter(expert_name__icontains=word)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "run": found,
        "page_obj": page,
        "q": text,
        "form": form,
        "picked": set(request.POST.getlist("line")),
        "may_correct": allowed(request.user, CORRECT),
        "may_reject": allowed(request.user, MARK_PAID) and found.state == RunState.SENT,
    }
    return render(request, "fees/run_lines.html", context, status=status)


@requires(CORRECT)
@require_http_methods(["GET", "POST"])
def correct(request: Request, pk: int) -> HttpResponse:
    """A plus or minus to a line, for the next run."""
    line = get_object_or_404(RunLine.objects.visible_to(request.user).select_related("run"), pk=pk)
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.correct(
                line,
                form.cleaned_data["amount"],
                by=request.user,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The correction waits for the next payment run."))
            return redirect("fees:corrections")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "fees/correct.html", {"line": line, "form": form}, status=status)


@requires(CORRECT)
@require_GET
def corrections(request: Request) -> HttpResponse:
    """Corrections that wait for the next run, and those taken lately."""
    rows = Correction.objects.select_related("corrects__run", "made_by", "line__run")
    context = {
        "waiting": rows.filter(line__isnull=True).order_by("id"),
        "taken": rows.filter(line__isnull=False).order_by("-id")[:50],
    }
    return render(request, "fees/corrections.html", context)


@requires(CORRECT)
@require_POST
def drop_correction(request: Request, pk: int) -> HttpResponse:
    """Takes back a correction that no run has taken."""
    actions.drop_correction(get_object_or_404(Correction, pk=pk), by=request.user, at=timezone.now())
    messages.success(request, _("The correction was taken back."))
    return redirect("fees:corrections")
