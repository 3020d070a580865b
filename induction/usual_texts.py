"""The common guide and the rows that an office begins with. The coordinator reads, changes and publishes them."""

GUIDE_FI = """\
# Mitä työ on
Kokemusasiantuntija käyttää työssään omaa kokemustaan sairaudesta, riippuvuudesta, \
vammasta tai vaikeasta elämäntilanteesta. Sinulla on koulutus tehtävään. \
Et ole hoitaja etkä terapeutti, eikä sinun tarvitse osata kaikkea.

Työ on toimeksianto. Se ei ole työsuhde, eikä tunteja luvata etukäteen. Saat aina sanoa ei, eikä syytä kysytä.

# Näin työstä sovitaan
- Työn tilaa yksikön työntekijä. Asiakas ei tilaa.
- Saat tarjouksen: mitä, missä, milloin, millä kielellä ja millä palkkiolla. Sinä päätät, otatko työn.
- Aika, palkkio ja matkat sovitaan ennen kuin työ alkaa. Matkat maksetaan vain, jos niistä on sovittu.

# Jos aika peruuntuu
- Yksikkö voi perua maksutta edellisenä arkipäivänä kello 15.00 asti. Jos se peruu myöhemmin, saat sovitun palkkion.
- Perutun ajan voi myös siirtää, jos uusi aika sopii sinulle. Silloin vanhasta ajasta ei makseta.
- Jos asiakas ei tule, saat sovitun palkkion. Yksikkö voi antaa sinulle siksi ajaksi muuta työtä.
- Jos sairastut tai et pääse, ilmoita heti. Silloin palkkiota ei makseta. Todistusta ei tarvita.

# Tunnit ja palkkio
- Merkitse jokaisen tapaamisen jälkeen, miten kävi.
- Lähetä kuukauden tuntilista viimeistään seuraavan kuun 9. päivänä. Yksikön nimetty työntekijä tarkistaa sen.
- Palkkio maksetaan saman kuun viimeisenä päivänä. Myöhästynyt lista maksetaan seuraavalla kerralla.
- Lähetä verokortti suoraan palkanlaskentaan, kun sopimus tehdään ja joka tammikuussa.

# Salassapito
- Se, mitä kuulet asiakkaista, on salaista. Se on salaista myös silloin, kun et enää tee tätä työtä.
- Asiakkaan tietoja kirjataan vain asiakastietojärjestelmään, ja sen tekee työntekijä. Tähän ohjelmaan ei kirjoiteta.
- Älä tallenna asiakkaan nimeä tai numeroa omaan puhelimeesi. Älä kuvaa äläkä kirjoita asiakkaista sosiaaliseen mediaan.

# Omat rajasi
- Älä anna asiakkaalle puhelinnumeroasi, sähköpostiasi tai osoitettasi. Kaikki yhteydet kulkevat työntekijän kautta.
- Päätät itse, mitä kerrot omasta elämästäsi. Kerro vain se, minkä jaksat ja haluat kertoa.
- Älä lainaa äläkä ota vastaan rahaa. Älä ota asiakkaan asioita hoitaaksesi.
- Jos tilanne tuntuu uhkaavalta, lähde pois ja hae työntekijä. Hätänumero on 112.

# Purku ja työnohjaus
- Tapaamisen jälkeen voit purkaa sen työntekijän kanssa. Pyydä sitä, jos sitä ei ehdoteta.
- Pääset työnohjaukseen. Ryhmät ja ajat ovat kohdassa Työnohjaus.
- Jos jaksaminen on koetuksella, voit pitää taukoa. Kerro siitä koordinaattorille.

# Keneltä kysyt
- Tapaamisesta: työntekijältä, joka tilasi työn.
- Yksikön tavoista, avaimista ja tuntilistasta: yksikön nimetyltä työntekijältä.
- Sopimuksesta, palkkiosta ja kaikesta muusta: koordinaattorilta.
"""

