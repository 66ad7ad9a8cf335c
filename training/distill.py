"""What the student is asked to match, mixing included.

Four targets for each view: the label, the teacher's opinion on the 24 classes, its 1280 features and, through its own
last layer, its opinion on ImageNet's 1000. The last two say much more about a picture than its label does.
"""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

TEMPERATURE = 2.0


class Targets:
    """Targets of a batch, each row a distribution or a vector, so that mixing two pictures is a weighted mean."""

    def __init__(self, features, labels, head, imagenet, classes):
        self.features, self.labels, self.head, self.imagenet, self.classes = features, labels, head, imagenet, classes
        sample = torch.from_numpy(np.asarray(features[::7, 0])).float()
        self.mean, self.deviation = sample.mean(0), sample.std(0) + 0.05

    def to(self, device):
        for name in ("mean", "deviation"):
            setattr(self, name, getattr(self, name).to(device))
        self.head, self.imagenet = ([t.to(device) for t in layer] for layer in (self.head, self.imagenet))
        return self

    def of(self, photos, views):
        device = self.mean.device
        raw = torch.from_numpy(self.features[photos, views]).float().to(device)
        return {"label": F.one_hot(torch.as_tensor(self.labels[photos]), self.classes).float().to(device),
                "opinion": (F.linear(raw, *self.head) / TEMPERATURE).softmax(1),
                "imagenet": F.linear(raw, *self.imagenet).softmax(1),
                "features": ((raw - self.mean) / self.deviation).clamp(-5, 5)}


class DistillationLoss(nn.Module):
    """The adapter from the student's features to the teacher's exists in training only."""

    def __init__(self, width, targets, smoothing=0.1, weights=(0.3, 1.0, 0.5, 1.0)):
        super().__init__()
        self.adapter = nn.Linear(width, len(targets.mean))
        self.targets, self.smoothing, self.weights = targets, smoothing, weights

    def forward(self, logits, features, target):
        t = self.targets
        adapted = self.adapter(features).float()
        logits = logits.float()
        label = target["label"] * (1 - self.smoothing) + self.smoothing / t.classes
        imagenet = F.linear(adapted * t.deviation + t.mean, *t.imagenet)
        soft = (logits / TEMPERATURE).log_softmax(1)
        parts = (F.cross_entropy(logits, label),
                 F.kl_div(soft, target["opinion"], reduction="batchmean") * TEMPERATURE ** 2,
                 F.kl_div(imagenet.log_softmax(1), target["imagenet"], reduction="batchmean"),
                 F.mse_loss(adapted, target["features"]))
        return sum(w * p for w, p in zip(self.weights, parts))


def doubt(logits):
    """Cross entropy with an even target: what the answer to a picture of nothing should be (Hendrycks et al.,
    "Deep anomaly detection with outlier exposure", eq. 1)."""
    return -logits.float().log_softmax(1).mean()


def mix(x, target, random):
    """Mixup or cutmix of the batch with itself reversed; the targets are mixed in the same proportion."""
    share = random.beta(0.8, 0.8)
    if random.random() < 0.5:
        x = x * share + x.flip(0) * (1 - share)
    else:
        side = x.shape[-1]
        edge = round(side * np.sqrt(1 - share))
        top, left = random.integers(side - edge + 1, size=2)
        other = x.flip(0)[:, :, top:top + edge, left:left + edge]
        x = x.clone()
        x[:, :, top:top + edge, left:left + edge] = other
        share = 1 - (edge / side) ** 2
    return x, {name: value * share + value.flip(0) * (1 - share) for name, value in target.items()}
