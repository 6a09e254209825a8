"""The page as a web application for one browser on this machine: who may ask, and what is answered."""

import json
import shlex
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from planner.page import additions, edits, form, saving, work
from planner.page.asked import (
    LONGEST,
    Asked,
    Refused,
    formed,
    inside_lists,
    neighbours,
    of_body,
    of_query,
    place,
    problems_by_entry,
    scenario,
    stamp,
)
from planner.page.crew import Crew, Failed, Work
from planner.page.guard import Guard
from planner.planning import entry_name, names_of
from planner.report import changed_here
from planner.report.page import environment
from planner.scenario.reader import Scenario, ScenarioError

TEMPLATES: Final = Path(__file__).parent / "templates"
KEPT: Final = 8
"""So many whole answers are remembered: going back to one is then at once."""
EDITED: Final = "The file was changed meanwhile: the form says what it says now. "


@dataclass(frozen=True, slots=True)
class Site:
    """What the page is served from, and what only the command line knows."""

    folder: Path
    """Only scenarios below it are opened."""
    token: str
    """Whoever knows it is let in."""
    crew: Crew
    clock: Callable[[], datetime]
    to_pdf: Callable[[Path], str]
    """Prints a page to a PDF beside it, and returns what there is to say."""
    consent: Callable[[Scenario], str]
    """What people consented to of a scenario, in a sentence; "" = nothing is known."""
    stop: Callable[[], None]
    draws: int | None = None
    """Of a whole answer; None = as `planner plan`."""
    kept: dict[object, work.Shown] = field(default_factory=dict)


def app(site: Site, port: int) -> ASGIApp:
    """Return the application, behind its guard."""
    routes = [
        Route("/", partial(_page, site)),
        Route("/page.js", lambda _: Response((TEMPLATES / "page.js").read_text("utf-8"), media_type="text/javascript")),
        Route("/answer", partial(_answer, site), methods=["POST"]),
        Route("/whole", partial(_whole, site), methods=["POST"]),
        Route("/save", partial(_save, site), methods=["POST"]),
        Route("/keep/{name}", partial(_keep, site)),
        Route("/stop", partial(_stop, site), methods=["POST"]),
    ]
    errors = {Refused: _refused, ScenarioError: _refused, Failed: _refused, OSError: _refused}
    inner = Starlette(routes=[Mount(f"/{site.token}", routes=routes)], exception_handlers=errors)
    return Guard(inner, site.token, port)


class _Streamed(StreamingResponse):
    """Lines of an answer; whoever goes away ends it at once, not when Python next looks for what may go."""

    def __init__(self, lines: Generator[str]) -> None:
        super().__init__(lines, media_type="application/x-ndjson")
        self.lines = lines

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await _ended(self.lines)


async def _ended(lines: Generator[Any]) -> None:
    """End what is still being worked out for somebody who has gone."""
    # when the server stops, the next line may still be worked out: all processes are ended then anyway
    with suppress(ValueError):
        await run_in_threadpool(lines.close)


def _refused(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 400)


async def _page(site: Site, request: Request) -> Response:
    """Return the page: the form as the file says it; the script then asks for what the address changes."""
    return HTMLResponse(await run_in_threadpool(_html, site, of_query(request.url.query)))


def _html(site: Site, asked: Asked) -> str:
    path = place(site.folder, asked.file)
    seen = stamp(path)  # before it is read: what is written in between is then not taken for seen
    read_in, drawn = formed(site.folder, asked, site.clock())
    return (
        environment(TEMPLATES)
        .get_template("page.html.j2")
        .render(
            scenario=read_in,
            file=asked.file,
            seen=seen,
            drawn=drawn,
            formed=read_in.digest,
            entries=_form(site, read_in),
            files=work.FILES,
            folder=str(PurePosixPath(asked.file).parent).removeprefix("."),
            neighbours=neighbours(site.folder, path),
        )
    )


def _form(site: Site, read_in: Scenario) -> str:
    """Return the entries of a scenario as fields."""
    template = environment(TEMPLATES).get_template("form.html.j2")
    parts = form.parts(read_in, list(additions.adds(read_in)))
    return template.render(parts=parts, said=form.said, consent=site.consent(read_in))


