"""Shows what the letters look like: every template with the longest realistic values, as files."""

from __future__ import annotations

from collections.abc import Iterable
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

from mailbot.model.service import Service
from mailbot.rules.compose import compose
from mailbot.rules.signing import Signer
from mailbot.rules.templates import LANGUAGES, Templates
from mailbot.samples import AT, sample_drafts


def _html(mime: bytes) -> bytes:
    """The HTML part as it was sent."""
    return next(
        bytes(part.get_content(), "utf-8")
        for part in BytesParser(policy=default).parsebytes(mime).walk()
        if part.get_content_type() == "text/html"
    )


def sample_names() -> tuple[str, ...]:
    """The names that `render_preview` knows, e.g. `question` and `question_danger`."""
    return tuple(sample_drafts(LANGUAGES[0]))


def render_preview(folder: Path, names: Iterable[str], templates: Templates, service: Service) -> list[Path]:
    """Write `<language>-<name>.txt`, `.html` and `.eml` for the samples of those names (none: for all) in both languages.

    The name of a template stands for all its variants. Returns the files. Raises ValueError for a name that there is not.
    """
    wanted = tuple(names)
    known = sample_drafts(LANGUAGES[0])
    for name in wanted:
        if not any(name in (sample, draft.kind) for sample, draft in known.items()):
            raise ValueError(f"there is no template {name!r}; there are: {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    signer = Signer(b"for samples only", "sample")
    written = []
    for language in LANGUAGES:
        for name, draft in sample_drafts(language).items():
            if wanted and name not in wanted and draft.kind not in wanted:
                continue
            outgoing = compose(draft, templates, service, signer, "preview", AT)
            for suffix, content in ((".txt", outgoing.text.encode()), (".html", _html(outgoing.mime)), (".eml", outgoing.mime)):
                path = folder / f"{language}-{name}{suffix}"
                path.write_bytes(content)
                written.append(path)
    return written
