"""The coordinator writes a message otherwise: checked, versioned, used in the reader's language, brought back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments.actions import confirm
from office import message_texts as texts
from office import outbox
from office.errors import Conflict, Refused
from office.examples import example_of
from office.message_words import MEANINGS, OF_KIND
from office.models import LogEntry, MessageText, OutboxMessage, User
from office.outbox_text import in_force
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table, make_order, make_unit

NOW = at(2026, 10, 5, 9)
SignIn = Callable[[User], Client]
LEAD = "Dear colleague, {{ unit }} would like you for {{ kind }}."


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


def offered(cast: Cast, **fields: Any) -> OutboxMessage:
    make_fee_table()
    times = [(NOW + timedelta(days=9), NOW + timedelta(days=9, hours=1))]
    values = {"unit": cast.unit, "orderer": cast.orderer} | fields
    order = make_order(state="to_confirm", expert=cast.expert, times=times, **values)
    confirm(order, by=cast.coordinator, at=NOW)
    return OutboxMessage.objects.get(kind="offer")


def own_words(cast: Cast, words: dict[str, str], kind: str = "offer", language: str = "en", seen: int = 0) -> Any:
    return texts.save_texts(kind, language, words, seen=seen, by=cast.coordinator, at=NOW)


# --- what is sent ----------------------------------------------------------------------------------------------------


def test_own_words_take_the_place_of_the_programs_and_the_facts_stay(cast: Cast) -> None:
    own_words(cast, {"subject": "Would you have time?", "p2": LEAD})
    message = offered(cast)
    assert message.subject == "Would you have time?"
    assert message.body.startswith("Dear colleague, Loviisan mielenterveystoimisto would like you for Individual work.")
    for fact in ("Support in everyday life", "9:00–10:00", "[[own_link]]", "Answer yes or no without signing in:"):
        assert fact in message.body


def test_only_in_the_language_they_were_written_in(cast: Cast) -> None:
    own_words(cast, {"subject": "Onko sinulla aikaa?"}, language="fi")
    assert offered(cast).subject == "An offer of work for you"


def test_one_and_several_have_their_own_words(cast: Cast) -> None:
    own_words(
        cast, {"subject.one": "A list for you", "subject.more": "Lists for you: {{ n }}"}, "remind_lists_to_check"
    )
    words = texts.now_said("remind_lists_to_check", "en")[1]
    assert example_of("remind_lists_to_check", "en", words, at=NOW).subject == "Lists for you: 2"
    about = make_unit()
    made = outbox.written(
        outbox.KINDS["remind_lists_to_check"], cast.named, about=about, at=NOW, count=1, url="/", texts=in_force()
    )  # fmt: skip
    assert made is not None
    assert made.subject == "A list for you"


def test_names_with_brackets_stay_text(cast: Cast) -> None:
    own_words(cast, {"p2": LEAD})
    unit = make_unit("Y88", name_fi="{{ kind }} {% now 'Y' %} <b>", name_sv="x")
    assert offered(cast, unit=unit).body.startswith(
        "Dear colleague, {{ kind }} {% now 'Y' %} <b> would like you for Indiv"
    )


def test_words_that_no_longer_fit_give_way_to_the_programs(cast: Cast) -> None:
    MessageText.objects.create(
        kind="offer", language="en", number=1, words={"subject": "{{ gone }}", "p99": "x"}, written_at=NOW,
        written_by=cast.coordinator,
    )  # fmt: skip
    assert offered(cast).subject == "An offer of work for you"


def test_every_default_and_no_other_piece_can_be_said_again(cast: Cast) -> None:
    """What stands beside the fields is what the program says: saved as it is, nothing changes."""
    faults: list[tuple[str, str, Any]] = []
    for kind in sorted(outbox.KINDS):
        for language in ("fi", "sv", "en"):
            found = texts.pieces(kind, language)
            keys = [piece.key for piece in found]
            words = {piece.key: piece.default for piece in found}
            faults += [(kind, language, "twice")] * (len(keys) != len(set(keys)))
            faults += [(kind, language, "no subject")] * ("subject" not in {key.partition(".")[0] for key in keys})
            faults += [(kind, piece.key, texts.faults_of(piece, piece.default)) for piece in found]
            plain, same = (example_of(kind, language, said, at=NOW) for said in ({}, words))
            faults += [(kind, language, "differs")] * ((plain.subject, plain.body) != (same.subject, same.body))
    assert [one for one in faults if one[2]] == []


def test_every_placeholder_has_a_meaning() -> None:
    names = {(kind, name) for kind in outbox.KINDS for piece in texts.pieces(kind, "en") for name in piece.variables}
    assert {name for _kind, name in names} - {name for _kind, name in OF_KIND} - set(MEANINGS) == set()
    assert set(MEANINGS) - {name for _kind, name in names} == set()
    assert set(OF_KIND) - names == set()


def test_many_messages_ask_for_the_words_once(cast: Cast) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        in_force()
    assert len(asked) == 1


# --- versions --------------------------------------------------------------------------------------------------------


def test_versions_are_kept_and_the_second_click_makes_none(cast: Cast) -> None:
    assert own_words(cast, {"subject": "One"}).number == 1
    assert own_words(cast, {"subject": "One"}, seen=0) is None
    assert own_words(cast, {"subject": "Two"}, seen=1).number == 2
    assert texts.reset("offer", "en", seen=2, by=cast.coordinator, at=NOW).words == {}  # type: ignore[union-attr]
    logged = LogEntry.objects.filter(kind__startswith="messagetext").order_by("id").values_list("kind", flat=True)
    assert list(logged) == ["messagetext.save", "messagetext.save", "messagetext.reset"]
    assert [one.words for one in MessageText.objects.all()] == [{}, {"subject": "Two"}, {"subject": "One"}]
    assert offered(cast).subject == "An offer of work for you"


def test_who_saved_meanwhile_is_not_overwritten(cast: Cast) -> None:
    own_words(cast, {"subject": "One"})
    with pytest.raises(Conflict, match="Somebody else has changed this text meanwhile"):
        own_words(cast, {"subject": "Two"}, seen=0)


def test_a_version_is_never_changed(cast: Cast) -> None:
    own_words(cast, {"subject": "One"})
    with pytest.raises(IntegrityError, match="message_text_is_never_changed"), transaction.atomic():
        MessageText.objects.update(words={})


def test_nobody_else_writes_texts(cast: Cast) -> None:
    with pytest.raises(Refused, match="You may not do this"):
        texts.save_texts("offer", "en", {"subject": "Hi"}, seen=0, by=cast.named, at=NOW)


def test_what_cannot_be_used_is_refused_below_the_form_too(cast: Cast) -> None:
    with pytest.raises(Refused, match=r"The reader needs this too: \{\{ unit \}\}, \{\{ kind \}\}"):
        own_words(cast, {"p2": "Come!"})


# --- the page --------------------------------------------------------------------------------------------------------

PAGE = ("office:kind_text", ["offer", "en"])


def fields(client: Client, **changes: str) -> dict[str, Any]:
    form = client.get(reverse(PAGE[0], args=PAGE[1])).context["form"]
    told = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return told | {f"text-{name}": text for name, text in changes.items()}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"p2": "Come to us!"}, "The reader needs this too: {{ unit }}, {{ kind }}.", id="missing"),
        pytest.param({"p2": LEAD + " {{ fee }}"}, "Not known here: {{ fee }}.", id="unknown"),
        pytest.param({"p2": LEAD + " {% debug %}"}, "A bracket is wrong.", id="template language"),
        pytest.param({"p2": LEAD + " <b>now</b>"}, "Write plain text. Signs of HTML", id="HTML"),
        pytest.param({"subject": ""}, "Write a text here, or bring back the text of the program.", id="empty"),
        pytest.param({"subject": "Two\nlines"}, "The subject is one line.", id="two lines"),
        pytest.param({"subject": "x" * 151}, "150", id="long"),
        pytest.param({"p5": "Client 131052-308T"}, "identity code", id="identity code"),
    ],
)
def test_a_wrong_text_is_refused_with_a_sentence_and_kept(
    cast: Cast, client_for: SignIn, changes: dict[str, str], sentence: str
) -> None:
    client = client_for(cast.coordinator)
    page = client.post(reverse(PAGE[0], args=PAGE[1]), fields(client, **changes))
    told = " ".join(error for errors in page.context["form"].errors.values() for error in errors)
    assert sentence in told
    [(name, text)] = changes.items()
    assert page.context["form"][f"text-{name}"].value() == text
    assert MessageText.objects.count() == 0


def test_a_look_saves_nothing_and_shows_both_forms(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.coordinator)
    page = client.post(reverse(PAGE[0], args=PAGE[1]), fields(client, p2=LEAD) | {"look": "1"})
    assert page.context["example"].body.startswith(
        "Dear colleague, Esimerkkiyksikkö would like you for Individual work."
    )
    assert page.content.decode().count("Dear colleague, Esimerkkiyksikkö") == 2  # as the mail and as plain text
    assert MessageText.objects.count() == 0


def test_saving_on_the_page_and_bringing_the_programs_text_back(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.coordinator)
    saved = client.post(reverse(PAGE[0], args=PAGE[1]), fields(client, p2=LEAD, subject="Time?"))
    assert saved.status_code == 302
    assert MessageText.objects.get().words == {"subject": "Time?", "p2": LEAD}  # only what differs
    page = client.get(reverse(PAGE[0], args=PAGE[1]))
    assert "Version 1" in page.content.decode()
    client.post(reverse("office:kind_reset", args=PAGE[1]), {"seen": "1"})
    assert texts.now_said("offer", "en") == (2, {})
    again = client.get(reverse(PAGE[0], args=PAGE[1]), {"version": "1"})
    assert again.context["form"]["text-subject"].value() == "Time?"


def test_the_list_tells_own_words_and_the_example_in_the_readers_language(cast: Cast, client_for: SignIn) -> None:
    own_words(cast, {"subject": "Would you have time?"})
    client = client_for(cast.coordinator)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(reverse("office:kinds"))
    row = next(row for row in page.context["kinds"] if row["kind"].name == "offer")
    assert (row["is_own"], row["example"].subject) == (True, "Would you have time?")
    assert len(asked) <= 10


@pytest.mark.parametrize(("name", "language"), [("offer", "de"), ("nothing", "fi")])
def test_what_is_not_there_is_not_found(cast: Cast, client_for: SignIn, name: str, language: str) -> None:
    client = client_for(cast.coordinator)
    assert client.get(reverse(PAGE[0], args=[name, language])).status_code == 404
    assert client.post(reverse("office:kind_reset", args=[name, language])).status_code == 404
