"""From photos to exported weights.

    python training/train.py --data DIR --out DIR [--network sm_v2] [--minutes 90]

Stops after --minutes, whatever the machine. A run that was cut off goes on from its last evaluation when it is
started again. Under torchrun its processes share each batch.
"""
import argparse
import ctypes
import os
import platform
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

import networks
from average import Average, settled
from batches import Order, stream
from data import load_labels, load_photos, validation_split
from distill import DistillationLoss, Targets, doubt, mix
from evaluate import accuracy, confidence_of, fit_temperature, predict, report, to_input, unknown_rule
from export import export, write_json
from pace import Pace
from teacher import SIDE, ask, choose_head, imagenet_layer
from team import Team
from warmstart import Guide, Trunk, copy_into, widen

GUIDED = 0.25
AGAIN = 0.3  # where in the schedule a finished run takes it up again
WARM_STEPS = 300  # over which the learning rate rises in a network that starts as a narrower one
DOUBT = 0.5  # weight of the pictures of nothing in the loss


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with train/, test/, LABELS and teacher/")
    parser.add_argument("--out", required=True, help="folder for weights, checkpoint and log")
    parser.add_argument("--cache", help="folder for decoded photos and the teacher's answers (default: OUT/cache)")
    parser.add_argument("--without", default="", metavar="CLASS,...", type=lambda text: tuple(filter(None, text.split(","))),
                        help="classes whose photos are not even opened: to see how well others are taught later")
    parser.add_argument("--network", default="sm_v2", choices=networks.NAMES)
    parser.add_argument("--minutes", type=float, default=90, help="wall-clock time of the training proper")
    parser.add_argument("--epochs", type=float, help="so many passes over the photos instead, whatever time they take")
    parser.add_argument("--from-scratch", action="store_true",
                        help="start every layer at random, copying none of the teacher's: to compare networks")
    parser.add_argument("--again", metavar="CHECKPOINT", help="learn on from a finished run, at a high rate again")
    parser.add_argument("--widen", metavar="SAFETENSORS",
                        help="start as this narrower trained network with the same blocks, at AGAIN of the schedule")
    parser.add_argument("--views", type=int, default=8, help="crops of each photo that the teacher is asked about")
    parser.add_argument("--ask-side", type=int, default=SIDE, help="pixels of those crops; 160 takes half the time")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=1.5e-3, help="peak learning rate of AdamW")
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--mix", type=float, default=0.1, help="share of batches under mixup or cutmix")
    parser.add_argument("--every", type=float, default=8, help="minutes between evaluations")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def keep_memory():
    """Tells glibc to reuse large blocks: fresh pages for every activation cost a third of the time otherwise."""
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        for option, value in ((-4, 0), (-1, 2**31 - 1), (-2, 2**28)):  # M_MMAP_MAX, M_TRIM_THRESHOLD, M_TOP_PAD
            libc.mallopt(option, value)


def parameter_groups(modules, weight_decay):
    named = [item for module in modules for item in module.named_parameters()]
    decayed = [p for _, p in named if p.requires_grad and p.ndim > 1]
    return [{"params": decayed, "weight_decay": weight_decay},
            {"params": [p for _, p in named if p.requires_grad and p.ndim <= 1], "weight_decay": 0.0}]


