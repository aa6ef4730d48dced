"""The compiled templates: a name, a language and values in, a rendered letter out. Pure: the sources come as an argument.

Which files there must be is told by `FILES`; they are read by `mailbot/templating.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from mailbot.rules import markup

LANGUAGES = ("pl", "en")
LAYOUT = "layout.html"
"""The HTML around every letter; one for all languages."""

PARTS = "_parts.html"
"""Words and passages that several letters of a language share."""

LETTERS = (
    "acknowledgement",
    "question",
    "question_reminder",
    "closing",
    "reopening",
    "unreadable",
    "receipt",
    "staff_reply",
    "new_ticket",
    "follow_up",
    "sla_reminder",
    "digest",
    "alarm",
    "command_result",
)
"""The kinds of letters (`Draft.kind`), each with a template of its name in each language."""

FILES = (LAYOUT, *(f"{language}/{name}" for language in LANGUAGES for name in (PARTS, *(f"{letter}.html" for letter in LETTERS))))
"""All files of the templates folder, by their path in it."""

_FOLDER = "templates/"


class TemplateFault(ValueError):
    """A template cannot be used; the text names the file, the line where it is known, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter's words, thrice. Lines of the text end in a newline; the HTML is a whole page."""

    subject: str
    text: str
    html: str


class Templates:
    """All templates, compiled once. A template sees the files of its own language and those that all share."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """`sources` by their path in the templates folder, e.g. `pl/question.html`. Nothing is checked yet: see `problems`."""
        self._environments = {language: _environment(language, sources) for language in LANGUAGES}

    def problems(self) -> list[str]:
        """What is wrong with the sources as such, in plain words, a line each: missing files and Jinja's syntax errors."""
        found = []
        for file in FILES:
            language, _, name = file.rpartition("/")
            try:
                self._environments[language or LANGUAGES[0]].get_template(name)
            except TemplateError as error:
                found.append(_explain(file, error))
        return found

    def render(self, language: str, letter: str, values: Mapping[str, Any]) -> Rendered:
        """The letter in that language. Raises TemplateFault, also for a variable that does not exist or has no value."""
        file = f"{language}/{letter}.html"
        environment = self._environments[language]
        try:
            tree = markup.parse(environment.get_template(f"{letter}.html").render(values))
            subject = markup.subject_of(tree)
            page = environment.get_template(LAYOUT).render(language=language, title=subject, body=Markup(markup.as_html(tree)))  # noqa: S704
        except (TemplateError, markup.MarkupError, TypeError, KeyError, AttributeError) as error:
            raise TemplateFault(_explain(file, error)) from error
        return Rendered(subject, markup.as_text(tree), page)


def _environment(language: str, sources: Mapping[str, str]) -> Environment:
    def load(name: str) -> tuple[str, str, None] | None:
        file = next((file for file in (f"{language}/{name}", name) if file in sources), None)
        return (sources[file], f"{_FOLDER}{file}", None) if file else None

    return Environment(
        loader=FunctionLoader(load),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        finalize=_finalize,
    )


def _finalize(value: Any) -> Any:
    """Every value that a template shows passes here: cleaned, and never the word "None" in a mail."""
    if value is None:
        raise TypeError("a value is missing (None) where the template shows one; ask with {% if %} first")
    return value if isinstance(value, Markup | StrictUndefined) else markup.clean(str(value))


def _explain(file: str, error: Exception) -> str:
    """The error in plain words, with the innermost line of a template that led to it."""
    place, line = f"{_FOLDER}{file}", 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith(_FOLDER):
            place, line = trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, TemplateSyntaxError):
        place, line = error.filename or place, error.lineno
    if isinstance(error, TemplateNotFound):
        return f"{place}: there is no file {error.name}"
    return f"{place}{f', line {line}' if line else ''}: {error.message if isinstance(error, TemplateError) else error}"
