"""What is repeated, what is only thanks, and which number is a serial number, in other words than the corpus."""

from __future__ import annotations

import pytest

from mailbot.model.facts import Facts, Flag, Item
from mailbot.rules.reading import ReadingContext, read
from mailbot.rules.reading.device import find_other_makers
from mailbot.rules.reading.remarks import remarks_of
from mailbot.rules.reading.serial import find_serial
from mailbot.rules.reading.words import sentences
from tests.build import a_mail, a_service


def _repeated(said: str) -> bool:
    return any(remark.flag is Flag.REPEATED for remark in remarks_of(sentences(said), True))


@pytest.mark.parametrize(
    "said",
    [
        "Wracam do sprawy z czerwca, kropki są z powrotem.",
        "Wyciek atramentu jak był, tak jest.",
        "Wasz serwisant nie naprawił maszyny, hybryda dalej wywala błąd.",
        "Umawialiśmy się na wtorek, dziś czwartek i nikogo nie było.",
        "Dzwoniłam wczoraj dwa razy i nikt nie odebrał.",
        "Jak przedtem nie zwijał, tak dalej nie zwija.",
        "Reklamuję naprawę z 2 września.",
        "Zalecone odpowietrzenie nic nie dało, dalej gubi żółty.",
        "Trzeci raz to samo.",
        "Ponownie zgłaszam wyciek.",
        "The noise is there again.",
        "It still does not feed.",
        "Ten sam mail wysyłałem w sierpniu i do dziś głucho.",
        "Kiedy doczekamy się odpowiedzi na nasze zgłoszenie?",
        "Gdzie jest reakcja na mój mail z czwartku?",
        "Co się dzieje z naszym zgłoszeniem?",
        "Co z naszą prośbą o przyjazd?",
        "To znowu my w sprawie pompy.",
        "It's me again about the take-up unit.",
        "Był technik we wtorek, a w środę robi dokładnie to samo.",
        "Wasz serwisant zaglądał tydzień temu, a ona dalej gubi krok.",
        "Our report of 3 May never got a reply.",
        "My last ticket is still unanswered.",
        "Moja prośba z maja została bez odzewu.",
        "Zgłoszenie gdzieś u Państwa utknęło.",
        "Czekamy trzeci tydzień na reakcję.",
        "Piszę kolejny raz w tej sprawie.",
        "Upominam się o wizytę.",
        "This is a reminder about our request.",
        "Zrobiłem wszystko, co Państwo opisali niżej, i dalej to samo.",
        "Wykonaliśmy czyszczenie tak jak Panowie radzili, bez zmian.",
        "We did everything you told us and the lines are still the same.",
        "W maju był u nas z tym Wasz serwisant i pomogło na dwa miesiące.",
        "Po wymianie przekaźnika mieliśmy miesiąc spokoju.",
        "znow 6090 stanela z alarmem",
        "Znów OXIJET zgasł w połowie bryty.",
        "Przedstawiciel obiecał nam wyjaśnić sprawę i nie zadzwonił.",
        "Mieli przyjechać w środę, nikt się nie pojawił.",
        "Your man promised to call back and nobody rang.",
        "The carriage board you replaced in July has died again.",
        "Your technician changed the pump in May, now the same leak.",
        "We've got an engineer's bill from you for £640 and a printer which still won't feed.",
        "OXIJET 3200 - recurring",
        "It stopped again.",
        "The error is back.",
        "To już drugi raz w tym miesiącu.",
        "Drugi raz w tym roku pęka ten sam wężyk.",
        "Kropki są z powrotem.",
        "I znów z powrotem smugi.",
        "The lamp is not working again.",
        "Dyrektor obiecał wyjaśnić, czemu maszyna tak robi, i nie zadzwonił.",
    ],
)
def test_what_came_back_is_repeated(said: str) -> None:
    assert _repeated(said)


