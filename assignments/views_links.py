"""The page behind the link in an offer's mail: two buttons, no sign-in, nothing sensitive on it."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods

from assignments.actions.free import planned, spans
from assignments.actions.links import answer_by_link
from assignments.actions.tokens import hash_of
from assignments.models import Offer
from assignments.preview import Fees, read_times
from assignments.states import OfferState
from office.access import public
from office.errors import RuleError


@public
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """What is asked, and yes or no. A GET changes nothing (mail scanners open links). Unknown links are 404."""
    at = timezone.now()
    rows = Offer.objects.select_related("order__unit", "expert__user")
    found = get_object_or_404(rows, token_hash=hash_of(token))
    with translation.override(found.expert.language):
        problem = ""
        if request.method == "POST" and request.POST.get("answer") in {"yes", "no"}:
            try:
                answer_by_link(found, yes=request.POST["answer"] == "yes", at=at)
            except RuleError as error:
                problem = str(error.message)
                found = rows.get(pk=found.pk)
        page = render(request, "assignments/answer.html", _page(found, problem, at=at))
        page["Content-Language"] = found.expert.language
        # The link is told to nobody else; "no-referrer" would make the browser send its answer from nowhere (CSRF).
        page["Referrer-Policy"] = "same-origin"
        return page


def _page(offer: Offer, problem: str, *, at: datetime) -> dict[str, object]:
    waiting = offer.state == OfferState.WAITING and offer.token_used_at is None
    if offer.many and waiting:
        offer.order.expert = offer.expert  # what it would pay this expert; nothing is saved
    times = spans(planned(offer.order)) if waiting else []
    sums = Fees(offer.order, [start for start, _end in times]).sums(read_times(times, at)) if times else []
    return {
        "offer": offer,
        "order": offer.order,
        "waiting": waiting and at <= offer.answer_by and bool(sums),
        "over": waiting and at > offer.answer_by,
        "sums": sums,
        "fees": None if any(one.problem for one in sums) else sum(one.fee for one in sums),
        "problem": problem,
    }
