"""Experts: records, accounts, topics, areas and consent."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from experts.actions.common import coordinator_only
from experts.models import Area, Expert, ExpertTopic
from experts.shown import MAY_BE_BEFORE
from office import people
from office.actions import log
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, User
from office.saving import readable, save

#: What an expert may change of their own record. (Topics and areas apart: ``set_topics``, ``set_areas``.)
OWN_FIELDS = frozenset(
    {
        "phone",
        "municipality",
        "language",
        "introduction_fi",
        "introduction_sv",
        "availability",
        "shown_before",
        "shown_after",
    }
)
#: Fields whose old and new value stand in the history. Of the others it tells only that they changed: the history is
#: never erased, and contact data and own words must be.
TOLD_VALUES = frozenset({"language", "work_languages", "kinds", "on_site", "remote", "shown_before", "shown_after"})


def add_expert(
    fields: Mapping[str, Any],
    topics: Mapping[int, bool] | None = None,
    *,
    by: User,
    at: datetime,
    account: bool = False,
    areas: Collection[int] = (),
) -> Expert:
    """A new expert; ``topics`` are topic ids and whether units may see them, ``areas`` ids (none: works everywhere).

    Refused with a sentence when invalid.
    """
    coordinator_only(by)
    expert = Expert(**fields)
    expert.payroll_number = expert.payroll_number or None
    with transaction.atomic():
        save(expert)
        log("expert.add", expert, by=by, at=at)
        if topics:
            set_topics(expert, topics, by=by, at=at)
        if areas:
            set_areas(expert, areas, by=by, at=at)
        if account:
            give_account(expert, by=by, at=at)
    return expert


def version(expert: Expert) -> int:
    """A number that grows with every change of the record: the form carries it, so that nothing is overwritten."""
    return LogEntry.objects.of(expert).values_list("pk", flat=True).last() or 0


def change_record(
    expert: Expert,
    fields: Mapping[str, Any],
    topics: Mapping[int, bool],
    *,
    seen: int,
    by: User,
    at: datetime,
    areas: Collection[int] | None = None,
) -> None:
    """Changes record, topics and areas together (``areas`` None: as they are).

    Conflict when somebody has changed the record since version ``seen`` was shown.

    A consent withdrawn meanwhile must not come back with an old form.
    """
    with transaction.atomic():
        Expert.objects.select_for_update().get(pk=expert.pk)
        if version(expert) != seen:
            raise Conflict(
                _("Somebody has changed this record since you opened it. Open it again and make your changes anew.")
            )
        change_expert(expert, fields, by=by, at=at)
        set_topics(expert, topics, by=by, at=at)
        if areas is not None:
            set_areas(expert, areas, by=by, at=at)


def change_expert(expert: Expert, fields: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """Changes the record; of most fields only the name is logged (``TOLD_VALUES``). The account follows.

    Consent (``shown_before``, ``shown_after``) holds from this moment on every page. Refused when a surname or contact
    data would be shown before the expert has accepted (R5).
    """
    own = expert.user_id == by.pk and set(fields) <= OWN_FIELDS
    if not own:
        coordinator_only(by)
    fields = dict(fields)
    if "payroll_number" in fields:
        fields["payroll_number"] = fields["payroll_number"] or None
    with readable():
        expert = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
        changed = [name for name, value in fields.items() if getattr(expert, name) != value]
        if not changed:
            return
        told = {name: [getattr(expert, name), fields[name]] for name in sorted(TOLD_VALUES.intersection(changed))}
        for name in changed:
            setattr(expert, name, fields[name])
        if set(expert.shown_before) - MAY_BE_BEFORE:
            raise Refused(_("The last name and contact data are shown only after the expert has accepted."))
        save(expert)
        more: dict[str, Any] = {"values": told} if told else {}
        if expert.user is not None:
            _account_follows(expert, expert.user, changed, by=by, at=at)
        log("expert.change", expert, by=by, at=at, fields=sorted(changed), **more)


def _account_follows(expert: Expert, user: User, changed: list[str], *, by: User, at: datetime) -> None:
    if "email" in changed:
        if not expert.email:
            raise Refused(_("The expert signs in with the e-mail address, so it cannot be empty."))
        people.change_email(user, expert.email, by=by, at=at)
    shared = [name for name in ("first_name", "last_name", "phone", "language") if name in changed]
    if shared:
        for name in shared:
            setattr(user, name, getattr(expert, name))
        save(user, update_fields=shared)


def give_account(expert: Expert, *, by: User, at: datetime) -> User:
    """An account with the role of an expert; one that exists with the address is used. Twice is harmless."""
    coordinator_only(by)
    if expert.user is not None:
        return expert.user
    if not expert.email:
        raise Refused(_("An account needs an e-mail address."))
    with readable():
        user = people.find_or_add(
            email=expert.email,
            first_name=expert.first_name,
            last_name=expert.last_name,
            phone=expert.phone,
            language=expert.language,
            by=by,
            at=at,
        )
        if Expert.objects.filter(user=user).exists():
            raise Refused(_("Another expert has this account."))
        people.grant(user, Role.EXPERT, by=by, at=at)
        expert.user = user
        expert.save(update_fields=["user"])
        log("expert.account", expert, by=by, at=at)
    return user


def set_topics(expert: Expert, topics: Mapping[int, bool], *, by: User, at: datetime) -> None:
    """The expert's topics and which of them units may see. An expert changes only the consent for what is there.

    The log tells how many, never which: topics reveal health.
    """
    with readable():
        Expert.objects.select_for_update().get(pk=expert.pk)
        before = dict(expert.expert_topics.values_list("topic_id", "published"))
        if before == dict(topics):
            return
        if expert.user_id != by.pk:
            coordinator_only(by)
        elif not by.has_role(Role.COORDINATOR) and set(before) != set(topics):
            raise Conflict(_("Your topics have changed meanwhile. Look at the page again."))
        expert.expert_topics.exclude(topic_id__in=topics).delete()
        for topic_id, published in topics.items():
            if before.get(topic_id) != published:
                ExpertTopic.objects.update_or_create(
                    expert=expert, topic_id=topic_id, defaults={"published": published}
                )
        shown = sum(topics.values())
        log("expert.topics", expert, by=by, at=at, topics=len(topics), shown=shown)


def set_areas(expert: Expert, areas: Collection[int], *, by: User, at: datetime) -> None:
    """Where the expert works (ids; none: everywhere). The coordinator, or the expert themself."""
    if expert.user_id != by.pk:
        coordinator_only(by)
    with readable():
        Expert.objects.select_for_update().get(pk=expert.pk)
        before = list(expert.areas.all())
        if {area.pk for area in before} == set(areas):
            return
        expert.areas.set(areas)
        log("expert.areas", expert, by=by, at=at, before=area_names(before), after=area_names(expert.areas.all()))


def area_names(areas: Iterable[Area]) -> list[dict[str, str]]:
    """For the history, which outlives the list of areas."""
    return [{"name_fi": area.name_fi, "name_sv": area.name_sv} for area in areas]
