/** What real PyTorch is asked in tests. Each program prints JSON; nothing is downloaded. */

const common = `
import json, sys, numpy, torch, timm, torchvision
from safetensors.torch import load_file, save_file
torch.set_num_threads(1)

def make(library, name):
    return timm.create_model(name) if library == "timm" else getattr(torchvision.models, name)()

def preprocessing(library, name):
    if library == "timm":
        return timm.get_pretrained_cfg(name).mean, timm.get_pretrained_cfg(name).std
    transforms = torchvision.models.get_model_weights(name).DEFAULT.transforms()
    return transforms.mean, transforms.std

def logits(library, name, module, image):
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in preprocessing(library, name))
    x = torch.from_numpy(image.copy()).float() / 255
    with torch.no_grad():
        return module.eval()((x - mean) / std)[0]
`;

/**
 * Arguments: library, name, path for the state dict. Random weights that keep activations of one size, so that float32 is
 * enough, and statistics of the batch normalizations that matter: the recipe of the golden fixtures, with other numbers.
 * (Statistics measured on a batch of noise were tried: they amplify a last bit of float32 to half of B5's logits.)
 * Prints an image [1, 3, 75, 101] of 0–255 and the logits.
 */
export const makeNetwork = `${common}
library, name, path = sys.argv[1:]
torch.manual_seed(1)
module = make(library, name)
with torch.no_grad():
    for key, m in module.named_modules():
        if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear)):
            limit = (6 / m.weight[0].numel()) ** 0.5
            m.weight.uniform_(-limit, limit)
            if m.bias is not None: m.bias.uniform_(-0.1, 0.1)
            if key.endswith(("se.conv_expand", "fc2")): m.bias += 1.5
        if isinstance(m, torch.nn.BatchNorm2d):
            m.weight.uniform_(0.9, 1.1)
            m.bias.uniform_(-0.1, 0.1)
            m.running_mean.uniform_(-0.1, 0.1)
            m.running_var.uniform_(0.8, 1.2)
    for block in module.modules():
        if getattr(block, "has_skip", False) or getattr(block, "use_res_connect", False):
            last = [m for m in block.modules() if isinstance(m, torch.nn.BatchNorm2d)][-1]
            last.weight *= 0.25
save_file(module.state_dict(), path)
image = numpy.random.default_rng(1).integers(0, 256, (1, 3, 75, 101), dtype=numpy.uint8)
print(json.dumps({"image": image.flatten().tolist(), "logits": logits(library, name, module, image).tolist()}))
`;

/** Arguments: library, name, path of a file. Strict loading into a new network; prints whether types and logits are equal. */
export const loadNetwork = `${common}
library, name, written, original = sys.argv[1:]
torch.manual_seed(2)
image = numpy.random.default_rng(1).integers(0, 256, (1, 3, 75, 101), dtype=numpy.uint8)
file, module = load_file(written), make(library, name)
wrong = [key for key, tensor in module.state_dict().items() if file[key].dtype != tensor.dtype]
results = []
for path in (written, original):
    module.load_state_dict(load_file(path), strict=True)
    results.append(logits(library, name, module, image))
print(json.dumps({"otherTypes": wrong, "areEqual": torch.equal(*results)}))
`;

/** Argument: a list of [library, name] in JSON. Prints of each: tensors "name [shape]", epsilons and momenta. */
export const describeNetworks = `${common}
described = []
for library, name in json.loads(sys.argv[1]):
    with torch.device("meta"):
        module = make(library, name)
    normalizations = [m for m in module.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    described.append({
        "tensors": sorted(f"{key} [{', '.join(map(str, tensor.shape))}]" for key, tensor in module.state_dict().items()),
        "epsilons": sorted({m.eps for m in normalizations}),
        "momenta": sorted({m.momentum for m in normalizations}),
    })
print(json.dumps(described))
`;

/**
 * Arguments: library, name, path of the state dict, path for gradients. Cross entropy of four images with labels 3n, as in
 * training with frozen normalizations, in float64. Writes the gradient of every parameter; prints the loss.
 */
export const differentiateNetwork = `${common}
library, name, path, written = sys.argv[1:]
module = make(library, name)
module.load_state_dict(load_file(path))
module.double().eval()
image = (numpy.arange(4 * 3 * 64 * 64, dtype=numpy.int64) * 7919 % 256).reshape(4, 3, 64, 64)
mean, std = (torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1) for values in preprocessing(library, name))
x = (torch.from_numpy(image).double() / 255 - mean) / std
loss = torch.nn.functional.cross_entropy(module(x), torch.tensor([0, 3, 6, 9]))
loss.backward()
save_file({key: p.grad.float().contiguous() for key, p in module.named_parameters()}, written)
print(json.dumps(loss.item()))
`;