@pytest.mark.parametrize(
    "said",
    [
        "Czy możemy ją ponownie załączyć?",
        "Jestem w pracy drugi tydzień.",
        "Proszę o odpowiedź na moje pytanie.",
        "Co zrobić z wanienką?",
        "W hali panuje cisza, wentylator stoi.",
        "Pan Marek był miły, dziękuję.",
        "Po ponownym uruchomieniu jest dobrze.",
        "Druga maszyna nie drukuje białego.",
        "We are still printing on the other one.",
        "Po to mamy umowę.",
        "Przypomina to cień obok liter.",
        "Trzecia głowica nie strzela.",
        "The bed goes down but will not come up again.",
        "He turned it off at the wall and on again several times.",
        "Once it stops I cannot start it again without a reset.",
        "Boję się to włączyć z powrotem.",
        "Wsadzamy rolkę z powrotem i nie chwyta.",
        "Each morning 90 minutes of purging until it is back.",
        "Za co raz jeszcze dziękuję panu Dominikowi.",
        "Jeszcze raz przepraszam za kłopot.",
        "W nawiązaniu do rozmowy z kolegą proszę oddzwonić.",
        "Nawiązując do dzisiejszej rozmowy telefonicznej przesyłam zdjęcia.",
        "Co trzeci front idzie do przeszlifowania i drugi raz na stół.",
        "Thanks again for the visit.",
    ],
)
def test_what_only_sounds_so_is_not(said: str) -> None:
    assert not _repeated(said)


@pytest.mark.parametrize(
    ("said", "serial"),
    [
        ("Pracujemy na Oxi Tex 1800 (numer 1800T/0091).", "1800T/0091"),
        ("URZADZENIE NR 1600/17/0042.", "1600/17/0042"),
        ("Zgłoszenie nr 14/2026 z 12/09/2026", None),
        ("Strefa 1800/2000 mm", None),
        ("Faktura 2000/09/2026", None),
        ("OXI UV 6090 / nr OUV6-00318 / skrzywiony wydruk", "OUV6-00318"),
        ("Raport w OXI TEX 1800 (nr 18T-2207-31) ma złą datę.", "18T-2207-31"),
        ("1. Urządzenie: OXI UV 2513, nr 2513/UV/0087", "2513/UV/0087"),
        ("Oxi Cut no. OC-1625-77 stops.", "OC-1625-77"),
        ("Nr fabryczny.........: C1625.0093/22", "C1625.0093/22"),
        ("Faktura za OXIJET 3200 nr FV/12/2026", None),
        ("OXIJET 1600 nr OXI-2026-000123", None),
        ("Zgłoszenie dotyczące OXI ROLL 1800, nr 14/2026", None),
        ("Lampy na 100%. Nr maszyny HY20-0391.", "HY20-0391"),
        ("Numer urządzenia to OR18/2019/0045", "OR18/2019/0045"),
        ("Nr maszyny: 3200", None),
        ("Numer plotera zdarty", None),
    ],
)
def test_a_number_of_a_machine_is_a_serial_number(said: str, serial: str | None) -> None:
    found = find_serial(said)
    assert (found[0] if found else None) == serial


def test_a_makers_name_that_is_a_word_needs_a_capital() -> None:
    assert not find_other_makers("In one direction it is sharp.", "My brother bought it.")
    assert [token.text for token in find_other_makers("Our Sharp copier and the mimaki stop.")] == ["Sharp", "mimaki"]


def _flags(said: str) -> set[Flag]:
    return {remark.flag for remark in remarks_of(sentences(said), True)}


