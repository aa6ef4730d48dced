"""HTML mail as the text that its writer saw."""

from __future__ import annotations

import time

import pytest

from mailbot.rules.html_text import SEPARATOR, html_text


def test_outlook_gives_one_line_a_paragraph() -> None:
    source = (
        '<html xmlns:o="urn:x"><head><style>p.MsoNormal {margin:0cm}</style></head><body lang=PL><div class=WordSection1>'
        "<p class=MsoNormal>Dzień dobry,</p>\r\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>\r\n"
        "<p class=MsoNormal>OXIJET&nbsp;3200 nie&#8203;\r\n drukuje <b>magen</b>ty.<o:p></o:p></p></div></body></html>"
    )
    assert html_text(source) == "Dzień dobry,\n\nOXIJET 3200 nie drukuje magenty."


def test_signature_table() -> None:
    source = (
        "<table><tr><td><img src=cid:logo></td><td><p class=MsoNormal><b>Jan Kowalski</b><br>Kierownik druku</p>"
        "<p class=MsoNormal>tel. <a href='tel:600'>600 100 200</a></p></td></tr>"
        "<tr><td></td><td>Drukarnia Foto sp. z o.o.</td></tr></table>"
    )
    assert html_text(source) == "Jan Kowalski\nKierownik druku\ntel. 600 100 200\nDrukarnia Foto sp. z o.o."


@pytest.mark.parametrize("cell", ["{}", "<p>{}</p>", "<p class=MsoNormal>{}<o:p></o:p></p>", "<div>{}</div>"])
def test_a_row_of_short_cells_is_one_line(cell: str) -> None:
    rows = "".join(
        f"<tr><td>{cell.format(a)}</td><td>{cell.format(b)}</td></tr>" for a, b in [("Telefon", "600 100 200"), ("Firma", "Foto s.c.")]
    )
    assert html_text(f"<table>{rows}</table>") == "Telefon\t600 100 200\nFirma\tFoto s.c."


def test_gmail_reply_keeps_its_quote_marks() -> None:
    source = (
        '<div dir="ltr">To OXIJET 1600<div><br></div><div>Jan</div></div><br><div class="gmail_quote gmail_quote_container">'
        '<div dir="ltr" class="gmail_attr">pon., 14 wrz o 10:15 Serwis &lt;<a href="mailto:s@x.pl">s@x.pl</a>&gt; napisał(a):<br></div>'
        '<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px solid #ccc"><div>Dzień dobry,<br><br>Telefon:</div>'
        "<blockquote>starsze</blockquote></blockquote></div>"
    )
    lines = html_text(source).split("\n")
    assert lines[:4] == ["To OXIJET 1600", "", "Jan", ""]
    assert lines[4] == "pon., 14 wrz o 10:15 Serwis <s@x.pl> napisał(a):"
    assert [line for line in lines[5:] if line] == ["> Dzień dobry,", ">", "> Telefon:", ">", "> > starsze"]


@pytest.mark.parametrize(
    "opening",
    [
        '<hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><b>Od:</b> Serwis</div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Od:</b> Serwis</div>',
        '<div id="x_divRplyFwdMsg"><b>Od:</b> Serwis</div>',
        '<div id="mail-editor-reference-message-container"><div><b>Od:</b> Serwis</div></div>',
        "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt'><p class=MsoNormal><b>Od:</b> Serwis</p></div></div>",
    ],
)
def test_outlook_separators_become_its_own_line_of_underscores(opening: str) -> None:
    lines = html_text(f"<p class=MsoNormal>Nowe</p>{opening}<p class=MsoNormal>stare</p>").split("\n")
    assert lines == ["Nowe", "", SEPARATOR, "Od: Serwis", "stare"]


def test_a_border_over_a_signature_is_no_separator() -> None:
    assert SEPARATOR not in html_text("<p>Nowe</p><div style='border-top:solid red 1.0pt'><p>Jan Kowalski, Drukarnia Foto</p></div>")


@pytest.mark.parametrize(
    "block",
    [
        '<div class="yahoo_quoted" id="yahoo_quoted_1">{}</div>',
        '<blockquote type="cite">{}</blockquote>',
        '<div name="quote" style="x">{}</div>',
        '<blockquote class="protonmail_quote">{}</blockquote>',
    ],
)
def test_quote_containers(block: str) -> None:
    assert html_text("Nowe" + block.format("<p>stare</p><p>dwa</p>")).split("\n")[-3:] == ["> stare", ">", "> dwa"]


def test_a_blockquote_that_only_indents_is_no_quote() -> None:
    assert html_text('Nowe<blockquote style="margin:0 0 0 40px;border:none;padding:0px">wcięte</blockquote>') == "Nowe\n\nwcięte"


def test_lists_rules_and_preformatted_text() -> None:
    source = (
        "<p>Objawy:</p><ul><li>pasy</li><li>smugi</li></ul><ol><li>restart<li>test dysz</ol><hr><pre>ERROR 12\nat head 3</pre>-- <br>Jan"
    )
    assert html_text(source) == "Objawy:\n\n- pasy\n- smugi\n\n1. restart\n2. test dysz\n\n-----\n\nERROR 12\nat head 3\n\n-- \nJan"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("zwykły &amp; tekst\ndwa", "zwykły & tekst\ndwa"),
        ("<style>p{}</style><script>x()</script><title>t</title><p>tekst</p>", "tekst"),
        ('<div style="display:none">wstęp</div><p>tekst</p>', "tekst"),
        ('<div style="display: NONE">wszystko ukryte</div>', "wszystko ukryte"),
        ('<a href="http://foto.pl"><img src="x"></a>', "http://foto.pl"),
        ('<a href="http://foto.pl">strona</a>', "strona"),
        ("<p>a<br/>b<br>c</p>", "a\nb\nc"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ("<p>a&#0;b&#xD800;&#x80;</p>", "a\ufffdb\ufffd€"),
        ("", ""),
        ("<style>p{}</style>", ""),
        ("<!-- nie zamknięty <b>tekst</b>", "nie zamknięty\ntekst"),
        ("<select><option>OXIJET 1600<option>OXIJET 3200</select>", "OXIJET 1600\nOXIJET 3200"),
    ],
)
def test_small_cases(source: str, text: str) -> None:
    assert html_text(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 100_000,
        "<div></x>" * 60_000,
        "<select>" + "<option>x" * 50_000,
        "<" * 500_000,
        "<!--" * 100_000,
        "<table><tr>" + "<td>x" * 50_000,
        "<b><p>" * 20_000,
    ],
    ids=["deep", "closed by nothing", "options", "angles", "comments", "cells", "misnested"],
)
def test_hostile_pages_take_no_long(source: str) -> None:
    start = time.monotonic()
    html_text(source + "OXIJET")
    assert time.monotonic() - start < 10  # the unguarded parser took 45 s and more for some
