"""One turn of the comparison, in Python's torch: prints microseconds for each case as JSON."""

import json
import time

import torch

a = torch.randn(4, 4)
b = torch.randn(4, 4)
w = torch.randn(4, 4).requires_grad_()
x = torch.randn(16, 8)
y = torch.randn(16, 1)
parameters = [p.requires_grad_() for p in (torch.randn(8, 16), torch.zeros(16), torch.randn(16, 1))]
first = [torch.zeros_like(p) for p in parameters]
second = [torch.zeros_like(p) for p in parameters]
steps = [torch.zeros([]) for _ in parameters]
adamw = dict(lr=1e-3, beta1=0.9, beta2=0.999, weight_decay=0.01, eps=1e-8, amsgrad=False, maximize=False)


def training_step():
    hidden = torch.addmm(parameters[1], x, parameters[0]).relu()
    loss = torch.nn.functional.mse_loss(hidden.mm(parameters[2]), y)
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        torch._foreach_add_(steps, 1)
        torch._fused_adamw_(parameters, gradients, first, second, [], steps, **adamw)


cases = {
    "relu": lambda: torch.relu(a),
    "add": lambda: torch.add(a, b),
    "add, recorded for gradients": lambda: torch.add(w, b),
    "add a number": lambda: a.add(1.5),
    "multiply in place": lambda: a.mul_(1),
    "matrix product": lambda: a.mm(b),
    "sum over a dimension": lambda: a.sum(1),
    "sum, with options": lambda: torch.sum(a, 1, keepdim=True),
    "softmax": lambda: a.softmax(-1),
    "view": lambda: a.view([2, 8]),
    "transpose": lambda: a.transpose(0, 1),
    "concatenate two": lambda: torch.cat([a, b], 0),
    "split in two": lambda: a.split(2),
    "zeros": lambda: torch.zeros([4, 4]),
    "read the shape": lambda: a.shape,
    "training step of a tiny network": training_step,
}

results = {}
for name, run in cases.items():
    count = 4000 if name.startswith("training") else 20000
    samples = []
    for _ in range(7):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            run()
        samples.append(((time.perf_counter() - wall) / count * 1e6, (time.process_time() - cpu) / count * 1e6))
    middle = lambda which: sorted(sample[which] for sample in samples)[3]
    results[name] = {"wall": middle(0), "cpu": middle(1)}
print(json.dumps(results))
