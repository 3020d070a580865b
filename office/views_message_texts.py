"""Each kind of message: its example, and its words, which the coordinator may write otherwise."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office import message_texts as actions
from office.access import EDIT_TEXTS, SEE_OUTBOX, requires
from office.choices import Language
from office.errors import RuleError
from office.examples import Shown, example_of
from office.forms import tell
from office.forms_message_texts import WordsForm
from office.message_words import meaning
from office.models import MessageText
from office.outbox import KINDS
from office.outbox_html import as_html, blocks
from office.requests import Request

#: A mail shown as a page of its own: its own style and nothing else.
MAIL_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def as_mail(subject: str, text: str, language: str) -> HttpResponse:
    """The HTML of a mail as its reader's program shows it."""
    return HttpResponse(as_html(subject, text, language), headers={"Content-Security-Policy": MAIL_CSP})


def _known(kind: str, language: str) -> None:
    if kind not in KINDS or language not in Language.values:
        raise Http404


@requires(EDIT_TEXTS)
@require_http_methods(["GET", "POST"])
def kind_text(request: Request, kind: str, language: str) -> HttpResponse:
    """The words of a kind in a language. The first button only shows what it would look like, the second saves."""
    _known(kind, language)
    at = timezone.now()
    pieces = actions.pieces(kind, language)
    versions = list(MessageText.objects.filter(kind=kind, language=language).select_related("written_by"))
    number, said = (versions[0].number, versions[0].words) if versions else (0, {})
    old = next((one for one in versions if str(one.number) == request.GET.get("version")), None)
    first: dict[str, Any] = {
        piece.field: (old.words if old else said).get(piece.key, piece.default) for piece in pieces
    }
    form = WordsForm(request.POST or None, initial=first | {"seen": number}, pieces=pieces)
    shown_words = old.words if old else said
    if request.method == "POST" and form.is_valid():
        shown_words = form.texts
        if "look" not in request.POST:
            try:
                seen = form.cleaned_data["seen"]
                made = actions.save_texts(kind, language, form.texts, seen=seen, by=request.user, at=at)
            except RuleError as error:
                tell(form, error)
            else:
                messages.success(request, _("The text is saved.") if made else _("Nothing was changed."))
                return redirect("office:kind_text", kind, language)
    example = example_of(kind, language, shown_words, at=at)
    context = {
        "kind": KINDS[kind],
        "name": kind,
        "language": language,
        "languages": Language.choices,
        "form": form,
        "old": old,
        "is_own": bool(said),
        "number": number,
        "unsaved": request.method == "POST",
        "is_right": not form.is_bound or form.is_valid(),
        "example": example,
        "blocks": blocks(example.body),
        "placeholders": _placeholders(kind, pieces, example),
        "versions": versions,
    }
    return render(request, "office/kind_text.html", context)


def _placeholders(kind: str, pieces: list[actions.Piece], example: Shown) -> list[dict[str, str]]:
    names = dict.fromkeys(name for piece in pieces for name in piece.variables)
    return [{"name": one, "meaning": meaning(kind, one), "example": example.values.get(one, "")} for one in names]


@requires(EDIT_TEXTS)
@require_POST
def kind_reset(request: Request, kind: str, language: str) -> HttpResponse:
    """Back to the program's own text; the history keeps what was said before."""
    _known(kind, language)
    typed = request.POST.get("seen", "")
    seen = int(typed) if typed.isdecimal() and len(typed) < 9 else -1
    try:
        actions.reset(kind, language, seen=seen, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The message is now as the program says it."))
    return redirect("office:kind_text", kind, language)


@requires(SEE_OUTBOX)
@require_GET
def kind_mail(request: Request, kind: str, language: str) -> HttpResponse:  # noqa: ARG001 - a view
    """The example of a kind as a mail."""
    _known(kind, language)
    _number, said = actions.now_said(kind, language)
    example = example_of(kind, language, said, at=timezone.now())
    return as_mail(example.subject, example.body, language)
