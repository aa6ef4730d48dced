"""Numbers as people write them, the country they dial in, and which of several is wanted."""

from __future__ import annotations

import pytest

from mailbot.rules.reading.cues import table
from mailbot.rules.reading.phone import choose, find_phones, region_of


@pytest.mark.parametrize(("region", "example"), [(region, example) for region, _, example in table("regions")])
def test_the_country_is_told(region: str, example: str) -> None:
    assert region_of(example) == region


@pytest.mark.parametrize(
    ("region", "written", "e164"),
    [
        ("PL", "tel. 22/446 29 08", "+48224462908"),
        ("PL", "tel. (022) 446-29-08", "+48224462908"),
        ("PL", "600.111.222", "+48600111222"),
        ("PL", "6 0 0 1 1 1 2 2 2", "+48600111222"),
        ("PL", "Jasło, 13 446 29 08 / 883 019 274", "+48883019274"),
        ("PL", "13 446 29 08  883 019 274", "+48883019274"),
        ("PL", "883019274/134462908", "+48883019274"),
        ("PL", "proszę dzwonić na ten numer 883 019 274", "+48883019274"),
        ("PL", "jutro będę pod nr 883 019 274", "+48883019274"),
        ("PL", "Prosi o telefon na numer 883 019 274.", "+48883019274"),
        ("PL", "Prosimy o kontakt w sprawie zlecenia nr 883019274", None),
        ("PL", "nr seryjny 883019274", None),
        ("PL", "NIP 883 019 27 41, fax 13 446 29 08", None),
        ("PL", "tel. stacjonarny 13 446 29 08, komórka 883 019 274", "+48883019274"),
        ("GB", "07700 900 418", "+447700900418"),
        ("GB", "T 020 7946 0123 | M 07700 900321", "+447700900321"),
        ("GB", "600 111 222", "+48600111222"),
        ("IE", "087 123 4567", "+353871234567"),
        ("FR", "bureau 03 55 55 01 20, portable 06 39 98 01 21", "+33639980121"),
        ("FR", "+33 3 55 55 01 20 / +33 6 39 98 01 21", "+33639980121"),
        ("DE", "Tel. 040 12345678, Fax 040 12345679", "+494012345678"),
        ("AT", "T +43 662 555003, M +43 664 5550031", "+436645550031"),
        ("CH", "Natel 079 123 45 67", "+41791234567"),
        ("ES", "612 34 56 78", "+34612345678"),
        ("PL", "Tel. +39 031 555 0198 – Cell. +39 347 555 0198", "+393475550198"),
        ("PL", "Jan Kot numer 729 118 406 koniec", "+48729118406"),
        ("PL", "numer zlecenia 729 118 406", None),
        ("PL", "syn ma telefon 724 551 803, ale proszę pisać do mnie", None),
        ("PL", "Tel. 71 555 09 90 (sklep), 71 555 09 91 (hala, tu dzwonić)", "+48715550991"),
        ("GB", "020 7946 0123 (office), 020 7946 0456 (please call here, call after 9)", "+442079460456"),
        ("GB", "07700 900 466 is not mine any more, use +44 7700 900 512", "+447700900512"),
        ("PL", "600 111 222 już nieaktualny, teraz 883 019 274", "+48883019274"),
        ("PL", "Nie na komórkę, tylko na biurko: 89 555 17 40. Kom. 791 555 002", "+48895551740"),
        ("PL", "szef ma 600 111 222, mój 601 222 333", "+48601222333"),
        ("PL", "My boss has 600 111 222, mine is 601 222 333", "+48601222333"),
        ("PL", "szef ma 600 111 222", None),
        ("PL", "tel. 600 111 222 (tu proszę nie dzwonić), 601 222 333", "+48601222333"),
        ("PL", "tel. 600 111 222 (nie dzwonić), 601 222 333", "+48601222333"),
        ("PL", "tel. 600 111 222 (tu proszę dzwonić), 601 222 333", "+48600111222"),
        ("PL", "numer bezpośredni 52 555 88 14 (proszę nie dzwonić na infolinię 800 000 555)", "+48525558814"),
        ("PL", "Proszę nie dzwonić na 600 111 222, lecz na 13 446 29 08", "+48134462908"),
    ],
)
def test_the_number_to_call(region: str, written: str, e164: str | None) -> None:
    found = choose(find_phones(written, frozenset(), region))
    assert (found.e164 if found else None) == e164


@pytest.mark.parametrize("digits", ["12345678901234567890123", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8", "7"])
def test_digits_that_are_no_number_in_any_country_are_read_over(digits: str) -> None:
    assert [phone.e164 for phone in find_phones(f"Order {digits}, tel. +420 601 123 456", frozenset(), "CZ")] == ["+420601123456"]
