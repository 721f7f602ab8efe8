"""One step of training of eight convolutions with norms in PyTorch: `step-cost.py plain|quantized|frozen STEPS`. The quantised ones
are torch.ao.nn.intrinsic.qat.ConvBn2d with the fused observers of get_default_qat_qconfig. Prints { "cpuMs", "wallMs" }."""

import json
import sys
import time

import torch
from torch import nn
from torch.ao.nn.intrinsic.qat import ConvBn2d
from torch.ao.quantization import get_default_qat_qconfig

kind, steps = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(0)
width, layers = 64, 8
qconfig = get_default_qat_qconfig("qnnpack")


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        if kind == "plain":
            self.conv = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))
            self.point = nn.Identity()
        else:
            self.conv = ConvBn2d(width, width, 3, padding=1, bias=False, qconfig=qconfig)
            self.point = qconfig.activation()

    def forward(self, x):
        return self.point(torch.relu(self.conv(x)))


points = nn.Identity() if kind == "plain" else qconfig.activation()
net = nn.Sequential(points, *[Layer() for _ in range(layers)])
x = torch.randn(32, width, 16, 16)


def step():
    torch.autograd.grad(net(x).square().sum(), list(net.parameters()))


step()
if kind == "frozen":
    net.apply(torch.ao.quantization.disable_observer)
    net.apply(torch.ao.nn.intrinsic.qat.freeze_bn_stats)
found = []
for at in range(2 + steps):
    cpu, wall = time.process_time(), time.perf_counter()
    step()
    if at >= 2:
        found.append((time.process_time() - cpu, time.perf_counter() - wall))
median = [1000 * sorted(each)[len(found) // 2] for each in zip(*found)]
json.dump({"cpuMs": median[0], "wallMs": median[1]}, sys.stdout)
