"""What the stories of sessions share: people of their own for each, a page in their language, and its words.

The words stand here as people read them, not taken from the catalogues: what is not translated is not found.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from assignments.models import Session
from experts.models import Expert
from office.choices import Role
from office.models import Unit, User
from tests.browser.conftest import Office, Opener
from tests.browser.hands import button
from tests.conftest import Clock
from tests.factories import at, make_agreed_session, make_expert, make_fee_table, make_unit, make_user

#: Two Wednesdays, the limit of the first (Tuesday at 15), and moments around it.
WEDNESDAY, NEXT = at(2026, 10, 7, 10), at(2026, 10, 14, 10)
EARLY, LAST_MINUTE, LATE = at(2026, 10, 5, 9), at(2026, 10, 6, 14, 59), at(2026, 10, 6, 15, 1)
AFTER = at(2026, 10, 7, 12)
TELEPHONE = 360

#: In English as the program has them, in Finnish and in Swedish as they are read.
WORDS: dict[str, tuple[str, str]] = {
    "nothing": ("ei maksettavaa", "inget betalas"),
    "cancel": ("Peruuta tapaaminen, {}", "Avboka träffen, {}"),
    "mark": ("Merkitse, {}", "Anteckna, {}"),
    "end the group": ("Päätä ryhmä, {}", "Avsluta gruppen, {}"),
    "take back": ("Peru merkintä", "Ta tillbaka anteckningen"),
    "taken back": ("Merkintä on peruttu", "Anteckningen har tagits tillbaka"),
    "other sum": ("Maksettava summa on muuttunut", "Det betalas något annat"),
    "propose": ("Ehdota uutta aikaa", "Föreslå en ny tid"),
    "meaning": ("Katso, mitä siitä seuraa", "Visa vad det innebär"),
    "propose this": ("Ehdota tätä aikaa", "Föreslå den här tiden"),
    "day": ("Päivä", "Dag"),
    "time": ("Aika", "Tid"),
    "begins": ("Alkaa", "Börjar"),
    "began": ("Alkoi", "Började"),
    "ended": ("Päättyi", "Slutade"),
    "suits": ("Uusi aika sopii", "Den nya tiden passar"),
    "no": ("Se ei sovi", "Den passar inte"),
    "or cancel": ("Jos uusi aika ei sovi, tapaaminen peruutetaan", "Om den nya tiden inte passar avbokas träffen"),
    "stays": ("Tapaaminen pysyy sovittuna", "Träffen gäller som avtalat"),
    "used for": ("Mihin aika käytettiin?", "Vad användes tiden till?"),
    "compelling": ("Pakottava syy", "Ett tvingande skäl"),
    "few words": ("Muutamalla sanalla", "Med några ord"),
    "by telephone": ("Asiasta ilmoitettiin aiemmin puhelimessa", "Det meddelades tidigare, per telefon"),
    "who told": ("Kuka ilmoitti?", "Vem meddelade?"),
    "decide": ("Päätä palkkio", "Besluta om arvodet"),
    "fee": ("Maksettava palkkio, €", "Arvode som betalas, €"),
    "why": ("Miksi?", "Varför?"),
    "cancel several": ("Peruuta useita", "Avboka flera"),
    "move several": ("Siirrä useita", "Boka om flera"),
    "cancel them": ("Peruuta: {} tapaami", "Avboka: {} träff"),
    "propose two": ("Ehdota 2 uutta aikaa", "Föreslå 2 nya tider"),
    "propose several": ("Ehdota {} uut", "Föreslå {} ny"),
    "all new times": ("Katso kaikki uudet ajat", "Se alla nya tider"),
    "both suit": ("Kaikki 2 uutta aikaa sopivat", "Alla 2 nya tider passar"),
    "one": ("Tämä", "Den här"),
    "following": ("Tämä ja seuraavat", "Den här och de följande"),
    "all": ("Kaikki jäljellä olevat", "Alla som återstår"),
    "no-show": ("Asiakas ei saapunut", "Klienten uteblev"),
    "nobody": ("Kukaan ei saapunut", "Ingen kom"),
    "shortened": ("Tapaamista lyhennettiin rajan jälkeen", "Träffen förkortades efter gränsen"),
    "I am ill": ("Olen sairas", "Jag är sjuk"),
    "I cannot come": ("En pääse tulemaan", "Jag kan inte komma"),
    "see and answer": ("Katso palkkio ja vastaa", "Se arvodet och svara"),
    "accept": ("Hyväksy", "Tacka ja"),
    "agreed": ("Sovittu. Yksikkö saa tiedon.", "Avtalat. Enheten har fått besked."),
    "confirm": ("Vahvista tilaus", "Bekräfta beställningen"),
    "kind": ("Työmuoto", "Arbetsform"),
    "task": ("Tehtävä yhdellä lauseella", "Uppgiften i en mening"),
    "individual": ("Yksilötyö", "Individuellt arbete"),
    "pair": ("Työparityö", "Pararbete"),
    "group": ("Ryhmänohjaus", "Grupphandledning"),
    "lecture": ("Luento tai koulutus", "Föreläsning eller utbildning"),
    "appointment": ("Vastaanotto, ajanvaraus", "Mottagning med tidsbokning"),
    "walk_in": ("Vastaanotto, walk-in", "Walk-in-mottagning"),
    "development": ("Kehittämistyö", "Utvecklingsarbete"),
    "meeting": ("Yhteiskehittäminen, kokous", "Medskapande eller möte"),
    "goal": ("Tavoite yhdellä lauseella", "Målet i en mening"),
    "meetings": ("Kuinka monta tapaamista", "Hur många träffar"),
    "how often": ("Kuinka usein", "Hur ofta"),
    "every week": ("joka viikko", "varje vecka"),
    "contact": ("Miten asiakas ja kokemusasiantuntija", "Hur klienten och erfarenhetsexperten"),
    "first day": ("Jakson ensimmäinen päivä", "Periodens första dag"),
    "last day": ("Jakson viimeinen päivä", "Periodens sista dag"),
    "co-leader": ("Työntekijä, joka ohjaa ryhmää", "Den anställda som leder gruppen"),
    "theme": ("Aihe", "Tema"),
    "audience": ("Yleisö", "Publik"),
    "listeners": ("Kuinka monta kuulijaa", "Hur många åhörare"),
    "date": ("Päivä", "Datum"),
    "weekday": ("Viikonpäivä", "Veckodag"),
    "Monday": ("Maanantai", "Måndag"),
    "ends": ("Päättyy", "Slutar"),
    "period below": ("Kirjoita jakson ajat alle", "Skriv periodens tider nedan"),
    "amount": ("Sovittu summa kerralta, €", "Avtalat belopp per gång, €"),
    "onward": ("Jatka", "Fortsätt"),
    "decline": ("Kieltäydy", "Tacka nej"),
    "please suggest": ("Pyydän ehdotusta", "Föreslå någon"),
    "wish": ("Toive koordinaattorille", "Önskemål till koordinatorn"),
    "find an expert": ("Etsi kokemusasiantuntija", "Sök en erfarenhetsexpert"),
    "send the offer": ("Lähetä tarjous", "Skicka förfrågan"),
    "all at once": ("Kaikilta kerralla: kuka voi?", "Alla på en gång: vem kan?"),
    "can": ("Voin", "Jag kan"),
    "choose one": ("Valitse yksi niistä, jotka voivat", "Välj en av dem som kan"),
    "confirm and send": ("Vahvista ja lähetä tilaus", "Bekräfta och skicka beställningen"),
    "place": ("Paikka", "Plats"),
    "change the place": ("Muuta paikkaa", "Ändra platsen"),
    "of two": ("Muuta 2 tapaamisen paikka", "Ändra platsen för 2 träffar"),
    "cancel both": ("Peru molemmilta: 2 tapaamista, 50,00", "Avboka för båda: 2 träffar, 50,00"),
    "for both": ("Molemmille asiantuntijoille", "För båda experterna"),
    "send": ("Lähetä tilaus", "Skicka beställningen"),
}


class Stage:
    """A unit, its people and an expert who all read one language, and whoever sits before the page now."""

    def __init__(self, visit: Opener, clock: Clock, language: str) -> None:
        self.visit, self.clock, self.language = visit, clock, language
        self.unit: Unit = make_unit()
        self.staff = self._person((Role.STAFF, self.unit))
        self.named = self._person((Role.UNIT_CONTACT, self.unit))
        self.coordinator = self._person(Role.COORDINATOR)
        self.expert: Expert = make_expert(language=language)
        self.page: Page

    def _person(self, *roles: Any) -> User:
        return make_user(roles=roles, language=self.language)

    def agreed(self, starts_at: datetime = WEDNESDAY, **fields: Any) -> Session:
        """An agreed session of the staff's with the expert, an hour long."""
        return make_agreed_session(starts_at, expert=self.expert, unit=self.unit, orderer=self.staff, **fields)

    def word(self, name: str, *parts: str) -> str:
        """The words in the language of the story; what is not in the list is taken as it is."""
        return WORDS[name][self.language == "sv"].format(*parts) if name in WORDS else name

    def opens(self, who: User | Expert, path: str, moment: datetime) -> None:
        """Somebody looks at a page; an expert on a telephone."""
        self.clock(moment)
        expert = isinstance(who, Expert)
        user = who.user if isinstance(who, Expert) else who
        how: dict[str, Any] = {"width": TELEPHONE, "has_touch": True} if expert else {}
        self.page = self.visit(user, **how).open(path)
        assert self.page.evaluate("document.documentElement.lang") == self.language

    def looks(self, who: User | Expert, session: Session, moment: datetime) -> None:
        self.opens(who, f"/orders/sessions/{session.pk}/", moment)

    def link(self, name: str, *parts: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=self.word(name, *parts)).first.click()

    def press(self, name: str, *parts: str) -> None:
        button(self.page, self.word(name, *parts)).first.click()

    def card(self, title: str, verb: str, *parts: str) -> None:
        """The link of one of the things that can have happened, by its heading."""
        card = self.page.get_by_role("region", name=self.word(title))
        card.get_by_role("link", name=self.word(verb, *parts)).click()

    def write(self, **answers: str) -> None:
        """Fields by the name of their label's words; ``_`` is a space."""
        for name, value in answers.items():
            begins = re.compile(f"^{re.escape(self.word(name.replace('_', ' ')))}")  # "(optional)" may follow
            self.page.get_by_label(begins).first.fill(value)

    def tick(self, name: str) -> None:
        self.page.get_by_label(self.word(name)).check()

    def says(self, *names: str) -> None:
        for name in names:
            expect(self.page.get_by_role("main")).to_contain_text(self.word(name))


def outcome(session: Session) -> tuple[str, str]:
    """What became of it, and the fee in euros."""
    session.refresh_from_db()
    return session.outcome or session.state, str(session.fee)


@pytest.fixture(scope="module")
def office_of_stories(office: Office) -> Iterator[Office]:
    """One empty office for all stories of a file: each brings its own people."""
    office.fill("bare")
    office.filled = "half"  # whoever comes next begins anew
    make_fee_table()
    yield office
    office.filled = "half"


@pytest.fixture(params=["fi", "sv"])
def stage(request: Any, office_of_stories: Office, visit: Opener, clock: Clock) -> Stage:
    office_of_stories.errors.clear()
    clock(EARLY)
    return Stage(visit, clock, request.param)
