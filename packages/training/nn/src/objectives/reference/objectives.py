"""Writes objectives.json: values and gradients of the objectives of @hadal/nn, from PyTorch in float64.

    python3 packages/training/nn/src/objectives/reference/objectives.py > packages/training/nn/src/objectives/reference/objectives.json
    npx biome format --write packages/training/nn/src/objectives/reference/objectives.json

Each case is the mean over what counts, by torch.nn.functional where it has the loss and written from the paper where it
has not. Inputs come from a formula that the test repeats.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

B, T, V, D = 3, 5, 7, 4
TARGETS = torch.tensor([[1, 0, 6, 3, -100], [2, -100, 4, 4, 5], [-100, 6, 0, 1, 2]])
BOOLEAN = torch.tensor([[1, 1, 0, 1, 1], [0, 1, 1, 1, 0], [1, 0, 1, 1, 1]])
WEIGHTS = torch.tensor([[1, 0.5, 0, 2, 1], [0.25, 1, 1, 0, 3], [1, 1, 0.125, 1, 0]])
PADDING = torch.tensor([[1, 1, 1, 0, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0]])
CLASSES = torch.tensor([4, -100, 2])
LABELS = torch.tensor([[1, 0, 0, 1, -100, 0, 1], [0, 0, -100, 0, 0, 1, 1], [1, 1, 0, 0, 0, 0, -100]])


def formula(shape, seed):
    n = math.prod(shape)
    x = torch.tensor([2 * math.sin(0.37 * i * i + 1.1 * i + seed) for i in range(n)]).reshape(shape)
    return x.requires_grad_()


def case(value, inputs):
    gradients = torch.autograd.grad(value, inputs)
    number = lambda x: [float(f"{v:.8g}") for v in x.detach().reshape(-1).tolist()]
    return dict(value=number(value)[0], gradients=[number(g) for g in gradients])


def tokens(mask, smoothing, z):
    logits = formula((B, T, V), 0)
    total, weight = 0, 0
    for b in range(B):
        for t in range(T):
            w = 1.0 if mask is None else float(mask[b, t])
            if TARGETS[b, t] == -100 or w == 0:
                continue
            nll = F.cross_entropy(logits[b, t], TARGETS[b, t], label_smoothing=smoothing)
            total = total + w * (nll + z * torch.log(torch.exp(logits[b, t]).sum()) ** 2)
            weight += w
    return dict(labelSmoothing=smoothing, zLoss=z, **case(total / weight, [logits]))


def log_probs(seed, per_token):
    """Of each sequence, token by token: p(target), then the logarithm of the product."""
    logits = formula((B, T, V), seed)
    out = []
    for b in range(B):
        kept = [t for t in range(T) if TARGETS[b, t] != -100]
        p = math.prod(torch.softmax(logits[b, t], 0)[TARGETS[b, t]] for t in kept)
        out.append(torch.log(p) / (len(kept) if per_token else 1))
    return logits, torch.stack(out)


def preference(variant, beta, smoothing):
    ipo = variant == "ipo"
    (chosen, c), (rejected, r) = log_probs(0, ipo), log_probs(1, ipo)
    ref = log_probs(2, ipo)[1] - log_probs(3, ipo)[1]
    h = c - r - ref.detach()
    if ipo:
        loss = ((h - 1 / (2 * beta)) ** 2).mean()
    else:
        loss = F.binary_cross_entropy_with_logits(beta * h, torch.full_like(h, 1 - smoothing))
    options = dict(variant=variant, beta=beta, labelSmoothing=smoothing)
    return dict(options=options, **case(loss, [chosen, rejected]))


def classes(weighted, smoothing):
    logits = formula((B, V), 4)
    weights = formula((V,), 5).detach().abs() if weighted else None
    loss = F.cross_entropy(logits, CLASSES, weight=weights, label_smoothing=smoothing)
    return dict(weighted=weighted, labelSmoothing=smoothing, **case(loss, [logits]))


def labels(weighted, positive):
    logits = formula((B, V), 4)
    kept = LABELS != -100
    expand = lambda seed: formula((V,), seed).detach().abs().expand(B, V)[kept]
    loss = F.binary_cross_entropy_with_logits(
        logits[kept], LABELS[kept].double(), weight=expand(5) if weighted else None,
        pos_weight=expand(6) if positive else None,
    )
    return dict(weighted=weighted, positive=positive, **case(loss, [logits]))


def pooled(hidden):
    return torch.stack([hidden[b, PADDING[b].nonzero().max()] for b in range(B)])


def classification_head():
    hidden, weight = formula((B, T, D), 7), formula((V, D), 8)
    return case(F.cross_entropy(F.linear(pooled(hidden), weight), CLASSES), [hidden, weight])


def reward_head(margin):
    chosen, rejected, weight = formula((B, T, D), 7), formula((B, T, D), 9), formula((1, D), 8)
    difference = (pooled(chosen) - pooled(rejected)) @ weight[0]
    if margin:
        difference = difference - formula((B,), 10).detach().abs()
    return dict(margin=margin, **case(F.softplus(-difference).mean(), [chosen, rejected, weight]))


json.dump(
    dict(
        shape=[B, T, V, D],
        inputs=dict(
            targets=TARGETS.tolist(), boolean=BOOLEAN.tolist(), weights=WEIGHTS.tolist(), padding=PADDING.tolist(),
            classes=CLASSES.tolist(), labels=LABELS.tolist(),
        ),
        tokens=[
            dict(mask=name, **tokens(mask, smoothing, z))
            for name, mask in (("none", None), ("boolean", BOOLEAN), ("weights", WEIGHTS))
            for smoothing, z in ((0.0, 0.0), (0.1, 0.0), (0.0, 0.01), (0.2, 0.05))
        ],
        preferences=[
            preference("dpo", 0.1, 0.0), preference("dpo", 0.5, 0.0), preference("dpo", 0.3, 0.2),
            preference("ipo", 0.1, 0.0), preference("ipo", 0.7, 0.0),
        ],
        classes=[classes(w, s) for w in (False, True) for s in (0.0, 0.1)],
        labels=[labels(w, p) for w in (False, True) for p in (False, True)],
        classificationHead=classification_head(),
        rewardHeads=[reward_head(False), reward_head(True)],
    ),
    sys.stdout,
)
