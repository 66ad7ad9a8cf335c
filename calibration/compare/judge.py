"""What an int8 network lost against float on the same pictures, with the chance that is in it."""
import json
from pathlib import Path

import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


def judge(logits, float_logits, labels):
    """Loss in points of top-1, half the width of its 95 % interval (paired: only photos that change sides count),
    agreement, mean divergence of the probabilities in millinats, signal over noise of the logits less their mean."""
    logits, float_logits = np.float64(logits), np.float64(float_logits)
    right, was_right = logits.argmax(1) == labels, float_logits.argmax(1) == labels
    difference = was_right.astype(float) - right
    own, exact = log_softmax(logits), log_softmax(float_logits)
    centred = lambda x: x - x.mean(1, keepdims=True)
    noise = centred(logits) - centred(float_logits)
    return {
        "pictures": len(labels), "top1": right.mean(), "float": was_right.mean(), "loss": 100 * difference.mean(),
        "interval": 196 * difference.std() / np.sqrt(len(labels)),
        "agreement": (logits.argmax(1) == float_logits.argmax(1)).mean(),
        "divergence": 1000 * (np.exp(exact) * (exact - own)).sum(1).mean(),
        "decibels": 10 * np.log10((centred(float_logits) ** 2).sum() / (noise ** 2).sum()),
    }


def record(results, weights, engine, logits, float_logits, labels, **more):
    """Adds an engine's figures to RESULTS.json and prints them."""
    path = Path(results)
    report = json.loads(path.read_text()) if path.exists() else {}
    figures = {name: round(float(value), 5) for name, value in judge(logits, float_logits, labels).items()} | more
    report.setdefault(Path(weights).stem.split(".")[0], {})[engine] = figures
    print(engine, figures, flush=True)
    path.write_text(json.dumps(report, indent=2) + "\n")
