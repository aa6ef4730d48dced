"""Reads the templates, once, at the start: those that come with mailbot, file by file replaced by those of `templates_dir`.

Each is compiled and tried on sample letters, so that a mistake shows at the start and not when a customer waits.
"""

from __future__ import annotations

from pathlib import Path

from mailbot.errors import ConfigError
from mailbot.model.service import Person, Service
from mailbot.rules.compose import MAX_MAIL, compose, form_of
from mailbot.rules.form import begins_like_form_line
from mailbot.rules.signing import Signer
from mailbot.rules.templates import FILES, LANGUAGES, TemplateFault, Templates
from mailbot.samples import AT, COLLEAGUE, sample_drafts


def load_templates(override: Path | None) -> Templates:
    """The templates, compiled and tried out. Raises ConfigError with all problems, each naming the file, the line and what is wrong."""
    sources, problems = _read(_own_folder(), set(FILES))
    if override is not None:
        replaced, more = _read(override, {path.relative_to(override).as_posix() for path in override.rglob("*.html")})
        problems += more + [
            f"{override / file}: there is no template of that name, so it would never be used; name it as ours are named"
            for file in sorted(replaced.keys() - set(FILES))
        ]
        sources |= {file: text for file, text in replaced.items() if file in FILES}
    templates = Templates(sources)
    problems += templates.problems() or _try_out(templates)
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return templates


def _own_folder() -> Path:
    """`mailbot/templates` where mailbot is installed, `templates` beside the package in a checkout."""
    here = Path(__file__).parent
    installed = here / "templates"
    return installed if installed.is_dir() else here.parent / "templates"


def _read(folder: Path, files: set[str]) -> tuple[dict[str, str], list[str]]:
    sources, problems = {}, []
    for file in sorted(files):
        try:
            sources[file] = (folder / file).read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            problems.append(f"{folder / file}: not UTF-8 at byte {error.start}; save the file as UTF-8")
        except OSError as error:
            problems.append(f"{folder / file}: {error.strerror}")
    return sources, problems


def _try_out(templates: Templates) -> list[str]:
    """What goes wrong when the samples are rendered."""
    service = Service(privacy_url="https://example.com/rodo", people=(Person(COLLEAGUE.name, COLLEAGUE.email),))
    signer = Signer(b"for samples only", "sample")
    problems = []
    for language in LANGUAGES:
        for name, draft in sample_drafts(language).items():
            file = f"templates/{language}/{draft.kind}.html"
            try:
                sample = compose(draft, templates, service, signer, "sample", AT)
            except TemplateFault as error:
                problems.append(str(error))
                continue
            problems += [f"{file}: {fault}" for fault in form_faults(sample.text, form_of(draft.letter, language))]
            if len(sample.mime) > MAX_MAIL:
                problems.append(f"{file}: the sample {name} is {len(sample.mime):,} bytes, more than {MAX_MAIL:,}")
    return problems


def form_faults(text: str, form: tuple[str, ...]) -> list[str]:
    """What keeps a question's text from holding the form: each line once, and no other line that begins like one."""
    lines = text.split("\n")
    faults = [
        f"the form line {label!r} must stand once, alone on its line; use parts.form_lines()" for label in form if lines.count(label) != 1
    ]
    if form:
        faults += [
            f"the line {line!r} begins like a form line; word it otherwise"
            for line in lines
            if line not in form and begins_like_form_line(line)
        ]
    return faults
