"""Draws a run's curves: python training/curves.py OUT/sm_v2.json training/curves.png"""
import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def draw(figures, path):
    curve = figures["curve"]
    steps = [point["step"] for point in curve]
    figure, left = plt.subplots(figsize=(6.4, 3.2), dpi=100)
    left.plot(steps, [100 * point["validation_top1"] for point in curve], "o-", color="#0b6e4f", markersize=3)
    left.axhline(100 * figures["teacher_validation_top1"], color="#0b6e4f", linestyle=":", linewidth=1)
    left.annotate("teacher", (steps[0], 100 * figures["teacher_validation_top1"]), fontsize=8,
                  xytext=(0, 3), textcoords="offset points")
    left.set(xlabel="step", ylabel="validation top-1 in %")
    right = left.twinx()
    right.plot(steps, [point["loss"] for point in curve], color="#b5651d", linewidth=1)
    right.set_ylabel("training loss", color="#b5651d")
    for before, after in zip(curve, curve[1:]):
        if after["side"] != before["side"]:
            left.axvline(before["step"], color="#cccccc", linewidth=1)
            left.annotate(f'{after["side"]} px', (before["step"], left.get_ylim()[0]), fontsize=8,
                          xytext=(3, 3), textcoords="offset points")
    left.set_title(f'{figures["network"]}: moving average of the weights, at 224 px', fontsize=9)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        draw(json.load(file), sys.argv[2])
