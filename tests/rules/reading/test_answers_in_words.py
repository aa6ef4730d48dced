"""Answers in people's own words: what was asked, what came back, and what stands in the ticket afterwards."""

# ruff: noqa: E501 (mails as they are sent)
from __future__ import annotations

from dataclasses import replace

import pytest

from mailbot.model.facts import Fact, Facts, Item, Where
from mailbot.rules.merge import merge
from mailbot.rules.reading import ReadingContext, morphology, read
from tests.build import a_mail, a_service

pytestmark = pytest.mark.skipif(not morphology.available(), reason="needs the dictionary")

_LETTERS = {"n": Item.NAME, "c": Item.COMPANY, "d": Item.DEVICE, "x": Item.DESCRIPTION, "i": Item.IMPACT}
_KNOWN = Facts(
    first_name=Fact("Jan", Where.SIGNATURE),
    last_name=Fact("Kowalski", Where.SIGNATURE),
    company=Fact("Kolor s.c.", Where.SIGNATURE),
    device=Fact("OXIJET 1600", Where.TEXT),
    description=Fact("Kapie z głowicy.", Where.TEXT),
    impact=Fact("medium", Where.TEXT),
)
_FIELDS = {
    Item.NAME: ("first_name", "last_name"),
    Item.COMPANY: ("company",),
    Item.DEVICE: ("device",),
    Item.DESCRIPTION: ("description",),
    Item.IMPACT: ("impact",),
}


def after(text: str, asked: str, first_name: str | None = None) -> dict[str, str]:
    """What the ticket holds after the answer, of what it did not hold before; a letter each for the items that were asked for."""
    items = tuple(_LETTERS[letter] for letter in asked)
    known = replace(_KNOWN, **{name: None for item in items for name in _FIELDS[item]})
    if first_name:
        known = replace(known, first_name=Fact(first_name, Where.SIGNATURE))
    sender = "" if Item.NAME in items else "Jan Kowalski"
    mail = a_mail(text, name=sender, sender="jk@wp.example", subject="Odp: [OXI-2026-000123] Prosimy o uzupełnienie")
    merged, _ = merge(known, read(mail, ReadingContext(a_service(), items, "pl", known)).facts)
    return {
        name: fact.value
        for name, fact in merged.found()
        if name in ("first_name", "last_name", "company", "device", "impact") and getattr(_KNOWN, name).value != fact.value
    }


