"""A chart's SVG made part of the page: named for readers who cannot see it, coloured by the page's style sheet."""

import re

from markupsafe import Markup, escape

from planner.charts import theme


def figure(svg: str, name: str, alt: str) -> Markup:
    """Return the SVG element alone, ready to stand in the HTML of a report."""
    # colours become variables of the style sheet; a page may hold a name only once, so names get the chart's prefix
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", body, flags=re.DOTALL)
    # the page is the background
    body = re.sub(r"<g id=\"patch_1\">.*?</g>", "", body, count=1, flags=re.DOTALL)
    body = re.sub(r"#[0-9a-f]{6}(?=[;\"])", _variable, body)
    body = re.sub(r"font-family: [^;\"]*; ?", "", body)
    body = re.sub(r" transform=\"rotate\(-0 [^)]*\)\"", "", body)
    body = body.replace("xlink:href=", "href=")
    used = set(re.findall(r"href=\"#([^\"]+)\"|url\(#([^)]+)\)", body))
    names = {one or other for one, other in used}
    body = re.sub(r" id=\"([^\"]+)\"", lambda m: f' id="{name}-{m[1]}"' if m[1] in names else "", body)
    body = re.sub(r"(href=\"#|url\(#)", rf"\1{name}-", body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    box = re.search(r"viewBox=\"[\d. ]+\"", body)
    assert box is not None  # matplotlib writes one
    start = f'<svg class="chart" role="img" aria-labelledby="{name}-alt" {box[0]}>'
    title = f'<title id="{name}-alt">{escape(alt)}</title>'
    # the text comes from matplotlib, which escapes what it is given
    return Markup(start + title + body[body.index(">") + 1 :])


def _variable(found: re.Match[str]) -> str:
    name = theme.NAMES.get(found[0])
    return f"var(--{name})" if name else found[0]


def palette(dark: bool) -> str:
    """Return the look's colours as declarations of a style sheet."""
    return " ".join(f"--{name}: {theme.DARK[colour] if dark else colour};" for colour, name in theme.NAMES.items())
