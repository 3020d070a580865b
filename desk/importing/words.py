"""Headings and words of the sheets, Finnish first, then Swedish. Those of the registry: experts.sheet_words."""

from feetables.rules import Basis
from office.kinds import TaskType

from assignments.rules import Event  # isort: skip

UNIT_HEADINGS = {
    "code": ("Tunnus", "Kod", "Signum"),
    "name_fi": ("Nimi (fi)", "Namn (fi)"),
    "name_sv": ("Nimi (sv)", "Namn (sv)"),
    "area": ("Palvelualue", "Serviceområde"),
    "area_fi": ("Palvelualue (fi)", "Serviceområde (fi)"),
    "area_sv": ("Palvelualue (sv)", "Serviceområde (sv)"),
    "cost_centre": ("Kustannuspaikka", "Kostnadsställe"),
    "named": ("Nimetty työntekijä", "Namngiven anställd"),
    "named_email": ("Sähköposti", "E-post"),
    "deputy": ("Varahenkilö", "Ersättare"),
    "deputy_email": ("Varahenkilön sähköposti", "Ersättarens e-post"),
    "budget": ("Budjetti*", "Budget*"),
}

FEE_HEADINGS = {
    "code": ("Tunnus", "Kod", "Signum"),
    "name_fi": ("Nimi (fi)", "Namn (fi)"),
    "name_sv": ("Nimi (sv)", "Namn (sv)"),
    "kind": ("Tehtävälaji", "Uppdragstyp", "Arbetsuppgift"),
    "basis": ("Yksikkö", "Enhet"),
    "amount": ("Määrä", "Belopp"),
    "amount_max": ("Enintään", "Högst"),
    "minimum": ("Vähintään tuntia", "Minst timmar"),
    "step": ("Pyöristys min", "Avrundning min"),
    "income_type": ("Tulolaji", "Inkomstslag"),
    "posting": ("Tiliöinti", "Kontering"),
    "training": ("Koulutusehto", "Utbildningsvillkor"),
    "purpose": ("Tarkoitus", "Ändamål"),
    "minimum_minutes": ("Vähintään min", "Minst min"),
    "over": ("Yli min", "Över min"),
    "up_to": ("Enintään min", "Högst min"),
    "percent": ("Prosenttia", "Procent"),
    "base": ("Perusmäärä", "Basbelopp"),
    "whole": ("Täysiä euroja", "Hela euro"),
    "limit": ("Verovapaa enimmäismäärä", "Skattefritt maximibelopp"),
    "company": ("Kokemusasiantuntijoita", "Erfarenhetsexperter"),
    "way": ("Toteutus", "Genomförande"),
    "valid_from": ("Voimassa alkaen", "I kraft från"),
    "note": ("Huom.", "Huom", "Anm.", "Anmärkning"),
}

HOURS_HEADINGS = {
    "expert": ("Kokemusasiantuntija", "Erfarenhetsexpert"),
    "email": ("Sähköposti", "E-post"),
    "unit": ("Yksikkö", "Enhet"),
    "kind": ("Tehtävä", "Uppdrag", "Arbetsuppgift"),
    "day": ("Päivä", "Dag", "Datum"),
    "starts": ("Alkoi", "Började"),
    "ends": ("Päättyi", "Slutade"),
    "orderer": ("Tilaaja", "Beställare"),
    "outcome": ("Toteutuma", "Utfall"),
    "cancelled": ("Peruttu (pvm klo)", "Avbokad (datum kl.)", "Avbokad (datum kl)"),
    "km": ("Matka km", "Resa km"),
    "agreed": ("Palkkio sovittu", "Avtalat arvode"),
}

