"""Signing in: guessing is counted for all processes together, a code is good once, nobody learns who has an account."""

import re
import threading
from collections.abc import Callable
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import caches
from django.core.cache.backends import locmem
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from desk.retention import carry_out
from office.models import Attempt, RoleGrant, User
from tests.conftest import Cast
from tests.factories import at

pytestmark = pytest.mark.django_db
SECRET = "a phrase that is long enough"
WRONG, OFTEN = "are not correct", "Too many failed login attempts"


def another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only this process remembers is gone."""
    monkeypatch.setattr(locmem, "_caches", {})
    del caches["default"]


def code_now(secret: str) -> str:
    """What an authenticator app shows."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def tried(email: str, password: str) -> str:
    page = Client(headers={"accept-language": "en"}).post(
        reverse("account_login"), {"login": email, "password": password}
    )
    return "in" if page.status_code == 302 else page.content.decode()


def test_passwords_guessed_are_counted_by_all_processes_together(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.coordinator.set_password(SECRET)
    cast.coordinator.save()
    for _n in range(5):
        assert WRONG in tried(cast.coordinator.email, "guessed")
        another_process(monkeypatch)
    assert OFTEN in tried(cast.coordinator.email, SECRET)


def test_what_is_counted_names_nobody_and_goes_the_next_day(cast: Cast) -> None:
    tried(cast.coordinator.email, "guessed")
    rows = list(Attempt.objects.values_list("cache_key", flat=True))
    assert rows
    assert all(len(key) == 40 and set(key) <= set("0123456789abcdef") for key in rows)
    Attempt.objects.update(expires=at(2026, 10, 5, 23))
    carry_out(by=None, at=at(2026, 10, 5, 23, 30))
    assert Attempt.objects.count() == len(rows)
    carry_out(by=None, at=at(2026, 10, 6, 4))
    assert not Attempt.objects.exists()


def test_a_code_of_the_second_factor_is_good_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at over somebody's shoulder, it opens nothing, also not in another process."""
    cast.coordinator.set_password(SECRET)
    cast.coordinator.save()
    secret = generate_totp_secret()
    TOTP.activate(cast.coordinator, secret)
    code = code_now(secret)

    def sign_in() -> Client:
        browser = Client()
        asked = browser.post(reverse("account_login"), {"login": cast.coordinator.email, "password": SECRET})
        assert asked.headers["Location"] == reverse("mfa_authenticate")
        browser.post(reverse("mfa_authenticate"), {"code": code})
        return browser

    assert "_auth_user_id" in sign_in().session
    another_process(monkeypatch)
    assert "_auth_user_id" not in sign_in().session
    assert secret not in str(Authenticator.objects.get().data)


@pytest.mark.parametrize("page", ["account_request_login_code", "account_reset_password"])
def test_with_the_mail_server_away_both_are_told_the_same(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_args: Any, **_kwargs: Any) -> int:
        raise SMTPServerDisconnected(f"no line for {cast.coordinator.email}")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", away)
    answers = [Client().post(reverse(page), {"email": who}) for who in (cast.coordinator.email, "nobody@example.org")]
    assert [(one.status_code, one.headers["Location"]) for one in answers] == [
        (302, answers[0].headers["Location"]),
        (302, answers[0].headers["Location"]),
    ]
    told = [record.getMessage() for record in caplog.records if record.name == "erfa.accounts"]
    assert told == ["A mail for signing in did not leave: SMTPServerDisconnected"]


def test_the_answer_does_not_wait_for_the_mail_server(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long the page takes would tell who has an account."""
    settings.SIGN_IN_MAIL_WAITS = False
    answered, left = threading.Event(), threading.Event()

    def slow(_self: Any, messages: list[Any]) -> int:
        answered.wait(10)
        assert [one.to for one in messages] == [[cast.coordinator.email]]
        left.set()
        return 1

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", slow)
    Client().post(reverse("account_request_login_code"), {"email": cast.coordinator.email})
    assert not left.is_set()
    answered.set()
    assert left.wait(10)


def test_a_code_comes_in_the_own_language_and_is_good_once(cast: Cast) -> None:
    """The subject does not tell it: a locked telephone shows subjects."""
    browser = Client(headers={"accept-language": "fi"})
    browser.post(reverse("account_request_login_code"), {"email": cast.coordinator.email})
    [message] = mail.outbox
    begins, _empty, code, *_rest = message.body.splitlines()
    assert (message.subject, begins[:33]) == ("Erfa: Your code for signing in", "This is your code for signing in.")
    browser.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" in browser.session
    again = Client()
    again.post(reverse("account_confirm_login_code"), {"code": code})
    assert "_auth_user_id" not in again.session


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_too_many_tries_are_told_on_a_page_of_ours(cast: Cast, language: str) -> None:
    browser = Client()
    browser.cookies["django_language"] = language
    for _n in range(6):
        page = browser.post(reverse("account_reset_password"), {"email": cast.coordinator.email})
    assert page.status_code == 429
    assert f'<html lang="{language}"' in page.content.decode()
    assert 'href="/"' in page.content.decode()


def test_whoever_is_closed_in_the_middle_is_out_at_the_next_click(
    cast: Cast, client_for: Callable[[User], Client]
) -> None:
    browser = client_for(cast.coordinator)
    assert browser.get("/").status_code == 200
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    assert browser.get("/").headers["Location"].startswith(reverse("account_login"))
    assert browser.post(reverse("desk:carry_out")).headers["Location"].startswith(reverse("account_login"))


def test_whoever_has_no_role_any_more_is_told_so_and_what_was_sent_is_not_saved(
    cast: Cast, client_for: Callable[[User], Client]
) -> None:
    """Not "to the first page", which is not theirs either."""
    browser = client_for(cast.orderer)
    assert browser.get("/").status_code == 200
    RoleGrant.objects.filter(user=cast.orderer).update(valid_to=timezone.now())
    for answer, saved in ((browser.get("/"), False), (browser.post(reverse("assignments:order_new")), True)):
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "You have no role in Erfa now" in page
        assert ("Nothing was saved." in page) is saved
        assert f'class="button" href="{reverse("account_logout")}"' in page


def test_a_role_that_ends_ends_at_the_next_click_and_the_other_one_stays(
    cast: Cast, client_for: Callable[[User], Client]
) -> None:
    RoleGrant.objects.create(user=cast.orderer, role="finance", valid_from=at(2026, 1, 1))
    browser = client_for(cast.orderer)
    assert [browser.get(reverse(name)).status_code for name in ("assignments:orders", "fees:runs")] == [200, 200]
    RoleGrant.objects.filter(user=cast.orderer, role="staff").update(valid_to=timezone.now())
    assert [browser.get(reverse(name)).status_code for name in ("assignments:orders", "fees:runs")] == [403, 200]
    answer = browser.post(reverse("assignments:order_new"))
    assert answer.status_code == 403
    assert "or it has ended in between. Nothing was saved." in answer.content.decode()


def test_whoever_chose_a_password_by_the_link_can_take_a_second_factor(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link is good once, and who has the account hears of each change in the own language."""
    browser = Client(headers={"accept-language": "fi"})
    browser.post(reverse("account_reset_password"), {"email": cast.coordinator.email})
    [link] = re.findall(r"http://testserver(\S+)", str(mail.outbox.pop().body))
    where = browser.get(link).headers["Location"]
    browser.post(where, {"password1": SECRET, "password2": SECRET})
    assert Client().get(link).context["token_fail"] is True  # used already
    browser.post(reverse("account_login"), {"login": cast.coordinator.email, "password": SECRET})
    again = browser.get(reverse("mfa_activate_totp")).headers["Location"]
    assert again.startswith(reverse("account_reauthenticate"))
    browser.post(again, {"password": SECRET})
    assert browser.get(reverse("mfa_activate_totp")).status_code == 200
    secret = browser.session["mfa.totp.secret"]
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act: act())  # the test's transaction never ends
    browser.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    assert Authenticator.objects.filter(user=cast.coordinator, type="totp").exists()
    told = [(message.to, message.subject) for message in mail.outbox]
    assert told == [
        ([cast.coordinator.email], "Erfa: Password Reset"),
        ([cast.coordinator.email], "Erfa: Authenticator App Activated"),
    ]
