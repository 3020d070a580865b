"""A month is kept while it is typed, without a press of any button (D1)."""

from playwright.sync_api import expect

from assignments.models import Session
from fees.models import RowDraft
from office.models import User
from office.workdays import local_date
from tests.browser.conftest import Office, Opener
from tests.browser.samples import PEOPLE


def test_what_is_typed_is_saved_by_itself_and_there_after_a_reload(demonstration: Office, visit: Opener) -> None:
    user = User.objects.get(email=PEOPLE["expert_sv"])
    User.objects.filter(pk=user.pk).update(language="en")
    drafts = RowDraft.objects.filter(written_by=user).values("session")
    session = Session.objects.filter(expert__user=user, state="agreed").exclude(pk__in=drafts).earliest("starts_at")
    url = f"/fees/month/{local_date(session.starts_at):%Y-%m}/"
    page = visit(user).open(url)
    row = page.locator(f"#time-{session.pk}")
    row.get_by_label("Changed").check()
    row.get_by_label("Ended").fill("15.45")
    row.get_by_label("Why did the times change?").fill("We went on talking")
    expect(row.get_by_role("status")).to_contain_text("Saved")
    expect(row.locator(f"input[name=s{session.pk}-seen]")).not_to_have_value("0.000000/0")
    page.reload()
    expect(row.get_by_label("Ended")).to_have_value("15.45")
    expect(row.get_by_label("Why did the times change?")).to_have_value("We went on talking")
    session.refresh_from_db()
    assert session.outcome == ""
