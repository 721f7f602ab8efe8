"""Writes deepseek_reference.json: what PyTorch says DeepSeek-V2 and V3 models must give, logits and gradients.

    python3 packages/training/nn/test/deepseek_reference.py > packages/training/nn/test/deepseek_reference.json
    npx biome format --write packages/training/nn/test/deepseek_reference.json

Written from the papers (arXiv:2405.04434, 2412.19437, 2309.00071), independently of @hadal/nn: one token and one head
at a time, rotations as complex numbers, routing by sorting Python lists. Weights come from a generator that the test
repeats, so that only results are stored. Everything runs in float64 and is rounded at the end.
"""

import json
import math

import torch

torch.set_default_dtype(torch.float64)

BASE = dict(
    vocab_size=11, hidden_size=8, intermediate_size=10, num_hidden_layers=2, num_attention_heads=2,
    num_key_value_heads=2, max_position_embeddings=16, rms_norm_eps=1e-6, rope_theta=100.0,
    tie_word_embeddings=False, attention_bias=False, hidden_act="silu", q_lora_rank=5, kv_lora_rank=6,
    qk_nope_head_dim=4, qk_rope_head_dim=8, v_head_dim=5, moe_intermediate_size=3, n_routed_experts=12,
    n_shared_experts=2, num_experts_per_tok=4, first_k_dense_replace=1, moe_layer_freq=1, rope_scaling=None,
)
V2_LITE = dict(
    model_type="deepseek_v2", q_lora_rank=None, scoring_func="softmax", topk_method="greedy", n_group=1, topk_group=1,
    norm_topk_prob=False, routed_scaling_factor=1.0,
)
V2 = dict(
    model_type="deepseek_v2", scoring_func="softmax", topk_method="group_limited_greedy", n_group=4, topk_group=2,
    norm_topk_prob=False, routed_scaling_factor=16.0,
)
V3 = dict(
    model_type="deepseek_v3", scoring_func="sigmoid", topk_method="noaux_tc", n_group=4, topk_group=2,
    norm_topk_prob=True, routed_scaling_factor=2.5,
)
# Over 16 positions the four pairs of this rotary width turn between 2.5 and 0.08 times: the ramp meets all of them.
YARN = dict(type="yarn", factor=4.0, original_max_position_embeddings=16, beta_fast=1.0, beta_slow=0.1)
CASES = {
    "V2-Lite": V2_LITE,
    "V2-Lite with YaRN": dict(**V2_LITE, rope_scaling=YARN),
    "V2": V2,
    "V2 with YaRN": dict(**V2, rope_scaling=dict(**YARN, mscale=1.0, mscale_all_dim=0.707)),
    "V3": V3,
    "V3 with YaRN": dict(**V3, rope_scaling=dict(**YARN, mscale=1.0, mscale_all_dim=1.0)),
    "V3, documents apart, tied, biases, values wider than keys, experts in every second layer, none shared": dict(
        **V3, tie_word_embeddings=True, attention_bias=True, n_shared_experts=None, first_k_dense_replace=0,
        moe_layer_freq=2, v_head_dim=13,
    ),
}
SEGMENTS = [[1, 1, 1, 2, 2, 2], [1, 2, 2, 2, 2, 3]]
BATCH, TIME = 2, 6


def random(shape, seed):
    """Uniform in (-1/2, 1/2): Lehmer's generator with multiplier 48271 and modulus 2^31 - 1."""
    state, values = 1 + 7919 * (seed + 1), []
    for _ in range(math.prod(shape)):
        state = state * 48271 % 2147483647
        values.append(state / 2147483647 - 0.5)
    return torch.tensor(values).reshape(shape)


def has_experts(c, layer):
    return layer >= c["first_k_dense_replace"] and layer % c["moe_layer_freq"] == 0


