"""Who may ask the page for anything, and what every answer tells the browser."""

from hmac import compare_digest
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """Lets in whoever has the address that was printed, and nobody whom another page has sent."""

    def __init__(self, inner: ASGIApp, token: str, port: int) -> None:
        self.inner, self.token = inner, token
        self.hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or say why not."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        why = self._refusal(scope)
        answer = self.inner if why is None else PlainTextResponse(f"{why}\n", 403)
        await answer(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> str | None:
        if scope["type"] != "http":
            return "wanted http"
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self.hosts:  # or a name of somebody's own, that leads here, would be let in by a browser
            return "this page answers to 127.0.0.1 alone"
        if origin != f"http://{host}" and (origin is not None or scope["method"] not in ("GET", "HEAD")):
            return "another page sent this, and only this one may"
        given = scope["path"].partition("/")[2].partition("/")[0]  # the path of OPTIONS may be * alone
        if not compare_digest(given.encode(), self.token.encode()):
            return "wanted the whole address that `planner open` printed, with the token in it"
        return None
