"""A schedule that fits the time there is.

Progress runs from 0 to 1. Each step moves it by the processor time that it took, as a share of the processor time
still to come: what is left of the wall clock, at the share of the machine that the run has had so far. So a run on a
busy machine makes fewer steps and still ends in time, with every phase at its place, and one that is stopped for a
while (a benchmark next door) makes no progress meanwhile and shortens all that follows alike.
"""
import math
import time

SIDES = [(0.0, 64), (0.25, 96), (0.50, 128), (0.65, 160)]
WARM_UP = 0.03
FIRST_GUESS = 300.0, 0.3  # seconds for which the share of the machine counts as known, in cores


class Pace:
    def __init__(self, minutes, steps=None):
        """With steps the clock does not matter: progress is the share of them that is done."""
        self.budget, self.steps = minutes * 60, steps
        self.go_on(0.0)

    def go_on(self, progress, spent=0.0, used=0.0):
        self.progress, self.spent, self.used = progress, spent, used
        self.wall, self.processor = time.monotonic(), time.process_time()

    def pass_time(self):
        """Books the time since the last call; returns the processor time in it."""
        wall, processor = time.monotonic(), time.process_time()
        took = processor - self.processor
        self.spent += wall - self.wall
        self.used += took
        self.wall, self.processor = wall, processor
        return took

    def step(self):
        took = self.pass_time()
        if self.steps:
            self.progress = min(self.progress + 1 / self.steps, 1.0)
            return
        seconds, cores = FIRST_GUESS
        share = (self.used + seconds * cores) / (self.spent + seconds)
        self.progress += (1 - self.progress) * took / (took + share * self.left)

    @property
    def left(self):
        """Seconds, an estimate where steps are counted."""
        if self.steps:
            return 0.0 if self.progress > 1 - 0.5 / self.steps else (1 - self.progress) * (self.spent + 1) / max(self.progress, 1e-3)
        return max(self.budget - self.spent, 0.0)

    @property
    def side(self):
        return [side for start, side in SIDES if self.progress >= start][-1]

    @property
    def rate(self):
        """Factor of the learning rate: linear warm-up, then half a cosine down to 1 %."""
        if self.progress < WARM_UP:
            return 0.02 + 0.98 * self.progress / WARM_UP
        return 0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * (self.progress - WARM_UP) / (1 - WARM_UP)))
