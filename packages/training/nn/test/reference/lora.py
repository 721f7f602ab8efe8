"""LoRA and DoRA as PEFT computes them (peft.tuners.lora.layer.Linear, peft.tuners.lora.dora.DoraLinearLayer), in PyTorch alone.

Reads cases as JSON; prints outputs, gradients and merged weights."""

import json
import sys

import torch
from torch.nn import functional


def weight_norm(weight, lora_weight, scaling):
    return torch.linalg.norm(weight + scaling * lora_weight, dim=1)


def forward(case, x, w, bias, a, b, m):
    scaling, p = case["scale"], case["dropout"]
    result = functional.linear(x, w, bias)
    if m is None:
        return result + functional.linear(functional.linear(functional.dropout(x, p), a), b) * scaling
    base_result = None
    if p > 0:
        x = functional.dropout(x, p)
    else:
        base_result = result
    x_eye = torch.eye(a.shape[1])
    lora_weight = functional.linear(functional.linear(x_eye, a), b).T
    norm = weight_norm(w, lora_weight.detach(), scaling).detach()
    mag_norm_scale = (m / norm).view(1, -1)
    lora_result = functional.linear(functional.linear(x, a), b)
    if base_result is not None:
        base_result = base_result - bias
    else:
        base_result = functional.linear(x, w)
    return result + (mag_norm_scale - 1) * base_result + mag_norm_scale * lora_result * scaling


def merged(case, w, a, b, m):
    delta = b @ a * case["scale"]
    if m is None:
        return w + delta
    return (m / weight_norm(w, b @ a, case["scale"])).view(-1, 1) * (w + delta)


out = []
for case in json.load(sys.stdin):
    x, w, bias, a, b = (torch.tensor(case[key]) for key in ("x", "w", "bias", "a", "b"))
    m = torch.tensor(case["m"]) if case["m"] is not None else None
    at_start = torch.linalg.norm(w, dim=1)
    leaves = [t for t in (x, a, b, m) if t is not None]
    for leaf in leaves:
        leaf.requires_grad_(True)
    torch.manual_seed(case["seed"])
    y = forward(case, x, w, bias, a, b, m)
    gradients = torch.autograd.grad(y, leaves, torch.tensor(case["upstream"]))
    out.append({
        "y": y.flatten().tolist(),
        "gradients": [g.flatten().tolist() for g in gradients],
        "merged": merged(case, w, a, b, m).flatten().tolist(),
        "magnitude": at_start.tolist(),
    })
json.dump(out, sys.stdout)
