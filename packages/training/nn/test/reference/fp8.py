"""A linear layer in 8-bit floats with delayed scaling, after Transformer Engine's recipe (its `_default_sf_compute` and the
history of largest magnitudes), with PyTorch's casts: steps of values as JSON in, outputs, gradients and scales out."""

import json
import sys

import torch

torch.set_num_threads(1)
LARGEST = torch.tensor([448.0, 448.0, 57344.0])
FORMATS = [torch.float8_e4m3fn, torch.float8_e4m3fn, torch.float8_e5m2]


class Layer:
    def __init__(self, history_steps, margin):
        self.margin = margin
        self.history = torch.zeros(history_steps, 3)
        self.scales = torch.zeros(3)

    def rounded(self, value, place):
        """In float64, so that the products are exact."""
        amax = value.abs().max()
        self.history[0, place] = torch.maximum(self.history[0, place], amax)
        scale = self.scales[place]
        if scale == 0:  # nothing is known yet
            scale = LARGEST[place] / amax if amax > 0 else torch.ones(())
        largest = LARGEST[place].item()
        return (value * scale).clamp(-largest, largest).to(FORMATS[place]).double(), 1 / scale

    def step(self, passes):
        seen = []
        for each in passes:
            x, weight, gradient = (torch.tensor(each[name], dtype=torch.float32) for name in ("x", "weight", "gradient"))
            (x8, of_x), (weight8, of_weight) = self.rounded(x, 0), self.rounded(weight, 1)
            gradient8, of_gradient = self.rounded(gradient, 2)
            y = x8 @ weight8.T * (of_x * of_weight)
            dx = gradient8 @ weight8 * (of_gradient * of_weight)
            dweight = gradient8.T @ x8 * (of_gradient * of_x)
            seen.append([y.tolist(), dx.tolist(), dweight.tolist()])
        amax = self.history.amax(0)
        scales = LARGEST / amax / 2**self.margin
        self.scales = torch.where((amax > 0) & torch.isfinite(amax), scales, self.scales)
        self.history = self.history.roll(1, 0)
        self.history[0] = 0
        return {"passes": seen, "scales": self.scales.tolist()}


def run(historySteps, margin, steps):
    layer = Layer(historySteps, margin)
    return [layer.step(passes) for passes in steps]


json.dump([run(**each) for each in json.load(sys.stdin)], sys.stdout)
