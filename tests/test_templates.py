"""The templates load from a checkout, are replaced file by file, and tell plainly what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailbot.errors import ConfigError
from mailbot.model.service import Service
from mailbot.preview import render_preview, sample_names
from mailbot.rules.templates import FILES, LANGUAGES, LETTERS
from mailbot.samples import sample_drafts
from mailbot.templating import load_templates

ROOT = Path(__file__).parent.parent / "templates"


def _problems(folder: Path, files: dict[str, str | bytes]) -> str:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as refused:
        load_templates(folder)
    return "\n".join(refused.value.problems)


def _ours(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_letter_has_a_template_in_each_language_and_a_sample() -> None:
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.html")} == set(FILES)
    for language in LANGUAGES:
        assert {draft.kind for draft in sample_drafts(language).values()} == set(LETTERS)


def test_one_file_may_be_replaced_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "pl").mkdir()
    (tmp_path / "pl/closing.html").write_text("<subject>Koniec</subject><p>Do widzenia, {{ ticket.number }}.</p>", encoding="utf-8")
    written = render_preview(tmp_path / "out", ["closing", "receipt"], load_templates(tmp_path), Service())
    texts = {path.name: path.read_text(encoding="utf-8") for path in written if path.suffix == ".txt"}
    assert texts["pl-closing.txt"] == "Do widzenia, OXI-2026-000123.\n"
    assert "closing\nticket OXI-2026-000123" in texts["en-closing.txt"]
    assert "Sprawę przejmuje serwisant" in texts["pl-receipt.txt"]


def test_a_syntax_error_is_named_with_file_and_line(tmp_path: Path) -> None:
    told = _problems(tmp_path, {"pl/question.html": "<p>a</p>\n{% if %}\n"})
    assert "templates/pl/question.html, line 2: " in told


def test_an_unknown_variable_is_found_at_the_start(tmp_path: Path) -> None:
    told = _problems(tmp_path, {"en/closing.html": "<p>a</p>\n\n<p>{{ tiket.number }}</p>"})
    assert "templates/en/closing.html, line 3: 'tiket' is undefined" in told


def test_an_error_in_a_shared_passage_is_named_there(tmp_path: Path) -> None:
    parts = _ours("pl/_parts.html").replace("{{ service.name }}", "{{ service.nmae }}")
    told = _problems(tmp_path, {"pl/_parts.html": parts})
    assert "templates/pl/_parts.html, line " in told
    assert "nmae" in told


def test_a_missing_value_is_not_shown_as_none(tmp_path: Path) -> None:
    told = _problems(tmp_path, {"pl/new_ticket.html": "<p>{{ letter.due_at }}</p>"})
    assert "templates/pl/new_ticket.html, line 1: a value is missing (None)" in told


def test_what_is_not_in_the_markup_is_refused(tmp_path: Path) -> None:
    told = _problems(tmp_path, {"pl/receipt.html": "<p>otwarty", "pl/closing.html": "<div>a</div>"})
    assert "templates/pl/receipt.html: mismatched tag near '<p>otwarty'" in told
    assert "templates/pl/closing.html: <div> is no block" in told


def test_a_question_without_its_form_is_refused(tmp_path: Path) -> None:
    told = _problems(tmp_path, {"pl/question.html": "<p>Prosimy o dane.</p>"})
    assert "templates/pl/question.html: the form line 'Nazwa firmy:' must stand once" in told
    told = _problems(tmp_path, {"pl/question.html": _ours("pl/question.html") + "<p>Telefon mile widziany.</p>"})
    assert "the line 'Telefon mile widziany.' begins like a form line" in told


def test_a_mail_of_more_than_30_kb_is_refused(tmp_path: Path) -> None:
    told = _problems(tmp_path, {"pl/closing.html": f"<p>{'słowo ' * 5000}</p>"})
    assert "templates/pl/closing.html: the sample closing is " in told


def test_a_file_that_would_never_be_used_and_one_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    told = _problems(tmp_path, {"pl/qestion.html": "x", "en/closing.html": b"\xff\xfe"})
    assert f"{tmp_path}/pl/qestion.html: there is no template of that name" in told
    assert f"{tmp_path}/en/closing.html: not UTF-8 at byte 0" in told


def test_the_preview_writes_what_was_asked_for(tmp_path: Path) -> None:
    templates = load_templates(None)
    names = {path.name for path in render_preview(tmp_path, ["question_again"], templates, Service())}
    assert names == {f"{language}-question_again{suffix}" for language in LANGUAGES for suffix in (".txt", ".html", ".eml")}
    assert len(render_preview(tmp_path, [], templates, Service())) == len(sample_names()) * len(LANGUAGES) * 3
    assert len(render_preview(tmp_path, ["question"], templates, Service())) == 6 * len(LANGUAGES) * 3
    with pytest.raises(ValueError, match="there is no template 'nonsense'; there are: acknowledgement, "):
        render_preview(tmp_path, ["nonsense"], templates, Service())
