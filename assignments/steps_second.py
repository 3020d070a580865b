"""Step 4, second page: a second expert beside the first, for groups and lectures (R7, R9); and asking another one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from assignments.access import ORDER
from assignments.actions import drop_second, set_second
from assignments.actions.second import led_by_one
from assignments.find import Found
from assignments.forms import SUGGEST, WhoForm
from assignments.pairs import KINDS
from assignments.steps import draft_of, expert_name, gone_on, onward, person, posted, step_page, times_of
from assignments.steps_who import candidates
from experts.models import Expert
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.workdays import local_date

NOBODY = "nobody"


class SecondForm(WhoForm):
    """One of the experts who can, a wish to the coordinator, or nobody."""

    def __init__(self, data: Any = None, *, found: list[Found], **kwargs: Any) -> None:
        super().__init__(data, found=found, **kwargs)
        field = self.fields["expert"]
        field.choices = [(NOBODY, _("One expert is enough")), *field.choices]  # type: ignore[attr-defined]
        field.error_messages["required"] = _("Choose a second expert, or say that one is enough.")
        field.error_messages["invalid_choice"] = _(
            "This expert cannot take the order at these times. Choose another one."
        )


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest, pk: int) -> HttpResponse:
    """The experts who are free at all the times, without the first one. Each is asked and paid apart."""
    at, user, order = timezone.now(), person(request), draft_of(request, pk)
    if gone := gone_on(request, order):
        return gone
    times = times_of(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    if order.kind not in KINDS:
        return redirect("assignments:order_check", order.pk)
    written = order.companion
    found, more, _ = candidates(request, written or order, times, at)
    found = [expert for expert in found if expert.pk != order.expert_id]
    form = SecondForm(posted(request), found=found, initial=_initial(written))
    if form.is_valid():
        chosen = form.cleaned_data["expert"]
        try:
            if chosen == NOBODY:
                drop_second(order, by=user, at=at)
            elif chosen == SUGGEST:
                set_second(order, None, wish=form.cleaned_data["wish"], by=user, at=at)
            else:
                findable = Expert.objects.findable_by(user, local_date(at))
                set_second(order, get_object_or_404(findable, pk=chosen), by=user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            return onward(request, order, "fee")
    options = list(form["expert"].subwidgets)
    shown = {expert.pk for expert in found}
    busy = written.expert.short_name if written and written.expert and written.expert_id not in shown else ""
    return step_page(
        request, "second", order, form=form, nobody=options[0], suggest=options[1],
        options=list(zip(options[2:], found, strict=True)), more=more, wide="wide" in request.GET, count=len(times),
        first=expert_name(user, order), alone=led_by_one(order) and written is None, busy=busy,
    )  # fmt: skip


def _initial(written: Any) -> dict[str, str]:
    if written is None:
        return {}
    return {"expert": str(written.expert_id) if written.expert_id else SUGGEST, "wish": written.wish}
