"""The built pages and the headers of every answer: all that a browser needs before it asks for anything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from app.settings import Settings

ASSETS = "/assets"
# What is no page: the API and the probes have their own answers for addresses that lead nowhere.
_NO_PAGES = ("/api/", "/metrics/", "/healthz/", "/readyz/")
# Naive UI writes its styles at run time: hence 'unsafe-inline' for styles, and for nothing else.
_CONTENT_SECURITY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def security_headers(settings: Settings) -> dict[str, str]:
    """The headers on every answer, page or API."""
    headers = {
        "Content-Security-Policy": _CONTENT_SECURITY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    if settings.public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


def is_page(path: str) -> bool:
    """Whether an address is a person's: of a page or of one of its parts."""
    return not f"{path}/".startswith(_NO_PAGES)


class Pages:
    """The built pages: hashed assets for a year, the one page for every other address of a person."""

    def __init__(self, folder: Path) -> None:
        """Looks for the assets once; pages that are built later need a start."""
        self.folder = folder
        self.assets = Assets(directory=folder / "assets") if (folder / "assets").exists() else None

    @property
    def are_built(self) -> bool:
        """Whether there is anything to show."""
        return (self.folder / "index.html").exists()

    def answer(self, path: str) -> Response:
        """The answer to a person's address below the root, without its first slash."""
        file = _find_built(self.folder.resolve(), path)
        if file is not None:
            return FileResponse(file)
        if not self.are_built:
            text = "页面尚未构建；接口在 /api/v1。The pages are not built; the API is at /api/v1.\n"
            return Response(text, 503, media_type="text/plain; charset=utf-8")
        return FileResponse(self.folder / "index.html", headers={"Cache-Control": "no-cache"})


def _find_built(folder: Path, path: str) -> Path | None:
    """The built file that an address names, never one outside the folder."""
    try:
        file = (folder / path).resolve()
        return file if file.is_relative_to(folder) and file.is_file() else None
    except OSError:  # such as a name that is longer than any file's
        return None


class Assets(StaticFiles):
    """Files whose names carry a hash of their content: they never change."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Lets everybody keep them."""
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
