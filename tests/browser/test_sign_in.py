"""Signing in as people do: by password, by a code from the mail, and out again."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from desk.demo import PASSWORD
from office.models import User
from tests.browser.conftest import Office, Opener
from tests.browser.hands import button, heading
from tests.browser.samples import PEOPLE


@pytest.fixture
def staff(demonstration: Office) -> User:
    User.objects.filter(email=PEOPLE["staff"]).update(language="en")
    return User.objects.get(email=PEOPLE["staff"])


def test_by_password_and_out_again(staff: User, visit: Opener) -> None:
    visitor = visit(None, locale="en-GB")
    page = visitor.open("/")
    heading(page, "Sign in")
    page.get_by_label("Email").fill(staff.email)
    page.get_by_label("Password").fill("something else")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Sign in").click()
    heading(page, "My tasks")
    button(page, "Sign out").click()
    page.goto(f"{visitor.office.url}/orders/")
    heading(page, "Sign in")


def test_by_a_code_from_the_mail(staff: User, visit: Opener) -> None:
    visitor = visit(None, locale="en-GB")
    page = visitor.open("/orders/")
    page.get_by_role("link", name="Send me a code").click()
    page.get_by_label("Email").fill(staff.email)
    button(page, "Send the code").click()
    heading(page, "Write the code")
    assert mail.outbox[-1].to == [staff.email]
    code = re.search(r"^\s*([A-Z0-9-]{6,})\s*$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code, mail.outbox[-1].body
    page.get_by_label("Code").fill(code[1])
    page.keyboard.press("Enter")
    heading(page, "Orders")  # where the person was going


def test_the_language_of_a_visitor(demonstration: Office, visit: Opener) -> None:
    page = visit(None).open("/accounts/login/")
    button(page, "Svenska").click()
    expect(page.locator("html")).to_have_attribute("lang", "sv")
    heading(page, "Logga in")