async def _body(request: Request) -> bytes:
    """Return what was sent, and read no further than shows that it is too much."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LONGEST:
            break
    return body


async def _answer(site: Site, request: Request) -> Response:
    """Return the answer line by line, as it is worked out; whoever goes away ends it."""
    asked, said = of_body(await _body(request))
    typed, drawn = said.get("edits", []), said.get("drawn", [])
    if not isinstance(typed, list) or not all(isinstance(one, dict) for one in typed):
        raise Refused("wanted edits as a list, each with path and value")
    if not isinstance(drawn, list) or not all(isinstance(one, str) for one in drawn):
        raise Refused("wanted drawn as a list of changes")
    return _Streamed(_lines(site, asked, typed, drawn, said.get("formed")))


def _lines(
    site: Site, asked: Asked, typed: Sequence[Mapping[str, Any]], drawn: Sequence[str], digest: object = None
) -> Generator[str]:
    """Yield what is known, one JSON object a line: the state, what is being done, a first answer, the whole one."""
    try:
        now = site.clock()
        before = scenario(site.folder, Asked(asked.file, tuple(drawn)), now)
        for edit in typed:
            asked = edits.changed(asked, before, edit, site.folder)
        was = form.rows(before)
        state: dict[str, Any] = {"query": asked.query, "sets": asked.sets, "problems": []}
        try:
            made = scenario(site.folder, asked, now)
        except ScenarioError as error:
            called = {path.rpartition(".")[2]: entry_name(path, names_of(before)) for path in asked.gone}
            yield _line(state | {"problems": problems_by_entry(error, list(was), called)})
            return
        gone = tuple(f"{path}." for path in asked.gone)
        edited = digest is not None and digest != before.digest  # it is what the page's form was made from
        if edited or {path for path in was if not path.startswith(gone)} != form.rows(made).keys():
            before, added = formed(site.folder, asked, now)
            was = form.rows(before)
            state |= {"drawn": added, "form": _form(site, before), "formed": before.digest}
        entries = form.differing(was, form.rows(made), list(asked.changed), inside_lists(site.folder, asked))
        state |= {
            "entries": entries,
            "digest": made.digest,
            "since": (EDITED if edited else "") + changed_here(made.changes, names_of(made)),
        }
        yield _line(state | {"command": _command(asked, site.draws)})
        yield from _worked_out(site, asked, made, now)
    except ScenarioError as error:
        yield _line({"failed": "; ".join(str(one) for one in error.problems)})
    except (Refused, Failed, OSError) as error:
        yield _line({"failed": str(error)})


async def _whole(site: Site, request: Request) -> Response:
    """Return the state with a whole entry added, taken away or put back; or what is wrong with the new one."""
    asked, said = of_body(await _body(request))
    do, path, typed = (said.get(one, "") for one in ("do", "path", "said"))
    if not isinstance(path, str) or do not in ("add", "take", "undo"):
        raise Refused("wanted do as add, take or undo, and a path")
    if do == "add":
        if not isinstance(typed, dict):
            raise Refused("wanted what the new entry says, by name")
        told = {inner: " ".join(str(text).split()) for inner, text in typed.items()}
        new = edits.New(path, str(said.get("form", "")), " ".join(str(said.get("name", "")).split()), told)
        asked, problems = await run_in_threadpool(edits.added, site.folder, asked, new, site.clock())
    else:
        change, problems = (edits.taken_away if do == "take" else edits.put_back), []
        asked = await run_in_threadpool(change, site.folder, asked, path)
    wrong = [{"path": one.path, "what": one.what, "write": one.write} for one in problems]
    return JSONResponse({"sets": asked.sets, "problems": wrong})


def _worked_out(site: Site, asked: Asked, made: Scenario, now: datetime) -> Iterator[str]:
    few, key = _few(site), _key(asked, made)
    known = site.kept.get(key)  # looked up once: another page may find, or forget, it while this one reads on
    jobs: list[tuple[str, Work, tuple[Any, ...]]] = []
    if known is not None:
        yield _shown("answer", known, whole=True)
    else:
        jobs.append(("answer", work.first, (made, few)))
    if asked.beside:
        scenarios = [(Path(one).stem, scenario(site.folder, Asked(one), now)) for one in asked.beside]
        scenarios.append((f"{made.name}, as changed here" if asked.sets else made.name, made))
        jobs.append(("beside", work.beside, (scenarios, few)))
    if known is None:
        jobs.append(("answer", work.full, (made, site.draws, now)))
    if asked.beside:
        jobs.append(("beside", work.beside, (scenarios, site.draws)))
    left = [name for name, *_ in jobs]
    for kind, found in site.crew.run(((job, asked_of) for _, job, asked_of in jobs), key):
        if kind == "doing":
            yield _line({"doing": found[0], "done": found[1]})
            continue
        name = left.pop(0)
        whole = name not in left
        if whole and name == "answer":
            _keep_in_mind(site, key, found)
        yield _shown(name, found, whole)
        site.crew.fill()  # now that the first answer is there, others may begin


def ahead(site: Site, asked: Asked) -> None:
    """Begin on the first answer of a state before a browser asks for it."""
    with suppress(ScenarioError, Refused, Failed, OSError):  # the page says what is wrong
        made = scenario(site.folder, asked, site.clock())
        site.crew.ahead(_key(asked, made), work.first, made, _few(site))


def _few(site: Site) -> int:
    return work.FEW if site.draws is None else min(work.FEW, site.draws)


def _key(asked: Asked, made: Scenario) -> object:
    return asked.file, asked.sets, made.digest, made.sources


def _keep_in_mind(site: Site, key: object, shown: work.Shown) -> None:
    site.kept[key] = shown
    for old in list(site.kept)[:-KEPT]:
        site.kept.pop(old, None)


def _shown(name: str, shown: work.Shown, whole: bool) -> str:
    return _line({"part": name, "html": shown.html, "draws": shown.draws, "result": shown.result, "whole": whole})


def _line(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=True) + "\n"


def _command(asked: Asked, draws: int | None) -> str:
    """Return the command that plans the same."""
    sets: Sequence[str] = [word for one in asked.sets for word in ("--set", one)]
    return shlex.join(["planner", "plan", asked.file, *sets, *([] if draws is None else ["--draws", str(draws)])])


async def _save(site: Site, request: Request) -> Response:
    """Write what was changed as a small file of its own."""
    asked, said = of_body(await _body(request))
    name, title, seen = (said.get(one, "") for one in ("name", "title", "seen"))
    if not (isinstance(name, str) and isinstance(title, str) and isinstance(seen, str)):
        raise Refused("wanted name, title and seen as text")
    saved = await run_in_threadpool(saving.save, site.folder, asked, name, title, seen, site.clock())
    return JSONResponse({"file": saved, "query": replace(asked, file=saved, sets=()).query})


async def _keep(site: Site, request: Request) -> Response:
    """Return one file of the plan to keep; it is worked out first where it is not known yet."""
    name = request.path_params["name"]
    if name not in work.FILES:
        raise Refused(f"wanted one of {', '.join(work.FILES)}")
    asked = of_query(request.url.query)
    made = await run_in_threadpool(scenario, site.folder, asked, site.clock())
    data, why = b"", "whoever wanted this has gone"
    doing = _file(site, asked, made, name)
    try:
        async for kind, found in iterate_in_threadpool(doing):
            if await request.is_disconnected():
                break
            if kind == "file":
                data, why = found
    finally:
        await _ended(doing)
    if why:
        return PlainTextResponse(f"{why}\n", 501)
    called = f"{made.name}{'-changed' if asked.sets else ''}-{name}".encode("ascii", "replace").decode()
    headers = {"content-disposition": f'attachment; filename="{called.replace(chr(34), "_")}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _file(site: Site, asked: Asked, made: Scenario, name: str) -> Generator[tuple[str, Any]]:
    """Yield what is being done, and at last ("file", (bytes, or else why there are none))."""
    key = _key(asked, made)
    shown = site.kept.get(key)
    if shown is None:
        for kind, found in site.crew.run(iter([(work.full, (made, site.draws, site.clock()))])):
            if kind == "found":
                shown = found
                _keep_in_mind(site, key, found)
            yield "doing", kind
    assert shown is not None  # a crew that finds nothing has failed
    for kind, found in site.crew.run(iter([(work.files, (shown.plan, made, name, site.clock(), site.to_pdf))])):
        yield ("file" if kind == "found" else "doing"), found


async def _stop(site: Site, _: Request) -> Response:
    """Stop serving."""
    site.stop()
    return PlainTextResponse("The page has stopped.\n")
