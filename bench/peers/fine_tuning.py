"""The PyTorch side of docs/results.md, "Training the network too": the recipe of grayling's fine-tuning, on the same images and the same side of the split.

    python fine_tuning.py <images> --split runs/<name>/split.csv --weights efficientnet-lite0.safetensors [--fold 1] …

timm's `tf_efficientnet_lite0`, channels last, all layers trained, BatchNorm frozen, AdamW, cosine after a warm-up, label smoothing 0.1, gradients
clipped by their global norm, rotations, shifts, zooms and shears as grayling's preset `document`; it begins with a logistic regression on the features of
the untouched network. The last epoch counts. Prints a line per epoch, and JSON as the last line: {"versions", "accuracy", "seconds"}; the
seconds are from files to the last measure, without importing the library. A library that is missing: one line, exit code 3.
"""
import argparse
import csv
import json
import math
import sys
import time
from pathlib import Path

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("images", type=Path, help="the folder that the paths of the split begin at")
arguments.add_argument("--split", type=Path, required=True, help="CSV with path, label, split: train and val, or fold 1, fold 2 …")
arguments.add_argument("--weights", type=Path, required=True, help="the same weights as grayling's, .safetensors")
arguments.add_argument("--fold", type=int, help="the fold that is measured; default: split val")
arguments.add_argument("--size", type=int, default=112)
arguments.add_argument("--epochs", type=int, default=15)
arguments.add_argument("--batch", type=int, default=32)
arguments.add_argument("--lr", type=float, default=1e-3)
arguments.add_argument("--warm-up", type=float, default=1, help="epochs, and 40 steps at least")
arguments.add_argument("--weight-decay", type=float, default=0.01)
arguments.add_argument("--clip-norm", type=float, default=1, help="0: no limit")
arguments.add_argument("--head", choices=["solved", "random"], default="solved", help="what the training begins with")
arguments.add_argument("--seed", type=int, default=0)
arguments.add_argument("--threads", type=int, default=2)
options = arguments.parse_args()

try:
    import numpy as np
    import PIL
    import timm
    import torch
    from PIL import Image
    from safetensors.torch import load_file
    from torch.nn import functional as F
except ImportError as error:
    print(error)
    sys.exit(3)


def read(rows):
    """[N, 1, size, size], levels 0 to 255."""
    shape = (options.size, options.size)
    planes = [Image.open(options.images / row["path"]).convert("L").resize(shape, Image.Resampling.BILINEAR) for row in rows]
    return torch.from_numpy(np.stack([np.asarray(plane, np.float32) for plane in planes]))[:, None]


def prepared(planes):
    """As the network reads them."""
    return ((planes - 127) / 128).expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def augmented(planes):
    """Each image moved by a draw of its own; nearest pixel beyond the border."""
    n = len(planes)
    around = lambda value: (torch.rand(n) * 2 - 1) * value
    angle, shear = around(math.radians(10)), around(math.radians(6))
    zoom_x, zoom_y, shift_x, shift_y = 1 + around(0.12), 1 + around(0.12), around(0.08), around(0.08)
    cos, sin = angle.cos(), angle.sin()
    moved = lambda x, y: (cos * x - sin * y, sin * x + cos * y)
    columns = [moved(zoom_x, torch.zeros(n)), moved(-shear.sin() * zoom_y, shear.cos() * zoom_y), moved(2 * shift_x, 2 * shift_y)]
    matrix = torch.stack([torch.stack([column[axis] for column in columns], 1) for axis in (0, 1)], 1)
    grid = F.affine_grid(matrix, planes.shape, align_corners=False)
    return F.grid_sample(planes, grid, padding_mode="border", align_corners=False)


def build(classes):
    model = timm.create_model("tf_efficientnet_lite0", num_classes=classes, drop_rate=0, drop_path_rate=0)
    weights = {name: tensor for name, tensor in load_file(options.weights).items() if not name.startswith("classifier")}
    missing = model.load_state_dict(weights, strict=False).missing_keys
    assert all(name.startswith("classifier") for name in missing), missing
    return model.to(memory_format=torch.channels_last)


def freeze_normalizations(model):
    model.train()
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
            module.requires_grad_(False)


def logits_of(model, planes):
    model.eval()
    with torch.inference_mode():
        return torch.cat([model(prepared(part)) for part in planes.split(64)])


def solve_head(model, planes, labels):
    """Logistic regression on standardised features, scaled back into the classifier."""
    model.eval()
    with torch.no_grad():
        features = torch.cat([model.forward_head(model.forward_features(prepared(part)), pre_logits=True) for part in planes.split(64)])
    mean, sd = features.mean(0), features.std(0).clamp_min(1e-6)
    x = (features - mean) / sd
    weight = torch.zeros(int(labels.max()) + 1, x.shape[1], requires_grad=True)
    bias = torch.zeros(len(weight), requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss():
        solver.zero_grad()
        value = F.cross_entropy(x @ weight.T + bias, labels) + 0.01 * weight.square().sum() / 2
        value.backward()
        return value

    solver.step(loss)
    with torch.no_grad():
        model.classifier.weight.copy_(weight / sd)
        model.classifier.bias.copy_(bias - (weight / sd) @ mean)


def train_epoch(model, optimizer, schedule, planes, labels):
    freeze_normalizations(model)
    total = 0
    for rows in torch.randperm(len(planes)).split(options.batch):
        loss = F.cross_entropy(model(prepared(augmented(planes[rows]))), labels[rows], label_smoothing=0.1)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if options.clip_norm:
            torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip_norm)
        optimizer.step()
        schedule.step()
        total += loss.item() * len(rows)
    return total / len(planes)


def main():
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rows = list(csv.DictReader(options.split.open(encoding="utf-8")))
    classes = sorted({row["label"] for row in rows})
    held = "val" if options.fold is None else f"fold {options.fold}"
    started = time.perf_counter()
    planes, labels = read(rows), torch.tensor([classes.index(row["label"]) for row in rows])
    is_held = torch.tensor([row["split"] == held for row in rows])
    trains = ~is_held & torch.tensor([row["split"] != "test" for row in rows])
    model = build(len(classes))
    accuracy = lambda: float((logits_of(model, planes[is_held]).argmax(1) == labels[is_held]).float().mean())
    if options.head == "solved":
        solve_head(model, planes[trains], labels[trains])
        print(f"head alone: {accuracy():.3f}", flush=True)
    freeze_normalizations(model)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], options.lr, weight_decay=options.weight_decay)
    steps = math.ceil(int(trains.sum()) / options.batch)
    rising = max(40, round(options.warm_up * steps))
    cosine = lambda step: (1 + math.cos(math.pi * (step - rising) / (steps * options.epochs - rising))) / 2
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / rising if step < rising else cosine(step))
    for epoch in range(options.epochs):
        loss = train_epoch(model, optimizer, schedule, planes[trains], labels[trains])
        print(f"epoch {epoch + 1}/{options.epochs}  loss {loss:.3f}  accuracy {accuracy():.3f}  {time.perf_counter() - started:.0f} s", flush=True)
    versions = f"torch {torch.__version__}, timm {timm.__version__}, pillow {PIL.__version__}"
    print(json.dumps({"versions": versions, "accuracy": accuracy(), "seconds": round(time.perf_counter() - started, 1)}))


if __name__ == "__main__":
    main()
