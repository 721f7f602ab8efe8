"""Reads tasks as JSON from standard input; writes the fp32 parameters after the steps of each, of PyTorch's own parameter groups.

    [{"kind": "adamw" | "sgd", "parameters": [{"shape", "values"}], "gradients": [step][parameter], "rates": [step][parameter]}]
"""

import json
import sys

import torch

torch.set_num_threads(1)


def trained(task):
    parameters = [torch.tensor(p["values"]).reshape(p["shape"]).requires_grad_() for p in task["parameters"]]
    groups = [dict(params=[p], weight_decay=0.1 if p.ndim >= 2 else 0.0) for p in parameters]
    optimizer = {
        "adamw": lambda: torch.optim.AdamW(groups, lr=1, betas=(0.9, 0.95), fused=True),
        "sgd": lambda: torch.optim.SGD(groups, lr=1, momentum=0.9, foreach=True),
    }[task["kind"]]()
    for gradients, rates in zip(task["gradients"], task["rates"]):
        for parameter, gradient, group, rate in zip(parameters, gradients, optimizer.param_groups, rates):
            parameter.grad = torch.tensor(gradient).reshape(parameter.shape)
            group["lr"] = rate
        optimizer.step()
    return [parameter.detach().reshape(-1).tolist() for parameter in parameters]


print(json.dumps([trained(task) for task in json.load(sys.stdin)]))
