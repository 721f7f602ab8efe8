"""Outputs and gradients of layers in float64: reads cases as JSON, writes one result for each."""

import json
import sys

import torch


def tensor(value):
    return torch.tensor(value["data"], dtype=torch.float64).reshape(value["shape"])


def build(case):
    kind, options = case["kind"], case["options"]
    return getattr(torch.nn, kind)(**options).double()


results = []
for case in json.load(sys.stdin):
    layer = build(case)
    layer.load_state_dict({name: tensor(value) for name, value in case["state"].items()}, strict=False)
    layer.train(case["training"])
    x = tensor(case["x"]).requires_grad_(True)
    y = layer(x)
    y.backward(tensor(case["dy"]).reshape(y.shape))
    gradients = {name: parameter.grad.flatten().tolist() for name, parameter in layer.named_parameters()}
    buffers = {name: value.flatten().tolist() for name, value in layer.named_buffers() if value.ndim > 0}
    results.append(
        {
            "shape": list(y.shape),
            "y": y.flatten().tolist(),
            "x": x.grad.flatten().tolist(),
            "gradients": gradients,
            "buffers": buffers,
        }
    )
json.dump(results, sys.stdout)
