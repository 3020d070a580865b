"""Text messages of one's own: yes to a number, no at any time, and what was said before."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from office import sms
from office.access import ANYBODY, requires
from office.models import SmsConsent
from office.requests import Request
from office.sms_consent import NOT_MOBILE, current, give, mobile, withdraw


class NumberForm(forms.Form):
    """Where to."""

    number = forms.CharField(
        label=gettext_lazy("Mobile number"),
        help_text=gettext_lazy("A Finnish number, for example 040 123 4567."),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "size": 18}),
    )

    def clean_number(self) -> str:
        try:
            return mobile(self.cleaned_data["number"])
        except ValueError as error:
            raise ValidationError(NOT_MOBILE, code="invalid") from error


@requires(ANYBODY)
@require_http_methods(["GET", "POST"])
def my_sms(request: Request) -> HttpResponse:
    """The consent in force, a form for it, and its history."""
    now = current(request.user)
    form = NumberForm(request.POST if "give" in request.POST else None, initial={"number": _usual(request.user.phone)})
    if request.method == "POST" and "withdraw" in request.POST:
        withdraw(request.user, at=timezone.now())
        messages.success(request, _("No more text messages are sent to you."))
        return redirect("office:my_sms")
    if request.method == "POST" and sms.is_on() and form.is_valid():
        give(request.user, form.cleaned_data["number"], at=timezone.now())
        messages.success(request, _("Your choice is saved."))
        return redirect("office:my_sms")
    history = SmsConsent.objects.filter(user=request.user)
    context = {"form": form, "current": now, "history": history, "is_on": sms.is_on()}
    return render(request, "office/my_sms.html", context)


def _usual(phone: str) -> str:
    """The number of the account, where it is one to write to."""
    try:
        mobile(phone)
    except ValueError:
        return ""
    return phone
