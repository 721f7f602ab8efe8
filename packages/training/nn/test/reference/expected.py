"""Writes expected.json: what PyTorch says a Llama decoder, AdamW, clipping and a cosine schedule must give.

    python3 packages/training/nn/test/reference/expected.py > packages/training/nn/test/reference/expected.json
    npx biome format --write packages/training/nn/test/reference/expected.json

The decoder is written from the Llama architecture alone, independently of @hadal/nn. Weights and inputs come from a
formula that the test repeats, so that only results are stored. Everything runs in float64 and is rounded at the end.
"""

import json
import math

import torch

torch.set_default_dtype(torch.float64)

BASE = dict(
    vocab_size=11, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=4, max_position_embeddings=16, rms_norm_eps=1e-5, rope_theta=100.0, tie_word_embeddings=False,
)
CASES = {
    "untied": {},
    "tied": dict(tie_word_embeddings=True),
    "grouped": dict(num_key_value_heads=2),
    "one key-value head, tied": dict(num_key_value_heads=1, tie_word_embeddings=True),
    "wide heads": dict(num_attention_heads=2, num_key_value_heads=1, num_hidden_layers=1),
    "Qwen2": dict(model_type="qwen2", num_key_value_heads=2, num_hidden_layers=1),
    "Qwen3": dict(model_type="qwen3", num_key_value_heads=2, num_hidden_layers=1, head_dim=6, tie_word_embeddings=True),
}
BATCH, TIME = 2, 6


def formula(shape, seed):
    n = math.prod(shape)
    return torch.tensor([0.5 * math.sin(1.7 * i + seed) for i in range(n)]).reshape(shape)


