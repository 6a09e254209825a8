"""The page on a port of this machine that nobody else can reach, until it is stopped."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import uvicorn

from planner.page.asked import Asked
from planner.page.crew import Crew
from planner.scenario.reader import Scenario

HERE: Final = "127.0.0.1"


class _Server(uvicorn.Server):
    """Stops without a word about what was still being worked out."""

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)


def serve(
    folder: Path,
    asked: Asked,
    token: str,
    ready: Callable[[str], None],
    clock: Callable[[], datetime],
    to_pdf: Callable[[Path], str],
    consent: Callable[[Scenario], str],
    draws: int | None = None,
) -> None:
    """Serve the page until it is stopped; `ready` is told its address as soon as a browser may come.

    Ctrl-C stops it as the page's own button does, and is a `KeyboardInterrupt` when all is put away.
    """
    # any free port; what is still being worked out is not waited for when it stops
    config = uvicorn.Config(
        "", host=HERE, port=0, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server, pressed = _Server(config), False

    def stop() -> None:
        server.should_exit = True

    def interrupt(*_: Any) -> None:
        nonlocal pressed
        pressed = True
        stop()

    before = signal.getsignal(signal.SIGINT)
    crew = Crew()
    try:
        with config.bind_socket() as bound:
            port = bound.getsockname()[1]
            bound.listen()  # a browser that is quicker than the server waits
            ready(f"http://{HERE}:{port}/{token}/{asked.query}")
            from planner.page.app import Site, ahead, app  # noqa: PLC0415  # the browser starts meanwhile

            site = Site(folder, token, crew, clock, to_pdf, consent, stop, draws)
            config.app = app(site, port)
            threading.Thread(target=ahead, args=(site, asked), daemon=True).start()
            signal.signal(signal.SIGINT, interrupt)  # uvicorn's own takes its turn, and passes it on at the end
            server.run(sockets=[bound])
    finally:
        crew.close()
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt
