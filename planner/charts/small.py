"""A chart as a picture so small that it fits into the text of a forum's post."""

import io
import struct
import zlib

import numpy as np
from matplotlib.figure import Figure

from planner.charts import theme

DPI = 110
"""Of the pictures: as wide as a phone."""


def small_png(made: Figure) -> bytes:
    """Return a figure as a PNG of 16 colours, those of the charts: the same bytes for the same figure."""
    # PNG (ISO/IEC 15948) with a palette, four bits a pixel: matplotlib writes four bytes a pixel, eight times as many
    out = io.BytesIO()
    made.savefig(out, format="raw", dpi=DPI)
    width = int(made.get_figwidth() * DPI + 1e-6)
    pixels = np.frombuffer(out.getvalue(), dtype=np.uint8).reshape(-1, width, 4)[:, :, :3].astype(np.int32)
    palette = _palette()
    nearest = ((pixels[:, :, None, :] - palette) ** 2).sum(axis=3).argmin(axis=2).astype(np.uint8)
    even = np.pad(nearest, ((0, 0), (0, width % 2)))
    rows = np.pad(even[:, ::2] << 4 | even[:, 1::2], ((0, 0), (1, 0)))  # each row begins with its filter: none
    header = struct.pack(">IIBBBBB", width, len(pixels), 4, 3, 0, 0, 0)
    parts = (b"IHDR", header), (b"PLTE", palette.astype(np.uint8).tobytes()), (b"tEXt", b"Software\0planner")
    body = (*parts, (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in body)


def _palette() -> "np.ndarray[tuple[int, int], np.dtype[np.int32]]":
    """Return 16 colours, ndarray of shape (16, 3) [-]: the light page's, and the edges of its words and lines."""
    plain = (
        theme.PAPER,
        theme.INK,
        theme.MUTED,
        theme.RULE,
        theme.MAIN,
        theme.BAND,
        theme.BEFORE,
        theme.LIMIT,
        theme.BARS,
    )
    colours = np.array([[int(one[k : k + 2], 16) for k in (1, 3, 5)] for one in plain], dtype=np.float64)
    edges = ((1, 0.35), (1, 0.65), (2, 0.3), (2, 0.6), (4, 0.5), (7, 0.35), (7, 0.7))
    between = [colours[0] + share * (colours[k] - colours[0]) for k, share in edges]
    return np.vstack([colours, between]).round().astype(np.int32)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
