"""A page taken apart, for the tests of what the pages say."""

import re
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "use", "path", "rect"}


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, its text, its headings."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.titles: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:  # noqa: D102
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:  # noqa: D102
        if {"style", "script"} & set(self._open):
            return
        self.words.append(data)
        for kind in self._open:
            if re.fullmatch("h[1-6]", kind):
                level, said = self.headings[-1]
                self.headings[-1] = (level, said + data)
        if self._open and self._open[-1] == "title":
            self.titles.append(data)

    def text(self) -> str:  # noqa: D102
        return " ".join(" ".join(self.words).split())
