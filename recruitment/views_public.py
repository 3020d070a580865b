"""The public form: no account, no sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.http import require_GET, require_http_methods

from office.access import public
from office.errors import RuleError
from office.forms import tell
from recruitment import actions
from recruitment.forms import PublicForm
from recruitment.guard import Stamp, sender
from recruitment.rules import PRIVACY_NOTICE


@public
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Somebody wants to become an experience expert. The same form sent twice is one application."""
    at = timezone.now()
    if request.method == "POST":
        form = PublicForm(request.POST, at=at)
        if form.is_valid() and form.read:
            try:
                actions.receive(
                    form.record(),
                    form.ids("topics"),
                    form.ids("areas"),
                    key=form.read.key,
                    sender=sender(request),
                    at=at,
                )
            except RuleError as error:
                tell(form, error)
            else:
                return redirect("recruitment:thanks")
        form.again()
    else:
        form = PublicForm(at=at, initial={"stamp": str(Stamp.new(at)), "language": translation.get_language()})
    return render(request, "recruitment/apply.html", {"form": form, "notice": PRIVACY_NOTICE})


@public
@require_GET
def thanks(request: HttpRequest) -> HttpResponse:
    """What happens next. Names nobody, so that it can be opened by anybody."""
    return render(request, "recruitment/thanks.html")