GUIDE_SV = """\
# Vad arbetet är
En erfarenhetsexpert använder i sitt arbete sin egen erfarenhet av sjukdom, beroende, \
funktionsnedsättning eller en svår livssituation. Du har utbildning för uppgiften. \
Du är inte vårdare eller terapeut, och du behöver inte kunna allt.

Arbetet är ett uppdrag. Det är inte ett anställningsförhållande, och inga timmar lovas på förhand. \
Du får alltid säga nej, och ingen frågar varför.

# Så här kommer vi överens
- Det är en anställd på enheten som beställer arbetet. Klienten beställer inte.
- Du får en förfrågan: vad, var, när, på vilket språk och med vilket arvode. Du bestämmer själv om du tar uppdraget.
- Tid, arvode och resor avtalas innan arbetet börjar. Resor ersätts bara om det har avtalats.

# Om en tid avbokas
- Enheten kan avboka avgiftsfritt till klockan 15.00 föregående vardag. Avbokar den senare får du det avtalade arvodet.
- Tiden kan också flyttas, om den nya tiden passar dig. Då betalas inget för den gamla tiden.
- Om klienten inte kommer får du det avtalade arvodet. Enheten kan ge dig annat arbete för den tiden.
- Om du blir sjuk eller får förhinder ska du meddela genast. Då betalas inget arvode. Du behöver inget intyg.

# Timmar och arvode
- Markera efter varje träff hur det gick.
- Skicka månadens timlista senast den 9 i följande månad. Enhetens namngivna anställda granskar den.
- Arvodet betalas den sista dagen i samma månad. En försenad lista betalas nästa gång.
- Skicka skattekortet direkt till löneräkningen när avtalet görs och varje januari.

# Tystnadsplikt
- Det du får höra om klienter är hemligt. Det är hemligt också när du inte längre har uppdraget.
- Uppgifter om klienter antecknas bara i klientdatasystemet, och det gör en anställd. Skriv dem aldrig i detta program.
- Spara inte en klients namn eller nummer i din egen telefon. Ta inga bilder, skriv inget om klienter i sociala medier.

# Dina egna gränser
- Ge inte ditt telefonnummer, din e-post eller din adress till en klient. All kontakt går via den anställda.
- Du bestämmer själv vad du berättar om ditt liv. Berätta bara det du orkar och vill berätta.
- Låna inte ut och ta inte emot pengar. Börja inte sköta klientens ärenden.
- Om en situation känns hotfull ska du gå därifrån och hämta en anställd. Nödnumret är 112.

# Avlastning och arbetshandledning
- Efter en träff kan du få ett avlastningssamtal med en anställd. Be om det, om ingen föreslår det.
- Du har rätt till arbetshandledning. Grupper och tider finns under Arbetshandledning.
- Om du inte orkar som vanligt kan du ta en paus. Säg till koordinatorn.

# Vem du frågar
- Om en träff: den anställda som beställde arbetet.
- Om enhetens rutiner, nycklar och timlistan: enhetens namngivna anställda.
- Om avtalet, arvodet och allt annat: koordinatorn.
"""

#: (Finnish, Swedish) by the list they belong to; the keys are those of ``ChecklistRow.Sort``.
ROWS = {
    "induction": (
        ("Tilat, avaimet ja kulku taloon", "Lokaler, nycklar och hur man kommer in"),
        ("Työntekijät ja yhteyshenkilö esitelty", "Personalen och kontaktpersonen presenterade"),
        ("Yksikön arki, tavat ja asiakkaat yleisesti", "Enhetens vardag, rutiner och klienter i allmänhet"),
        ("Turvallisuus, poistumistiet ja ensiapu", "Säkerhet, utrymningsvägar och första hjälpen"),
        ("Mitä teen uhkaavassa tilanteessa, keneen saan yhteyden", "Vad jag gör i en hotfull situation, vem jag når"),
        ("Tauot, kahvi, säilytys omille tavaroille", "Pauser, kaffe, förvaring av egna saker"),
        ("Salassapito, ja missä asiakkaan asioista puhutaan", "Tystnadsplikt, och var man talar om klienters ärenden"),
        ("Omia yhteystietoja ei anneta asiakkaalle", "Egna kontaktuppgifter ges inte till klienter"),
        ("Purku tapaamisen jälkeen: kenen kanssa ja milloin", "Avlastning efter en träff: med vem och när"),
        ("Miten tunnit merkitään ja kuka ne tarkistaa", "Hur timmarna antecknas och vem som granskar dem"),
    ),
    "readiness": (
        ("Henkilökunnalle on kerrottu, mitä kokemusasiantuntija tekee", "Personalen vet vad en erfarenhetsexpert gör"),
        ("Yhteyshenkilö ja varahenkilö sovittu", "Kontaktperson och ersättare utsedda"),
        ("Rauhallinen tila tapaamisiin", "Ett lugnt rum för träffarna"),
        ("Puhelin, josta yksikön saa kiinni", "En telefon på vilken enheten nås"),
        ("Avaimet, kulkuluvat ja säilytys omille tavaroille", "Nycklar, passerkort och förvaring av egna saker"),
        ("Asiakkaille kerrotaan mahdollisuudesta", "Klienterna får veta om möjligheten"),
        ("Aika purkuun jokaisen tapaamisen jälkeen", "Tid för avlastning efter varje träff"),
    ),
}
