"""Views of a photo, and what a cheap camera does to them.

A view is a crop and a flip that teacher and student share. Corruption happens to the student's copy only: the
teacher answers for the clean picture, and the student has to give that answer through noise, blur and bad light.
"""
import io

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter


def draw_views(photos, views, seed):
    """[photos, views, 5]: left, top, right, bottom, flip. View 0 is the centred square that the camera program uses."""
    random = np.random.default_rng(seed)
    boxes = np.zeros((len(photos), views, 5), np.float32)
    for i, (height, width, _) in enumerate(photos.shapes):
        edge = min(height, width)
        boxes[i, 0, :4] = np.array([width - edge, height - edge, width + edge, height + edge]) // 2
        for v in range(1, views):
            area = random.uniform(0.25, 1) * min(height * width, 1.4 * edge * edge)
            aspect = np.exp(random.uniform(-0.28, 0.28))
            w, h = min(np.sqrt(area * aspect), width), min(np.sqrt(area / aspect), height)
            left, top = random.uniform(0, width - w), random.uniform(0, height - h)
            boxes[i, v] = left, top, left + w, top + h, random.integers(2)
    return boxes


def crop_view(pixels, box, side):
    image = Image.fromarray(pixels).resize((side, side), Image.BILINEAR, tuple(float(b) for b in box[:4]))
    view = np.asarray(image)
    return view[:, ::-1] if box[4] else view


def jpeg(view, quality):
    buffer = io.BytesIO()
    Image.fromarray(view).save(buffer, "JPEG", quality=int(quality))
    return np.asarray(Image.open(buffer))


def blur(view, radius):
    return np.asarray(Image.fromarray(view).filter(ImageFilter.GaussianBlur(radius)))


def soften(view, factor):
    """Down and up again: a picture with fewer pixels than it claims."""
    side = view.shape[0]
    small = max(16, round(side * factor))
    return np.asarray(Image.fromarray(view).resize((small, small), Image.BILINEAR).resize((side, side), Image.BILINEAR))


def colour(view, gain, contrast, saturation, gamma):
    """Gain is a number for each channel: white balance and brightness in one. Contrast turns about a middle grey."""
    table = (np.arange(256, dtype=np.float32)[:, None] / 255) ** gamma * gain
    table = ((table - 0.45) * contrast + 0.45).clip(0, 1) * 255
    table = np.broadcast_to(table, (256, 3)).T.round().astype(np.uint8).ravel().tolist()
    return np.asarray(ImageEnhance.Color(Image.fromarray(view).point(table)).enhance(saturation))


def sensor_noise(view, strength, random):
    """Noise that grows with light, as photons count, on top of a floor."""
    x = view.astype(np.float32)
    x += random.standard_normal(x.shape, np.float32) * (strength * (0.4 + 0.6 * np.sqrt(x / 255)))
    return x.clip(0, 255).astype(np.uint8)


def low_light(view, exposure, strength, random):
    dark = colour(view, exposure, 1, 0.8, 1.15)
    return sensor_noise(dark, strength, random)


def erase(view, random):
    side = view.shape[0]
    h, w = random.integers(side // 8, side // 3, 2)
    top, left = random.integers(side - h), random.integers(side - w)
    view = view.copy()
    view[top:top + h, left:left + w] = random.integers(0, 256, 3)
    return view


def camera(view, random):
    """The student's copy in training: colour nearly always, the rest now and then and not all at once."""
    if random.random() < 0.8:
        gain = random.uniform(0.75, 1.25) * np.exp(random.uniform(-0.15, 0.15, 3)).astype(np.float32)
        view = colour(view, gain, random.uniform(0.7, 1.3), random.uniform(0.5, 1.4), np.exp(random.uniform(-0.3, 0.3)))
    if random.random() < 0.10:
        view = low_light(view, random.uniform(0.2, 0.6), random.uniform(3, 14), random)
    if random.random() < 0.12:
        view = blur(view, view.shape[0] / 224 * random.uniform(0.6, 2.5))
    if random.random() < 0.10:
        view = soften(view, random.uniform(0.3, 0.8))
    if random.random() < 0.15:
        view = sensor_noise(view, random.uniform(3, 25), random)
    if random.random() < 0.20:
        view = jpeg(view, random.uniform(15, 80))
    if random.random() < 0.03:
        view = np.repeat(np.asarray(Image.fromarray(view).convert("L"))[..., None], 3, 2)
    return erase(view, random) if random.random() < 0.15 else view


# The corrupted test: each at one fixed strength, one fixed seed for each photo.
CORRUPTIONS = {
    "jpeg": lambda view, random: jpeg(view, 15),
    "blur": lambda view, random: blur(view, 1.8),
    "noise": lambda view, random: sensor_noise(view, 20, random),
    "white balance": lambda view, random: colour(view, np.float32([1.25, 1.0, 0.75]) if random.integers(2)
                                                 else np.float32([0.75, 1.0, 1.25]), 1, 1, 1),
    "low light": lambda view, random: low_light(view, 0.3, 8, random),
}