def shapes(c):
    d, f, v = c["hidden_size"], c["intermediate_size"], c["vocab_size"]
    e = c.get("head_dim", d // c["num_attention_heads"])
    q, kv = e * c["num_attention_heads"], e * c["num_key_value_heads"]
    out = {"model.embed_tokens.weight": (v, d)}
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        for name, width in (("q", q), ("k", kv), ("v", kv)):
            out[p + f"self_attn.{name}_proj.weight"] = (width, d)
            if c.get("model_type") == "qwen2":
                out[p + f"self_attn.{name}_proj.bias"] = (width,)
        out[p + "self_attn.o_proj.weight"] = (d, q)
        if c.get("model_type") == "qwen3":
            out[p + "self_attn.q_norm.weight"] = (e,)
            out[p + "self_attn.k_norm.weight"] = (e,)
        out[p + "mlp.gate_proj.weight"] = (f, d)
        out[p + "mlp.up_proj.weight"] = (f, d)
        out[p + "mlp.down_proj.weight"] = (d, f)
        out[p + "input_layernorm.weight"] = (d,)
        out[p + "post_attention_layernorm.weight"] = (d,)
    out["model.norm.weight"] = (d,)
    if not c["tie_word_embeddings"]:
        out["lm_head.weight"] = (v, d)
    return out


def weights(c):
    made = {}
    for seed, (name, shape) in enumerate(shapes(c).items()):
        w = formula(shape, seed)
        made[name] = (w + 1 if len(shape) == 1 else w).requires_grad_()
    return made


def norm(x, weight, eps):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * weight


def rope(x, theta):
    """x [batch, heads, time, width]: complex rotation of dimension i with dimension i + width / 2."""
    width = x.shape[-1]
    freq = theta ** (-torch.arange(0, width, 2) / width)
    angle = torch.outer(torch.arange(x.shape[2], dtype=torch.float64), freq)
    turned = torch.complex(x[..., : width // 2], x[..., width // 2 :]) * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([turned.real, turned.imag], -1)


def logits(c, w, ids, segments=None):
    b, t = ids.shape
    h, k, d = c["num_attention_heads"], c["num_key_value_heads"], c["hidden_size"]
    e = c.get("head_dim", d // h)
    eps, theta = c["rms_norm_eps"], c["rope_theta"]
    visible = torch.ones(t, t, dtype=torch.bool).tril()[None]
    if segments is not None:
        visible = visible & (segments[:, :, None] == segments[:, None, :])
    x = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        y = norm(x, w[p + "input_layernorm.weight"], eps)

        def heads(name, count):
            z = y @ w[p + f"self_attn.{name}_proj.weight"].T + w.get(p + f"self_attn.{name}_proj.bias", 0)
            z = z.reshape(b, t, count, e)
            normed = p + f"self_attn.{name}_norm.weight"
            return (norm(z, w[normed], eps) if normed in w else z).transpose(1, 2)

        q, key, v = rope(heads("q", h), theta), rope(heads("k", k), theta), heads("v", k)
        heads = []
        for head in range(h):
            group = head // (h // k)
            score = q[:, head] @ key[:, group].transpose(1, 2) / math.sqrt(e)
            heads.append(score.masked_fill(~visible, -math.inf).softmax(-1) @ v[:, group])
        x = x + torch.cat(heads, -1) @ w[p + "self_attn.o_proj.weight"].T
        y = norm(x, w[p + "post_attention_layernorm.weight"], eps)
        gate = y @ w[p + "mlp.gate_proj.weight"].T
        up = y @ w[p + "mlp.up_proj.weight"].T
        x = x + (gate * torch.sigmoid(gate) * up) @ w[p + "mlp.down_proj.weight"].T
    head = w.get("lm_head.weight", w["model.embed_tokens.weight"])
    return norm(x, w["model.norm.weight"], eps) @ head.T


def loss_of(out, targets):
    losses = -out.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return losses[targets >= 0].sum()


def rounded(x):
    return [float(f"{value:.8g}") for value in x.detach().reshape(-1).tolist()]


def decoder_case(change, segments=None):
    c = {**BASE, **change}
    w = weights(c)
    ids = torch.tensor([[(3 * i + 5 * b + i * i) % c["vocab_size"] for i in range(TIME)] for b in range(BATCH)])
    targets = torch.tensor([[-100 if (i + b) % 4 == 0 else (7 * i + b) % c["vocab_size"] for i in range(TIME)] for b in range(BATCH)])
    loss = loss_of(logits(c, w, ids, segments), targets)
    gradients = torch.autograd.grad(loss, list(w.values()))
    return dict(
        config=c, ids=ids.tolist(), targets=targets.tolist(),
        segments=None if segments is None else segments.tolist(),
        loss=float(loss), gradients={name: rounded(g) for name, g in zip(w, gradients)},
    )


def adamw_case():
    parameters = [formula((3, 2), 1).requires_grad_(), formula((4,), 2).requires_grad_()]
    optimizer = torch.optim.AdamW(
        [dict(params=parameters[:1], weight_decay=0.1), dict(params=parameters[1:], weight_decay=0.0)],
        betas=(0.9, 0.95), eps=1e-8,
    )
    trajectory = []
    for step in range(12):
        for index, parameter in enumerate(parameters):
            parameter.grad = formula(tuple(parameter.shape), 10 * step + index)
        for group in optimizer.param_groups:
            group["lr"] = 0.1 / (step + 1)
        optimizer.step()
        trajectory.append([rounded(parameter) for parameter in parameters])
    return trajectory


def clip_case(max_norm):
    parameters = [torch.zeros(3, 2, requires_grad=True), torch.zeros(4, requires_grad=True)]
    for index, parameter in enumerate(parameters):
        parameter.grad = formula(tuple(parameter.shape), index)
    total = torch.nn.utils.clip_grad_norm_(parameters, max_norm)
    return dict(max_norm=max_norm, norm=float(total), gradients=[rounded(p.grad) for p in parameters])


def schedule_case(peak, warmup, total, floor):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    warm = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: (step + 1) / warmup)
    rates = []
    for _ in range(warmup):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        warm.step()
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, eta_min=peak * floor)
    for _ in range(total - warmup + 1):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        cosine.step()
    return dict(peak=peak, warmupSteps=warmup, totalSteps=total, floorFraction=floor, rates=rates)


expected = dict(
    decoders={name: decoder_case(change) for name, change in CASES.items()},
    adamw=adamw_case(),
    clip=[clip_case(0.5), clip_case(100.0)],
    schedule=schedule_case(1e-3, 4, 20, 0.1),
)
expected["decoders"]["documents apart"] = decoder_case(
    dict(num_key_value_heads=2), torch.tensor([[1, 1, 1, 2, 2, 2], [1, 2, 2, 2, 2, 0]])
)
print(json.dumps(expected, separators=(",", ":")))