@pytest.mark.parametrize(
    "said",
    [
        "Prosimy o przyuczenie nowej osoby.",
        "Trzeba doszkolić i douczyć dwie panie.",
        "Czy prowadzicie kurs obsługi dla operatorów?",
        "Chcemy wdrożyć nowego pracownika przy wycinarce.",
        "Could someone walk our new staff through it?",
        "We would like an introduction to the machine for beginners.",
        "Przydałaby się lekcja obsługi.",
        "A refresher for the night shift would help.",
        "Chciałbym żeby ktoś przyjechał ją uruchomić i pokazał jak się kładzie płytę.",
        "Chcielibyśmy, żeby ktoś od Państwa pokazał jej OXI CUT 1625 od podstaw.",
        "pokaze mi ktos oxitex 1800? jak sie zaklada tkanine",
        "Chciałbym się nauczyć zakładać frez.",
        "Could you teach him media loading and feed calibration?",
        "Może ktoś by przyjechał pokazać, zapłacę.",
        "Would you train our two new people?",
        "Nikt tu nie umie jej uruchomić.",
        "Czy moglibyście pokazać nowemu, jak wymienia się nóż?",
    ],
)
def test_learning_the_machine_is_training(said: str) -> None:
    assert Flag.TRAINING in _flags(said)


@pytest.mark.parametrize(
    "said",
    [
        "Nikt nie może tam nic uruchomić.",
        "Proszę pokazać fakturę.",
        "Mogę pokazać na zdjęciu, jak wygląda pasek.",
        "Nie da się jej uruchomić, nikt nie może drukować.",
    ],
)
def test_showing_and_being_able_is_no_training(said: str) -> None:
    assert Flag.TRAINING not in _flags(said)


@pytest.mark.parametrize(
    "said",
    [
        "Nie jest to Wasz sprzęt, wiem.",
        "Wiem, że to nie Wasza maszyna.",
        "It is not your machine, I know.",
        "The laminator is not one of yours.",
        "Komputer sterujący przegrzewa się i wyłącza.",
        "Laptop przy maszynie zawiesza się co godzinę.",
        "Kompresor nam nie trzyma ciśnienia.",
        "Od aktualizacji Windowsa plik nie idzie na maszynę.",
        "After the Windows update the queue is empty.",
        "Przeszliśmy na nowy Windows i program nie startuje.",
        "Router wymieniony, maszyna niewidoczna.",
        "Po zmianie routera komputer nie widzi plotera.",
        "Po wymianie rutera przez operatora oxijet nie łączy się z komputerem.",
        "X-Rite przestał się łączyć z laptopem.",
        "Program do profili (ColorMagic, kupiony osobno) nie chce zapisać icc.",
        "The RIP software, bought separately, does not start.",
        "Sterownik karty sieciowej się wysypuje.",
    ],
)
def test_what_is_not_ours_is_of_a_third_party(said: str) -> None:
    assert Flag.THIRD_PARTY in _flags(said)


@pytest.mark.parametrize(
    "said",
    [
        "Zajęcia prowadzimy na starej gilotynie i nic się nie przesuwa.",
        "Czy to Wasza wina?",
        "Wasza maszyna nie tnie.",
        "Sterownik 4.2.1, Windows 10.",
        "Zresetowano sterownik, bez efektu.",
        "Potem restart sterownika i przechodzi.",
        "Chcemy szkolenia: profile w sterowniku i mycie pasa.",
        "Komputer z Windows 11, wersja programu 5.2.",
    ],
)
def test_what_is_ours_is_of_no_third_party(said: str) -> None:
    assert Flag.THIRD_PARTY not in _flags(said)


def _only_thanks(said: str) -> bool:
    return (
        Flag.THANKS_ONLY in read(a_mail(said, name="Jan Kot", subject="Re: [OXI-2026-000123] Drukarka"), ReadingContext(a_service())).flags
    )


