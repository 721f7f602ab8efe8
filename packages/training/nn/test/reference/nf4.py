"""NF4 as bitsandbytes computes it, in PyTorch: prints codes, magnitudes and what they unpack to, with and without double quantization."""

import json
import sys

import torch

levels = torch.tensor([
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
])


def dynamic_map():
    """create_dynamic_map(signed=True, max_exponent_bits=7, total_bits=8)"""
    data = []
    for i in range(7):
        boundaries = torch.linspace(0.1, 1, 2**i + 1)
        means = (boundaries[:-1] + boundaries[1:]) / 2
        data += ((10 ** (i - 6)) * means).tolist()
        data += (-(10 ** (i - 6)) * means).tolist()
    data += [0, 1.0]
    return torch.tensor(sorted(data))


def blocks_of(values, size):
    values = values.flatten()
    return torch.nn.functional.pad(values, (0, -len(values) % size)).view(-1, size)


def nearest(shares, table):
    return (shares.unsqueeze(-1) - table).abs().argmin(-1)


def pack(weight):
    blocks = blocks_of(weight, 64)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38).unsqueeze(1), levels).flatten()
    return (codes[0::2] << 4 | codes[1::2]).to(torch.uint8), absmax


def unpack(packed, absmax, count):
    codes = torch.stack([packed >> 4, packed & 15], 1).flatten().long()
    return (levels[codes].view(-1, 64) * absmax.unsqueeze(1)).flatten()[:count]


def double(absmax):
    mean = absmax.mean()
    blocks = blocks_of(absmax - mean, 256)
    scales = blocks.abs().amax(1, keepdim=True)
    table = dynamic_map()
    return (table[nearest(blocks / scales.clamp_min(1e-38), table)] * scales).flatten()[: len(absmax)] + mean


out = []
for case in json.load(sys.stdin):
    weight = torch.tensor(case, dtype=torch.float32)
    packed, absmax = pack(weight)
    once = unpack(packed, absmax, weight.numel())
    twice = unpack(packed, double(absmax), weight.numel())
    out.append({"packed": packed.tolist(), "absmax": absmax.tolist(), "once": once.tolist(), "twice": twice.tolist()})
json.dump(out, sys.stdout)