@pytest.mark.parametrize(
    ("text", "company"),
    [
        ("Jak to możliwe? Przecież podawałem.", None),
        ("super", None),
        ("Super, dzięki wielkie.", None),
        ("Z. Nowicki", None),
        ("Pana Nowickiego zapytam jutro.", None),
        ("Proszę zapytać pana Tomasza, on wie.", None),
        ("Już odpisywałem na to pytanie", None),
        ("Nie bardzo rozumiem", None),
        ("Oczywiście", None),
        ("Dobrze", None),
        ("Jasne, zaraz sprawdzę", None),
        ("Niestety nie pamiętam", None),
        ("Nie mam firmy, drukuję hobbystycznie.", None),
        ("Osoba fizyczna", None),
        ("Klient indywidualny", None),
        ("Prywatnie.", None),
        ("Jeszcze nie zarejestrowałem działalności.", None),
        ("To samo co zawsze", None),
        ("bez zmian", None),
        ("Kierownik zmiany\nTomasz Bury", None),
        ("Gdańsk", None),
        ("Drukujemy banery dla Teatru Małego, folię bierzemy z hurtowni Plastmax.", None),
        ("Technik z firmy Elektrobud sprawdzał zasilanie.", None),
        ("Maszynę kupiliśmy od firmy Grafix Plus sp. z o.o., dokumenty są u księgowej.", None),
        ("Leasing mamy przez Beta Leasing S.A.", None),
        ("Serwis był w marcu", None),
        ("Pozdrowienia z Mazur", None),
        ("Wszystko w porządku", None),
        ("OK", None),
        ("Grafmax", "Grafmax"),
        ("grafmax", "grafmax"),
        ("GRAFMAX", "GRAFMAX"),
        ("Proszę wpisać Grafmax.", "Grafmax"),
        ("Proszę wpisać: Grafmax", "Grafmax"),
        ("Wpiszcie Grafmax Bis.", "Grafmax Bis"),
        ("Może być Grafmax Bis", "Grafmax Bis"),
        ("Grafmax z Gdańska", "Grafmax"),
        ("Grafmax, Gdańsk", "Grafmax"),
        ("Grafmax Bis, ul. Polna 3, Gdańsk", "Grafmax Bis"),
        ("Faktury proszę wystawiać na Zakłady Meblowe Dąbex.", "Zakłady Meblowe Dąbex"),
        ("Faktura była na Grafmax Bis.", "Grafmax Bis"),
        ("Faktury na firmę Grafmax Bis, NIP podam, jak trzeba.", "Grafmax Bis"),
        ("Dane do faktury:\nGrafmax Bis Jan Kowalski\nul. Polna 3\n80-001 Gdańsk\nNIP 000-11-22-333", "Grafmax Bis Jan Kowalski"),
        ("Nazywamy się Folia & Spółka.", "Folia & Spółka"),
        ("Nazywamy się po prostu Baner.", "Baner"),
        ("Firma nazywa się Trzy Kolory.", "Trzy Kolory"),
        ("Firma to Trzy Kolory, mieścimy się w Pile.", "Trzy Kolory"),
        ("Jesteśmy Atelier Barwy, Kraków.", "Atelier Barwy"),
        ("Jesteśmy z Grafmaxu.", "Grafmaxu"),
        ("W rejestrze figurujemy jako PPHU Tomex Tomasz Wróbel", "PPHU Tomex Tomasz Wróbel"),
        ("W CEIDG jest wpis: Usługi Reklamowe Piotr Sowa.", "Usługi Reklamowe Piotr Sowa"),
        ("Działalność prowadzę pod nazwą Usługi Reklamowe Piotr Sowa.", "Usługi Reklamowe Piotr Sowa"),
        ("Działamy pod nazwą Plakatówka.", "Plakatówka"),
        ("Pod szyldem Plakatówka.", "Plakatówka"),
        ("Na pieczątce mam Szyldziarnia Kowalscy.", "Szyldziarnia Kowalscy"),
        ("Pełna nazwa to Fabryka Tapet Ornament S.A.", "Fabryka Tapet Ornament S.A."),
        ("Nazwa: Fabryka Tapet Ornament", "Fabryka Tapet Ornament"),
        ("Firma: Tapety Ornament", "Tapety Ornament"),
        ("Firma Tapety Ornament", "Tapety Ornament"),
        ("firma tapety ornament", "tapety ornament"),
        ("Tapety Ornament Sp. z o. o., przepraszam za przeoczenie.", "Tapety Ornament Sp. z o. o."),
        ("Już uzupełniam: Tapety Ornament.", "Tapety Ornament"),
        ("Oczywiście, Tapety Ornament.", "Tapety Ornament"),
        ("Przepraszam, zapomniałem: Tapety Ornament", "Tapety Ornament"),
        ("Tak jak w stopce: Tapety Ornament", "Tapety Ornament"),
        ("Hurtownia Tapet Ornament", "Hurtownia Tapet Ornament"),
        ("Chodzi o Hurtownię Tapet Ornament.", "Hurtownia Tapet Ornament"),
        ("Szkoła Podstawowa nr 7 w Pile", "Szkoła Podstawowa nr 7 w Pile"),
        ("Uniwersytet Ludowy w Radzyniu", "Uniwersytet Ludowy w Radzyniu"),
        ("Gminny Ośrodek Kultury w Lipnie", "Gminny Ośrodek Kultury w Lipnie"),
        ("Urząd Gminy Dębowo", "Urząd Gminy Dębowo"),
        ("Stowarzyszenie Nasz Las", "Stowarzyszenie Nasz Las"),
        ("Dzień dobry,\n\nstopka poniżej.\n\nPozdrawiam\nJan Kowalski\nKowal Studio Graficzne\ntel. 600 111 222", "Kowal Studio Graficzne"),
        ("W załączeniu dane.\n\nZ poważaniem\nJan Kowalski\nGrafmax Bis Sp. z o.o.\nul. Polna 3, 80-001 Gdańsk", "Grafmax Bis Sp. z o.o."),
        ("Jan Kowalski\nGrafmax Bis", "Grafmax Bis"),
        ("Jan Kowalski, Grafmax Bis", "Grafmax Bis"),
        ("Piszę w imieniu firmy Grafmax Bis.", "Grafmax Bis"),
        ("Maszyna jest na stanie Grafmax Bis s.c.", "Grafmax Bis s.c."),
        ("Kupiliśmy ją jako Grafmax Bis.", "Grafmax Bis"),
        ("Umowa jest na Grafmax Bis, ale teraz działamy jako Grafmax Plus.", "Grafmax Plus"),
        ("Studio Naklejka", "Studio Naklejka"),
        ("my to Studio Naklejka", "Studio Naklejka"),
        ("To my, Studio Naklejka z Torunia.", "Studio Naklejka"),
        ("U nas w firmie (Studio Naklejka) nic się nie zmieniło.", "Studio Naklejka"),
        ("\"Studio Naklejka\"", "Studio Naklejka"),
        ("The company is Harrow Signs Ltd.", "Harrow Signs Ltd"),
        ("We trade as Harrow Signs.", "Harrow Signs"),
        ("Harrow Signs", "Harrow Signs"),
        ("Invoices go to Harrow Signs, thanks.", "Harrow Signs"),
        ("It's registered under Harrow Signs.", "Harrow Signs"),
        ("Sure, no problem.", None),
        ("I am a private person, no company.", None),
        ("As above", None),
        ("Will send it later", None),
    ],
)  # fmt: skip
def test_the_company(text: str, company: str | None) -> None:
    found = after(text, "c").get("company")
    assert (found or "").strip('".') == (company or "").strip('".')


