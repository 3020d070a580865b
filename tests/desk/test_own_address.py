"""The address for signing in is changed by the office, which knows it is right; the library's own page adds none."""

from allauth.account.forms import AddEmailForm
from allauth.account.internal.flows.manage_email import sync_user_email_address
from allauth.account.models import EmailAddress

from tests.conftest import Cast


def test_nobody_adds_another_address_to_sign_in_with(cast: Cast) -> None:
    sync_user_email_address(cast.expert_user)  # the page does this when it is opened
    form = AddEmailForm(data={"email": "elsewhere@example.org"}, user=cast.expert_user)
    assert not form.is_valid()
    assert list(form.errors) == ["email"]
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["eva@example.org"]
