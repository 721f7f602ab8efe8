"""What PyTorch's GradScaler does: a list of runs as JSON in, after each step of each run its scale, tracker, gradients and
whether the optimizer was called out."""

import json
import math
import sys

import torch


class Counting(torch.optim.SGD):
    updates = 0

    def step(self, closure=None):
        self.updates += 1


def run(options, steps):
    scaler = torch.amp.GradScaler(
        "cpu",
        init_scale=options["initial"],
        growth_factor=options["growthFactor"],
        backoff_factor=options["backoffFactor"],
        growth_interval=options["growthInterval"],
    )
    parameter = torch.nn.Parameter(torch.zeros(3))
    optimizer = Counting([parameter], lr=1.0)
    scaler.scale(torch.zeros(()))
    seen = []
    for values in steps:
        before = optimizer.updates
        parameter.grad = torch.tensor([math.inf if value is None else value for value in values], dtype=torch.float32)
        scaler.unscale_(optimizer)
        gradients = parameter.grad.tolist()
        scaler.step(optimizer)
        scaler.update()
        seen.append(
            {
                "scale": scaler.get_scale(),
                "tracker": scaler._growth_tracker.item(),
                "skipped": optimizer.updates == before,
                "gradients": [value if math.isfinite(value) else None for value in gradients],
            }
        )
    return seen


json.dump([run(each["options"], each["steps"]) for each in json.load(sys.stdin)], sys.stdout)