@pytest.mark.parametrize(
    ("text", "impact"),
    [
        ("2", "high"),
        ("nr 3", "medium"),
        ("numer 4", "low"),
        ("Opcja 2.", "high"),
        ("trójka", "medium"),
        ("czwórka", "low"),
        ("Jedynka, niestety.", "critical"),
        ("Drugi.", "high"),
        ("Ten drugi.", "high"),
        ("Trzeci od góry.", "medium"),
        ("pierwszy z listy", "critical"),
        ("Ostatni z wymienionych.", "low"),
        ("Przedostatni poziom.", "medium"),
        ("Ten najwyższy.", "critical"),
        ("Najniższy.", "low"),
        ("Drugi stopień w tej skali.", "high"),
        ("Dzień dobry, proszę zaznaczyć drugi poziom.", "high"),
        ("the second one", "high"),
        ("The last one on the list.", "low"),
        ("Zaznaczam średni.", "medium"),
        ("Dałbym niski.", "low"),
        ("Dałabym raczej średni niż wysoki.", "medium"),
        ("Niech będzie wysoki.", "high"),
        ("Powiedziałbym, że wysoki.", "high"),
        ("Wybieram wysoki.", "high"),
        ("Skłaniam się ku średniemu.", "medium"),
        ("Proszę wpisać wysoki.", "high"),
        ("Stawiam na średni.", "medium"),
        ("Na razie średni, ale może się zmienić.", "medium"),
        ("W takim razie niski.", "low"),
        ("Wpływ w tej sytuacji niski.", "low"),
        ("Wpływ na naszą firmę jest, powiedzmy, średni.", "medium"),
        ("Wpływ? Średni.", "medium"),
        ("Raczej wysoki niż krytyczny.", "high"),
        ("Między średnim a wysokim, ale bliżej wysokiego.", "high"),
        ("Nie krytyczny, ale wysoki.", "high"),
        ("Nie jest to krytyczne, dałbym średni.", "medium"),
        ("Krytyczny to nie jest, wysoki też nie, więc średni.", "medium"),
        ("Na pewno nie niski. Wysoki.", "high"),
        ("średni/wysoki", "high"),
        ("wysoki!!!", "high"),
        ("WYSOKI", "high"),
        ("wysoko", "high"),
        ("wplyw sredni", "medium"),
        ("sredni", "medium"),
        ("Co do wpływu: wysoki, bo terminy.", "high"),
        ("Jeżeli chodzi o wpływ, to niestety krytyczny.", "critical"),
        ("Szef mówi, że krytyczny.", "critical"),
        ("Poziom wysoki proszę.", "high"),
        ("Oceniłbym to na średni.", "medium"),
        ("U nas to poziom trzeci.", "medium"),
        ("I would say medium.", "medium"),
        ("Let's go with high.", "high"),
        ("It's rather low.", "low"),
        ("Put it down as critical, please.", "critical"),
        ("(krytyczny / wysoki)", "critical"),
        ("Stoimy od rana.", "critical"),
        ("Ludzie siedzą bezczynnie, produkcji nie ma.", "critical"),
        ("Nic nie wyjeżdża z hali, klienci dzwonią do prezesa.", "critical"),
        ("Nie mamy drugiej maszyny, wszystkie zlecenia czekają.", "critical"),
        ("Musieliśmy odwołać montaż, a innego plotera nie ma.", "critical"),
        ("Drukujemy dalej, tylko dwa razy wolniej.", "high"),
        ("Robimy połowę tego co zwykle.", "high"),
        ("Biały nam odpadł, ale resztę zleceń robimy normalnie.", "high"),
        ("Część prac oddajemy do kolegi, jakoś ciągniemy.", "high"),
        ("Radzimy sobie, mamy drugą maszynę.", "medium"),
        ("Na razie nikomu to nie przeszkadza, termin mamy odległy.", "medium"),
        ("Po restarcie wraca do normy i drukujemy dalej.", "low"),
        ("Żaden, wyłączamy, włączamy i działa.", "low"),
        ("Żadnego wpływu, tylko komunikat irytuje.", "low"),
        ("We can't ship anything until it's fixed.", "critical"),
        ("We're running at half speed.", "high"),
        ("Nie wiem.", None),
        ("Nie potrafię ocenić, proszę samemu zdecydować.", None),
        ("Trudno powiedzieć.", None),
        ("Proszę o telefon.", None),
        ("Dziękuję za odpowiedź.", None),
        ("Poziom atramentu jest niski.", None),
        ("Kiedy przyjedzie serwisant?", None),
        ("Jaka jest różnica między wysokim a krytycznym?", None),
        ("Wysyłam zdjęcia.", None),
        ("Jutro dam znać.", None),
        ("Temperatura w hali jest wysoka.", None),
        ("Wysokość głowicy ustawiona na 2 mm.", None),
        ("Mam 2 maszyny.", None),
    ],
)  # fmt: skip
def test_the_impact(text: str, impact: str | None) -> None:
    assert read_impact_of(text) == impact


