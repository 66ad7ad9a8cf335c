"""What the ImageNet teacher says about every photo, from several crops, asked once and kept.

The student later sees exactly the crops that the teacher saw ("a good teacher is patient and consistent"), so the
crops are kept beside the answers: four numbers and a flip for each view, and the teacher's 1280 features. A
24-class head on those features and the teacher's own 1000 classes both follow from them by one product.
"""
import importlib.util
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from augment import crop_view, draw_views

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]) * 255, torch.tensor([0.229, 0.224, 0.225]) * 255

SIDE = 224  # pixels of the pictures that it was trained with


def load_module(data):
    spec = importlib.util.spec_from_file_location("imagenet_teacher", Path(data) / "teacher" / "teacher.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def imagenet_layer(data):
    """Weight and bias of the teacher's own last layer: [1000, 1280] and [1000]."""
    folder = Path(data) / "teacher"
    name = json.loads((folder / "mobilenet_v2_imagenet.json").read_text())["layers"][-1]["name"]
    weights = np.load(folder / "mobilenet_v2_imagenet.npz")
    return torch.from_numpy(weights[name + ".w"]), torch.from_numpy(weights[name + ".b"])


@torch.no_grad()
def features_of(forward, images, device):
    """Teacher features of a [N, side, side, 3] array of bytes."""
    x = torch.from_numpy(images).to(device)
    x = ((x.float() - MEAN.to(device)) / STD.to(device)).permute(0, 3, 1, 2)
    with torch.autocast(device, torch.bfloat16):
        return forward(x)[1].float().cpu()


def kept_as(views, side):
    """What the files of a teacher's answers are called in the cache."""
    return f"teacher-{views}" + (f"-{side}" if side != SIDE else "")


def ask(data, photos, views, cache, device, side=SIDE, batch=64):
    """Boxes [photos, views, 5] and features [photos, views, 1280], from the cache or from the teacher itself, which is
    shown pictures of side x side pixels."""
    boxes = draw_views(photos, views, seed=1)
    name = kept_as(views, side)
    answers, progress = Path(cache) / f"{name}.npy", Path(cache) / f"{name}.done"
    shape = (len(photos) * views, 1280)
    mode = "r+" if answers.exists() else "w+"
    features = np.lib.format.open_memmap(answers, mode, np.float16, None if mode == "r+" else shape)
    done = int(progress.read_text()) if mode == "r+" and progress.exists() else 0
    if done < shape[0]:
        forward, _ = load_module(data).load(device)
        for start in range(done, shape[0], batch):
            rows = range(start, min(start + batch, shape[0]))
            images = np.stack([crop_view(photos[r // views], boxes[r // views, r % views], side) for r in rows])
            features[start:rows.stop] = features_of(forward, images, device).numpy()
            if start // batch % 20 == 0:
                features.flush()
                progress.write_text(str(rows.stop))
                print(f"teacher: {rows.stop} of {shape[0]} views", flush=True)
        features.flush()
        progress.write_text(str(shape[0]))
    return boxes, features.reshape(len(photos), views, 1280)


def fit_head(features, labels, weight_decay, classes, steps=60):
    """Multinomial logistic regression on standardised features; returns the layer that takes raw features."""
    x, y = features.float(), torch.as_tensor(labels)
    mean, deviation = x.mean(0), x.std(0) + 1e-3
    x = (x - mean) / deviation
    weight, bias = torch.zeros(classes, x.shape[1], requires_grad=True), torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=steps, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(F.linear(x, weight, bias), y) + weight_decay * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    weight = (weight / deviation).detach()
    return weight, bias.detach() - weight @ mean


def choose_head(cache, views, labels, training, validation, classes, side=SIDE):
    """The head whose weight decay serves the validation split best, and its top-1 there; fitted once, then kept."""
    name = kept_as(views, side)
    kept = Path(cache) / f"{name}-head.pt"
    if kept.exists():
        return torch.load(kept)
    features = np.load(Path(cache) / f"{name}.npy", mmap_mode="r").reshape(len(labels), views, -1)
    chosen = range(min(views, 4))
    x = torch.from_numpy(np.concatenate([features[training, v] for v in chosen]))
    y = np.concatenate([labels[training]] * len(chosen))
    x_val, y_val = torch.from_numpy(features[validation, 0]).float(), torch.as_tensor(labels[validation])
    best = None
    for weight_decay in (1.6e-3, 6.4e-3):
        head = fit_head(x, y, weight_decay, classes)
        logits = F.linear(x_val, *head)
        top1, loss = (logits.argmax(1) == y_val).float().mean().item(), F.cross_entropy(logits, y_val).item()
        print(f"teacher head: weight decay {weight_decay:g}, validation top-1 {top1:.4f}, loss {loss:.4f}", flush=True)
        if best is None or loss < best[0]:
            best = loss, (head, top1)
    torch.save(best[1], kept)
    return best[1]
