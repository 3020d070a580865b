"""Guides: written, published, read, followed by a new version (R27)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from induction import actions
from induction.models import GuideRead, GuideVersion
from office import todo
from office.errors import Conflict, Refused, RuleError
from office.models import LogEntry, RoleGrant, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_agreed_session, make_expert, make_unit, make_user
from tests.factories.induction import make_guide

NOW = at(2026, 10, 5, 9)
SignIn = Callable[[User], Client]
TEXT = {"text_fi": "# Tervetuloa\nOvi on pihan puolella.", "text_sv": "# Välkommen\nDörren är på gården."}


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


def work_of(cast: Cast, day: int = 7, **fields: Any) -> None:
    values = {"expert": cast.expert, "unit": cast.unit, "orderer": cast.orderer} | fields
    make_agreed_session(at(2026, 10, day, 10), agreed_at=at(2026, 10, 1, 9), **values)


def tasks(user: User) -> list[str]:
    return [found.sentence for found in todo.todos(user, NOW) if "guide" in found.sentence]


def test_a_guide_is_written_looked_at_published_and_read(cast: Cast, client_for: SignIn) -> None:
    work_of(cast)
    nora, eva = client_for(cast.named), client_for(cast.expert_user)
    edit = reverse("induction:guide_edit", args=[cast.unit.pk])
    saved = nora.post(edit, TEXT | {"seen": "0"}, follow=True)
    draft = GuideVersion.objects.get()
    assert (draft.unit, draft.number, draft.state, draft.saves) == (cast.unit, 1, "draft", 1)
    assert b"As experts will read it" in saved.content
    assert b"Ovi on pihan" not in eva.get(reverse("induction:guide")).content
    assert tasks(cast.expert_user) == []

    nora.post(reverse("induction:publish", args=[draft.pk]), {"seen": "9" * 5000})
    draft.refresh_from_db()
    assert draft.state == "draft"
    nora.post(reverse("induction:publish", args=[draft.pk]), {"seen": "1"})
    draft.refresh_from_db()
    assert (draft.state, draft.published_by, draft.published_at) == ("published", cast.named, NOW)
    assert tasks(cast.expert_user) == ["Read the guide of Loviisan mielenterveystoimisto."]
    page = eva.get(reverse("induction:guide")).content.decode()
    assert "<h3>Tervetuloa</h3>" in page
    assert 'lang="fi"' in page
    for _click in range(2):
        eva.post(reverse("induction:guide_read", args=[draft.pk]), {"text": "sv"})
    read = GuideRead.objects.get()
    assert (read.expert, read.version, read.read_at, read.language) == (cast.expert, draft, NOW, "sv")
    assert tasks(cast.expert_user) == []
    assert list(LogEntry.objects.values_list("kind", flat=True)) == [
        "guideversion.save",
        "guideversion.publish",
        "guideversion.read",
    ]


def test_a_new_version_is_asked_to_be_read_again_and_the_old_one_stays(cast: Cast, client_for: SignIn) -> None:
    first = make_guide(by=cast.coordinator)
    actions.note_read(first, cast.expert, language="fi", by=cast.expert_user, at=NOW)
    assert tasks(cast.expert_user) == []
    draft = actions.save_draft(None, **TEXT, seen=0, by=cast.coordinator, at=NOW)
    assert draft.number == 2
    assert tasks(cast.expert_user) == []  # a draft asks nothing
    actions.publish(draft, seen=1, by=cast.coordinator, at=NOW)
    assert tasks(cast.expert_user) == ["Read the guide of your work."]
    page = client_for(cast.expert_user).get(reverse("induction:guide")).content.decode()
    assert "Ovi on pihan puolella." in page
    assert "Tule ovesta." not in page
    assert (
        "Tule ovesta."
        in client_for(cast.coordinator).get(reverse("induction:version", args=[first.pk])).content.decode()
    )
    with pytest.raises(Conflict, match="A new version has been published"):
        actions.note_read(first, cast.expert, language="fi", by=cast.expert_user, at=NOW)
    assert GuideRead.objects.count() == 1


def test_nobody_reads_for_another(cast: Cast) -> None:
    version = make_guide()
    for by in (cast.coordinator, cast.second_expert_user):
        with pytest.raises(Refused, match="You may not do this"):
            actions.note_read(version, cast.expert, language="fi", by=by, at=NOW)
    assert GuideRead.objects.count() == 0


def test_a_published_version_is_never_changed_not_even_by_the_database(cast: Cast) -> None:
    version = make_guide(by=cast.coordinator)
    rows = GuideVersion.objects.filter(pk=version.pk)
    changes: list[Callable[[], Any]] = [
        lambda: rows.update(text_fi="Muuta"),
        lambda: rows.update(state="draft", published_at=None, published_by=None),
        rows.delete,
    ]
    for change in changes:
        with pytest.raises(IntegrityError, match="published_guide_is_never_changed"), transaction.atomic():
            change()
    with pytest.raises(Refused, match="A published version is never changed"):
        actions.drop_draft(version, by=cast.coordinator, at=NOW)
    assert rows.get().text_fi == "# Näin\nTule ovesta."


def test_what_was_read_stays(cast: Cast) -> None:
    version = make_guide()
    actions.note_read(version, cast.expert, language="fi", by=cast.expert_user, at=NOW)
    with pytest.raises(IntegrityError, match="guide_read_is_never_changed"), transaction.atomic():
        GuideRead.objects.update(read_at=at(2026, 1, 1))


def test_two_who_write_at_once_are_told(cast: Cast, client_for: SignIn) -> None:
    edit = reverse("induction:guide_edit", args=[cast.unit.pk])
    client_for(cast.named).post(edit, TEXT | {"seen": "0"})
    answer = client_for(cast.deputy).post(edit, {"text_fi": "Dan kirjoitti", "text_sv": "", "seen": "0"})
    assert "Somebody has changed the draft meanwhile" in answer.content.decode()
    assert "Dan kirjoitti" in answer.content.decode()  # nothing typed is lost
    assert GuideVersion.objects.get().text_fi == TEXT["text_fi"]
    draft = GuideVersion.objects.get()
    actions.save_draft(cast.unit, text_fi="Uusi", text_sv="", seen=1, by=cast.deputy, at=NOW)
    with pytest.raises(Conflict, match="Read it again"):
        actions.publish(draft, seen=1, by=cast.named, at=NOW)
    assert GuideVersion.objects.get().state == "draft"


@pytest.mark.django_db(transaction=True)
def test_published_at_once_by_two_once(transactional_db: None) -> None:
    unit = make_unit()
    people = [make_user(roles=[("unit_contact", unit)]), make_user(roles=[("deputy", unit)])]
    draft = make_guide(unit, published=False)
    start = Barrier(2)

    def one(user: User) -> str:
        try:
            start.wait(timeout=10)
            with translation.override("en"):
                actions.publish(GuideVersion.objects.get(pk=draft.pk), seen=1, by=user, at=NOW)
        except RuleError as refusal:
            return str(refusal.message)
        else:
            return "ok"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(one, people)) == ["ok", "ok"]
    assert LogEntry.objects.filter(kind="guideversion.publish").count() == 1


def test_a_draft_is_removed_also_twice(cast: Cast, client_for: SignIn) -> None:
    draft = make_guide(cast.unit, by=cast.named, published=False)
    nora = client_for(cast.named)
    assert nora.post(reverse("induction:drop", args=[draft.pk])).status_code == 302
    assert nora.post(reverse("induction:drop", args=[draft.pk])).status_code == 404
    actions.drop_draft(draft, by=cast.named, at=NOW)
    assert GuideVersion.objects.count() == 0
    assert LogEntry.objects.filter(kind="guideversion.drop").count() == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text_fi": "", "text_sv": "  "}, "text_fi"),
        ({"text_fi": "Soita 131052-308T", "text_sv": "Hej"}, "text_fi"),
        ({"text_fi": "Hei", "text_sv": "x" * 20_001}, "text_sv"),
    ],
    ids=["empty", "identity-code", "too-long"],
)
def test_bad_texts_are_told_by_field_and_kept(
    cast: Cast, client_for: SignIn, typed: dict[str, str], field: str
) -> None:
    page = client_for(cast.coordinator).post(reverse("induction:common_guide_edit"), typed | {"seen": "0"})
    assert list(page.context["form"].errors) == [field]
    assert typed["text_sv"].strip() in page.content.decode()
    assert GuideVersion.objects.count() == 0


def test_text_is_never_html(cast: Cast, client_for: SignIn) -> None:
    make_guide(text_fi="# <script>x</script>\n- <img src=x>", text_sv="")
    page = client_for(cast.expert_user).get(reverse("induction:guide")).content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<img" not in page


@pytest.mark.parametrize(
    ("language", "query", "told", "word"),
    [
        ("fi", "", "Suomeksi", ""),
        ("sv", "", "Suomeksi", "This text is only in Finnish for now."),
        ("sv", "?text=fi", "Suomeksi", ""),
        ("en", "", "Suomeksi", ""),
    ],
)
def test_a_missing_language_shows_the_other_with_a_word(
    cast: Cast, client_for: SignIn, monkeypatch: pytest.MonkeyPatch, language: str, query: str, told: str, word: str
) -> None:
    make_guide(text_fi=told, text_sv="")
    User.objects.filter(pk=cast.expert_user.pk).update(language=language)
    page = client_for(User.objects.get(pk=cast.expert_user.pk)).get(reverse("induction:guide") + query)
    shown = page.context["guides"][0].shown
    assert (shown.language, shown.blocks[0].lines, shown.other) == ("fi", (told,), "")
    assert shown.is_missing == bool(word)
    assert '<div class="prose" lang="fi">' in page.content.decode()


def test_both_languages_can_be_read(cast: Cast, client_for: SignIn) -> None:
    make_guide()
    page = client_for(cast.expert_user).get(reverse("induction:guide") + "?text=sv").content.decode()
    assert "Kom in." in page
    assert '<div class="prose" lang="sv">' in page
    assert "Lue suomeksi" in page


def test_an_expert_reads_the_guides_of_the_own_work_only(cast: Cast, client_for: SignIn) -> None:
    make_guide(text_fi="Yhteinen")
    make_guide(cast.unit, text_fi="Oma yksikkö")
    other = make_guide(cast.other_unit, text_fi="Toinen yksikkö")
    work_of(cast)
    eva = client_for(cast.expert_user)
    page = eva.get(reverse("induction:guide")).content.decode()
    assert ["Yhteinen" in page, "Oma yksikkö" in page, "Toinen yksikkö" in page] == [True, True, False]
    assert eva.post(reverse("induction:guide_read", args=[other.pk])).status_code == 404
    assert eva.get(reverse("induction:version", args=[other.pk])).status_code == 403
    assert GuideRead.objects.count() == 0


def test_work_of_long_ago_asks_for_no_new_reading(cast: Cast, clock: Clock) -> None:
    make_guide(cast.unit)
    work_of(cast)
    assert tasks(cast.expert_user) == ["Read the guide of Loviisan mielenterveystoimisto."]
    later = at(2027, 6, 1, 9)
    assert [t for t in todo.todos(cast.expert_user, later) if "guide" in t.sentence] == []


def test_who_has_left_is_asked_nothing(cast: Cast) -> None:
    make_guide()
    type(cast.expert).objects.filter(pk=cast.expert.pk).update(state="ended")
    assert tasks(cast.expert_user) == []


@pytest.mark.parametrize("who", ["orderer", "finance", "supervisor", "second_expert_user", "stranger"])
def test_others_write_no_guides(cast: Cast, client_for: SignIn, who: str) -> None:
    draft = make_guide(cast.unit, published=False)
    client = client_for(getattr(cast, who))
    for name, args in (("guide_edit", [cast.unit.pk]), ("publish", [draft.pk]), ("drop", [draft.pk])):
        assert client.post(reverse(f"induction:{name}", args=args), TEXT | {"seen": "1"}).status_code == 403
    assert client.post(reverse("induction:common_guide_edit"), TEXT).status_code == 403
    draft.refresh_from_db()
    assert (draft.state, draft.saves) == ("draft", 1)


def test_another_units_named_employee_meets_nothing(cast: Cast, client_for: SignIn) -> None:
    draft = make_guide(cast.unit, published=False)
    olga = client_for(cast.other_named)
    for name, pk in (
        ("guide_edit", cast.unit.pk),
        ("publish", draft.pk),
        ("drop", draft.pk),
        ("unit_texts", cast.unit.pk),
    ):
        url = reverse(f"induction:{name}", args=[pk])
        answer = olga.get(url) if name == "unit_texts" else olga.post(url, TEXT | {"seen": "1"})
        assert answer.status_code == 404
    assert olga.get(reverse("induction:version", args=[draft.pk])).status_code == 404
    with pytest.raises(Refused):
        actions.publish(draft, seen=1, by=cast.other_named, at=NOW)
    with pytest.raises(Refused):
        actions.save_draft(
            cast.unit, **TEXT, seen=1, by=cast.coordinator, at=NOW
        )  # read, not written, by the coordinator
    with pytest.raises(Refused):
        actions.save_draft(None, **TEXT, seen=0, by=cast.named, at=NOW)
    assert GuideVersion.objects.get().text_fi == "# Näin\nTule ovesta."


def test_a_former_named_employee_keeps_nothing_the_deputy_does(cast: Cast, client_for: SignIn) -> None:
    draft = make_guide(cast.unit, published=False)
    RoleGrant.objects.filter(user=cast.named).update(valid_to=NOW)
    former = User.objects.get(pk=cast.named.pk)
    grant(former, "unit_contact", make_unit())  # elsewhere now
    assert client_for(former).post(reverse("induction:publish", args=[draft.pk]), {"seen": "1"}).status_code == 404
    client_for(cast.deputy).post(reverse("induction:publish", args=[draft.pk]), {"seen": "1"})
    draft.refresh_from_db()
    assert draft.published_by == cast.deputy


def test_few_questions_however_many_units(cast: Cast, client_for: SignIn, django_assert_num_queries: Any) -> None:
    make_guide()
    make_guide(cast.unit)
    work_of(cast)
    eva = client_for(cast.expert_user)
    eva.get(reverse("induction:guide"))
    with django_assert_num_queries(5):
        eva.get(reverse("induction:guide"))
    for day in range(8, 20):
        unit = make_unit()
        make_guide(unit)
        work_of(cast, day, unit=unit)
    with django_assert_num_queries(5):
        page = eva.get(reverse("induction:guide"))
    assert len(page.context["guides"]) == 14


def test_an_expert_without_a_record_has_no_guide(client_for: SignIn) -> None:
    assert client_for(make_user(roles=["expert"])).get(reverse("induction:guide")).status_code == 404
    assert client_for(make_expert().user or make_user()).get(reverse("induction:guide")).status_code == 200