#: Kinds of work in a fee table: one word may stand for several.
FEE_KINDS = {
    "yksilötyö": (TaskType.INDIVIDUAL,),
    "individuellt arbete": (TaskType.INDIVIDUAL,),
    "työpari": (TaskType.PAIR,),
    "pararbete": (TaskType.PAIR,),
    "vastaanotto": (TaskType.APPOINTMENT, TaskType.WALK_IN),
    "mottagning": (TaskType.APPOINTMENT, TaskType.WALK_IN),
    "ryhmä": (TaskType.GROUP,),
    "grupp": (TaskType.GROUP,),
    "luento": (TaskType.LECTURE,),
    "föreläsning": (TaskType.LECTURE,),
    "kehittämistyö": (TaskType.DEVELOPMENT,),
    "utvecklingsarbete": (TaskType.DEVELOPMENT,),
    "kokous": (TaskType.MEETING,),
    "möte": (TaskType.MEETING,),
    "matka": (),
    "resa": (),
    "kaikki": (),
    "alla": (),
    "ajanvaraus": (TaskType.APPOINTMENT,),
    "tidsbokning": (TaskType.APPOINTMENT,),
    "walk-in": (TaskType.WALK_IN,),
}

#: What an item is for; without the column it is read from the kind of work and the name.
PURPOSES = {
    "tapaaminen": "session",
    "träff": "session",
    "valmistelu": "preparation",
    "förberedelse": "preparation",
    "matka": "travel",
    "resa": "travel",
    "lisäksi": "beside",
    "dessutom": "beside",
}
#: Base amounts and tax-free maxima.
AMOUNTS = {
    "kilometri": "km",
    "kilometer": "km",
    "ateria": "meal",
    "måltid": "meal",
    "osapäivä": "part-day",
    "deldag": "part-day",
    "kokopäivä": "full-day",
    "heldag": "full-day",
    "hintaperusmäärä": "price-base",
    "prisbasbelopp": "price-base",
    "oma": "own",
    "eget": "own",
}
COMPANIES = {"yksi": "alone", "en": "alone", "kaksi": "two", "två": "two"}
WAYS = {"lähi": "on_site", "på plats": "on_site", "etä": "remote", "på distans": "remote"}
YES = {"kyllä": "1", "ja": "1"}

TRAVEL_WORDS = {"matka", "resa"}
PREPARATION_WORDS = ("valmistelu", "förberedelse")

BASES = {
    "kerta": Basis.PER_MEETING,
    "gång": Basis.PER_MEETING,
    "träff": Basis.PER_MEETING,
    "tunti": Basis.PER_HOUR,
    "timme": Basis.PER_HOUR,
    "tilaisuus": Basis.PER_EVENT,
    "tillfälle": Basis.PER_EVENT,
    "kesto": Basis.BY_DURATION,
    "längd": Basis.BY_DURATION,
    "km": Basis.PER_KM,
    "kuukausi": Basis.PER_MONTH,
    "månad": Basis.PER_MONTH,
}

#: What an imported session is called, in the language of the county's files.
TASK_NAMES = {
    TaskType.INDIVIDUAL: "Yksilötapaaminen",
    TaskType.PAIR: "Työparitapaaminen",
    TaskType.GROUP: "Ryhmänohjaus",
    TaskType.LECTURE: "Luento tai koulutus",
    TaskType.DEVELOPMENT: "Kehittämistyö",
    TaskType.APPOINTMENT: "Vastaanotto, ajanvaraus",
    TaskType.WALK_IN: "Vastaanotto, walk-in",
    TaskType.MEETING: "Yhteiskehittäminen, kokous",
}

OUTCOMES = {
    "pidetty": Event.HELD,
    "hållen": Event.HELD,
    "hölls": Event.HELD,
    "asiakas ei tullut": Event.NO_SHOW,
    "klienten uteblev": Event.NO_SHOW,
    "klienten kom inte": Event.NO_SHOW,
    "ei osallistujia": Event.NOBODY_CAME,
    "inga deltagare": Event.NOBODY_CAME,
    "tilaaja perui": Event.ORDERER_CANCELLED,
    "beställaren avbokade": Event.ORDERER_CANCELLED,
    "kokemusasiantuntija sairastui": Event.EXPERT_ILL,
    "erfarenhetsexperten insjuknade": Event.EXPERT_ILL,
    "kokemusasiantuntija perui": Event.EXPERT_CANCELLED,
    "erfarenhetsexperten avbokade": Event.EXPERT_CANCELLED,
    "ryhmä päättyi": Event.GROUP_ENDED,
    "gruppen avslutades": Event.GROUP_ENDED,
}
