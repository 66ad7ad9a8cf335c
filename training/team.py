"""Processes that share each batch. With one process (no torchrun) everything here does nothing.

On a few busy cores, two processes of one thread are several times faster than one process of two threads: they meet
once a step, asleep, where threads meet in every layer and spin.
"""
import os
from datetime import timedelta

import torch
import torch.distributed as distributed


class Team:
    def __init__(self):
        self.rank, self.size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.leads = self.rank == 0
        if self.size > 1:
            distributed.init_process_group("gloo", timeout=timedelta(hours=6))

    def wait(self):
        if self.size > 1:
            distributed.barrier()

    def part(self, batch):
        """This process's share of a batch."""
        return batch[self.rank::self.size]

    def average(self, parameters, *words):
        """Averages the gradients of all; the words (a few numbers) become those of the leading process."""
        if self.size == 1:
            return words
        gradients = [p.grad for p in parameters if p.grad is not None]
        said = torch.tensor(words) * (self.size if self.leads else 0)
        flat = torch.cat([g.flatten() for g in gradients] + [said])
        distributed.all_reduce(flat)
        flat /= self.size
        torch._foreach_copy_(gradients, [piece.view_as(g) for piece, g in zip(
            flat[:-len(words)].split([g.numel() for g in gradients]), gradients)])
        return flat[-len(words):].tolist()
