"""Five classes that a backbone never met, taught from a few photos: tarsier against scikit-learn and full training.

    training/train.py --data DIR --out OUT --without cat,bicycle,boat,shoes,kitchen
    python bench/teach/compare.py --program .build/release/tarsier --data DIR --weights OUT/sm_v2.float.safetensors \
        --full models/sm_v2.int8.safetensors --work WORK

DIR has train/, calib/ and test/ with a folder a class; the classes that the weights' labels lack are taught. For each
draw so many photos a class are taken from train/ at random; `tarsier teach` sees them as files, scikit-learn as float
features of the same backbone (standardised, C by cross-validation). Both are judged on all of test/ that shows the new
classes; full training is a model of all classes whose answer is the best of the new ones.
"""
import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "training"))
from data import load_labels  # noqa: E402
from evaluate import load, to_input  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--weights", required=True, help="float weights of a backbone trained without some classes")
    parser.add_argument("--full", required=True, help="int8 model trained on all classes")
    parser.add_argument("--work", required=True, help="folder for what is made on the way")
    parser.add_argument("--photos", type=int, nargs="+", default=[20, 5])
    parser.add_argument("--draws", type=int, default=5)
    return parser.parse_args()


def say(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def linked(folder, photos):
    """A folder with one sub-folder a class that holds links to the photos."""
    shutil.rmtree(folder, ignore_errors=True)
    for label, paths in photos.items():
        (folder / label).mkdir(parents=True)
        for path in paths:
            (folder / label / path.name).symlink_to(path)
    return folder


def files(data, split, label):
    return sorted((Path(data).resolve() / split / label).glob("*.jpg"))


@torch.no_grad()
def float_features(network, paths):
    """[photos, width] of the centred squares, as training's own evaluation prepares them."""
    from PIL import Image
    rows = []
    for path in paths:
        image = Image.open(path).convert("RGB")
        edge = min(image.size)
        left, top = (image.width - edge) // 2, (image.height - edge) // 2
        square = image.resize((224, 224), Image.BILINEAR, (left, top, left + edge, top + edge))
        rows.append(network(to_input(np.array(square)[None]))[1][0].numpy())
    return np.stack(rows)


def scikit(train, y_train, test, y_test):
    from sklearn.linear_model import LogisticRegressionCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    folds = min(5, int(np.bincount(y_train).min()))
    model = make_pipeline(StandardScaler(), LogisticRegressionCV(
        Cs=np.logspace(-5, 2, 15), cv=folds, class_weight="balanced", max_iter=500, scoring="neg_log_loss"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(train, y_train)
    return float((model.predict(test) == y_test).mean())


def full_training(program, model, paths, y, labels):
    out = say(program, "classify", "--model", model, "--top", 1000, "--json", *paths)
    right = 0
    for line, truth in zip(out.strip().splitlines(), y):
        best = next(c["label"] for c in json.loads(line)["top"] if c["label"] in labels)
        right += best == labels[truth]
    return right / len(y)


def main():
    a = arguments()
    work = Path(a.work)
    work.mkdir(parents=True, exist_ok=True)
    network, metadata = load(a.weights)
    network.eval()
    old = json.loads(metadata["labels"])
    new = [label for label in load_labels(a.data) if label not in old]
    print(f"backbone {metadata['network']}, {len(old)} classes; new: {', '.join(new)}", flush=True)

    calib = linked(work / "calib", {label: files(a.data, "calib", label) for label in old})
    base = work / "base.int8.safetensors"
    say(a.program, "quantize", "--calib", calib, "--weights", a.weights, "--output", base, "--json")
    test = linked(work / "test", {label: files(a.data, "test", label) for label in new})
    test_paths = [p for label in new for p in files(a.data, "test", label)]
    y_test = np.array([i for i, label in enumerate(new) for _ in files(a.data, "test", label)])
    full = full_training(a.program, a.full, test_paths, y_test, new)
    print(f"full training: {full:.4f} on {len(y_test)} photos", flush=True)
    test_features = float_features(network, test_paths)

    results = {"classes": new, "test_photos": len(y_test), "full": full, "runs": []}
    for count in a.photos:
        for draw in range(a.draws):
            random = np.random.default_rng([draw, 2026])
            chosen = {label: [files(a.data, "train", label)[i] for i in sorted(
                random.permutation(len(files(a.data, "train", label)))[:count])] for label in new}
            folder = linked(work / f"draw-{count}-{draw}", chosen)
            outputs = [work / f"taught-{count}-{draw}-{k}.int8.safetensors" for k in (1, 2)]
            begin = time.monotonic()
            report = json.loads(say(a.program, "teach", "--data", folder, "--base", base, "--output", outputs[0], "--json"))
            seconds = time.monotonic() - begin
            say(a.program, "teach", "--data", folder, "--base", base, "--output", outputs[1], "--threads", 1, "--json")
            digests = {hashlib.sha256(o.read_bytes()).hexdigest() for o in outputs}
            judged = json.loads(say(a.program, "evaluate", "--model", outputs[0], "--json", test))
            paths = [p for label in new for p in chosen[label]]
            y = np.array([i for i, label in enumerate(new) for _ in chosen[label]])
            run = {"photos": count, "draw": draw, "tarsier": judged["top1"],
                   "scikit": scikit(float_features(network, paths), y, test_features, y_test),
                   "held_back": report["accuracy"]["top1"], "low": report["accuracy"]["low"],
                   "high": report["accuracy"]["high"], "seconds": seconds, "same_bytes": len(digests) == 1,
                   "agreement": report["agreement"], "unknown_threshold": report["unknown_threshold"],
                   "nothing_called_unknown": report["nothing_called_unknown"],
                   "per_class": {c["label"]: c["top1"] for c in judged["per_class"]}}
            results["runs"].append(run)
            print(json.dumps(run), flush=True)
    (work / "results.json").write_text(json.dumps(results, indent=2) + "\n")

    print("\n| photos a class | tarsier, int8 | scikit-learn, float | difference | of full training | seconds |")
    print("| --- | --- | --- | --- | --- | --- |")
    for count in a.photos:
        runs = [r for r in results["runs"] if r["photos"] == count]
        own, other = (np.array([r[k] for r in runs]) for k in ("tarsier", "scikit"))
        print(f"| {count} | {own.mean():.3f} ± {own.std(ddof=1):.3f} | {other.mean():.3f} ± {other.std(ddof=1):.3f} "
              f"| {(own - other).mean():+.3f}, worst {(own - other).min():+.3f} | {own.mean() / full:.1%} "
              f"| {max(r['seconds'] for r in runs):.1f} |")
    if not all(r["same_bytes"] for r in results["runs"]):
        raise SystemExit("teaching the same photos twice gave different bytes")


if __name__ == "__main__":
    main()
