"""One content, two shows: text and HTML; what is not in the markup is refused."""

import pytest

from mailbot.rules.markup import WIDTH, MarkupError, as_html, as_text, clean, parse, subject_of


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<p>otwarty", "mismatched tag"),
        ("<p>a & b</p>", "not well-formed"),
        ("<p>&nbsp;</p>", "undefined entity"),
        ("poza blokiem <p>a</p>", "text outside of a block: 'poza blokiem'"),
        ("<p>a</p> za blokiem", "text outside of a block: 'za blokiem'"),
        ("<div>a</div>", "<div> is no block"),
        ("<p><img/></p>", "<img> in <p>"),
        ('<p><a href="javascript:x">a</a></p>', "a link to 'javascript:x'"),
        ("<p><b><a>a</a></b></p>", "a link to None"),
        ("<facts><p>a</p></facts>", "<p> in <facts>"),
        ("<ul><li><p>a</p></li></ul>", "<p> in <li>"),
        ("<quote><b>a</b></quote>", "<b> in <quote>"),
        ("<field>a<br/></field>", "<br> in <field>"),
    ],
)
def test_what_is_not_in_the_markup_is_refused(content: str, words: str) -> None:
    with pytest.raises(MarkupError) as refused:
        parse(content)
    assert words in str(refused.value)


CONTENT = """
<subject>  Temat
  listu </subject>
<p>Ala   ma <b>kota</b> i
  psa.<br/>Zob. <a href="https://x.example/a">tutaj</a>, <a href="https://x.example/b">https://x.example/b</a>, <a href="tel:+48">48</a></p>
<h2>Co wiemy</h2>
<facts><fact name="Firma" note="podpis: „A &amp; B”">A &amp; B</fact><fact name="Nr">1</fact></facts>
<field>Nazwa firmy:</field>
<ul><li>raz</li><li><b>dwa</b></li></ul>
<quote>wiersz &lt;1&gt;

wiersz 2</quote>
<words>sam
  piszę</words>
<footer>Serwis<br/>tel.</footer>
"""


def test_the_text() -> None:
    assert as_text(parse(CONTENT)) == (
        "Ala ma kota i psa.\nZob. tutaj (https://x.example/a), https://x.example/b, 48\n\n"
        "Co wiemy\n--------\n\n"
        "Firma: A & B\n    (podpis: „A & B”)\nNr: 1\n\n"
        "Nazwa firmy:\n\n"
        "- raz\n- dwa\n\n"
        "> wiersz <1>\n>\n> wiersz 2\n\n"
        "sam\n  piszę\n\n"
        "-- \nSerwis\ntel.\n"
    )


def test_the_html() -> None:
    html = as_html(parse(CONTENT))
    assert '<p>Ala ma <b class="whole">kota</b> i\xa0psa.<br>Zob. <a href="https://x.example/a">tutaj</a>, ' in html
    assert '<tr><th>Firma</th><td>A &amp; B<br><span class="note">podpis: „A &amp; B”</span></td></tr>' in html
    assert '<p class="field">Nazwa firmy:&nbsp;</p>' in html
    assert "<blockquote>wiersz &lt;1&gt;<br>\n<br>\nwiersz 2</blockquote>" in html
    assert "Temat" not in html


def test_the_subject_is_one_line() -> None:
    assert subject_of(parse(CONTENT)) == "Temat listu"
    assert subject_of(parse("<p>a</p>")) == ""


def test_lines_wrap_and_no_one_letter_word_ends_one() -> None:
    lines = as_text(parse(f"<p>{'Praca w hali z oknem i o poranku. ' * 20}</p>")).split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert not [line for line in lines if line.endswith((" w", " z", " i", " o"))]
    assert len(lines) > 8


def test_a_long_word_stays_whole() -> None:
    link = "https://x.example/" + "a" * 200
    assert link in as_text(parse(f"<p>Zob. {link} tam.</p>")).split("\n")


def test_clean_takes_away_what_hides_or_breaks() -> None:
    assert clean("a\x00b\x1bc\u202ed\u200be\ufffe\ud800f") == "abcdef"
    assert clean("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"
    assert clean("zażółć 🙂\tx\u00a0y") == "zażółć 🙂\tx\u00a0y"
