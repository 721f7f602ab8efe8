"""A small language model trained in one plain script, as nanoGPT does it: fp32, torch.optim.AdamW with two groups, all logits
at once, no compilation, nothing tuned. What somebody would write who had only PyTorch. The architecture is the one that Hadal
trains (Llama: RMSNorm, rotary positions, grouped keys and values, SwiGLU), so that losses compare.

Run as a contender (`contenders.ts`): python3 nanogpt.py <folder of a task>. Commands and answers are lines.
"""

import sys

import torch
import torch.nn as nn
from torch.nn import functional as F

from decoder import IGNORE, learning_rate, run_contender


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.n_head, self.n_kv = config["num_attention_heads"], config["num_key_value_heads"]
        d = config["hidden_size"]
        self.width = d // self.n_head
        self.q_proj = nn.Linear(d, self.n_head * self.width, bias=False)
        self.k_proj = nn.Linear(d, self.n_kv * self.width, bias=False)
        self.v_proj = nn.Linear(d, self.n_kv * self.width, bias=False)
        self.o_proj = nn.Linear(self.n_head * self.width, d, bias=False)

    def forward(self, x, cos, sin):
        B, T, C = x.size()
        q = self.q_proj(x).view(B, T, self.n_head, self.width).transpose(1, 2)
        k = self.k_proj(x).view(B, T, self.n_kv, self.width).transpose(1, 2)
        v = self.v_proj(x).view(B, T, self.n_kv, self.width).transpose(1, 2)
        q, k = rotated(q, cos, sin), rotated(k, cos, sin)
        k = k.repeat_interleave(self.n_head // self.n_kv, dim=1)
        v = v.repeat_interleave(self.n_head // self.n_kv, dim=1)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(y.transpose(1, 2).contiguous().view(B, T, C))


def rotated(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


class MLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        d, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(d, inner, bias=False)
        self.up_proj = nn.Linear(d, inner, bias=False)
        self.down_proj = nn.Linear(inner, d, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        d, eps = config["hidden_size"], config["rms_norm_eps"]
        self.input_layernorm = nn.RMSNorm(d, eps)
        self.self_attn = CausalSelfAttention(config)
        self.post_attention_layernorm = nn.RMSNorm(d, eps)
        self.mlp = MLP(config)

    def forward(self, x, cos, sin):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class GPT(nn.Module):
    def __init__(self, config):
        super().__init__()
        d = config["hidden_size"]
        self.model = nn.ModuleDict(
            dict(
                embed_tokens=nn.Embedding(config["vocab_size"], d),
                layers=nn.ModuleList(Block(config) for _ in range(config["num_hidden_layers"])),
                norm=nn.RMSNorm(d, config["rms_norm_eps"]),
            )
        )
        width = d // config["num_attention_heads"]
        rates = config["rope_theta"] ** (-torch.arange(0, width, 2).float() / width)
        angles = torch.outer(torch.arange(config["max_position_embeddings"]).float(), rates)
        angles = torch.cat((angles, angles), dim=-1)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, idx, targets):
        T = idx.size(1)
        x = self.model.embed_tokens(idx)
        for block in self.model.layers:
            x = block(x, self.cos[:T], self.sin[:T])
        logits = F.linear(self.model.norm(x), self.model.embed_tokens.weight)
        return F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=IGNORE)


class Training:
    def __init__(self, task, weights):
        self.schedule, self.clip_norm = task["schedule"], task["clipNorm"]
        self.model = GPT(task["model"])
        self.model.load_state_dict(weights, strict=True)
        parameters = list(self.model.parameters())
        choice = task["optimizer"]
        groups = [
            {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": choice["weightDecay"]},
            {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
        ]
        # nanoGPT asks for the fused kernel on CUDA alone.
        self.optimizer = torch.optim.AdamW(groups, betas=(choice["beta1"], choice["beta2"]), eps=choice["eps"])
        self.steps = 0

    def step(self, inputs, targets):
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.schedule, self.steps)
        loss = self.model(torch.from_numpy(inputs).long(), torch.from_numpy(targets).long())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        return loss.item()

    @torch.no_grad()
    def evaluate(self, inputs, targets, rows):
        total = 0.0
        for at in range(0, len(inputs), rows):
            x, y = inputs[at : at + rows], targets[at : at + rows]
            loss = self.model(torch.from_numpy(x).long(), torch.from_numpy(y).long())
            total += loss.item() * int((y != IGNORE).sum())
        return total / int((targets != IGNORE).sum())


if __name__ == "__main__":
    run_contender(sys.argv[1], Training)
