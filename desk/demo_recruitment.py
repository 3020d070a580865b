"""Applications of the demonstration office, one or more in each step. The people are invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from desk.demo_cast import UnitCast
from experts.models import Topic
from office.models import User
from office.workdays import at_wall_clock, is_working_day, local_date, next_working_day, previous_working_day
from recruitment import actions
from recruitment.actions import Asked
from recruitment.models import Application, Interviewer


@dataclass(frozen=True)
class Applicant:
    """Who applies, and what they tell. No e-mail address: told by telephone."""

    first: str
    last: str
    language: str
    municipality: str
    topics: tuple[str, ...]
    words: str
    email: bool = True
    more: Mapping[str, str] = field(default_factory=dict)

    def fields(self) -> dict[str, Any]:
        plain = str.maketrans("åäöÅÄÖ", "aaoaao")
        address = f"{self.first}.{self.last}".lower().translate(plain) + "@example.org"
        return {
            "first_name": self.first,
            "last_name": self.last,
            "email": address if self.email else "",
            "phone": "040 000 7701" if not self.email else "",
            "language": self.language,
            "municipality": self.municipality,
            "own_words": self.words,
            **self.more,
        }


NEW = Applicant(
    "Sanna", "Vuorela", "fi", "Porvoo", ("depression", "anxiety"),
    "Sairastin vuosia. Nyt voin hyvin ja haluan kertoa, että toipuminen on mahdollista.",
    more={"wishes": "Ryhmät ja luennot. Illat sopivat parhaiten.", "heard_from": "expert"},
)  # fmt: skip
TOLD = Applicant(
    "Börje", "Strandell", "sv", "Lovisa", ("substance",),
    "Nykter sedan tolv år. Har lett en kamratgrupp på orten.", email=False,
    more={"background": "Kamratgrupp 2018–2023"},
)  # fmt: skip
AHEAD = Applicant(
    "Heidi", "Kallioniemi", "fi", "Sipoo", ("eating",), "Olen käynyt läpi pitkän hoidon ja toipunut.",
    more={"training": "Kokemusasiantuntijakoulutus 2024", "heard_from": "web"},
)  # fmt: skip
HELD = Applicant(
    "Joonas", "Mäenpää", "fi", "Askola", ("substance", "gambling"), "Haluan auttaa muita, jotka ovat samassa paikassa.",
)  # fmt: skip
ONE_VIEW = Applicant("Camilla", "Nyholm", "sv", "Borgå", ("anxiety",), "Jag vill tala om det som ingen talade om då.")
READY = Applicant(
    "Pirjo", "Hautamäki", "fi", "Loviisa", ("relative",), "Hoidin puolisoani kotona kahdeksan vuotta.",
    more={"background": "Omaishoitajien vertaisryhmä", "wishes": "Yksilötapaamiset"},
)  # fmt: skip
TRAINED = Applicant(
    "Anton", "Sjöholm", "sv", "Lappträsk", ("depression",), "Jag vill lära mig att berätta min historia."
)
ACCEPTED = Applicant(
    "Elina", "Karjalainen", "fi", "Porvoo", ("depression",), "Kokemukseni voi olla jollekin toivon paikka.",
    more={"training": "Kokemusasiantuntijakoulutus 2025"},
)  # fmt: skip
NOT_ACCEPTED = Applicant("Marko", "Laaksonen", "fi", "Pukkila", ("gambling",), "Kiinnostuin luennon jälkeen.")
WITHDRAWN = Applicant("Linnea", "Ekholm", "sv", "Sibbo", (), "Jag såg er annons på biblioteket.")

VIEW = {
    "introduction": ("suits", "Selkeät motiivit, lämmin tapa kertoa."),
    "background": ("suits", "Vertaistoimintaa useita vuosia."),
    "experience": ("suits", "Puhuu toipumisesta rauhallisesti."),
    "bad_day": ("suits", "Tunnistaa huonon päivän ja osaa perua ajoissa."),
    "demanding": ("think", "Pyytää työparin vaikeisiin tilanteisiin."),
    "strengths": ("suits", "Kuuntelee."),
    "practical": ("suits", "Kulkee junalla, illat sopivat."),
}


class _Recruitment:
    """Each applicant goes as far as the part asks; everything through the actions, at its own moment."""

    def __init__(
        self, units: Sequence[UnitCast], topics: Mapping[str, Topic], *, coordinator: User, now: datetime
    ) -> None:
        self.topics, self.coordinator, self.now = topics, coordinator, now
        self.today = local_date(now)
        self.named, self.deputy = units[1].named, units[0].deputy

    def day(self, back: int) -> date:
        found = self.today - timedelta(days=back)
        return found if is_working_day(found) else previous_working_day(found)

    def at(self, back: int, hour: int = 10) -> datetime:
        return min(at_wall_clock(self.day(back), time(hour)), self.now)

    def applied(self, who: Applicant, back: int) -> Application:
        topics = [self.topics[code].pk for code in who.topics if code in self.topics]
        at = self.at(back)
        if who.email:
            return actions.receive(who.fields(), topics, [], key=uuid4(), sender="", at=at)
        return actions.enter(
            who.fields(),
            topics,
            [],
            key=uuid4(),
            source="telephone",
            received_on=local_date(at),
            by=self.coordinator,
            at=at,
        )

    def booked(self, who: Applicant, back: int, starts_at: datetime, second: User | None = None) -> Application:
        made = self.applied(who, back + 9)
        asked = [
            Asked(self.named, is_professional=True, title="Sairaanhoitaja"),
            Asked(second or self.coordinator, is_professional=False),
        ]
        actions.book(
            made,
            asked,
            starts_at=starts_at,
            place="Mannerheiminkatu 20, Porvoo",
            remote=False,
            by=self.coordinator,
            at=self.at(back + 7),
        )
        return made

    def viewed(self, made: Application, *users: User, at: datetime) -> None:
        subjects = {code: {"assessment": word, "notes": notes} for code, (word, notes) in VIEW.items()}
        for user in users:
            row = Interviewer.objects.get(interview__application=made, user=user)
            actions.write_view(
                row,
                subjects,
                overall="suits",
                summary="Sopii tehtävään. Aloitetaan työparin kanssa.",
                give=True,
                by=user,
                at=at,
            )

    def interviewed(self, who: Applicant, back: int) -> Application:
        """Interviewed by two from the units, who have both given their views."""
        made = self.booked(who, back, self.at(back, 9), self.deputy)
        self.viewed(made, self.named, self.deputy, at=self.at(back, 13))
        return made

    def live(self) -> None:
        by = self.coordinator
        self.applied(NEW, 2)
        self.applied(TOLD, 1)
        ahead = next_working_day(next_working_day(self.today))
        self.booked(AHEAD, 0, at_wall_clock(ahead, time(14, 30)))
        self.booked(HELD, 1, self.at(1, 9))
        made = self.booked(ONE_VIEW, 3, self.at(3, 9))
        self.viewed(made, self.named, at=self.at(3, 13))
        self.interviewed(READY, 5)
        made = self.interviewed(TRAINED, 20)
        actions.to_training(made, note="Seuraava peruskoulutus.", by=by, at=self.at(18))
        made = self.interviewed(ACCEPTED, 12)
        actions.accept(made, tell=True, by=by, at=self.at(9))
        made = self.applied(NOT_ACCEPTED, 40)
        actions.decline(made, reason="no_need", tell=True, by=by, at=self.at(36))
        made = self.booked(WITHDRAWN, 30, self.at(30, 9))
        actions.withdraw(made, reason="own_wish", by=by, at=self.at(31))


def load(units: Sequence[UnitCast], topics: Mapping[str, Topic], *, coordinator: User, now: datetime) -> None:
    """Adds the applications as they stand at ``now``."""
    _Recruitment(units, topics, coordinator=coordinator, now=now).live()
