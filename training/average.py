"""The network that is exported: an average over the last steps, at home at the final resolution."""
import copy

import torch

from evaluate import to_input


class Average:
    """Exponential moving average of weights and statistics, quick at first."""

    def __init__(self, network, decay=0.9985):
        self.network, self.decay, self.steps = copy.deepcopy(network).eval().requires_grad_(False), decay, 0

    @torch.no_grad()
    def update(self, network):
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        mine, theirs = self.network.state_dict(), network.state_dict()
        floats = [name for name, value in mine.items() if value.is_floating_point()]
        torch._foreach_lerp_([mine[n] for n in floats], [theirs[n] for n in floats], 1 - decay)


@torch.no_grad()
def settled(network, images, device, batch=64):
    """A copy whose normalisation statistics are those of the final resolution."""
    network = copy.deepcopy(network).train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d) and module.training:
            module.reset_running_stats()
            module.momentum = None
    for start in range(0, len(images) - batch + 1, batch):
        network(to_input(images[start:start + batch], device))
    return network.eval()
