"""Plain SVG: small panels, one figure each, over a logarithmic axis of accounts."""

import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 320, 220
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 36, 34


def ticks(high):
    """Three to six round values from 0 to above `high`."""
    step = 10 ** math.floor(math.log10(high)) if high > 0 else 1
    for part in (0.2, 0.5, 1, 2):
        count = math.ceil(high / (step * part))
        if count <= 5:
            return [step * part * number for number in range(count + 1)]
    return [0, high]


def text(x, y, words, anchor="middle", size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def panel(column, row, title, points):
    """`points`: accounts and figure."""
    across = [math.log10(count) for count, _ in points]
    marks = ticks(max(figure for _, figure in points))
    low, high = math.floor(min(across)), max(math.ceil(max(across)), math.floor(min(across)) + 1)

    def place(count, figure):
        return (LEFT + (math.log10(count) - low) / (high - low) * (WIDTH - LEFT - RIGHT),
                HEIGHT - BOTTOM - figure / marks[-1] * (HEIGHT - TOP - BOTTOM))

    parts = [f'<g transform="translate({column * WIDTH},{row * HEIGHT})">', text(WIDTH / 2, 18, title, size=13)]
    for mark in marks:
        _, y = place(10 ** low, mark)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, f"{mark:,.10g}", "end"))
    for exponent in range(low, high + 1):
        x, y = place(10 ** exponent, 0)
        parts.append(text(x, y + 16, f"{10 ** exponent:,}", size=10))
    places = [place(*point) for point in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#26c" stroke-width="2"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#26c"/>' for x, y in places]
    return "\n".join([*parts, "</g>"])


def drawing(panels, columns=2):
    """`panels`: title and points of each."""
    shown = [(title, points) for title, points in panels if points]
    rows = math.ceil(len(shown) / columns)
    body = "\n".join(
        panel(index % columns, index // columns, title, points) for index, (title, points) in enumerate(shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * WIDTH}" height="{rows * HEIGHT}" '
        f'font-family="sans-serif">\n<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n')
