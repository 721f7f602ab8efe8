"""Writes resnet.json: names and shapes of torchvision's residual networks, and their outputs in float64.

    /usr/bin/python3 packages/training/nn/test/reference/resnet.py > packages/training/nn/test/reference/resnet.json
    npx biome format --write packages/training/nn/test/reference/resnet.json

Needs torchvision, which the test does not. Weights are a formula that the test repeats, in float32. Of ResNet-18 and ResNet-50 every tensor is
listed, of the others a digest of the same list.
"""

import hashlib
import json
import math
import sys

import torch
import torch.nn.functional as F
from torchvision.models import resnet18, resnet34, resnet50, resnet101, resnet152

torch.set_num_threads(1)
models = {"18": resnet18, "34": resnet34, "50": resnet50, "101": resnet101, "152": resnet152}


def formula(shape, seed):
    i = torch.arange(math.prod(shape), dtype=torch.float64).remainder(9973)
    return torch.sin(0.37 * i * i + 1.1 * i + seed).reshape(shape)


def value(name, shape, seed):
    raw = formula(shape, seed)
    if name.endswith("running_var"):
        raw = 1 + 0.5 * raw
    elif len(shape) == 4:
        raw = raw * (2 / math.sqrt(shape[0] * shape[2] * shape[3]))
    elif name == "fc.weight":
        raw = raw / math.sqrt(shape[1])
    elif name.endswith("weight"):
        raw = 1 + 0.2 * raw
    else:
        raw = 0.1 * raw
    return raw.float()


def fill(model):
    """Values that depend on a tensor's place among the names."""
    named = [(n, t) for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")]
    with torch.no_grad():
        for seed, (name, tensor) in enumerate(named):
            tensor.copy_(value(name, list(tensor.shape), seed))


def rounded(x):
    return [float(f"{value:.12g}") for value in x.detach().reshape(-1).tolist()]


def outputs(model):
    model.double()
    fill(model)
    images = formula([4, 3, 64, 64], 7).float().double()
    labels = torch.tensor([1, 5, 0, 9])
    model.eval()
    with torch.no_grad():
        evaluated = model(images)
    model.train()
    trained = model(images)
    loss = F.cross_entropy(trained, labels)
    loss.backward()
    return {
        "eval": rounded(evaluated),
        "train": rounded(trained),
        "loss": rounded(loss)[0],
        "gradients": {name: rounded(each.grad.norm())[0] for name, each in model.named_parameters()},
        "buffers": {
            name: rounded(each.norm())[0] for name, each in model.named_buffers() if each.dtype == torch.float64
        },
    }


def listed(model):
    return [f"{name} {'x'.join(str(size) for size in tensor.shape)}" for name, tensor in model.state_dict().items()]


result = {}
for depth, make in models.items():
    tensors = listed(make())
    result[depth] = {
        "parameters": sum(each.numel() for each in make().parameters()),
        "digest": hashlib.sha256("\n".join(tensors).encode()).hexdigest(),
    }
    if depth in ("18", "50"):
        result[depth]["tensors"] = tensors
        result[depth] |= outputs(make(num_classes=10))
json.dump(result, sys.stdout)
