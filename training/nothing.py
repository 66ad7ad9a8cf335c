"""Pictures of nothing: the camera is covered, out of focus, broken, or looks at a wall.

Training sees the kinds in SEEN with an even target; UNSEEN are other kinds, kept for the judgement of `unknown`.
"""
import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def grid(side):
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    return x, y


def colours(random):
    return random.uniform(0, 255, 3), random.uniform(0, 255, 3)


def enlarged(small, side):
    return np.asarray(Image.fromarray(small).resize((side, side), Image.BICUBIC), np.float32)


def noise(random, side):
    cells = random.integers(2, side)
    return enlarged(random.integers(0, 256, (cells, cells, 3), dtype=np.uint8), side)


def gradient(random, side):
    (tint, other), (x, y) = colours(random), grid(side)
    return tint + (other - tint) * (x * random.uniform(-1, 1) + y * random.uniform(-1, 1))[..., None]


def stripes(random, side):
    (tint, other), (x, y), angle = colours(random), grid(side), random.uniform(0, 3.14)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * random.uniform(10, 300)) * 0.5 + 0.5
    return tint + (other - tint) * (wave > 0.5 if random.integers(2) else wave)[..., None]


def blobs(random, side):
    picture, (x, y) = flat(random, side), grid(side)
    for _ in range(random.integers(3, 30)):
        inside = np.hypot(x - random.random(), y - random.random()) < random.uniform(0.02, 0.25)
        picture[inside] = random.uniform(0, 255, 3)
    return picture


def flat(random, side):
    return np.tile(random.uniform(0, 255, 3), (side, side, 1))


def lens_cap(random, side):
    """Darkness with a leak of light at one edge."""
    (x, y), (tint, _) = grid(side), colours(random)
    reach = np.hypot(x - random.uniform(-0.3, 1.3), y - random.uniform(-0.3, 1.3)) / random.uniform(0.1, 1)
    return tint * random.uniform(0, 0.6) * np.exp(-reach)[..., None] + random.uniform(0, 20)


def clouds(random, side):
    """Noise of every scale at once, as heavily defocused things look."""
    layers = [enlarged(random.integers(0, 256, (2 << k, 2 << k, 3), dtype=np.uint8), side) / 2 ** (k * 0.8)
              for k in range(random.integers(2, 6))]
    picture = np.sum(layers, 0)
    return (picture - picture.min()) / max(np.ptp(picture), 1) * 255


def drawn(random, side, draw_one, count, blur):
    canvas = Image.new("RGB", (side, side), tuple(random.integers(0, 256, 3).tolist()))
    pen = ImageDraw.Draw(canvas)
    for _ in range(count):
        draw_one(pen, tuple(random.integers(0, 256, 3).tolist()))
    return np.asarray(canvas.filter(ImageFilter.GaussianBlur(blur)), np.float32)


def scribble(random, side):
    return drawn(random, side, lambda pen, ink: pen.line(random.uniform(0, side, 8).tolist(), ink,
                                                         int(random.integers(1, 1 + side // 24))),
                 random.integers(2, 25), random.uniform(0, 2))


def panes(random, side):
    """Overlapping rectangles."""
    def one(pen, ink):
        a, b = np.sort(random.uniform(0, side, (2, 2)), axis=0)
        pen.rectangle([*a, *b], ink)
    return drawn(random, side, one, random.integers(1, 12), random.uniform(0, 3))


def mosaic(random, side):
    """Cells around random points, each of one colour."""
    (x, y), count = grid(side), random.integers(4, 40)
    centres, tints = random.random((count, 2)), random.uniform(0, 255, (count, 3))
    nearest = np.argmin([np.hypot(x - a, y - b) for a, b in centres], 0)
    return tints[nearest]


def rings(random, side):
    (tint, other), (x, y) = colours(random), grid(side)
    reach = np.hypot(x - random.random(), y - random.random()) * random.uniform(20, 150)
    return tint + (other - tint) * (np.sin(reach) * 0.5 + 0.5)[..., None]


def chequers(random, side):
    (tint, other), (x, y), cells = colours(random), grid(side), random.uniform(2, 30)
    return tint + (other - tint) * ((np.floor(x * cells) + np.floor(y * cells)) % 2)[..., None]


SEEN = (noise, gradient, stripes, blobs, flat, lens_cap, clouds, scribble, panes)
UNSEEN = (mosaic, rings, chequers)


def picture_of_nothing(random, side, kinds=SEEN):
    picture = kinds[random.integers(len(kinds))](random, side)
    picture = picture + random.standard_normal(picture.shape, np.float32) * random.uniform(0, 12)
    return picture.clip(0, 255).astype(np.uint8)


def pictures_of_nothing(count, seed, kinds=SEEN, side=224):
    random = np.random.default_rng(seed)
    return np.stack([picture_of_nothing(random, side, kinds) for _ in range(count)])