def main():
    a = arguments()
    keep_memory()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    team = Team()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    out, cache = Path(a.out), Path(a.cache or Path(a.out) / "cache")
    if a.without:
        cache = cache / "-".join(("without", *sorted(a.without)))
    for folder in (out, cache):
        folder.mkdir(parents=True, exist_ok=True)
    if team.leads:
        load_photos(a.data, "train", cache, a.without)
    team.wait()
    labels, photos = load_labels(a.data, a.without), load_photos(a.data, "train", cache, a.without)
    training, validation = validation_split(photos.names)
    if team.leads:
        ask(a.data, photos, a.views, cache, device, a.ask_side)
        choose_head(cache, a.views, photos.labels, training, validation, len(labels), a.ask_side)
    team.wait()
    boxes, features = ask(a.data, photos, a.views, cache, device, a.ask_side)
    head, teacher_top1 = choose_head(cache, a.views, photos.labels, training, validation, len(labels), a.ask_side)
    targets = Targets(features, photos.labels, head, imagenet_layer(a.data), len(labels)).to(device)

    val_images, val_labels = photos.squares(validation), photos.labels[validation]
    random = np.random.default_rng(a.seed)
    settle_images = photos.squares(random.permutation(training)[:768])
    start_images = to_input(photos.squares(random.permutation(training)[:96], 160), device)
    network, trunk = networks.build(a.network, len(labels)).to(device), Trunk(a.data, device)
    if a.widen:
        print(f"{a.network}: {widen(network, load_file(a.widen))} tensors start as those of {a.widen}", flush=True)
    elif not a.from_scratch:
        print(f"{a.network}: {copy_into(network, trunk, start_images)} layers start as the teacher's", flush=True)
    network = network.to(memory_format=torch.channels_last)
    guide = Guide(network, trunk, start_images[:4]).to(device)
    loss_of = DistillationLoss(network.classifier.in_features, targets).to(device)
    optimizer = torch.optim.AdamW(parameter_groups([network, guide, loss_of], a.weight_decay), lr=a.rate, fused=True)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    average, pace = Average(network), Pace(a.minutes, steps=a.epochs and round(a.epochs * len(training) / a.batch))
    step = epoch = 0
    best, curve = 0.0, []

    checkpoint = out / f"{a.network}.checkpoint"
    team.wait()
    if a.widen:
        pace.go_on(AGAIN)
    if checkpoint.exists() or a.again:
        saved = torch.load(checkpoint if checkpoint.exists() else a.again, map_location=device)
        for part, name in ((network, "network"), (average.network, "average"), (guide, "guide"), (loss_of, "loss"),
                           (optimizer, "optimizer")):
            part.load_state_dict(saved[name])
        average.steps, step, epoch, best, curve = (saved[k] for k in ("step", "step", "epoch", "best", "curve"))
        if checkpoint.exists():
            pace.go_on(saved["progress"], saved["spent"], saved["used"])
        else:
            pace.go_on(AGAIN)
            best = 0.0
        print(f"resumed at step {step}, progress {pace.progress:.3f}", flush=True)

    def evaluate(final=False):
        nonlocal best
        with torch.autocast(device, torch.bfloat16, enabled=not final):
            candidate = settled(average.network, settle_images, device)
            logits = predict(candidate, val_images, device)
        top1, temperature = accuracy(logits, val_labels), fit_temperature(logits, val_labels)
        threshold = unknown_rule(confidence_of(logits, temperature))
        curve.append({"step": step, "progress": round(pace.progress, 4), "minutes": round(pace.spent / 60, 2),
                      "side": pace.side, "loss": round(smooth, 4), "validation_top1": round(top1, 4)})
        figures = {"network": a.network, "parameters": sum(p.numel() for p in network.parameters()),
                   "validation_photos": len(validation), "validation_top1": top1, "teacher_validation_top1": teacher_top1,
                   "temperature": temperature, "unknown_threshold": threshold, "steps": step, "finished": final,
                   "settings": {k: v for k, v in vars(a).items() if k not in ("data", "out", "cache")}, "curve": curve}
        if top1 >= best or final:
            best = max(best, top1)
            source = (f"everyday24, {len(training)} photos, {step} steps of {a.batch}, distilled from MobileNetV2 "
                      f"(ImageNet); validation top-1 {top1:.4f}")
            export(out / f"{a.network}.float.safetensors", candidate.state_dict(), a.network, labels, temperature,
                   threshold, source)
            write_json(out / f"{a.network}.json", figures)
        if final and (Path(a.data) / "test").exists():
            test = load_photos(a.data, "test", cache, a.without)
            figures["test"] = report(candidate, test, np.arange(len(test)), temperature, threshold, device)
            print("test:", figures["test"], flush=True)
            write_json(out / f"{a.network}.json", figures)
        torch.save({"network": network.state_dict(), "average": average.network.state_dict(), "guide": guide.state_dict(),
                    "loss": loss_of.state_dict(), "optimizer": optimizer.state_dict(), "step": step, "epoch": order.epoch,
                    "best": best, "curve": curve, "progress": pace.progress, "spent": pace.spent,
                    "used": pace.used}, f"{checkpoint}.part")
        os.replace(f"{checkpoint}.part", checkpoint)
        return top1

    random = np.random.default_rng([a.seed, team.rank, step])
    order = Order(training, a.views, a.batch, pace, team, a.seed, epoch)
    batches = stream(photos, boxes, order)
    smooth, top1, evaluated, told, seen = None, 0.0, pace.spent, time.monotonic(), 0
    guide.attach(network)
    network.train()
    left = pace.left
    while left > 0:
        images, chosen, views = next(batches)
        x, target, known = to_input(images, device), targets.of(chosen, views), len(chosen)
        if random.random() < a.mix:
            mixed, target = mix(x[:known], target, random)
            x = torch.cat([mixed, x[known:]])
        for group in optimizer.param_groups:
            group["lr"] = a.rate * pace.rate * (min((step + 1) / WARM_STEPS, 1) if a.widen else 1)
        with torch.autocast(device, torch.bfloat16):
            logits, features = network(x)
            loss = loss_of(logits[:known], features[:known], target) + DOUBT * doubt(logits[known:])
            if pace.progress < GUIDED and step % 2:  # every other step: it costs as much as the network itself
                loss = loss + (1 - pace.progress / GUIDED) * guide(x)
            elif pace.progress >= GUIDED:
                guide.detach()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        pace.step()
        pace.progress, left = team.average(parameters, pace.progress, pace.left)
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        if team.leads:
            average.update(network)
        step, seen = step + 1, seen + a.batch
        smooth = loss.item() if smooth is None else smooth * 0.98 + loss.item() * 0.02
        if not team.leads:
            continue
        if (now := time.monotonic()) - told > 20:
            print(f"epoch {order.epoch} step {step} side {x.shape[-1]} progress {pace.progress:.3f} "
                  f"{seen / (now - told):.0f} img/s loss {smooth:.3f} val {top1:.4f} ETA {pace.left / 60:.1f} min",
                  flush=True)
            told, seen = now, 0
        if pace.spent - evaluated > a.every * 60:
            top1 = evaluate()
            print(f"step {step}: validation top-1 {top1:.4f}", flush=True)
            network.train()
            pace.pass_time()
            evaluated, told, seen = pace.spent, time.monotonic(), 0
    if team.leads:
        print(f"done: validation top-1 {evaluate(final=True):.4f} after {step} steps", flush=True)


if __name__ == "__main__":
    main()