def shapes(c):
    d, h, rank, kv = c["hidden_size"], c["num_attention_heads"], c["q_lora_rank"], c["kv_lora_rank"]
    nope, rope, value = c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"]

    def swiglu(prefix, width):
        return {
            prefix + "gate_proj.weight": (width, d),
            prefix + "up_proj.weight": (width, d),
            prefix + "down_proj.weight": (d, width),
        }

    out = {"model.embed_tokens.weight": (c["vocab_size"], d)}
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        a = p + "self_attn."
        if rank is None:
            out[a + "q_proj.weight"] = (h * (nope + rope), d)
        else:
            out[a + "q_a_proj.weight"] = (rank, d)
            if c["attention_bias"]:
                out[a + "q_a_proj.bias"] = (rank,)
            out[a + "q_a_layernorm.weight"] = (rank,)
            out[a + "q_b_proj.weight"] = (h * (nope + rope), rank)
        out[a + "kv_a_proj_with_mqa.weight"] = (kv + rope, d)
        if c["attention_bias"]:
            out[a + "kv_a_proj_with_mqa.bias"] = (kv + rope,)
        out[a + "kv_a_layernorm.weight"] = (kv,)
        out[a + "kv_b_proj.weight"] = (h * (nope + value), kv)
        out[a + "o_proj.weight"] = (d, h * value)
        if c["attention_bias"]:
            out[a + "o_proj.bias"] = (d,)
        if has_experts(c, i):
            out[p + "mlp.gate.weight"] = (c["n_routed_experts"], d)
            if c["topk_method"] == "noaux_tc":
                out[p + "mlp.gate.e_score_correction_bias"] = (c["n_routed_experts"],)
            for expert in range(c["n_routed_experts"]):
                out |= swiglu(p + f"mlp.experts.{expert}.", c["moe_intermediate_size"])
            if c["n_shared_experts"]:
                out |= swiglu(p + "mlp.shared_experts.", c["n_shared_experts"] * c["moe_intermediate_size"])
        else:
            out |= swiglu(p + "mlp.", c["intermediate_size"])
        out[p + "input_layernorm.weight"] = (d,)
        out[p + "post_attention_layernorm.weight"] = (d,)
    out["model.norm.weight"] = (d,)
    if not c["tie_word_embeddings"]:
        out["lm_head.weight"] = (c["vocab_size"], d)
    return out


def weights(c):
    made = {}
    for seed, (name, shape) in enumerate(shapes(c).items()):
        w = random(shape, seed)
        made[name] = (w + 1 if name.endswith("norm.weight") else w).requires_grad_()
    return made


def norm(x, weight, eps):
    return x / torch.sqrt((x * x).mean() + eps) * weight


def sharpening(factor, mscale):
    return 0.1 * mscale * math.log(factor) + 1.0