@pytest.mark.parametrize(
    "said",
    [
        "maszyna nie dziala",
        "Nie działa.",
        "nie działa dalej",
        "Niestety nie pomogło.",
        "To nie pomogło",
        "Nadal nie drukuje.",
        "Dziękuję, ale nie pomogło.",
        "Dziękuję, nie pomogło.",
        "Problem nie rozwiązany.",
        "Nie udało się.",
        "It does not work.",
        "Still not working, thanks.",
        "Sorry, not solved.",
        "Dalej nie działa, dziękuję",
        "Dzięki, ale wciąż to samo",
        "Proszę nie zamykać zgłoszenia",
        "Nic nie działa",
        "isn't working",
        "Sprawa nie jest załatwiona",
        "Sprawa jest pilna.",
        "Proszę o pilny kontakt, temat ważny",
        *("Dziękuję. Maszyna stoi.", "Dziękuję, proszę o przyjazd serwisanta.", "Thanks, it is worse now.", "Dziękuję, bez zmian."),
        *("Dziękuję, nic nie dało.", "Dzięki, działa, ale drugi ploter padł.", "Pierwsza działa. Druga pada.", "Pomogło na godzinę."),
        *("Nie zawsze działa.", "Thanks, same problem.", "No longer working.", "Thanks, please call me.", "It has stopped working."),
        *("Problem ustąpił na dzień.", "Dziękuję. Bez poprawy.", "Dzięki. Zero efektu.", "Dziękuję. Jest gorzej.", "Dzięki, lipa"),
        *("Dziękuję, efekt ten sam", "Dziękuję, problem pozostał.", "Dziękuję, problem nie zniknął.", "Dziękuję, działało do wczoraj."),
        *("Dziękujemy, problem występuje w dalszym ciągu.", "Thank you, we tried it, no change.", "dzięki, na chwilę pomogło"),
        *("Dziękuję, pomogło, ale tylko na jeden wydruk.", "Działa, ale słabo.", "Działa, lecz głośno.", "Pomogło połowicznie, dziękuję."),
        *("Dziękuję ale wolałbym żeby ktoś przyjechał", "Dziękuję, a co z drugą maszyną", "Dziękuję za części, jedna jest zła."),
        *("Dziękuję, zrobiłem reset i wyskoczyło coś nowego.", "Dziękuję, proszę jeszcze o protokół.", "Dziękuję, czekam na wizytę."),
        *("Dziękuję, maszyna znowu", "Dziękuję, i jest po maszynie.", "Dzięki, teraz znowu jest to", "Dziękuję, jeszcze wizyta technika"),
        *("Thanks, it is back again.", "Działa w kratkę", "Działa jak chce", "It works again but slowly", "Super, znowu awaria"),
        *("Jest dobrze, ale nie do końca.", "Nie jest w porządku, dziękuję.", "Już nie trzeba mocno naciskać, ale dalej piszczy."),
        *("Dziękuję za telefon, czekam na części.", "Po restarcie wszystko ok, ale zostawcie zgłoszenie otwarte.", "Dziękuję. Stoimy."),
        *("Dziękuję za odpowiedź, jednak nie o to pytałem.", "Dziękuję za kontakt, numer do mnie 600 100 200.", "Dziękuję, wszystko stoi"),
        *("Dzięki, proszę dzwonić pod 600 100 299.", "Dostałem prądem, dziękuję.", "Dziękuję, wciąż to.", "Thanks, please visit."),
    ],
)
def test_trouble_that_goes_on_is_no_thanks(said: str) -> None:
    assert not _only_thanks(said)  # such a mail would change nothing, and a closed ticket would stay closed


