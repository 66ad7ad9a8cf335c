"""Batches of views, made by a process of their own while the network learns from the one before."""
import numpy as np
import torch

from augment import camera, crop_view
from nothing import picture_of_nothing

NOTHING_ONE_IN = 16  # to every so many photos comes one picture of nothing, at the end of the batch


class Views(torch.utils.data.Dataset):
    """An item is a whole batch, named by its side, its seed and its (photo, view) pairs."""

    def __init__(self, photos, boxes):
        self.photos, self.boxes = photos, boxes

    def __getitem__(self, key):
        side, seed, photos, views = key
        random = np.random.default_rng(seed)
        images = [camera(crop_view(self.photos[p], self.boxes[p, v], side), random) for p, v in zip(photos, views)]
        images += [picture_of_nothing(random, side) for _ in range(len(photos) // NOTHING_ONE_IN)]
        return torch.from_numpy(np.stack(images)), photos, views


class Order:
    """Endless epochs, drawn as they are needed, at the side that the pace has reached; each process gets its part."""

    def __init__(self, training, views, batch, pace, team, seed, epoch):
        self.training, self.views, self.batch, self.pace, self.team = training, views, batch, pace, team
        self.seed, self.epoch = seed, epoch

    def __iter__(self):
        while True:
            random = np.random.default_rng([self.seed, self.epoch])
            photos = random.permutation(self.training)
            for start in range(0, len(photos) - self.batch + 1, self.batch):
                chosen, views = photos[start:start + self.batch], random.integers(self.views, size=self.batch)
                seed = int(random.integers(2**31)) + self.team.rank
                yield self.pace.side, seed, self.team.part(chosen), self.team.part(views)
            self.epoch += 1


def stream(photos, boxes, order):
    """Endless (images, photos, views): bytes [N + N / 16, side, side, 3] and what the first N of them show."""
    loader = torch.utils.data.DataLoader(Views(photos, boxes), batch_size=None, sampler=order, num_workers=1,
                                         prefetch_factor=6)
    for images, chosen, views in loader:
        yield images.numpy(), chosen.numpy(), views.numpy()
