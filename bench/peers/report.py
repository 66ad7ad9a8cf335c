"""Turns the lines that compare.py collected into Markdown."""
import platform
import re
import time
from pathlib import Path
from statistics import median


def machine():
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    cores = len(re.findall(r"^processor", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    return f"{found.group(1) if found else platform.machine()}, {cores} cores, Linux {platform.release()}"


def summary(turns):
    """Of all turns of a row: the fastest inference, the middle of the turns' medians, the middle of their CPU times."""
    return (min(turn["min"] for turn in turns), median(turn["p50"] for turn in turns),
            median(turn["cpu_ms"] for turn in turns))


def table(turns):
    """One comparison. `turns`: entries in the order in which they ran; the first row is ours."""
    rows, missing = {}, {}
    for turn in turns:
        if "missing" in turn:
            missing[turn["label"]] = turn["missing"]
        else:
            rows.setdefault(turn["label"], []).append(turn)
    columns = ("", "min ms", "median ms", "CPU ms", "min : ours", "median : ours", "CPU : ours")
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    ours = next((label for label in rows if label.startswith("tarsier")), None)
    own = summary(rows[ours]) if ours else None
    for label, turns in sorted(rows.items(), key=lambda item: (item[0] != ours, summary(item[1])[0])):
        figures = summary(turns)
        ratios = [""] * 3
        if own and label != ours:
            ratios = [f"{figure / base:.2f}" for figure, base in zip(figures, own)]
        name = f"**{label}**" if label == ours else label
        lines.append(f"| {name} | " + " | ".join([*(f"{figure:.3f}" for figure in figures), *ratios]) + " |")
    lines += [f"\nNot measured: {label}: {reason}" for label, reason in missing.items() if label not in rows]
    return "\n".join(lines)


def markdown(entries):
    peaks = [entry["peak"] for entry in entries if "peak" in entry]
    turns = [entry for entry in entries if "title" in entry]
    if not turns:
        return "bench-peers: nothing measured yet"
    versions = {entry["engine"].split("-")[0]: entry["version"] for entry in turns
                if "version" in entry and entry["engine"] != "tarsier"}
    groups = {}
    for turn in turns:
        groups.setdefault((turn["network"], turn["title"], turn["threads"]), []).append(turn)
    rounds = max(sum(turn["label"] == group[0]["label"] for turn in group) for group in groups.values())
    day = time.strftime("%Y-%m-%d", time.gmtime(turns[-1]["when"]))
    parts = [
        f"{machine()}; {day}; 224x224, batch 1, rows taking turns up to {rounds} times; "
        + ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
        + (f"; peak of one thread {min(peaks):.0f} to {max(peaks):.0f} GMAC/s" if peaks else "")
        + ". Ratios above 1: ours takes less."]
    for (network, title, threads), group in groups.items():
        parts.append(f"### {network}, {title}, {threads} thread{'s' if threads > 1 else ''}\n\n{table(group)}")
    return "\n\n".join(parts)
