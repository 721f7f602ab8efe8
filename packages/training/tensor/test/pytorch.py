"""Runs the cases of pytorch-cases.ts in PyTorch: JSON lines in, JSON lines out."""

import base64
import json
import sys

import torch

torch.set_num_threads(1)


def make(spec):
    if isinstance(spec, dict):
        data = bytearray(base64.b64decode(spec["bytes"]))
        dtype = getattr(torch, spec["dtype"])
        if len(data) == 0:
            return torch.empty(spec["shape"], dtype=dtype)
        tensor = torch.frombuffer(data, dtype=dtype).reshape(spec["shape"]).clone()
        return tensor.requires_grad_() if spec["gradient"] else tensor
    if isinstance(spec, list):
        return [make(item) for item in spec]
    return spec


def leaves(value):
    if isinstance(value, torch.Tensor):
        return [value] if value.requires_grad else []
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else []


def outputs(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [tensor for item in value for tensor in outputs(item)]
    return [torch.tensor(value, dtype=torch.float64)]


def weighted(tensors):
    total = 0
    for tensor in tensors:
        if tensor.requires_grad:
            weights = torch.cos(torch.arange(tensor.numel(), dtype=torch.float32)).reshape(tensor.shape)
            total = total + (tensor * weights).sum()
    return total


def pack(tensor):
    tensor = tensor.detach().clone().contiguous()  # a zero gradient may have no memory; its clone has
    if tensor.dtype in (torch.bfloat16, torch.float16):
        tensor = tensor.float()
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    data = bytes(tensor.flatten().view(torch.uint8).numpy()) if tensor.numel() > 0 else b""
    return {"dtype": str(tensor.dtype).replace("torch.", ""), "shape": list(tensor.shape), "bytes": base64.b64encode(data).decode()}


DTYPES = {"float32", "float64", "int64", "bfloat16"}


def option(value):
    return getattr(torch, value) if isinstance(value, str) and value in DTYPES else make(value)


def run(case):
    args = [option(arg) for arg in case["args"]]
    options = {name: option(value) for name, value in case["options"].items()}
    results = outputs(getattr(torch.ops.aten, case["op"])(*args, **options))
    reply = {"outputs": [pack(result) for result in results], "gradients": []}
    if case["gradients"]:
        inputs = [leaf for value in [*args, *options.values()] for leaf in leaves(value)]
        gradients = torch.autograd.grad(weighted(results), inputs, allow_unused=True)
        reply["gradients"] = [None if gradient is None else pack(gradient) for gradient in gradients]
    return reply


for line in sys.stdin:
    try:
        reply = run(json.loads(line))
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