def read_impact_of(text: str) -> str | None:
    """The level, which `after` leaves out where it equals the known one."""
    context = ReadingContext(a_service(), (Item.IMPACT,), "pl", replace(_KNOWN, impact=None))
    fact = read(a_mail(text, name="Jan Kowalski", subject="Odp: [OXI-2026-000123] Prosimy o uzupełnienie"), context).facts.impact
    return fact.value if fact else None


@pytest.mark.parametrize(
    ("text", "impact"),
    [
        ("Firma Grafmax. Wpływ zmieniam na krytyczny, bo stanęła całkiem.", "critical"),
        ("Grafmax. Pisałem średni, ale jednak wysoki.", "high"),
        ("Grafmax. Proszę podnieść do wysokiego.", "high"),
        ("Grafmax. Można obniżyć do niskiego.", "low"),
        ("Grafmax. A wpływ to nie średni, tylko wysoki.", "high"),
        ("Grafmax\nPS. Sytuacja się zmieniła, produkcja stoi.", "critical"),
        ("Grafmax. Od wczoraj ani jednego wydruku, produkcja stoi.", None),
        ("Grafmax. Czekam na kontakt.", None),
    ],
)  # fmt: skip
def test_an_impact_that_was_stated_before(text: str, impact: str | None) -> None:
    """Only a level that is named again replaces one that was named."""
    assert after(text, "c") == {"company": "Grafmax"} | ({"impact": impact} if impact else {})


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("3200", "OXIJET 3200"),
        ("trzydwójka to nie, mamy 1625", "OXI CUT 1625"),
        ("Ta mniejsza, 6090.", "OXI UV 6090"),
        ("To jest ta duża, 2513.", "OXI UV 2513"),
        ("UV-ka 6090", "OXI UV 6090"),
        ("Tex", "OXI TEX 1800"),
        ("ten do tkanin, Tex", "OXI TEX 1800"),
        ("Roll", "OXI ROLL 1800"),
        ("to hybryda", "OXI HYBRID 2000"),
        ("Jet 3200", "OXIJET 3200"),
        ("Na tabliczce jest OXI-ROLL1800", "OXI ROLL 1800"),
        ("Model: 1600", "OXIJET 1600"),
        ("Numer seryjny 3200-18-0044, czyli OXIJET 3200", "OXIJET 3200"),
        ("Nie 1600, tylko 3200.", "OXIJET 3200"),
        ("oxi cut", "OXI CUT 1625"),
        ("Cut 1625 z frezem", "OXI CUT 1625"),
        ("1800", None),
        ("oxijet", None),
        ("UV", None),
        ("Ta biała.", None),
        ("Mimaki JV300", None),
        ("Kupiona w 2020 roku", None),
        ("Zapłaciliśmy 1600 zł", None),
        ("nie wiem jaki model", None),
        ("Jedyna, jaką mamy.", None),
        ("It's the 2513.", "OXI UV 2513"),
        ("The hybrid one.", "OXI HYBRID 2000"),
    ],
)  # fmt: skip
def test_the_device(text: str, device: str | None) -> None:
    known = {"OXIJET 1600": "OXIJET 1600"}
    context = ReadingContext(a_service(), (Item.DEVICE,), "pl", replace(_KNOWN, device=None))
    fact = read(a_mail(text, name="Jan Kowalski", subject="Odp: [OXI-2026-000123] Prosimy o uzupełnienie"), context).facts.device
    assert (known.get(fact.value, fact.value) if fact else None) == device


