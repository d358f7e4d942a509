"""The progress of a plan as SVG: moves planned as an open line, moves done as a filled one, by month. Pure."""

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 420, 180  # narrow: a phone shows it whole, in letters that can be read
LEFT, RIGHT, TOP, BOTTOM = 28, 84, 12, 28


def draw_progress(months: Sequence[tuple[str, int, int]], title: str, planned: str, done: str) -> str:
    """``months``: words of the month, moves planned until its end, moves done until its end. "" for none."""
    if not months:
        return ""
    most = max(1, *(count for _month, count, _done in months))
    plan = [_point(place, len(months), count, most) for place, (_m, count, _d) in enumerate(months)]
    made = [_point(place, len(months), count, most) for place, (_m, _c, count) in enumerate(months)]
    floor = HEIGHT - BOTTOM
    area = f"M{plan[0][0]} {floor}" + "".join(f"L{x} {y}" for x, y in made) + f"L{made[-1][0]} {floor}Z"
    ends = f'<text x="{plan[-1][0]}" y="{HEIGHT - 8}" text-anchor="end">{escape(months[-1][0])}</text>'
    if len(months) > 1:
        ends += f'<text x="{LEFT}" y="{HEIGHT - 8}">{escape(months[0][0])}</text>'
    apart = abs(plan[-1][1] - made[-1][1]) >= 14
    low = made[-1][1] if apart else min(plan[-1][1] + 16, floor)
    return (
        f'<svg class="plan-progress" role="img" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<title>{escape(title)}</title>"
        f'<line class="plan-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>'
        f'<line class="plan-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{TOP}" y2="{TOP}"/>'
        f'<text x="{LEFT - 6}" y="{floor + 4}" text-anchor="end">0</text>'
        f'<text x="{LEFT - 6}" y="{TOP + 4}" text-anchor="end">{most}</text>'
        f'<path class="plan-done" d="{area}"/><path class="plan-planned" d="M{"L".join(f"{x} {y}" for x, y in plan)}"/>'
        # the ends are marked: of a single month there is nothing else to see
        f'<circle class="plan-end-planned" cx="{plan[-1][0]}" cy="{plan[-1][1]}" r="4"/>'
        f'<circle class="plan-end-done" cx="{made[-1][0]}" cy="{made[-1][1]}" r="4"/>'
        f'<text x="{plan[-1][0] + 8}" y="{plan[-1][1] + 4}">{escape(planned)} {months[-1][1]}</text>'
        f'<text x="{made[-1][0] + 8}" y="{low + 4}">{escape(done)} {months[-1][2]}</text>{ends}</svg>'
    )


def _point(place: int, count: int, value: int, most: int) -> tuple[float, float]:
    across = (WIDTH - LEFT - RIGHT) * (place / (count - 1) if count > 1 else 1)
    y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / most
    return round(LEFT + across, 1), round(y, 1)
