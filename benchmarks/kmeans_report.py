"""What benchmarks/kmeans.py found: tables, goals reached or not, pictures."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from kmeans_rows import EXACT, Row

__all__ = ["as_dict", "draw", "goals", "print_goals", "print_row"]

# A peer that ends within this of the inertia asked for counts as having reached it: which side
# of it a start ends on is chance, and leaving out a peer for that would only flatter us.
NEARLY = 1.005


def as_dict(row: Row) -> dict[str, Any]:
    return asdict(row)


def seconds(result: dict[str, Any], name: str, clock: str) -> float:
    """Median time of a library; processor time only where there is one thread."""
    key = "cpu_seconds" if clock == "cpu" and result["threads"] == 1 else "seconds"
    return float(median(point.get(key, point["seconds"]) for point in result["points"][name]))


def middle(result: dict[str, Any], name: str, key: str) -> float:
    """Median of what was judged, NaN where nothing was."""
    found = [point[key] for point in result["points"][name] if key in point]
    return median(found) if found else math.nan


def is_ours(name: str) -> bool:
    return name.startswith("inkmeans")


def order(name: str) -> tuple[bool, str]:
    """Ours first, so that it has the same color in every picture."""
    return not is_ours(name), name


def print_row(result: dict[str, Any], clock: str) -> None:
    """Print a line a library: time, what it reached, how many times faster inkmeans is."""
    if result["row"].task == "curve":
        return print_curves(result, clock)
    ours = min((seconds(result, n, clock) for n in result["points"] if is_ours(n)), default=None)
    for name in result["points"]:
        time = seconds(result, name, clock)
        line = f"  {name:<20}{time:>10.3f} s"
        for key, form in (
            ("inertia", "inertia {:.6g}"),
            ("right", "{:.4%} of labels right"),
            ("error", "largest relative error {:.1e}"),
            ("added_gb", "{:.3f} GB added"),
        ):
            value = middle(result, name, key)
            line += "" if math.isnan(value) else "   " + form.format(value)
        if ours and not is_ours(name):
            line += f"   {time / ours:.1f} x inkmeans"
        print(line, flush=True)
    return None


def print_curves(result: dict[str, Any], clock: str) -> None:
    for name, points in result["points"].items():
        key = "cpu_seconds" if clock == "cpu" and result["threads"] == 1 else "seconds"
        steps = (f"{p['iterations']}: {p[key]:.2f} s {p['inertia']:.5g}" for p in points)
        print(f"  {name:<20}", "   ".join(steps), flush=True)


def goals(results: list[dict[str, Any]], clock: str) -> list[dict[str, Any]]:
    """Compare each row with what is to be reached; a row not fully measured has no verdict."""
    found = []
    for result in results:
        row: Row = result["row"]
        ours = [name for name in result["points"] if is_ours(name)]
        if not ours:
            continue
        if row.memory is not None:
            added = middle(result, "inkmeans", "added_gb")
            if not math.isnan(added):
                limit = row.memory
                found.append(verdict(result, f"{added:.3f} GB", f"< {limit} GB", added < limit))
        elif row.lower_than:
            found += undercut(result, ours, clock)
        else:
            found += outrun(result, clock)
    return found


def verdict(result: dict[str, Any], measured: str, goal: str, reached: bool) -> dict[str, Any]:
    title = f"{result['row'].title}, {result['threads']} thread(s)"
    return {"row": title, "measured": measured, "goal": goal, "reached": reached}


def undercut(result: dict[str, Any], ours: list[str], clock: str) -> list[dict[str, Any]]:
    """Whether one of our ways has a lower inertia in less time."""
    peer = result["row"].lower_than
    if peer not in result["points"]:
        return []
    limit, time = middle(result, peer, "inertia"), seconds(result, peer, clock)
    better = [name for name in ours if middle(result, name, "inertia") < limit]
    best = min(better or ours, key=lambda name: seconds(result, name, clock))
    mine = seconds(result, best, clock)
    measured = f"{mine:.3f} s {middle(result, best, 'inertia'):.5g} ({best})"
    return [
        verdict(
            result, measured, f"< {time:.3f} s {limit:.5g} ({peer})", bool(better) and mine < time
        )
    ]


def outrun(result: dict[str, Any], clock: str) -> list[dict[str, Any]]:
    """Whether we are as many times faster as asked than each peer named."""
    row: Row = result["row"]
    if "inkmeans" not in result["points"]:
        return []
    mine, inertia = seconds(result, "inkmeans", clock), middle(result, "inkmeans", "inertia")
    found = []
    if row.inertia and not math.isnan(inertia):
        reached = inertia <= row.inertia
        found.append(verdict(result, f"inertia {inertia:.5g}", f"<= {row.inertia:.5g}", reached))
    for against, times in row.times.items():
        names = [n for n in (EXACT if against == "exact" else (against,)) if n in result["points"]]
        if row.inertia:
            names = [n for n in names if middle(result, n, "inertia") <= row.inertia * NEARLY]
        if not names:
            continue
        peer = min(names, key=lambda name: seconds(result, name, clock))
        ratio = seconds(result, peer, clock) / mine
        measured = f"{ratio:.1f} x ({mine:.3f} s; {peer} {mine * ratio:.3f} s)"
        found.append(verdict(result, measured, f"{times:g} x {against}", ratio >= times))
    return found


def print_goals(results: list[dict[str, Any]], clock: str) -> None:
    print(f"\n{'goal':<36}{'to reach':<32}measured")
    for goal in goals(results, clock):
        state = "reached" if goal["reached"] else "NOT reached"
        print(f"{goal['row']:<36}{goal['goal']:<32}{goal['measured']}: {state}")


def draw(results: list[dict[str, Any]], clock: str, stem: Path) -> list[Path]:
    """Draw inertia against seconds, a picture for each number of clusters and of threads."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for result in results:
        row: Row = result["row"]
        if row.data == "mnist" and row.task in ("curve", "full", "minibatch", "lloyd"):
            groups.setdefault((row.k, result["threads"]), []).append(result)
    return [
        draw_group(group, clock, stem.with_name(f"{stem.name}-k{k}-threads{threads}.png"))
        for (k, threads), group in groups.items()
    ]


def draw_group(group: list[dict[str, Any]], clock: str, path: Path) -> Path:
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    names = sorted({name for result in group for name in result["points"]}, key=order)
    colors = {name: plt.get_cmap("tab20")(i * 2 % 20 + i // 10) for i, name in enumerate(names)}
    markers = {"curve": ".", "lloyd": "x", "full": "o", "minibatch": "^"}
    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    for result in group:
        task = result["row"].task
        key = "cpu_seconds" if clock == "cpu" and result["threads"] == 1 else "seconds"
        for name, points in result["points"].items():
            judged = [(point[key], point["inertia"]) for point in points if "inertia" in point]
            if not judged:
                continue
            axes.plot(
                *zip(*judged, strict=True),
                color=colors[name],
                marker=markers[task],
                linestyle="-" if task == "curve" else "",
                linewidth=2.5 if is_ours(name) else 1,
                label=f"{name} ({task})",
            )
    row: Row = group[0]["row"]
    axes.set(xscale="log", xlabel="seconds", ylabel="inertia (pixels in [0, 1])")
    axes.set_title(f"MNIST, 60,000 images, k={row.k}, {group[0]['threads']} thread(s)")
    axes.legend(fontsize="xx-small", ncols=2)
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path