def rotation(c, position):
    """The complex number that each pair of dimensions is multiplied by, and what scores are multiplied by."""
    width, theta, yarn = c["qk_rope_head_dim"], c["rope_theta"], c["rope_scaling"]
    turns, scale = [], 1.0
    for pair in range(width // 2):
        speed, size = theta ** (-2.0 * pair / width), 1.0
        if yarn:
            length, factor = yarn["original_max_position_embeddings"], yarn["factor"]
            mscale, all_dim = yarn.get("mscale", 1.0), yarn.get("mscale_all_dim", 0.0)

            def pair_that_turns(times):
                return width / 2 * math.log(length / (2 * math.pi * times), theta)

            low = max(0, math.floor(pair_that_turns(yarn["beta_fast"])))
            high = min(width - 1, math.ceil(pair_that_turns(yarn["beta_slow"])))
            kept = 1.0 - min(1.0, max(0.0, (pair - low) / (high - low)))
            speed = kept * speed + (1.0 - kept) * speed / factor
            size = sharpening(factor, mscale) / sharpening(factor, all_dim)
            scale = sharpening(factor, all_dim) ** 2
        turns.append(torch.polar(torch.tensor(size), torch.tensor(position * speed)))
    return torch.stack(turns), scale


def turned(x, by):
    return torch.view_as_real(torch.view_as_complex(x.reshape(-1, 2).contiguous()) * by).reshape(-1)


def attention(c, w, a, xs, visible):
    """xs: a row's tokens, each [d]. visible[i][j]: whether token i may attend to token j."""
    h, kv = c["num_attention_heads"], c["kv_lora_rank"]
    nope, rope, value = c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"]

    def project(name, x):
        y = w[a + name + ".weight"] @ x
        return y + w[a + name + ".bias"] if a + name + ".bias" in w else y

    queries, keys, values = [], [], []
    for position, x in enumerate(xs):
        by, scale = rotation(c, position)
        if c["q_lora_rank"] is None:
            q = project("q_proj", x)
        else:
            q = project("q_b_proj", norm(project("q_a_proj", x), w[a + "q_a_layernorm.weight"], 1e-6))
        latent = project("kv_a_proj_with_mqa", x)
        k_rope = turned(latent[kv:], by)
        kv_all = project("kv_b_proj", norm(latent[:kv], w[a + "kv_a_layernorm.weight"], 1e-6))
        qs, ks, vs = [], [], []
        for head in range(h):
            one = q[head * (nope + rope) : (head + 1) * (nope + rope)]
            qs.append(torch.cat([one[:nope], turned(one[nope:], by)]))
            one = kv_all[head * (nope + value) : (head + 1) * (nope + value)]
            ks.append(torch.cat([one[:nope], k_rope]))
            vs.append(one[nope:])
        queries.append(qs)
        keys.append(ks)
        values.append(vs)
    out = []
    for i in range(len(xs)):
        heads = []
        for head in range(h):
            seen = [j for j in range(len(xs)) if visible[i][j]]
            scores = torch.stack([queries[i][head] @ keys[j][head] for j in seen]) * scale / math.sqrt(nope + rope)
            shares = torch.exp(scores - scores.max())
            heads.append(sum(s * values[j][head] for s, j in zip(shares / shares.sum(), seen)))
        out.append(project("o_proj", torch.cat(heads)))
    return out


def choose(c, scores, limited=True):
    """Numbers of the chosen experts, from a list of scores that holds the correction already."""
    groups = c["n_group"] if c["topk_method"] != "greedy" and limited else 1
    size = len(scores) // groups
    members = [list(range(g * size, (g + 1) * size)) for g in range(groups)]
    best = 2 if c["topk_method"] == "noaux_tc" else 1
    rank = sorted(range(groups), key=lambda g: -sum(sorted((scores[e] for e in members[g]), reverse=True)[:best]))
    allowed = [e for g in rank[: c["topk_group"]] for e in members[g]] if groups > 1 else members[0]
    return sorted(allowed, key=lambda e: -scores[e])[: c["num_experts_per_tok"]]


def swiglu(w, p, x):
    gate = w[p + "gate_proj.weight"] @ x
    return w[p + "down_proj.weight"] @ (gate / (1 + torch.exp(-gate)) * (w[p + "up_proj.weight"] @ x))


def experts(c, w, p, x, seen):
    logits = w[p + "gate.weight"] @ x
    if c["scoring_func"] == "softmax":
        scores = torch.exp(logits - logits.max())
        scores = scores / scores.sum()
    else:
        scores = 1 / (1 + torch.exp(-logits))
    plain = scores.tolist()
    bias = w.get(p + "gate.e_score_correction_bias")
    corrected = plain if bias is None else [s + b for s, b in zip(plain, bias.tolist())]
    chosen = choose(c, corrected)
    seen["grouped"] |= set(chosen) != set(choose(c, corrected, limited=False))
    seen["corrected"] |= set(chosen) != set(choose(c, plain))
    total = sum(scores[e] for e in chosen) if c["norm_topk_prob"] else 1.0
    y = sum(c["routed_scaling_factor"] * scores[e] / total * swiglu(w, p + f"experts.{e}.", x) for e in chosen)
    return y + swiglu(w, p + "shared_experts.", x) if c["n_shared_experts"] else y


def logits_of(c, w, ids, segments):
    head = w.get("lm_head.weight", w["model.embed_tokens.weight"])
    eps, rows, seen = c["rms_norm_eps"], [], dict(grouped=False, corrected=False)
    for b, row in enumerate(ids):
        n = len(row)
        visible = [[j <= i and (segments is None or segments[b][i] == segments[b][j]) for j in range(n)] for i in range(n)]
        xs = [w["model.embed_tokens.weight"][token] for token in row]
        for i in range(c["num_hidden_layers"]):
            p = f"model.layers.{i}."
            ys = [norm(x, w[p + "input_layernorm.weight"], eps) for x in xs]
            xs = [x + y for x, y in zip(xs, attention(c, w, p + "self_attn.", ys, visible))]
            ys = [norm(x, w[p + "post_attention_layernorm.weight"], eps) for x in xs]
            mlp = (lambda y: experts(c, w, p + "mlp.", y, seen)) if has_experts(c, i) else (lambda y: swiglu(w, p + "mlp.", y))
            xs = [x + mlp(y) for x, y in zip(xs, ys)]
        rows.append(torch.stack([head @ norm(x, w["model.norm.weight"], eps) for x in xs]))
    # A case that its groups or its correction do not change would not test them.
    assert seen["grouped"] == (c["topk_method"] != "greedy"), seen
    assert seen["corrected"] == (c["topk_method"] == "noaux_tc"), seen
    return torch.stack(rows)


def rounded(x):
    return [float(f"{value:.7g}") for value in x.detach().reshape(-1).tolist()]


def case(name, change):
    c = {**BASE, **change}
    w = weights(c)
    segments = SEGMENTS if "documents" in name else None
    ids = [[(3 * i + 5 * b + i * i) % c["vocab_size"] for i in range(TIME)] for b in range(BATCH)]
    targets = [[-100 if (i + b) % 4 == 0 else (7 * i + b) % c["vocab_size"] for i in range(TIME)] for b in range(BATCH)]
    logits = logits_of(c, w, ids, segments)
    wanted = [(b, i, token) for b, row in enumerate(targets) for i, token in enumerate(row) if token >= 0]
    loss = sum(torch.logsumexp(logits[b, i], 0) - logits[b, i, token] for b, i, token in wanted)
    gradients = torch.autograd.grad(loss, list(w.values()), allow_unused=True)
    return dict(
        config=c, ids=ids, targets=targets, segments=segments, logits=rounded(logits),
        # Experts without a token, and the correction, have no part in the loss: 0 stands for a gradient of zeros.
        gradients={n: 0 if g is None else rounded(g) for n, g in zip(w, gradients)},
    )


print(json.dumps({name: case(name, change) for name, change in CASES.items()}, separators=(",", ":")))