@pytest.mark.parametrize(
    ("text", "device"),
    [
        ("Grafmax. Przepraszam, podałem zły model, chodzi o OXIJET 3200.", "OXIJET 3200"),
        ("Grafmax. Nie 1600, tylko 3200.", "OXIJET 3200"),
        ("Grafmax. Poprawka: maszyna to OXI UV 2513.", "OXI UV 2513"),
        ("Grafmax. Wkradł się błąd, urządzenie to OXI TEX 1800.", "OXI TEX 1800"),
        ("Grafmax. Mój błąd, to jednak 3200.", "OXIJET 3200"),
        ("Grafmax. W pierwszym mailu powinno być OXIJET 3200 zamiast OXIJET 1600.", "OXIJET 3200"),
        ("Grafmax. Zamiast 1600 powinno być 3200.", "OXIJET 3200"),
        ("Grafmax. Na OXIJET 3200 obok wszystko jest dobrze.", None),
        ("Grafmax. Mamy też OXI UV 2513, działa.", None),
    ],
)  # fmt: skip
def test_a_machine_that_was_named_before(text: str, device: str | None) -> None:
    assert after(text, "c") == {"company": "Grafmax"} | ({"device": device} if device else {})


@pytest.mark.parametrize(
    ("text", "known_first", "name"),
    [
        ("Anna Wilk", None, ("Anna", "Wilk")),
        ("anna wilk", None, ("Anna", "Wilk")),
        ("WILK ANNA", None, ("Anna", "Wilk")),
        ("Wilk Anna, tel. 600 111 222", None, ("Anna", "Wilk")),
        ("To ja, Anna Wilk.", None, ("Anna", "Wilk")),
        ("Kontakt ze mną: Anna Wilk, 600 111 222", None, ("Anna", "Wilk")),
        ("Proszę kontaktować się z Anną Wilk.", None, ("Anna", "Wilk")),
        ("Osoba do kontaktu: Anna Wilk", None, ("Anna", "Wilk")),
        ("Nazywam się Anna Wilk i jestem z drukarni.", None, ("Anna", "Wilk")),
        ("Imię: Anna\nNazwisko: Wilk", None, ("Anna", "Wilk")),
        ("Wilk", "Anna", ("Anna", "Wilk")),
        ("wilk", "Anna", ("Anna", "Wilk")),
        ("Na nazwisko mam Wilk.", "Anna", ("Anna", "Wilk")),
        ("Nazwisko Wilk.", "Anna", ("Anna", "Wilk")),
        ("Wilk, Anna Wilk.", "Ania", ("Anna", "Wilk")),
        ("Pełne imię i nazwisko to Anna Wilk.", "Ania", ("Anna", "Wilk")),
        ("Ok.\n\nPozdrawiam\nAnna Wilk", "Ania", ("Anna", "Wilk")),
        ("Ania Wilk-Sęk", "Ania", ("Ania", "Wilk-Sęk")),
        ("Thao Nguyen", None, ("Thao", "Nguyen")),
        ("My name is Tom Harrow.", None, ("Tom", "Harrow")),
        ("Harrow", "Tom", ("Tom", "Harrow")),
        ("Ania", None, ("Ania", None)),
        ("Dział druku", None, (None, None)),
        ("Super, dzięki", None, (None, None)),
        ("Proszę dzwonić na recepcję", None, (None, None)),
        ("Pan Kubiak z serwisu u nas był.", None, (None, None)),
    ],
)  # fmt: skip
def test_the_name(text: str, known_first: str | None, name: tuple[str | None, str | None]) -> None:
    found = after(text, "n", known_first)
    assert (found.get("first_name"), found.get("last_name")) == name


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("Grafmax, wysoki", "ci", {"company": "Grafmax", "impact": "high"}),
        ("Grafmax / OXIJET 3200 / 2", "cdi", {"company": "Grafmax", "device": "OXIJET 3200", "impact": "high"}),
        ("1. Grafmax\n2. 3200\n3. wysoki", "cdi", {"company": "Grafmax", "device": "OXIJET 3200", "impact": "high"}),
        ("Firma Grafmax, ploter 3200, wpływ wysoki.", "cdi", {"company": "Grafmax", "device": "OXIJET 3200", "impact": "high"}),
        ("Grafmax. Stoimy.", "ci", {"company": "Grafmax", "impact": "critical"}),
        ("Anna Wilk, Grafmax", "nc", {"first_name": "Anna", "last_name": "Wilk", "company": "Grafmax"}),
        ("Anna Wilk z Grafmax Bis, wpływ niski.", "nci", {"first_name": "Anna", "last_name": "Wilk", "company": "Grafmax Bis", "impact": "low"}),
        ("Anna Wilk\nGrafmax\nOXI TEX\nniski", "ncdi", {"first_name": "Anna", "last_name": "Wilk", "company": "Grafmax", "device": "OXI TEX 1800", "impact": "low"}),
        ("Wysoki. Firma Grafmax Bis.\n\nPozdrawiam\nJan Kowalski", "ci", {"company": "Grafmax Bis", "impact": "high"}),
        ("Mamy hybrydę, a wpływ? Raczej niski.", "di", {"device": "OXI HYBRID 2000", "impact": "low"}),
        ("Maszyna: hybryda\nWpływ - wysoki", "di", {"device": "OXI HYBRID 2000", "impact": "high"}),
        ("Chodzi o 3200. Jak stoi, to stoimy wszyscy, więc krytyczny.", "di", {"device": "OXIJET 3200", "impact": "critical"}),
        ("Firmy nie mam, robię modele w garażu. Wpływ w takim razie niski.", "ci", {"impact": "low"}),
        ("Kupiłem u Państwa maszynę i teraz robot mnie przepytuje? Proszę, żeby zadzwonił człowiek.\nJ. Kowalski", "ci", {}),
        ("Maszyna to OXI UV 2513. Sklejka od stolarza, pana Kubiaka, a tabliczki idą do restauracji Pod Lipą.", "cd", {"device": "OXI UV 2513"}),
        ("Witam, tu Adam z magazynu, Jan jest na urlopie. Firma to Grafmax.", "c", {"company": "Grafmax"}),
        ("Odpowiadam za Jana: Grafmax, wpływ wysoki.\nEwa Lis", "ci", {"company": "Grafmax", "impact": "high"}),
        ("Proszę teraz kontaktować się z Ewą Lis. Firma Grafmax.", "c", {"first_name": "Ewa", "last_name": "Lis", "company": "Grafmax"}),
        ("Wszystko jest w stopce.\n\nJan Kowalski\nGrafmax Bis\ntel. 600 111 222", "ci", {"company": "Grafmax Bis"}),
        ("Company: Harrow Signs\nImpact: we can still print, but only half the jobs", "ci", {"company": "Harrow Signs", "impact": "high"}),
    ],
)  # fmt: skip
def test_several_at_once(text: str, asked: str, expected: dict[str, str]) -> None:
    assert after(text, asked) == expected


