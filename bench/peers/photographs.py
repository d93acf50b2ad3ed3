"""Writes the photographs that come with scikit-image, gray, whole and in quarters, into a folder: `python photographs.py photos`.

What a classifier of steel or of letters has never seen: docs/seeing.md measures with them how many are called unknown."""
import pathlib
import sys

import numpy as np
from PIL import Image
from skimage import data

NAMES = ["cat", "astronaut", "camera", "coffee", "coins", "page", "clock", "text", "moon", "rocket", "horse", "brick", "grass",
         "gravel", "checkerboard", "hubble_deep_field", "immunohistochemistry", "retina", "colorwheel"]

out = pathlib.Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
for name in NAMES:
    pixels = np.asarray(getattr(data, name)())
    image = Image.fromarray(pixels.astype("u1") * 255 if pixels.dtype == bool else pixels).convert("L")
    image.save(out / f"{name}.png")
    width, height = (extent // 2 for extent in image.size)
    for i in range(4):
        left, top = i % 2 * width, i // 2 * height
        image.crop((left, top, left + width, top + height)).save(out / f"{name}-{i}.png")
