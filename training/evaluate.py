"""Accuracy and confidence of a network: clean and corrupted, calibrated, and against pictures of nothing it knows.

    python training/evaluate.py --data DIR --weights FILE [--split test]
"""
import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from safetensors import safe_open

import networks
from augment import CORRUPTIONS
from data import load_labels, load_photos
from nothing import SEEN, UNSEEN, pictures_of_nothing


def to_input(images, device="cpu"):
    """Bytes [N, H, W, 3] to the network's input [N, 3, H, W]."""
    return ((torch.from_numpy(images).to(device).float() - 128) / 64).permute(0, 3, 1, 2)


@torch.no_grad()
def predict(network, images, device="cpu", batch=32):
    network.eval()
    return torch.cat([network(to_input(images[i:i + batch], device))[0].float().cpu()
                      for i in range(0, len(images), batch)])


def accuracy(logits, labels):
    return (logits.argmax(1).numpy() == labels).mean().item()


def fit_temperature(logits, labels):
    """The temperature with the least negative log-likelihood, on a fine grid."""
    y = torch.as_tensor(labels)
    return min(np.exp(np.arange(-1.5, 1.5, 0.01)).tolist(), key=lambda t: F.cross_entropy(logits / t, y).item())


def calibration_error(logits, labels, temperature, bins=15):
    """Expected calibration error: confidence minus accuracy, averaged over equal bins of confidence."""
    confidence, guess = (logits / temperature).softmax(1).max(1)
    right, bin_of = guess.numpy() == labels, np.minimum((confidence.numpy() * bins).astype(int), bins - 1)
    gaps = [abs(right[bin_of == b].mean() - confidence.numpy()[bin_of == b].mean()) * (bin_of == b).mean()
            for b in range(bins) if (bin_of == b).any()]
    return float(sum(gaps))


def confidence_of(logits, temperature):
    return (logits / temperature).softmax(1).max(1).values.numpy()


def unknown_rule(known, at_most=0.02):
    """The highest threshold that turns away at most 2 % of the photos; known: their confidences.

    Pictures of nothing lie far below it (training asks for an even answer to them), but photos of other things do not,
    and the more of those are turned away the better.
    """
    return float(max(t for t in np.arange(0.0, 0.96, 0.01) if (known < t).mean() <= at_most))


def corrupted(indices, name, clean):
    """Each picture's corruption is drawn from a seed of its own, its index: the same for every network."""
    return np.stack([CORRUPTIONS[name](view, np.random.default_rng(int(i))) for i, view in zip(indices, clean)])


def report(network, photos, indices, temperature, threshold, device="cpu", corrupt_one_in=1):
    """All figures of one network on some photos; the corrupted ones on every corrupt_one_in-th of them."""
    clean, labels = photos.squares(indices), photos.labels[indices]
    logits = predict(network, clean, device)
    some = slice(None, None, corrupt_one_in)
    by_corruption = {name: accuracy(predict(network, corrupted(indices[some], name, clean[some]), device), labels[some])
                     for name in CORRUPTIONS}
    refused = {name: float((confidence_of(predict(network, pictures_of_nothing(500, 7, kinds), device), temperature)
                            < threshold).mean()) for name, kinds in (("seen", SEEN), ("unseen", UNSEEN))}
    known = confidence_of(logits, temperature)
    guesses = logits.argmax(1).numpy()
    return {"photos": len(indices), "corrupted_photos": len(labels[some]), "top1": accuracy(logits, labels),
            "corrupted_top1": float(np.mean(list(by_corruption.values()))), "by_corruption": by_corruption,
            "ece": calibration_error(logits, labels, temperature),
            "ece_uncalibrated": calibration_error(logits, labels, 1.0),
            "photos_called_unknown": float((known < threshold).mean()),
            "nothing_called_unknown": refused,
            "by_class": {int(c): float((guesses[labels == c] == c).mean()) for c in np.unique(labels)}}


def strangers(network, folder, metadata):
    """What the network says of each picture in a folder: a label and its probability, or unknown."""
    labels, threshold = json.loads(metadata["labels"]), float(metadata["unknown_threshold"])
    paths = sorted(p for p in Path(folder).iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    squares = np.stack([np.asarray(ImageOps.fit(Image.open(p).convert("RGB"), (224, 224), Image.BILINEAR)) for p in paths])
    confidence, guess = (predict(network, squares) / float(metadata["temperature"])).softmax(1).max(1)
    answers = {p.name: f"{labels[g]} {c:.2f}" if c >= threshold else f"unknown ({labels[g]} {c:.2f})"
               for p, c, g in zip(paths, confidence.tolist(), guess.tolist())}
    return {"pictures": len(paths), "called_unknown": float((confidence < threshold).float().mean()), "answers": answers}


def load(weights):
    with safe_open(weights, "pt") as file:
        metadata = file.metadata()
        state = {name: file.get_tensor(name) for name in file.keys()}
    network = networks.build(metadata["network"], len(json.loads(metadata["labels"])))
    network.load_state_dict(state, strict=False)
    return network, metadata


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with train/, test/ and LABELS")
    parser.add_argument("--weights", required=True, help="float weights written by train.py")
    parser.add_argument("--split", default="test")
    parser.add_argument("--strangers", metavar="DIR", help="pictures of none of the classes: which are called unknown")
    parser.add_argument("--cache", help="folder that keeps the decoded photos; a temporary one without it")
    parser.add_argument("--corrupt-one-in", type=int, default=1, help="corrupt only every n-th photo, to save time")
    arguments = parser.parse_args()
    network, metadata = load(arguments.weights)
    with tempfile.TemporaryDirectory() as temporary:
        photos = load_photos(arguments.data, arguments.split, arguments.cache or temporary)
        figures = report(network, photos, np.arange(len(photos)), float(metadata["temperature"]),
                         float(metadata["unknown_threshold"]), corrupt_one_in=arguments.corrupt_one_in)
    if arguments.strangers:
        figures["strangers"] = strangers(network, arguments.strangers, metadata)
    figures["by_class"] = {load_labels(arguments.data)[c]: v for c, v in figures["by_class"].items()}
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
