"""Municipalities whose Finnish and Swedish names differ (the list of the Institute for the Languages of Finland).

A person's municipality is typed freely, in either language; it is shown in the reader's.
"""

_PAIRS = """
Eurajoki/Euraåminne Espoo/Esbo Hamina/Fredrikshamn Hanko/Hangö Helsinki/Helsingfors Hyvinkää/Hyvinge
Hämeenlinna/Tavastehus Iisalmi/Idensalmi Inkoo/Ingå Isokyrö/Storkyro Järvenpää/Träskända Kaarina/S:t_Karins
Kajaani/Kajana Karkkila/Högfors Kaskinen/Kaskö Kauniainen/Grankulla Kaustinen/Kaustby Kemiönsaari/Kimitoön
Kerava/Kervo Kirkkonummi/Kyrkslätt Kokkola/Karleby Kristiinankaupunki/Kristinestad Kruunupyy/Kronoby Lahti/Lahtis
Laihia/Laihela Lapinjärvi/Lappträsk Lappeenranta/Villmanstrand Lohja/Lojo Loviisa/Lovisa Luoto/Larsmo Maalahti/Malax
Mikkeli/S:t_Michel Mustasaari/Korsholm Myrskylä/Mörskom Naantali/Nådendal Närpiö/Närpes Oulu/Uleåborg Parainen/Pargas
Pedersören_kunta/Pedersöre Pietarsaari/Jakobstad Pori/Björneborg Pornainen/Borgnäs Porvoo/Borgå Pyhtää/Pyttis
Raahe/Brahestad Raasepori/Raseborg Raisio/Reso Rauma/Raumo Savonlinna/Nyslott Sipoo/Sibbo Siuntio/Sjundeå
Tampere/Tammerfors Teuva/Östermark Tornio/Torneå Turku/Åbo Tuusula/Tusby Uusikaarlepyy/Nykarleby Uusikaupunki/Nystad
Vaasa/Vasa Vantaa/Vanda Vihti/Vichtis Vöyri/Vörå Ähtäri/Etseri
"""
PAIRS = [tuple(name.replace("_", " ") for name in pair.split("/")) for pair in _PAIRS.split()]
_SWEDISH = {finnish.casefold(): swedish for finnish, swedish in PAIRS}
_FINNISH = {swedish.casefold(): finnish for finnish, swedish in PAIRS}


def shown(typed: str, language: str) -> str:
    """The municipality's name in ``language`` (English uses the Finnish one); what is not known stays as typed."""
    return (_SWEDISH if language == "sv" else _FINNISH).get(typed.strip().casefold(), typed)


def names(typed: str) -> set[str]:
    """What was typed and the same municipality's other name, for a search."""
    return {typed, shown(typed, "fi"), shown(typed, "sv")}
