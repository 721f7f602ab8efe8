"""Writes optimizers.json: what the optimizers of @hadal/nn must do.

    python3 packages/training/nn/test/reference/optimizers.py > packages/training/nn/test/reference/optimizers.json
    npx biome format --write packages/training/nn/test/reference/optimizers.json

SGD and Adafactor are PyTorch's own; Lion, Muon, 8-bit AdamW and Adafactor with steps of the learning rate itself are
written here from the papers. Everything runs in float64 and is rounded at the end. Parameters and gradients come from a
formula that the test repeats.
"""

import json
import math

import torch

torch.set_default_dtype(torch.float64)

STEPS = 8
SHAPES = [("tall", (6, 3)), ("vector", (4,)), ("wide", (3, 5)), ("embed_tokens", (4, 3))]
EPS = 2.0**-23
FACTORS = {}
LAYERED = dict(tall=0.1, vector=0.5, wide=2, embed_tokens=0.25)


def formula(shape, seed):
    """Full rank, unlike a plain sine."""
    n = math.prod(shape)
    return torch.tensor([0.5 * math.sin(0.37 * i * i + 1.1 * i + seed) for i in range(n)]).reshape(shape)


def rounded(x):
    return [float(f"{value:.8g}") for value in x.detach().reshape(-1).tolist()]


def rate(step, name):
    return 0.1 / (step + 1) * FACTORS.get(name, 1)


def begin():
    return {name: formula(shape, seed) for seed, (name, shape) in enumerate(SHAPES)}


def gradients(step):
    return {name: formula(shape, 10 * step + 3 * seed + 5) for seed, (name, shape) in enumerate(SHAPES)}


def pytorch(make, weight_decay):
    """The trajectory of a torch.optim class: a parameter group for each, with decay on matrices only."""
    parameters = {name: value.requires_grad_() for name, value in begin().items()}
    optimizer = make([
        dict(params=[p], name=name, weight_decay=weight_decay if p.ndim >= 2 else 0.0)
        for name, p in parameters.items()
    ])
    trajectory = []
    for step in range(STEPS):
        for name, gradient in gradients(step).items():
            parameters[name].grad = gradient
        for group in optimizer.param_groups:
            group["lr"] = rate(step, group["name"])
        optimizer.step()
        trajectory.append([rounded(p) for p in parameters.values()])
    return trajectory


def by_hand(update):
    """The trajectory of `update(name, parameter, gradient, memory, step)`, which returns the new parameter."""
    parameters = begin()
    memory = {name: {} for name in parameters}
    trajectory = []
    for step in range(STEPS):
        for name, gradient in gradients(step).items():
            parameters[name] = update(name, parameters[name], gradient, memory[name], step)
        trajectory.append([rounded(p) for p in parameters.values()])
    return trajectory


def sgd(momentum, nesterov, weight_decay):
    return pytorch(lambda groups: torch.optim.SGD(groups, lr=1, momentum=momentum, nesterov=nesterov), weight_decay)


def adafactor(weight_decay, clip, least):
    return pytorch(lambda groups: torch.optim.Adafactor(groups, lr=1, eps=(EPS, least), d=clip), weight_decay)


def lion(beta1, beta2, weight_decay):
    def update(name, p, g, memory, step):
        m = memory.get("m", torch.zeros_like(p))
        direction = torch.sign(beta1 * m + (1 - beta1) * g)
        memory["m"] = beta2 * m + (1 - beta2) * g
        return p - rate(step, name) * (direction + (weight_decay * p if p.ndim >= 2 else 0))
    return by_hand(update)


def adamw(name, p, g, memory, step, weight_decay, beta1=0.9, beta2=0.95, eps=1e-8):
    m = memory["m"] = beta1 * memory.get("m", 0) + (1 - beta1) * g
    v = memory["v"] = beta2 * memory.get("v", 0) + (1 - beta2) * g * g
    update = (m / (1 - beta1 ** (step + 1))) / ((v / (1 - beta2 ** (step + 1))).sqrt() + eps)
    return p - rate(step, name) * (update + (weight_decay * p if p.ndim >= 2 else 0))


def zeroth_power(g, iterations):
    """X -> aX + b(XX')X + c(XX')²X"""
    x = g / (g.norm() + 1e-7)
    for _ in range(iterations):
        s = x @ x.T
        x = 3.4445 * x - 4.7750 * s @ x + 2.0315 * s @ s @ x
    return x


def muon(momentum, nesterov, weight_decay):
    def update(name, p, g, memory, step):
        if p.ndim != 2 or name == "embed_tokens":
            return adamw(name, p, g, memory, step, 0.1)
        m = memory["m"] = momentum * memory.get("m", 0) + (1 - momentum) * g
        direction = zeroth_power((1 - momentum) * g + momentum * m if nesterov else m, 5)
        size = 0.2 * math.sqrt(max(p.shape))
        return p * (1 - rate(step, name) * weight_decay) - rate(step, name) * size * direction
    return by_hand(update)


