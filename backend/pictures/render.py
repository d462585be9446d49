"""A figure as SVG, PNG or PDF: the same figure gives the same bytes."""

import io
import threading
from typing import Any

FORMATS = ("svg", "png", "pdf")
# Readable when printed at the width of a page.
_DPI = 150
# Settings of the library are the whole process's: one picture is rendered at a time.
_LOCK = threading.Lock()
_METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "pro-ae-backend"},
    "png": {"Software": "pro-ae-backend"},
    "pdf": {"CreationDate": None, "Creator": "pro-ae-backend", "Producer": "pro-ae-backend"},
}


def render(figure: Any, kind: str) -> bytes:  # noqa: ANN401 - matplotlib's figure
    """Render a figure; an SVG keeps its texts as text, a PDF embeds its fonts."""
    import matplotlib as mpl  # noqa: PLC0415 - a second that no other request pays
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415

    FigureCanvasAgg(figure)
    target = io.BytesIO()
    settings = {"svg.hashsalt": "pro-ae", "svg.fonttype": "none", "pdf.fonttype": 42}
    with _LOCK, mpl.rc_context(settings):
        figure.savefig(target, format=kind, dpi=_DPI, metadata=_METADATA[kind])
    return target.getvalue()
