"""The crash sweep: the real program dies at the first, second, third … pass of every named point, is started again, and judged.

`python -m tests.crash.sweep [--database sqlite|postgresql] [--most N] [--points a,b]` prints the table of points.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mailbot.fault import POINTS, Point
from tests.crash.oracle import report
from tests.crash.rig import Rig, a_rig
from tests.support.postgres import Postgres


@dataclass
class Line:
    """One point of the table."""

    point: Point
    hits: int = 0
    exhausted: bool = False  # a run passed without a death: no further pass of the point exists
    violations: list[str] = field(default_factory=list)


def steps(most: int) -> Iterator[int]:
    """1, 2, 3, 4, 5, then ever longer steps up to `most`."""
    count = 1
    while count <= most:
        yield count
        count = max(count + 1, count * 5 // 4)


def sweep_point(rig: Rig, point: Point, most: int) -> Line:
    """Dies at each pass of one point, round by round, until a round passes unharmed."""
    line = Line(point)
    for count in steps(most):
        if point in ("mark", "marked"):  # what is done is marked when the folder is looked at the next time
            rig.injector.round()
            rig.once()
        rig.injector.round()
        died = rig.once(point, count)
        line.hits += died
        found = rig.oracle.at_any_time() if died else []
        rig.drain()
        line.violations += [f"{point}:{count} {what}" for what in (*found, *rig.oracle.drained())]
        if not died or line.violations:
            line.exhausted = not died
            break
    return line


def table(lines: Sequence[Line]) -> str:
    """For people."""
    rows = [f"{'point':<20} {'deaths':>6} {'all passes':>10} {'violations':>10}"]
    rows += [f"{line.point:<20} {line.hits:>6} {'yes' if line.exhausted else 'up to N':>10} {len(line.violations):>10}" for line in lines]
    rows.append(f"{'together':<20} {sum(line.hits for line in lines):>6} {'':>10} {sum(len(line.violations) for line in lines):>10}")
    return "\n".join(rows)


@contextmanager
def database_of(kind: str) -> Iterator[str | None]:
    """A fresh database: None is the house's own SQLite file."""
    if kind == "sqlite":
        yield None
    else:
        with Postgres() as server:
            yield server.url()


def main() -> int:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--most", type=int, default=30)
    parser.add_argument("--points", default=",".join(POINTS))
    given = parser.parse_args()
    wanted = given.points.split(",")
    lines = []
    with tempfile.TemporaryDirectory() as folder, database_of(given.database) as database, a_rig(Path(folder), database) as rig:
        rig.injector.round()  # what `mark` marks and answers answer
        rig.drain()
        for point in POINTS:
            if point in wanted:
                lines.append(sweep_point(rig, point, given.most))
                print(f"{point}: {lines[-1].hits} deaths, {len(lines[-1].violations)} violations", flush=True)
    print(f"\n{given.database}\n{table(lines)}")
    vacuous = [line.point for line in lines if not line.hits]
    if vacuous:
        print(f"never reached: {', '.join(vacuous)}")
    print(report(what for line in lines for what in line.violations))
    return bool(vacuous or any(line.violations for line in lines))


if __name__ == "__main__":
    sys.exit(main())
