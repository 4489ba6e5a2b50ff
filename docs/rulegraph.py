"""Draw the rule graph that ``snakemake --rulegraph mermaid-js`` prints as an SVG, which needs no script to be seen.

Rules that exist once per extract or chapter are drawn as one box; an arrow that others imply is left out.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from html import escape

FAMILIES = ("validate", "exhibits")
WIDTH, HEIGHT, GAP, LANE, MARGIN = 124, 40, 46, 62, 12


def main() -> None:
    """Read the graph from standard input and write the picture to standard output."""
    sys.stdout.write(svg(*parse(sys.stdin.read())))


def parse(text: str) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Boxes with the number of rules each stands for, and arrows between boxes."""
    names = {key: _family(name) for key, name in re.findall(r"^\s*(id\d+)\[(\w+)\]", text, re.MULTILINE)}
    arrows = {(names[start], names[end]) for start, end in re.findall(r"(id\d+) --> (id\d+)", text)}
    arrows = {(start, end) for start, end in arrows if start != end}
    implied = {
        (start, end)
        for start, end in arrows
        if any(end in _below(middle, arrows) for first, middle in arrows if first == start and middle != end)
    }
    return dict(Counter(names.values())), arrows - implied


def svg(boxes: dict[str, int], arrows: set[tuple[str, str]]) -> str:
    """The picture: the last rule to the right, every other as far right as its followers allow."""
    columns = {name: _depth(name, arrows) for name in boxes}
    last = max(columns.values())
    lanes = _lanes(columns, arrows)
    place = {name: (MARGIN + (last - columns[name]) * (WIDTH + GAP), MARGIN + lanes[name] * LANE) for name in boxes}
    width = max(x for x, _ in place.values()) + WIDTH + MARGIN
    height = max(y for _, y in place.values()) + HEIGHT + MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img"'
        ' aria-labelledby="t" font-family="sans-serif" font-size="13">',
        '<title id="t">Rules of the workflow and what each waits for</title>',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#444"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    parts += [_arrow(place[start], place[end]) for start, end in sorted(arrows)]
    parts += [_box(name, boxes[name], *place[name]) for name in sorted(boxes)]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _family(name: str) -> str:
    return next((family for family in FAMILIES if name.startswith(f"{family}_")), name)


def _below(name: str, arrows: set[tuple[str, str]]) -> set[str]:
    after = {end for start, end in arrows if start == name}
    return after.union(*(_below(end, arrows) for end in after))


def _depth(name: str, arrows: set[tuple[str, str]]) -> int:
    return max((1 + _depth(end, arrows) for start, end in arrows if start == name), default=0)


def _lanes(columns: dict[str, int], arrows: set[tuple[str, str]]) -> dict[str, int]:
    """The first free row of each column; a row that a long arrow runs along is not free."""
    taken: set[tuple[int, int]] = set()
    lanes: dict[str, int] = {}
    for name in sorted(columns, key=lambda name: (columns[name], -len(_below(name, arrows)), name)):
        reach = max((columns[start] for start, end in arrows if end == name), default=columns[name] + 1)
        crossed = range(columns[name], max(reach, columns[name] + 1))
        lane = next(lane for lane in range(len(columns)) if not any((column, lane) in taken for column in crossed))
        taken |= {(column, lane) for column in crossed}
        lanes[name] = lane
    return lanes


def _arrow(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y = start[0] + WIDTH, start[1] + HEIGHT // 2
    to_x, to_y = end[0] - 2, end[1] + HEIGHT // 2
    bend = x + GAP - 8
    return (
        f'<path d="M{x} {y}C{x + 24} {y} {bend - 24} {to_y} {bend} {to_y}L{to_x} {to_y}" fill="none" stroke="#444"'
        ' stroke-width="1.3" marker-end="url(#a)"/>'
    )


def _box(name: str, rules: int, x: int, y: int) -> str:
    words = escape(name) + (f" ({rules})" if rules > 1 else "")
    return (
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#eef3f8" stroke="#1f4e79"/>'
        f'<text x="{x + WIDTH // 2}" y="{y + HEIGHT // 2 + 5}" text-anchor="middle" fill="#111">{words}</text>'
    )


if __name__ == "__main__":
    main()
