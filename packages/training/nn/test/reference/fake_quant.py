"""What torch.ao.quantization observes, computes as scales, rounds to and passes back: reads cases as JSON, writes one result for
each. Cases and results of `fake_quant.json` were written by ../fake-quant.test.ts from this."""

import json
import sys
import warnings

import torch
from torch.ao.quantization import observer as observers
from torch.ao.quantization.fake_quantize import FakeQuantize

warnings.simplefilter("ignore")
torch.set_num_threads(1)


def tensor(value):
    return torch.tensor(value["data"], dtype=torch.float32).reshape(value["shape"])


def quantizer(scheme, quant_min, quant_max):
    per_channel = scheme["granularity"] != "tensor"
    name = {
        "min-max": "PerChannelMinMaxObserver" if per_channel else "MinMaxObserver",
        "moving-average": "MovingAveragePerChannelMinMaxObserver"
        if per_channel
        else "MovingAverageMinMaxObserver",
        "histogram": "HistogramObserver",
    }[scheme["observer"]]
    kind = "symmetric" if scheme["symmetric"] else "affine"
    options = {
        "dtype": torch.qint8 if scheme["signed"] else torch.quint8,
        "qscheme": getattr(torch, f"per_{'channel' if per_channel else 'tensor'}_{kind}"),
        "reduce_range": scheme.get("reduceRange", False),
    }
    if per_channel:
        options["ch_axis"] = 0
    if "averaging" in scheme:
        options["averaging_constant"] = scheme["averaging"]
    if (quant_min, quant_max) not in [(-128, 127), (0, 255)]:
        options.update(quant_min=quant_min, quant_max=quant_max)
    made = FakeQuantize(getattr(observers, name), **options)
    if scheme["observer"] == "histogram":
        # PyTorch takes 256 levels whatever the range.
        made.activation_post_process.dst_nbins = 2 ** scheme["bits"]
    return made


def observed(case):
    scheme = case["scheme"]
    made = quantizer(scheme, *case["range"])
    grouped = isinstance(scheme["granularity"], dict)
    steps = []
    batches = case["batches"]
    if scheme["observer"] == "histogram":
        # The search takes a second.
        for batch in batches[:-1]:
            made.activation_post_process(tensor(batch))
        batches = batches[-1:]
    for batch in batches:
        x = tensor(batch).requires_grad_(True)
        y = made(x.reshape(-1, scheme["granularity"]["group"]) if grouped else x).reshape(x.shape)
        y.backward(tensor(case["dy"]))
        steps.append(
            {
                "scale": made.scale.tolist(),
                "zeroPoint": made.zero_point.tolist(),
                "y": y.flatten().tolist(),
                "dx": x.grad.flatten().tolist(),
            }
        )
    seen = made.activation_post_process
    result = {
        "steps": steps,
        "min": seen.min_val.flatten().tolist(),
        "max": seen.max_val.flatten().tolist(),
        "range": [seen.quant_min, seen.quant_max],
    }
    if scheme["observer"] == "histogram":
        result["histogram"] = seen.histogram.tolist()
    return result


def margin(made, x):
    """How far, in steps, the nearest value is from where it would be rounded the other way."""
    levels = x.detach() / made.scale.reshape([-1] + [1] * (x.ndim - 1) if made.is_per_channel else [1])
    return (levels - levels.floor() - 0.5).abs().min().item()


def trained(case):
    """conv, norm, relu, pool, linear by torch.ao.nn.qat, with points where an integer model has them."""
    from torch.ao.nn.intrinsic.qat import ConvBn2d
    from torch.ao.nn.qat import Linear
    from torch.ao.quantization import QConfig

    weight = {
        "bits": 8,
        "symmetric": True,
        "signed": True,
        "granularity": "channel",
        "observer": "moving-average",
    }
    activation = {
        "bits": 8,
        "symmetric": False,
        "signed": False,
        "granularity": "tensor",
        "observer": "moving-average",
    }
    qconfig = QConfig(
        activation=lambda: quantizer(activation, 0, 255),
        weight=lambda **_: quantizer(weight, -127, 127),
    )
    conv = ConvBn2d(2, 4, 3, stride=2, padding=1, bias=case["bias"], qconfig=qconfig)
    head = Linear(4, 3, qconfig=qconfig)
    state = {name: tensor(value) for name, value in case["state"].items()}
    with torch.no_grad():
        conv.weight.copy_(state["conv.weight"])
        if case["bias"]:
            conv.bias.copy_(state["conv.bias"])
        conv.bn.weight.copy_(state["norm.weight"])
        conv.bn.bias.copy_(state["norm.bias"])
        conv.bn.running_mean.copy_(state["norm.running_mean"])
        conv.bn.running_var.copy_(state["norm.running_var"])
        head.weight.copy_(state["head.weight"])
        head.bias.copy_(state["head.bias"])
    parameters = [conv.weight, *([conv.bias] if case["bias"] else []), conv.bn.weight, conv.bn.bias]
    parameters += [head.weight, head.bias]
    points = [qconfig.activation() for _ in range(3)]
    margins = []
    # What goes into the first is the same to the bit.
    for module in [*points[1:], conv.weight_fake_quant, head.weight_fake_quant]:
        module.register_forward_hook(lambda made, given, _: margins.append(margin(made, given[0])))
    steps = []
    for step in case["steps"]:
        if step["frozenNorms"]:
            conv.freeze_bn_stats()
        if step["frozenObservers"]:
            for module in [*points, conv.weight_fake_quant, head.weight_fake_quant]:
                module.disable_observer()
        x = tensor(step["x"]).requires_grad_(True)
        hidden = points[1](torch.relu(conv(points[0](x))))
        y = head(points[2](hidden.mean([2, 3])))
        gradients = torch.autograd.grad(y, [x, *parameters], tensor(step["dy"]))
        steps.append(
            {
                "y": y.flatten().tolist(),
                "gradients": [gradient.flatten().tolist() for gradient in gradients],
                "runningMean": conv.bn.running_mean.tolist(),
                "runningVar": conv.bn.running_var.tolist(),
            }
        )
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients[1:]):
                parameter -= 0.05 * gradient
    scales = {
        "conv.weight": conv.weight_fake_quant.scale.tolist(),
        "head.weight": head.weight_fake_quant.scale.tolist(),
    }
    scales.update({f"point{i}": point.scale.tolist() for i, point in enumerate(points)})
    return {"margin": min(margins), "steps": steps, "scales": scales}


kinds = {"observed": observed, "trained": trained}
json.dump([kinds[case["kind"]](case) for case in json.load(sys.stdin)], sys.stdout)