def adafactor_plain(weight_decay):
    """Whole rates, and each second moment written as the paper does: row sums times column sums over the sum of all."""
    def update(name, p, g, memory, step):
        keep = 1 - (step + 1) ** -0.8
        v = g * g
        if p.ndim == 2:
            r = memory["r"] = keep * memory.get("r", 0) + (1 - keep) * v.sum(1)
            c = memory["c"] = keep * memory.get("c", 0) + (1 - keep) * v.sum(0)
            v = torch.outer(r, c) / r.sum()
            p = p * (1 - rate(step, name) * weight_decay)
        else:
            v = memory["v"] = keep * memory.get("v", 0) + (1 - keep) * v
        u = g / v.sqrt()
        return p - rate(step, name) * u / max(1, float(u.square().mean().sqrt()))
    return by_hand(update)


def dynamic_map(signed):
    """Dettmers et al. 2022: for each decade the middles of equal parts of [0.1, 1]."""
    values = [0.0, 1.0]
    for decade in range(7):
        edges = torch.linspace(0.1, 1, 2 ** (decade if signed else decade + 1) + 1)
        middles = ((edges[1:] + edges[:-1]) / 2 * 10.0 ** (decade - 6)).tolist()
        values += middles + ([-m for m in middles] if signed else [])
    return torch.tensor(sorted(values))


def quantize(x, signed):
    """The values that one block of 8 bits gives back."""
    scale = x.abs().max()
    book = dynamic_map(signed)
    return book[(x[..., None] / scale - book).abs().argmin(-1)] * scale


def adamw_8bit():
    def update(name, p, g, memory, step):
        new = adamw(name, p, g, memory, step, 0.1)
        memory["m"] = quantize(memory["m"], True)
        memory["v"] = quantize(memory["v"], False)
        return new
    return by_hand(update)


def blockwise(signed):
    """300 values of many sizes: the codes and scales of two blocks of 256, the second filled up with zeros."""
    x = torch.tensor([math.sin(1.3 * i + 0.2) * 10 ** (3 * math.sin(0.7 * i)) for i in range(300)])
    x = torch.cat([x if signed else x.abs(), torch.zeros(212)]).reshape(2, 256)
    scales = x.abs().amax(1)
    book = dynamic_map(signed)
    codes = (x[:, :, None] / scales[:, None, None] - book).abs().argmin(-1)
    return dict(map=rounded(book), scales=rounded(scales), codes=codes.reshape(-1).tolist())


def torch_adamw(weight_decay):
    return pytorch(lambda groups: torch.optim.AdamW(groups, lr=1, betas=(0.9, 0.95)), weight_decay)


def layered():
    """The same with a rate for each parameter."""
    FACTORS.update(LAYERED)
    trajectories = [
        dict(choice=dict(kind="adamw"), parameters=torch_adamw(0.1)),
        dict(choice=dict(kind="adamw-8bit", leastValues=0), parameters=adamw_8bit()),
        dict(choice=dict(kind="adamw-8bit", leastValues=1000), parameters=torch_adamw(0.1)),
        dict(choice=dict(kind="sgd", momentum=0, weightDecay=0.1), parameters=sgd(0, False, 0.1)),
        dict(choice=dict(kind="sgd", momentum=0.8, nesterov=True, weightDecay=0.1), parameters=sgd(0.8, True, 0.1)),
        dict(choice=dict(kind="lion"), parameters=lion(0.9, 0.99, 0.3)),
        dict(choice=dict(kind="adafactor", weightDecay=0.1), parameters=adafactor(0.1, 1.0, 1e-3)),
        dict(choice=dict(kind="adafactor", relativeStep=False, weightDecay=0.1), parameters=adafactor_plain(0.1)),
        dict(choice=dict(kind="muon"), parameters=muon(0.95, True, 0.1)),
    ]
    FACTORS.clear()
    return dict(factors=LAYERED, trajectories=trajectories)


print(json.dumps(dict(
    trajectories=[
        dict(choice=dict(kind="sgd", momentum=0, weightDecay=0), parameters=sgd(0, False, 0)),
        dict(choice=dict(kind="sgd", momentum=0, weightDecay=0.1), parameters=sgd(0, False, 0.1)),
        dict(choice=dict(kind="sgd", momentum=0.9, weightDecay=0.1), parameters=sgd(0.9, False, 0.1)),
        dict(choice=dict(kind="sgd", momentum=0.8, nesterov=True, weightDecay=0.1), parameters=sgd(0.8, True, 0.1)),
        dict(choice=dict(kind="lion", beta1=0.9, beta2=0.99, weightDecay=0.3), parameters=lion(0.9, 0.99, 0.3)),
        dict(choice=dict(kind="lion", beta1=0.7, beta2=0.5, weightDecay=0), parameters=lion(0.7, 0.5, 0)),
        dict(choice=dict(kind="adafactor"), parameters=adafactor(0, 1.0, 1e-3)),
        dict(choice=dict(kind="adafactor", weightDecay=0.1, clipThreshold=1.5, leastScale=2),
             parameters=adafactor(0.1, 1.5, 2.0)),
        dict(choice=dict(kind="adafactor", relativeStep=False, weightDecay=0.1), parameters=adafactor_plain(0.1)),
        dict(choice=dict(kind="muon"), parameters=muon(0.95, True, 0.1)),
        dict(choice=dict(kind="muon", momentum=0.8, nesterov=False, weightDecay=0), parameters=muon(0.8, False, 0)),
        dict(choice=dict(kind="adamw-8bit", leastValues=0), parameters=adamw_8bit()),
    ],
    layered=layered(),
    blockwise=dict(signed=blockwise(True), unsigned=blockwise(False)),
), separators=(",", ":")))
