"""The page on a port of this machine that nobody else can reach, until it is stopped."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

import uvicorn

from planner.page.asked import Asked
from planner.page.crew import Crew
from planner.scenario.reader import Scenario

HERE: Final = "127.0.0.1"


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
    """Serve the page until it is stopped; `ready` is told its address as soon as a browser may come."""
    crew = Crew()
    from planner.page.app import Site, app  # noqa: PLC0415  # the processes load what they need meanwhile

    # any free port; what is still being worked out is not waited for when it stops
    config = uvicorn.Config(
        "", host=HERE, port=0, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    try:
        with config.bind_socket() as socket:
            port = socket.getsockname()[1]
            config.app = app(Site(folder, token, crew, clock, to_pdf, consent, stop, draws), port)
            socket.listen()  # a browser that is quicker than the server waits
            ready(f"http://{HERE}:{port}/{token}/{asked.query}")
            with suppress(KeyboardInterrupt):
                server.run(sockets=[socket])
    finally:
        crew.close()