@pytest.mark.parametrize(
    "said",
    [
        "Dziękuję, działa.",
        "Działa, dziękuję bardzo!",
        "Można zamknąć.",
        "Thank you, it works now.",
        "Pomogło, dzięki",
        "Problem rozwiązany, dziękuję.",
        "Dziękuję za pomoc",
        "już działa, nie trzeba przyjeżdżać",
        "nie ma już problemu, dziękuję",
        "Problem ustąpił",
        "All good now, please close the ticket",
        *("Dziękuję, znów działa.", "Temat zamknięty.", "Sprawa zakończona.", "The ticket can be closed.", "Działa znowu, dziękuję!"),
        *(
            "Still working fine, thanks.",
            "👍",
            "Super, dziękuję za błyskawiczną reakcję!",
            "dzieki, dziala",
            "Maszyna działa bez zarzutu, dziękujemy.",
        ),
        *("Dziękuję bardzo za szybką wizytę serwisanta.", "Potwierdzam, maszyna pracuje poprawnie. Pozdrawiam serdecznie, Jan Kot"),
        *("dziekuje, juz nie trzeba", "Jest dobrze, dziękujemy.", "Many thanks for your quick help!", "Potwierdzam, że działa."),
        *("Wszystko w porządku, można zamykać. Dziękuję i miłego weekendu!", "dzięki wielkie, śmiga aż miło"),
        *("Jeszcze raz dziękuję za pomoc.", "Dziękuję za naprawę maszyny.", "Teraz działa, dziękuję.", "It is working again, thank you."),
        *("Wszystko działa, miłego dnia!", "ok dzięki", "Thank you very much for your quick help!", "Dziękuję Panu za pomoc, śmiga."),
    ],
)
def test_thanks_and_the_word_that_all_is_well_are_only_thanks(said: str) -> None:
    assert _only_thanks(said)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("Z OXI HYBRID 2000 leci dym!! Wyłączyłam wszystko.", None),
        ("OXI UV 6090 iskrzy, po restarcie działa. Poziom: niski.", "low"),
        ("Z OXI HYBRID 2000 leci dym, cała produkcja stoi.", "critical"),
    ],
)
def test_a_dangerous_case_is_low_only_where_it_is_called_so(said: str, level: str | None) -> None:
    reading = read(a_mail(said), ReadingContext(a_service()))
    assert Flag.DANGER in reading.flags
    assert (reading.facts.impact.value if reading.facts.impact else None) == level


@pytest.mark.parametrize(
    "said",
    [
        *("Zapaliła się kontrolka i z szafy leci dym.", "Kontrolka się zapaliła i poszedł dym.", "Czerwony przewód się zapalił."),
        *("Zapalił się kabel przy czerwonym złączu.", "Po zapaleniu się diody poczułem swąd spalenizny.", "Dostałem prądem."),
        *("Czerwona lampka się pali i czuć spaleniznę.", "Lampa UV nie pali, a z zasilacza leci dym.", "Głowica nie pali i iskrzy."),
        *("Na panelu nic się nie pali, ale z tyłu leci dym.", "It does not print and smoke comes out.", "Kolega dostał prądem."),
        *("Coś się jara w szafie.", "Kolega ma rękę zakleszczoną w maszynie.", "z maszyny wali dymem", "Z zasilacza leci dymek."),
        *("maszyna razi prądem", "Kabel zasilający się stopił.", "Kolega dostał atramentem po oczach, płucze wodą."),
        *(
            "z glowicy leci para i parzy",
            "Operator przytrzasnął sobie rękę wózkiem.",
            "Operatora bolą oczy, lampa świeci przy otwartej pokrywie.",
        ),
        *("Opary duszą ludzi, dwóm osobom słabo.", "Pracownika kopnął prąd.", "Obudowa mnie kopnęła.", "The chassis gave me a shock."),
    ],
)
def test_smoke_sparks_and_hurt_people_are_danger(said: str) -> None:
    assert Flag.DANGER in _flags(said)


@pytest.mark.parametrize(
    "said",
    [
        *("Proszę o kopie faktur.", "Kopie zapasowe się nie robią.", "Shock absorber is worn out.", "Electric motor is loud."),
        *(
            "Zapalił się komunikat E12.",
            "Zapaliło się światełko.",
            "Pali się komunikat o braku atramentu.",
            "Dostaniemy nową kostkę we wtorek.",
        ),
        *("Przepaliła się żarówka oświetlenia kabiny, nic więcej.", "Wydruki wyglądają jak przez dym, takie zamglone."),
        *("Boli mnie głowa od tych pytań.", "Pali się nam termin.", "Dysze nie palą."),
    ],
)
def test_what_only_sounds_dangerous_is_none(said: str) -> None:
    assert Flag.DANGER not in _flags(said)


