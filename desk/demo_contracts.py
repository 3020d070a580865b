"""The demonstration's contracts in every state: texts, contracts made in Erfa, renewals on their way."""

from datetime import date, datetime, timedelta

from experts import actions as registry
from experts import pdf
from experts.models import Contract, ContractText
from office.models import User
from office.workdays import local_date

#: Who signs in to the demonstration as an expert; their contracts were made in Erfa, the others' on paper before.
FIRST = "tero.lehtimaa@example.org"
IN_ERFA = frozenset({FIRST, "ann-sofi.gronvik@example.org"})
#: What somebody wants changed.
WORDS = {"fi": "Kirjoittakaa toiveisiin, että teen mieluiten ryhmiä.", "sv": "Skriv att jag helst leder grupper."}


def load_texts(*, by: User, at: datetime) -> None:
    """The model texts in Finnish and Swedish in use."""
    for language in ("fi", "sv"):
        registry.use_text(registry.new_text(language, by=by, at=at), by=by, at=at)


def sign(contract: Contract, *, by: User, at: datetime) -> None:
    """Puts a draft in force: in Erfa for some, the others signed on paper before the office came to Erfa."""
    expert = contract.expert
    if expert.email not in IN_ERFA or expert.user is None:
        registry.sign_contract(contract, signed_on=local_date(at), by=by, at=at)
        return
    sent = send(contract, by=by, at=at)
    registry.accept_contract(sent, seen=sent.text_hash, by=expert.user, at=at + timedelta(hours=3))
    registry.countersign_contract(sent, seen=sent.text_hash, by=by, at=at + timedelta(hours=6))


def send(contract: Contract, *, by: User, at: datetime) -> Contract:
    return registry.send_contract(contract, seen=registry.preview_hash(contract), by=by, at=at)


def until_of_first(today: date) -> date:
    """The last day of the first log-in's contract: the next one waits to be accepted."""
    return (today + timedelta(days=100)).replace(day=1) - timedelta(days=1)


def load_renewals(*, by: User, now: datetime) -> None:
    """The next contracts: one waits for the expert who signs in, the others are on their way in every state."""
    today = local_date(now)
    running = Contract.objects.filter(state=Contract.State.IN_FORCE, valid_to__gte=today).select_related("expert__user")
    first = running.get(expert__email=FIRST)
    drafted = now - timedelta(days=6)
    draft = registry.renew_contract(first, by=by, at=drafted)
    draft.valid_to = draft.valid_from.replace(year=draft.valid_from.year + 1) - timedelta(days=1)
    draft.wishes = "Ryhmiä ja yksilötapaamisia, mieluiten iltapäivisin"
    registry.save_contract(draft, by=by, at=drafted)
    send(draft, by=by, at=now - timedelta(days=1))
    ending = running.filter(valid_to__lt=today + timedelta(days=60)).exclude(pk=first.pk)
    for n, contract in enumerate(ending.order_by("valid_to", "pk")):
        draft = registry.renew_contract(contract, by=by, at=drafted)
        user = draft.expert.user
        if user is None:
            continue
        sent = send(draft, by=by, at=drafted + timedelta(hours=2))
        answered = now - timedelta(days=2)
        if n == 1:
            registry.accept_contract(sent, seen=sent.text_hash, by=user, at=answered)
        elif n == 2:
            registry.note_paper(
                sent, content=pdf.contract_pdf(sent), signed_on=local_date(answered), seen=sent.text_hash, by=by, at=now
            )
        else:
            registry.ask_change(sent, word=WORDS.get(sent.language, WORDS["fi"]), by=user, at=answered)
    _next_text(by=by, now=now)


def _next_text(*, by: User, now: datetime) -> None:
    """The Finnish text in its second version; the Swedish one has a draft."""
    second = registry.new_text("fi", by=by, at=now - timedelta(days=1))
    body = second.body.replace(
        "## 10. Tuki\n", "## 10. Tuki\nKoordinaattori vastaa kysymyksiisi arkisin puhelimessa ja sähköpostissa.\n"
    )
    registry.save_text(second, body=body, notice_days=second.notice_days, by=by, at=now - timedelta(days=1))
    registry.use_text(ContractText.objects.get(pk=second.pk), by=by, at=now - timedelta(hours=5))
    registry.new_text("sv", by=by, at=now - timedelta(hours=4))
