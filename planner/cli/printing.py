"""A page on paper: printed to a PDF by a Chromium without a window, where there is one."""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from planner import output

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 90
"""[s]"""
QUIET = ("--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--no-pdf-header-footer")
MARK = b"%planner\n"
"""A comment after the end of a PDF, by which it is known as ours."""


def pdf(page: Path) -> str:
    """Print a page to a PDF beside it; return what there is to say."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    by_hand = f"open {page} in a browser and print it from there, on paper or to a PDF (Ctrl+P)"
    if browser is None:
        return f"no Chromium was found to make the PDF with: {by_hand}"
    target = page.with_suffix(".pdf")
    output.check(target, output.PDF)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "page.pdf"
        asked = [browser, *QUIET, f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}"]
        if getattr(os, "geteuid", lambda: 1)() == 0:
            asked.append("--no-sandbox")  # for root Chromium starts in no other way
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run([*asked, page.resolve().as_uri()], capture_output=True, timeout=PATIENCE, check=True)
            made = printed.read_bytes()
            if made.startswith(b"%PDF-"):
                output.write(target, made.rstrip(b"\n") + b"\n" + MARK, output.PDF)
                return f"pdf: {target}"
    return f"{browser} could not make the PDF: {by_hand}"