@pytest.mark.parametrize(
    "said",
    [
        "Działało dobrze przez cztery lata, dziś nie startuje.",
        "Maszyna chodziła dobrze przez dwa lata, teraz nie drukuje magenty.",
        "Wystarczyło tuszu na dwa dni.",
        "You fitted it last week and we are still learning.",
    ],
)
def test_what_worked_for_years_did_not_come_back(said: str) -> None:
    assert not _repeated(said)


@pytest.mark.parametrize("said", ["Nie mam siły.", "Nie mamy drugiej maszyny.", "Nie umiem tego naprawić."])
def test_what_one_lacks_is_not_what_one_does_not_know(said: str) -> None:
    assert Flag.DOES_NOT_KNOW not in _flags(said)


@pytest.mark.parametrize("said", ["Nie wiem, jaki to model.", "Nie mam pojęcia.", "Nie potrafię ocenić wpływu.", "I have no idea."])
def test_what_one_does_not_know(said: str) -> None:
    assert Flag.DOES_NOT_KNOW in _flags(said)


def _answered(said: str) -> frozenset[Flag]:
    context = ReadingContext(a_service(), (Item.IMPACT,), known=Facts())
    return read(a_mail(said, name="Jan Kot", subject="Re: [OXI-2026-000123] Drukarka"), context).flags


@pytest.mark.parametrize("said", ["Resztę podam jutro.", "Odpiszę jutro rano, dziękuję.", "I will send the rest tomorrow."])
def test_a_promise_alone_brings_nothing(said: str) -> None:
    assert Flag.PROMISE_ONLY in _answered(said)


@pytest.mark.parametrize(
    "said",
    [
        *("Wszystko stoi, resztę podam jutro.", "To skandal, resztę podam jutro.", "Pracownika kopnął prąd, dane prześlę jutro."),
        *("Anna Nowak, tel. 600 100 200. Resztę podam jutro.", "Resztę podam jutro, na razie: stoimy."),
    ],
)
def test_what_is_told_beside_a_promise_counts(said: str) -> None:
    assert Flag.PROMISE_ONLY not in _answered(said)
    assert Flag.PROMISE in _answered(said)


@pytest.mark.parametrize(
    "said", ["Potrzebujemy to na jutro.", "Wszystko ma być gotowe na poniedziałek.", "Kolor Sp. z o.o., model 3200, stoi od rana"]
)
def test_what_is_needed_tomorrow_is_no_promise(said: str) -> None:
    assert Flag.PROMISE not in _answered(said)


@pytest.mark.parametrize("said", ["Wszystko stoi, resztę podam jutro.", "Resztę podam jutro, na razie: stoimy."])
def test_the_level_beside_a_promise_is_read(said: str) -> None:
    impact = read(a_mail(said), ReadingContext(a_service(), (Item.IMPACT,), known=Facts())).facts.impact
    assert impact is not None
    assert impact.value == "critical"


@pytest.mark.parametrize("said", ["Zapaliła się kontrolka UV OVERTEMP.", "Czerwona dioda się zapaliła.", "Na panelu pali się lampka."])
def test_a_light_that_comes_on_is_no_fire(said: str) -> None:
    assert Flag.DANGER not in read(a_mail(f"OXI UV 6090: {said}"), ReadingContext(a_service())).flags


def test_a_machine_that_caught_fire_is_one() -> None:
    assert Flag.DANGER in read(a_mail("OXI UV 6090 zapaliła się przy lampie, ugasiliśmy."), ReadingContext(a_service())).flags
