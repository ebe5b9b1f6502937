"""What all pictures are drawn with: one sheet, one palette, and text that assumes no font.

Text stays text, and the colours follow the reader's scheme: light where it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax import saxutils

from .trace.story import words as shown

WIDTH: Final = 1200
SIZE: Final = 18  # of the text: at half size it is read, too
# Each hue in light and in dark.
_HUES: Final[Mapping[str, tuple[str, str]]] = {
    "ground": ("#ffffff", "#0d1117"),
    "text": ("#1f2328", "#e6edf3"),
    "muted": ("#57606a", "#9da7b1"),
    "grid": ("#d8dee4", "#30363d"),
    "grey": ("#afb8c1", "#6e7681"),
    "blue": ("#0969da", "#4493f8"),
    "pale blue": ("#b6d4f5", "#1f4d7d"),
    "green": ("#a6dcb4", "#23673a"),
    "pale green": ("#d3eedb", "#163a24"),
    "orange": ("#d4690f", "#e3812f"),
    "purple": ("#8250df", "#ab7df8"),
    "red": ("#cf222e", "#ff7b72"),
}
_EVERYWHERE: Final = ("ground", "text", "muted", "grid")


def sheet(
    height: int, title: str, about: str, shapes: Iterable[str], hues: Mapping[str, str], more: str, theme: str = "auto"
) -> str:
    """The whole SVG. `hues`: the classes of the shapes, each with its hue; `more`: further rules of its style."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="title about">\n'
        f'<title id="title">{escape(title)}</title>\n<desc id="about">{escape(about)}</desc>\n'
        f"<style>\n{_style(hues, more, theme)}</style>\n"
        f'<rect class="ground" width="{WIDTH}" height="{height}" rx="10"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def text_at(x: float, y: float, text: str, colour: str, also: str = "", anchor: str = "", whole: str = "") -> str:
    """A line of text; `whole` is what a reader is told who points at it."""
    names = f"{also} {colour}".strip()
    anchored = f' text-anchor="{anchor}"' if anchor and anchor != "start" else ""
    title = f"<title>{escape(whole)}</title>" if whole and whole != text else ""
    return f'<text class="{names}" x="{x:.1f}" y="{y:.1f}"{anchored}>{escape(text)}{title}</text>'


def escape(text: str) -> str:
    """As it can stand in the picture."""
    return saxutils.escape(shown(text))


def _style(hues: Mapping[str, str], more: str, theme: str) -> str:
    classes = {**{each: each for each in _EVERYWHERE}, **hues}
    light, dark = ({name: _HUES[hue][which] for name, hue in classes.items()} for which in (0, 1))
    plain = dark if theme == "dark" else light
    # each colour by itself first: what reads no variables shows these
    rules = "".join(
        f".{name} {{ fill: {value}; fill: var(--{name}); }}\n"
        f".{name}-line {{ stroke: {value}; stroke: var(--{name}); }}\n"
        for name, value in plain.items()
    )
    return (
        f"{_variables(plain)}\n{rules}"
        f"text {{ font: {SIZE}px system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; }}\n"
        ".title { font-size: 24px; font-weight: 600; }\n.name { font-weight: 600; }\n"
        ".line { fill: none; stroke-width: 2; }\n.thin { fill: none; stroke-width: 1; }\n"
        f"{more}\n" + (f"@media (prefers-color-scheme: dark) {{ {_variables(dark)} }}\n" if theme == "auto" else "")
    )


def _variables(of: Mapping[str, str]) -> str:
    return "svg { " + "".join(f"--{name}: {value}; " for name, value in of.items()) + "}"
