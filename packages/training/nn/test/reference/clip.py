"""Writes clip.json: what CLIP's towers and losses give in PyTorch, in float64.

    python3 packages/training/nn/test/reference/clip.py > packages/training/nn/test/reference/clip.json
    npx biome format --write packages/training/nn/test/reference/clip.json

The towers are written down here as each layout of files describes them: Hugging Face's with a matrix for each of queries, keys and
values; open_clip's with torch.nn.MultiheadAttention, which has them in one, and with torchvision-like ResNets. Names and shapes of the
tensors come with each case, and values from a formula that the test repeats.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def formula(shape, seed):
    n = math.prod(shape)
    return torch.tensor([math.sin(0.37 * i * i + 1.1 * i + seed) for i in range(n)]).reshape(shape)


def fill(model):
    """Values that depend on a tensor's place among the names in alphabetical order."""
    for seed, (name, value) in enumerate(sorted(model.state_dict().items())):
        if value.dtype != torch.float64:
            continue
        raw = formula(list(value.shape), seed)
        if name == "logit_scale":
            raw = torch.tensor(2.0)
        elif name.endswith("running_var"):
            raw = 1 + 0.5 * raw
        elif ("norm" in name or "ln_" in name or "bn" in name or "downsample.1" in name) and name.endswith("weight"):
            raw = 1 + 0.2 * raw
        else:
            raw = 0.2 * raw
        value.copy_(raw)


