"""PyTorch's side of private training: peer.py <network> <way> <steps> <warm-up> <batch>. Prints one line of JSON.

plain         a loop as anybody writes it
per-sample    gradients of single samples by torch.func (vmap of grad), clipped and summed
hooks         what Opacus does by default: hooks keep what layers read, and make every sample's gradient on the way back
ghost         what Opacus calls ghost clipping: norms on a first way back, the gradient of the reweighted loss on a second

Opacus itself is not in Debian: these do its work by hand, with noise from torch.normal, without its checks and its accountant.
"""

import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

network, way, steps, warm_up, batch = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.manual_seed(1)
ROWS, NORM, NOISE, RATE = 60_000, 1.0, 1.0, 0.05


def make_network():
    if network == "mlp":
        return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))
    return nn.Sequential(
        nn.Conv2d(1, 16, 8, 2, padding=3),
        nn.ReLU(),
        nn.MaxPool2d(2, 1),
        nn.Conv2d(16, 32, 4, 2),
        nn.ReLU(),
        nn.MaxPool2d(2, 1),
        nn.Flatten(),
        nn.Linear(512, 32),
        nn.ReLU(),
        nn.Linear(32, 10),
    )


model = make_network()
parameters = list(model.parameters())
shape = (784,) if network == "mlp" else (1, 28, 28)
pixels = torch.randint(0, 256, (ROWS, *shape), dtype=torch.uint8)
labels = torch.randint(0, 10, (ROWS,))
optimizer = torch.optim.SGD(parameters, RATE)


def draw(poisson):
    rows = torch.rand(ROWS).lt(batch / ROWS).nonzero().squeeze(1) if poisson else torch.randint(0, ROWS, (batch,))
    return pixels[rows].float().div_(255), labels[rows]


def finish(sums):
    """From summed clipped gradients to a step."""
    for parameter, total in zip(parameters, sums):
        total += torch.normal(0.0, NOISE * NORM, total.shape)
        parameter.grad = total.div_(batch)
    optimizer.step()


def plain():
    x, y = draw(False)
    optimizer.zero_grad()
    F.cross_entropy(model(x), y).backward()
    optimizer.step()


def factors_of(squares):
    return (NORM / (squares.sqrt() + 1e-6)).clamp(max=1)


def one_loss(weights, x, y):
    names = [name for name, _ in model.named_parameters()]
    logits = torch.func.functional_call(model, dict(zip(names, weights)), (x.unsqueeze(0),))
    return F.cross_entropy(logits, y.unsqueeze(0))


every_gradient = torch.func.vmap(torch.func.grad(one_loss), in_dims=(None, 0, 0))


def per_sample():
    x, y = draw(True)
    gradients = every_gradient(tuple(parameter.detach() for parameter in parameters), x, y)
    factors = factors_of(sum(g.flatten(1).square().sum(1) for g in gradients))
    finish([torch.einsum("n,n...->...", factors, g) for g in gradients])


kept, squares, gradients_of = {}, [], {}


def layers():
    return [layer for layer in model if list(layer.parameters())]


def unfolded(layer, x):
    return F.unfold(x, layer.kernel_size, padding=layer.padding, stride=layer.stride)


def on_forward(layer, inputs, _):
    if torch.is_grad_enabled():
        kept[layer] = inputs[0].detach()


def gradients_of_samples(layer, _, outputs):
    x, g = kept.pop(layer), outputs[0]
    if isinstance(layer, nn.Linear):
        weight, bias = torch.einsum("ni,nj->nij", g, x), g
    else:
        g = g.flatten(2)
        weight, bias = torch.einsum("noq,nkq->nok", g, unfolded(layer, x)).view(-1, *layer.weight.shape), g.sum(2)
    gradients_of[layer.weight], gradients_of[layer.bias] = weight, bias


def norms_of_samples(layer, _, outputs):
    if not measuring:
        return
    x, g = kept.pop(layer), outputs[0]
    if isinstance(layer, nn.Linear):
        squares.append(g.square().sum(1) * (x.square().sum(1) + 1))
        return
    g, x = g.flatten(2), unfolded(layer, x)
    if 2 * g.shape[2] ** 2 <= g.shape[1] * x.shape[1]:
        weight = (torch.einsum("nkp,nkq->npq", x, x) * torch.einsum("nop,noq->npq", g, g)).sum((1, 2))
    else:
        weight = torch.einsum("noq,nkq->nok", g, x).square().sum((1, 2))
    squares.append(weight + g.sum(2).square().sum(1))


def hooks():
    x, y = draw(True)
    optimizer.zero_grad()
    F.cross_entropy(model(x), y, reduction="sum").backward()
    own = [gradients_of.pop(parameter) for parameter in parameters]
    factors = factors_of(sum(g.flatten(1).square().sum(1) for g in own))
    finish([torch.einsum("n,n...->...", factors, g) for g in own])


measuring = True


def ghost():
    global measuring
    x, y = draw(True)
    optimizer.zero_grad()
    losses = F.cross_entropy(model(x), y, reduction="none")
    measuring = True
    losses.sum().backward(retain_graph=True)
    factors = factors_of(sum(squares))
    squares.clear()
    optimizer.zero_grad()
    measuring = False
    (losses * factors).sum().backward()
    finish([parameter.grad for parameter in parameters])


if way in ("hooks", "ghost"):
    for layer in layers():
        layer.register_forward_hook(on_forward)
        layer.register_full_backward_hook(gradients_of_samples if way == "hooks" else norms_of_samples)

step = {"plain": plain, "per-sample": per_sample, "hooks": hooks, "ghost": ghost}[way]


def resident(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))


before = resident("VmRSS")
for _ in range(warm_up):
    step()
start, used = time.perf_counter(), time.process_time()
for _ in range(steps):
    step()
seconds, cpu = time.perf_counter() - start, time.process_time() - used
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"stepsPerSecond": steps / seconds, "stepsPerCpuSecond": steps / cpu, "peakGrowthBytes": peak - before}))
