"""`planner plan --pdf`: a Chromium's PDF, marked as ours, or how to print by hand."""

import os
from pathlib import Path

import pytest

from planner.cli import printing
from planner.output import NotReplaced

FAKE = """#!/bin/sh
for one in "$@"; do case "$one" in --print-to-pdf=*) printf '%%PDF-1.4\\n%%%%EOF' > "${one#*=}";; esac; done
"""


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a page on a machine without any browser."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr(printing, "NAMES", ("chromium-of-this-test",))
    file = tmp_path / "report.html"
    file.write_text("<!DOCTYPE html>", encoding="utf-8")
    return file


def browser(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def test_without_a_browser_it_says_how_to_print(page: Path) -> None:
    assert printing.pdf(page).startswith(f"no Chromium was found to make the PDF with: open {page} in a browser")
    assert not page.with_suffix(".pdf").exists()


def test_a_browser_prints_twice_over_its_own_pdf_and_over_no_other(page: Path) -> None:
    browser(page.parent / "bin" / "chromium-of-this-test", FAKE)
    for _ in range(2):
        assert printing.pdf(page) == f"pdf: {page.with_suffix('.pdf')}"
    made = page.with_suffix(".pdf").read_bytes()
    assert made.startswith(b"%PDF-")
    assert made.endswith(printing.MARK)
    page.with_suffix(".pdf").write_bytes(b"%PDF-1.4 of somebody else")
    with pytest.raises(NotReplaced):
        printing.pdf(page)


def test_a_browser_that_fails_leaves_nothing_but_the_sentence(page: Path) -> None:
    browser(page.parent / "bin" / "chromium-of-this-test", "#!/bin/sh\nexit 1\n")
    assert "could not make the PDF: open" in printing.pdf(page)
    assert not page.with_suffix(".pdf").exists()