activations = {"gelu": F.gelu, "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x)}


class Attention(nn.Module):
    def __init__(self, d, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        for name in ("k_proj", "v_proj", "q_proj", "out_proj"):
            setattr(self, name, nn.Linear(d, d))

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = (p(x).view(b, t, self.heads, -1).transpose(1, 2) for p in (self.q_proj, self.k_proj, self.v_proj))
        scores = q @ k.transpose(-1, -2) / math.sqrt(d // self.heads)
        if self.causal:
            scores = scores + torch.full((t, t), -math.inf).triu(1)
        return self.out_proj((scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, d))


class Mlp(nn.Module):
    def __init__(self, d, f, act):
        super().__init__()
        self.fc1, self.fc2, self.act = nn.Linear(d, f), nn.Linear(f, d), activations[act]

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Layer(nn.Module):
    def __init__(self, c, causal):
        super().__init__()
        d = c["hidden_size"]
        self.self_attn = Attention(d, c["num_attention_heads"], causal)
        self.layer_norm1 = nn.LayerNorm(d, eps=c["layer_norm_eps"])
        self.mlp = Mlp(d, c["intermediate_size"], c["hidden_act"])
        self.layer_norm2 = nn.LayerNorm(d, eps=c["layer_norm_eps"])

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


def encoder(c, causal):
    holder = nn.Module()
    holder.layers = nn.ModuleList([Layer(c, causal) for _ in range(c["num_hidden_layers"])])
    return holder


class HuggingFaceClip(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        text, vision, e = config["text_config"], config["vision_config"], config["projection_dim"]
        d, w = text["hidden_size"], vision["hidden_size"]
        self.text_model = nn.Module()
        self.text_model.embeddings = nn.Module()
        self.text_model.embeddings.token_embedding = nn.Embedding(text["vocab_size"], d)
        self.text_model.embeddings.position_embedding = nn.Embedding(text["max_position_embeddings"], d)
        self.text_model.encoder = encoder(text, True)
        self.text_model.final_layer_norm = nn.LayerNorm(d, eps=text["layer_norm_eps"])
        p = vision["patch_size"]
        self.vision_model = nn.Module()
        self.vision_model.embeddings = nn.Module()
        self.vision_model.embeddings.class_embedding = nn.Parameter(torch.zeros(w))
        self.vision_model.embeddings.patch_embedding = nn.Conv2d(3, w, p, p, bias=False)
        self.vision_model.embeddings.position_embedding = nn.Embedding((vision["image_size"] // p) ** 2 + 1, w)
        self.vision_model.pre_layrnorm = nn.LayerNorm(w, eps=vision["layer_norm_eps"])
        self.vision_model.encoder = encoder(vision, False)
        self.vision_model.post_layernorm = nn.LayerNorm(w, eps=vision["layer_norm_eps"])
        self.visual_projection = nn.Linear(w, e, bias=False)
        self.text_projection = nn.Linear(d, e, bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(0.0))

    def image(self, pixels):
        at = self.vision_model
        patches = at.embeddings.patch_embedding(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([at.embeddings.class_embedding.expand(len(pixels), 1, -1), patches], 1)
        x = at.pre_layrnorm(x + at.embeddings.position_embedding.weight)
        for layer in at.encoder.layers:
            x = layer(x)
        return self.visual_projection(at.post_layernorm(x[:, 0]))

    def text(self, ids):
        at = self.text_model
        x = at.embeddings.token_embedding(ids) + at.embeddings.position_embedding.weight[: ids.shape[1]]
        for layer in at.encoder.layers:
            x = layer(x)
        x = at.final_layer_norm(x)
        end = (ids == self.config["text_config"]["eos_token_id"]).int().argmax(-1)
        return self.text_projection(x[torch.arange(len(ids)), end])


class Block(nn.Module):
    def __init__(self, width, heads, ratio, act):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Module()
        self.mlp.c_fc, self.mlp.c_proj = nn.Linear(width, int(width * ratio)), nn.Linear(int(width * ratio), width)
        self.act = activations[act]

    def forward(self, x, mask=None):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp.c_proj(self.act(self.mlp.c_fc(self.ln_2(x))))


def blocks(cfg, heads, act):
    holder = nn.Module()
    made = [Block(cfg["width"], heads, cfg.get("mlp_ratio", 4), act) for _ in range(cfg["layers"])]
    holder.resblocks = nn.ModuleList(made)
    return holder


class VisionTransformer(nn.Module):
    def __init__(self, cfg, e, act):
        super().__init__()
        self.cfg, w, p = cfg, cfg["width"], cfg["patch_size"]
        self.conv1 = nn.Conv2d(3, w, p, p, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(w))
        self.positional_embedding = nn.Parameter(torch.zeros((cfg["image_size"] // p) ** 2 + 1, w))
        if not cfg.get("no_ln_pre"):
            self.ln_pre = nn.LayerNorm(w)
        self.transformer = blocks(cfg, w // cfg["head_width"], act)
        self.ln_post = nn.LayerNorm(w)
        self.proj = nn.Parameter(torch.zeros(w, e))

    def forward(self, pixels):
        x = self.conv1(pixels).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(len(x), 1, -1), x], 1) + self.positional_embedding
        if not self.cfg.get("no_ln_pre"):
            x = self.ln_pre(x)
        for block in self.transformer.resblocks:
            x = block(x)
        if self.cfg.get("pool_type", "tok") == "tok":
            x = self.ln_post(x)[:, 0]
        elif self.cfg.get("final_ln_after_pool"):
            x = self.ln_post(x[:, 1:].mean(1))
        else:
            x = self.ln_post(x)[:, 1:].mean(1)
        return x @ self.proj


class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, planes, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False), nn.BatchNorm2d(planes)
        self.conv3, self.bn3 = nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes)
        self.stride, self.downsample = stride, None
        if stride > 1 or inputs != 4 * planes:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        shrink = (lambda y: F.avg_pool2d(y, self.stride)) if self.stride > 1 else (lambda y: y)
        y = F.relu(self.bn1(self.conv1(x)))
        y = shrink(F.relu(self.bn2(self.conv2(y))))
        y = self.bn3(self.conv3(y))
        return F.relu(y + (self.downsample(shrink(x)) if self.downsample is not None else x))


class AttentionPool(nn.Module):
    def __init__(self, places, d, heads, e):
        super().__init__()
        self.heads = heads
        self.positional_embedding = nn.Parameter(torch.zeros(places + 1, d))
        self.k_proj, self.q_proj, self.v_proj = (nn.Linear(d, d) for _ in range(3))
        self.c_proj = nn.Linear(d, e)

    def forward(self, x):
        x = x.flatten(2).permute(2, 0, 1)
        x = torch.cat([x.mean(0, keepdim=True), x]) + self.positional_embedding[:, None]
        d = x.shape[-1]
        x, _ = F.multi_head_attention_forward(
            x[:1], x, x, d, self.heads, None,
            torch.cat([self.q_proj.bias, self.k_proj.bias, self.v_proj.bias]), None, None, False, 0,
            self.c_proj.weight, self.c_proj.bias, use_separate_proj_weight=True,
            q_proj_weight=self.q_proj.weight, k_proj_weight=self.k_proj.weight, v_proj_weight=self.v_proj.weight,
        )  # fmt: skip
        return x[0]


class ModifiedResNet(nn.Module):
    def __init__(self, cfg, e):
        super().__init__()
        w = cfg["width"]
        self.conv1, self.bn1 = nn.Conv2d(3, w // 2, 3, 2, 1, bias=False), nn.BatchNorm2d(w // 2)
        self.conv2, self.bn2 = nn.Conv2d(w // 2, w // 2, 3, padding=1, bias=False), nn.BatchNorm2d(w // 2)
        self.conv3, self.bn3 = nn.Conv2d(w // 2, w, 3, padding=1, bias=False), nn.BatchNorm2d(w)
        inputs = w
        for stage, count in enumerate(cfg["layers"]):
            planes, made = w * 2**stage, []
            for index in range(count):
                made.append(Bottleneck(inputs, planes, 2 if stage > 0 and index == 0 else 1))
                inputs = 4 * planes
            setattr(self, f"layer{stage + 1}", nn.Sequential(*made))
        heads = w * 32 // cfg["head_width"]
        self.attnpool = AttentionPool((cfg["image_size"] // 32) ** 2, inputs, heads, e)

    def forward(self, x):
        for index in (1, 2, 3):
            x = F.relu(getattr(self, f"bn{index}")(getattr(self, f"conv{index}")(x)))
        x = F.avg_pool2d(x, 2)
        for stage in (1, 2, 3, 4):
            x = getattr(self, f"layer{stage}")(x)
        return self.attnpool(x)


class OpenClip(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.cfg, e = cfg, cfg["embed_dim"]
        act = "quick_gelu" if cfg.get("quick_gelu") else "gelu"
        vision, text = cfg["vision_cfg"], cfg["text_cfg"]
        is_resnet = isinstance(vision["layers"], list)
        self.visual = ModifiedResNet(vision, e) if is_resnet else VisionTransformer(vision, e, act)
        self.transformer = blocks(text, text["heads"], act)
        self.token_embedding = nn.Embedding(text["vocab_size"], text["width"])
        self.positional_embedding = nn.Parameter(torch.zeros(text["context_length"], text["width"]))
        self.ln_final = nn.LayerNorm(text["width"])
        self.text_projection = nn.Parameter(torch.zeros(text["width"], e))
        self.logit_scale = nn.Parameter(torch.tensor(0.0))
        if cfg.get("init_logit_bias") is not None:
            self.logit_bias = nn.Parameter(torch.tensor(0.0))

    def image(self, pixels):
        return self.visual(pixels)

    def text(self, ids):
        t = ids.shape[1]
        x = self.token_embedding(ids) + self.positional_embedding[:t]
        mask = torch.full((t, t), -math.inf).triu(1)
        for block in self.transformer.resblocks:
            x = block(x, mask)
        x = self.ln_final(x)
        text = self.cfg["text_cfg"]
        end = (ids == text["eos_id"]).int().argmax(-1) if text.get("pool_type") == "eos" else ids.argmax(-1)
        return x[torch.arange(len(ids)), end] @ self.text_projection


def number(values):
    return [float(f"{v:.8g}") for v in values.detach().reshape(-1).tolist()]


def case(model, config, size, ids, training=False):
    fill(model)
    names = {name: list(value.shape) for name, value in sorted(model.state_dict().items())}
    model.train(training)
    pixels = formula([len(ids), 3, size, size], 0.5)
    images, texts = F.normalize(model.image(pixels), dim=-1), F.normalize(model.text(torch.tensor(ids)), dim=-1)
    logits = model.logit_scale.exp() * images @ texts.T
    own = torch.arange(len(ids))
    loss = 0.3 * F.cross_entropy(logits, own) + 0.7 * F.cross_entropy(logits.T, own)
    trained = sorted(name for name, _ in model.named_parameters() if name != "logit_bias")
    parameters = dict(model.named_parameters())
    gradients = torch.autograd.grad(loss, [parameters[name] for name in trained])
    norms = {name: number(gradient.norm())[0] for name, gradient in zip(trained, gradients)}
    after = {name: number(value) for name, value in model.named_buffers() if name in ("visual.bn1.running_mean", "visual.bn1.running_var")}
    return dict(config=config, size=size, ids=ids, training=training, tensors=names, images=number(images), texts=number(texts),
                loss=number(loss)[0], gradients=norms, buffers=after)  # fmt: skip


IDS = [[1, 5, 3, 12, 0, 0], [1, 7, 12, 2, 2, 2], [1, 9, 4, 6, 12, 3]]
ENCODER = dict(num_hidden_layers=2, num_attention_heads=2, layer_norm_eps=1e-5)
TEXT = dict(context_length=8, vocab_size=13, width=8, heads=2, layers=2)
VIT = dict(image_size=12, patch_size=4, width=12, head_width=4, layers=2)
RESNET = dict(image_size=64, layers=[1, 2, 1, 1], width=4, head_width=32)


def hugging_face(act):
    text = dict(**ENCODER, hidden_act=act, hidden_size=8, intermediate_size=20, vocab_size=13, max_position_embeddings=8, eos_token_id=12)
    vision = dict(**ENCODER, hidden_act=act, hidden_size=12, intermediate_size=28, image_size=12, patch_size=4)
    config = dict(model_type="clip", text_config=text, vision_config=vision, projection_dim=6, logit_scale_init_value=2.6592)
    return case(HuggingFaceClip(config), config, 12, IDS)


def open_clip(vision, text=TEXT, training=False, **more):
    cfg = dict(embed_dim=6, vision_cfg=vision, text_cfg=text, **more)
    return case(OpenClip(cfg), cfg, vision["image_size"], IDS, training)


def losses():
    """Of unequal numbers of images and texts, and the numbers that the loss is known by."""
    images, texts = F.normalize(formula([3, 4], 1), dim=-1), F.normalize(formula([5, 4], 2), dim=-1)
    own = [0, 1, 2, 1, 0]
    made = []
    for pairs in (own, [0, 0, 2, 2, 2]):
        i, t = images.clone().requires_grad_(), texts.clone().requires_grad_()
        logits = 12.5 * i @ t.T
        target = torch.zeros(3, 5)
        for text, image in enumerate(pairs):
            target[image, text] = 1
        has = target.sum(1) > 0
        soft = target[has] / target[has].sum(1, keepdim=True)
        image_loss = F.cross_entropy(logits[has], soft)
        text_loss = F.cross_entropy(logits.T, torch.tensor(pairs))
        total = 0.3 * image_loss + 0.7 * text_loss
        sigmoid = -F.logsigmoid((2 * target - 1) * (logits - 3)).sum() / 3
        made.append(dict(
            own=pairs, image=number(image_loss)[0], text=number(text_loss)[0], sigmoid=number(sigmoid)[0],
            gradients=[number(g) for g in torch.autograd.grad(total, [i, t], retain_graph=True)],
            sigmoidGradients=[number(g) for g in torch.autograd.grad(sigmoid, [i, t])],
        ))  # fmt: skip
    return made


json.dump(
    {
        "huggingFace": {act: hugging_face(act) for act in ("quick_gelu", "gelu")},
        "openClip": {
            "vit": open_clip(VIT, quick_gelu=True),
            "average": open_clip(dict(**VIT, pool_type="avg", no_ln_pre=True)),
            "averageThenNorm": open_clip(dict(**VIT, pool_type="avg", final_ln_after_pool=True, mlp_ratio=2.5)),
            "end": open_clip(VIT, dict(**TEXT, pool_type="eos", eos_id=12), init_logit_bias=-10),
            "resNet": open_clip(RESNET),
            "resNetInTraining": open_clip(RESNET, training=True),
        },
        "losses": losses(),
    },
    sys.stdout,
)
