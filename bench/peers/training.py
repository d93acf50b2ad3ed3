"""The Python side of `npm run bench -- training`: one contender in one process.

    python training.py <contender> '<json>'

contender: torch-eager, torch-compile (EfficientNets as timm builds them, channels last, BatchNorm frozen, AdamW) or keras
(keras.applications, BatchNorm frozen, AdamW, train_on_batch).
json: {"network": "b0", "height": 84, "width": 112, "batch": 32, "classes": 9, "threads": 2, "work": "step" | "top" | "forward"}

Prints `ready {...}`; for each line `run N` does N steps and prints their milliseconds as a JSON list; `memory` prints the
peak of the process in MB; ends at the end of its input. A library that is missing: one line, exit code 3.
"""
import json
import os
import resource
import sys
import time

contender, work = sys.argv[1], json.loads(sys.argv[2])
os.environ.update({"TF_NUM_INTRAOP_THREADS": str(work["threads"]), "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"})


def with_torch():
    import timm
    import torch

    torch.set_num_threads(work["threads"])
    names = {"lite0": "tf_efficientnet_lite0"}
    name = names.get(work["network"], f"tf_efficientnet_{work['network']}")
    model = timm.create_model(name, in_chans=1, num_classes=work["classes"], drop_rate=0, drop_path_rate=0)
    model = model.to(memory_format=torch.channels_last)
    x = torch.rand(work["batch"], 1, work["height"], work["width"]).to(memory_format=torch.channels_last)
    y = torch.arange(work["batch"]) % work["classes"]
    versions = {"torch": torch.__version__, "timm": timm.__version__}
    compiled = torch.compile(model) if contender == "torch-compile" else model
    if work["work"] == "forward":
        model.eval()

        def step():
            with torch.inference_mode():
                compiled(x)

        return step, versions
    model.train()
    trained = None if work["work"] == "step" else ("blocks.5", "blocks.6", "conv_head", "classifier")
    for parameter_name, parameter in model.named_parameters():
        parameter.requires_grad_(trained is None or parameter_name.startswith(trained))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
            module.weight.requires_grad_(False)
            module.bias.requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 1e-3, weight_decay=0.01)
    loss_of = torch.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss_of(compiled(x), y).backward()
        optimizer.step()

    return step, versions


def with_keras():
    import keras
    import numpy as np

    build = getattr(keras.applications, f"EfficientNet{work['network'].upper()}")
    base = build(weights=None, include_top=False, input_shape=(work["height"], work["width"], 3), pooling="avg")
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    model = keras.Sequential([base, keras.layers.Dense(work["classes"], activation="softmax")])
    model.compile(keras.optimizers.AdamW(1e-3, weight_decay=0.01), loss="sparse_categorical_crossentropy")
    gray = np.random.default_rng(0).uniform(0, 255, (work["batch"], work["height"], work["width"], 1)).astype("float32")
    x = np.repeat(gray, 3, axis=-1)
    y = np.arange(work["batch"]) % work["classes"]
    versions = {"keras": keras.__version__, "backend": keras.backend.backend()}
    if work["work"] == "forward":
        return (lambda: model.predict_on_batch(x)), versions
    return (lambda: model.train_on_batch(x, y)), versions


try:
    step, versions = with_keras() if contender == "keras" else with_torch()
except ImportError as error:
    print(f"{contender}: {error}", flush=True)
    sys.exit(3)
for _ in range(3):
    step()
print("ready " + json.dumps(versions), flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "run":
        times = []
        for _ in range(int(words[1])):
            start = time.perf_counter()
            step()
            times.append((time.perf_counter() - start) * 1000)
        print(json.dumps(times), flush=True)
    elif words[0] == "memory":
        print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024), flush=True)
