"""The decoder and its training step, written plainly in PyTorch: what Hadal's are compared with. Operator for operator the
same algorithm, with PyTorch's own modules, clipping and fused optimizer.

Run as a contender (`contenders.ts`): python3 decoder.py <folder of a task>. Commands and answers are lines.
"""

import json
import math
import resource
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

IGNORE = -100


class Attention(nn.Module):
    def __init__(self, config, dtype):
        super().__init__()
        d, self.heads, self.kv_heads = (
            config["hidden_size"],
            config["num_attention_heads"],
            config["num_key_value_heads"],
        )
        self.width = d // self.heads
        self.q_proj = nn.Linear(d, self.heads * self.width, bias=False, dtype=dtype)
        self.k_proj = nn.Linear(d, self.kv_heads * self.width, bias=False, dtype=dtype)
        self.v_proj = nn.Linear(d, self.kv_heads * self.width, bias=False, dtype=dtype)
        self.o_proj = nn.Linear(self.heads * self.width, d, bias=False, dtype=dtype)

    def forward(self, x, cos, sin):
        b, t, _ = x.shape
        # In fp32 whatever the weights are: the CPU's bf16 attention takes several times as long.
        q, k, v = (
            projection(x).view(b, t, -1, self.width).transpose(1, 2).float()
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        repeats = self.heads // self.kv_heads
        # enable_gqa would keep the CPU from its flash kernel.
        k, v = repeat_heads(rotate(k, cos, sin), repeats), repeat_heads(v, repeats)
        y = F.scaled_dot_product_attention(rotate(q, cos, sin), k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).reshape(b, t, -1).to(x.dtype))


def repeat_heads(x, repeats):
    if repeats == 1:
        return x
    b, k, t, e = x.shape
    return x.unsqueeze(2).expand(b, k, repeats, t, e).reshape(b, k * repeats, t, e)


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class Mlp(nn.Module):
    def __init__(self, config, dtype):
        super().__init__()
        d, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(d, inner, bias=False, dtype=dtype)
        self.up_proj = nn.Linear(d, inner, bias=False, dtype=dtype)
        self.down_proj = nn.Linear(inner, d, bias=False, dtype=dtype)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config, dtype):
        super().__init__()
        d, eps = config["hidden_size"], config["rms_norm_eps"]
        self.self_attn = Attention(config, dtype)
        self.mlp = Mlp(config, dtype)
        self.input_layernorm = nn.RMSNorm(d, eps, dtype=dtype)
        self.post_attention_layernorm = nn.RMSNorm(d, eps, dtype=dtype)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Trunk(nn.Module):
    def __init__(self, config, dtype):
        super().__init__()
        d = config["hidden_size"]
        self.embed_tokens = nn.Embedding(config["vocab_size"], d, dtype=dtype)
        self.layers = nn.ModuleList(Layer(config, dtype) for _ in range(config["num_hidden_layers"]))
        self.norm = nn.RMSNorm(d, config["rms_norm_eps"], dtype=dtype)


