"""The serial number: of a machine, and of no document, port or paper."""

from __future__ import annotations

import pytest

from mailbot.rules.reading.serial import find_serial


@pytest.mark.parametrize(
    ("text", "serial"),
    [
        ("Umowa serwisowa na OXIJET 3200 nr S/2024/118 wygasła", None),
        ("zamówienie OXIJET 3200 nr WZ/123/2026", None),
        ("Gwarancja na OXIJET 3200 nr GW/118-22 minęła", None),
        ("Faktura za OXIJET 3200 nr FK/118-22", None),
        ("Protokół odbioru OXIJET 3200 nr OD/118-22 w załączniku", None),
        ("OXI UV 6090 no usb-3.10.2 found", None),
        ("Oxi Cut no A4-297x210 tray", None),
        ("OXI TEX 1800 (nr 18T-2207-31) nie drukuje", "18T-2207-31"),
        ("OXI TEX 1800 no. 18T-2207-31 stops", "18T-2207-31"),
        ("OXI TEX 1800 number HY20-0391 stops", "HY20-0391"),
        ("Umowa na ploter, numer maszyny OR18/2019/0045", "OR18/2019/0045"),
        ("Umowa wygasła. OXIJET 3200 nr OJ-118-22 nie drukuje", "OJ-118-22"),
    ],
)
def test_the_serial_number(text: str, serial: str | None) -> None:
    found = find_serial(text)
    assert (found[0] if found else None) == serial