@pytest.mark.parametrize(
    ("bracket", "impact"),
    [
        ("(wysoki):", "high"),
        ("(średni)", "medium"),
        ("( / / średni / ):", "medium"),
        ("(średni / niski):", "medium"),
        ("(krytyczny / WYSOKI / średni / niski):", "high"),
        ("(krytyczny / wysoki [x] / średni / niski):", "high"),
        ("(krytyczny / wysoki / średni / niski): 3", "medium"),
        ("(krytyczny / wysoki / średni / niski) średni", "medium"),
        ("(krytyczny / wysoki / średni / niski): ten drugi", "high"),
        ("(krytyczny / wysoki / średni / niski): robimy dalej, ale połowę wolniej", "high"),
        ("(krytyczny / wysoki / **średni** / niski):", "medium"),
        ("(krytyczny / wysoki / >>średni<< / niski):", "medium"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mark", ["", "> "])
def test_the_list_of_levels(bracket: str, impact: str | None, mark: str) -> None:
    text = f"W dniu 12.05.2026 o 10:15, Serwis OXIPRINT pisze:\n> prosimy o uzupełnienie:\n>\n{mark}Wpływ na działalność {bracket}\n>\n> Serwis OXIPRINT"
    assert read_impact_of(text) == impact


@pytest.mark.parametrize(
    ("text", "company", "changed"),
    [
        ("It's Ann Cole, sorry.", None, True),
        ("It's Jan Kowalski.", None, False),
        ("It's me, Jan.", None, False),
        ("It's Kot Ltd", "Kot Ltd", False),
        ("This is Blue Heron Ltd", "Blue Heron Ltd", False),
        ("It's Blue Heron", "Blue Heron", False),
    ],
)
def test_a_company_behind_it_is(text: str, company: str | None, changed: bool) -> None:
    told = after(text, "c")
    assert told.get("company") == company
    assert ("first_name" in told or "last_name" in told) == changed