class Decoder(nn.Module):
    """The head is tied to the embedding."""

    def __init__(self, config, dtype):
        super().__init__()
        self.model = Trunk(config, dtype)
        width = config["hidden_size"] // config["num_attention_heads"]
        rates = [config["rope_theta"] ** (-2 * i / width) for i in range(width // 2)]
        positions = torch.arange(config["max_position_embeddings"], dtype=torch.float64)
        angles = positions[:, None] * torch.tensor(rates, dtype=torch.float64)
        self.cos, self.sin = angles.cos().float(), angles.sin().float()
        self.checkpointing = False

    def forward(self, ids):
        time_steps = ids.shape[1]
        cos, sin = self.cos[:time_steps], self.sin[:time_steps]
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x = checkpoint(layer, x, cos, sin, use_reentrant=False) if self.checkpointing else layer(x, cos, sin)
        return F.linear(self.model.norm(x), self.model.embed_tokens.weight)


class Training:
    def __init__(self, task, weights):
        self.schedule, self.clip_norm = task["schedule"], task["clipNorm"]
        dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[task["precision"]]
        self.autocast = task.get("autocast", False)
        self.model = Decoder(task["model"], dtype)
        self.model.checkpointing = task.get("checkpointing", {}).get("every") == 1
        self.model.load_state_dict(weights, strict=True)
        self.working = list(self.model.parameters())
        self.shared = dtype == torch.float32
        self.masters = (
            self.working
            if self.shared
            else [nn.Parameter(weights[name].clone()) for name, _ in self.model.named_parameters()]
        )
        choice = task["optimizer"]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in self.masters if p.ndim >= 2], "weight_decay": choice["weightDecay"]},
                {"params": [p for p in self.masters if p.ndim < 2], "weight_decay": 0.0},
            ],
            betas=(choice["beta1"], choice["beta2"]),
            eps=choice["eps"],
            fused=True,
        )
        self.steps = 0

    def loss(self, inputs, targets):
        with torch.autocast("cpu", torch.bfloat16, enabled=self.autocast):
            logits = self.model(torch.from_numpy(inputs))
        targets = torch.from_numpy(targets).long().reshape(-1)
        flat = logits.reshape(-1, logits.shape[-1]).float()
        return F.cross_entropy(flat, targets, reduction="sum", ignore_index=IGNORE)

    def step(self, inputs, targets):
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.schedule, self.steps)
        loss = self.loss(inputs, targets) / int((targets != IGNORE).sum())
        loss.backward()
        if not self.shared:
            for master, working in zip(self.masters, self.working):
                master.grad, working.grad = working.grad.float(), None
        norm = nn.utils.clip_grad_norm_(self.masters, self.clip_norm, foreach=True)
        value = loss.item()
        if not (math.isfinite(value) and math.isfinite(norm.item())):
            raise ArithmeticError(f"step {self.steps + 1}: loss {value}, gradient norm {norm.item()}")
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        if not self.shared:
            with torch.no_grad():
                torch._foreach_copy_(self.working, self.masters)
        self.steps += 1
        return value

    @torch.no_grad()
    def evaluate(self, inputs, targets, rows):
        parts = range(0, len(inputs), rows)
        total = sum(self.loss(inputs[at : at + rows], targets[at : at + rows]).item() for at in parts)
        return total / int((targets != IGNORE).sum())


def learning_rate(schedule, step):
    peak, warmup, total = schedule["peak"], schedule["warmupSteps"], schedule["totalSteps"]
    if step < warmup:
        return peak * (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    floor = peak * schedule["floorFraction"]
    return floor + 0.5 * (peak - floor) * (1 + math.cos(math.pi * done))


def read_safetensors(path):
    raw = open(path, "rb").read()
    size = int.from_bytes(raw[:8], "little")
    types = {"F32": numpy.float32, "I32": numpy.int32}

    def array(entry):
        begin, end = entry["data_offsets"]
        return numpy.frombuffer(raw[8 + size + begin : 8 + size + end], types[entry["dtype"]]).reshape(entry["shape"])

    header = json.loads(raw[8 : 8 + size])
    return {name: array(entry).copy() for name, entry in header.items() if name != "__metadata__"}


def loaded_libraries():
    words = ("libtorch", "libc10", "blas", "libgomp", "libdnnl")
    paths = {line.split()[-1] for line in open("/proc/self/maps") if "/" in line}
    return sorted(path for path in paths if any(word in path.rsplit("/", 1)[-1] for word in words))


def say(answer):
    print(json.dumps(answer), flush=True)


def run_contender(folder, training_class):
    task = json.load(open(f"{folder}/task.json"))
    torch.set_num_threads(task["threads"])
    weights = {name: torch.from_numpy(it) for name, it in read_safetensors(f"{folder}/weights.safetensors").items()}
    data = read_safetensors(f"{folder}/windows.safetensors")
    rows = task["batchWindows"]
    training = training_class(task, weights)
    total, evaluate_every = task["schedule"]["totalSteps"], task["evaluateEvery"]
    say({"version": torch.__version__, "threads": torch.get_num_threads(), "libraries": loaded_libraries()})
    for line in sys.stdin:
        losses, valid_losses = [], []
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        wall, processor = time.perf_counter(), time.process_time()
        for _ in range(int(line)):
            batch = data["order"][training.steps * rows : (training.steps + 1) * rows]
            losses.append(training.step(data["train.inputs"][batch], data["train.targets"][batch]))
            if training.steps == total or training.steps % evaluate_every == 0:
                loss = training.evaluate(data["valid.inputs"], data["valid.targets"], rows)
                valid_losses.append({"step": training.steps, "loss": loss})
        seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - processor
        answer = {"losses": losses, "validLosses": valid_losses, "seconds": seconds, "cpuSeconds": cpu_seconds}
        say({**answer, "pageFaults": resource.getrusage(resource.RUSAGE_SELF).ru_minflt - faults})


if __name__ == "__main__":
    run_contender(sys.argv[1], Training)
