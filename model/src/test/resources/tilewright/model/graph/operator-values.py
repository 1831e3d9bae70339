"""Makes operator-values.txt: what PyTorch 2.13 and transformers 5.18 compute, in float64 where they let us.

Every input is sample(seed, shape): whole numbers from -8 to 8, divided by 4, from a linear congruence; the test makes the same.
"""
import math
from types import SimpleNamespace

import torch
import torch.nn.functional as F
import transformers
from transformers import masking_utils
from transformers.models.bloom import modeling_bloom as bloom
from transformers.models.cohere import modeling_cohere as cohere
from transformers.models.dbrx import modeling_dbrx as dbrx
from transformers.models.deepseek_v2 import modeling_deepseek_v2 as deepseek_v2
from transformers.models.deepseek_v3 import modeling_deepseek_v3 as deepseek_v3
from transformers.models.ernie4_5_moe import modeling_ernie4_5_moe as ernie
from transformers.models.falcon_mamba import modeling_falcon_mamba as falcon_mamba
from transformers.models.gemma2 import modeling_gemma2 as gemma2
from transformers.models.gpt_oss import modeling_gpt_oss as gpt_oss
from transformers.models.jetmoe import modeling_jetmoe as jetmoe
from transformers.models.lfm2_moe import modeling_lfm2_moe as lfm2_moe
from transformers.models.llama import modeling_llama as llama
from transformers.models.llama4 import modeling_llama4 as llama4
from transformers.models.longcat_flash import modeling_longcat_flash as longcat
from transformers.models.mamba2 import modeling_mamba2 as mamba2
from transformers.models.minimax import modeling_minimax as minimax
from transformers.models.nllb_moe import modeling_nllb_moe as nllb
from transformers.models.phimoe import modeling_phimoe as phimoe
from transformers.models.qwen3_next import modeling_qwen3_next as qwen3_next
from transformers.models.switch_transformers import modeling_switch_transformers as switch
from transformers.models.t5 import modeling_t5 as t5

torch.set_default_dtype(torch.float64)
lines = ["# made by operator-values.py: one line per case, name dims | values"]


def sample(seed, *shape):
    state, values = seed, []
    for _ in range(math.prod(shape)):
        state = (state * 1103515245 + 12345) % 2147483648
        values.append(((state >> 16) % 17 - 8) / 4)
    return torch.tensor(values).reshape(shape)


def case(name, value):
    value = value.detach().to(torch.float64)
    numbers = " ".join(repr(v) for v in value.reshape(-1).tolist())
    lines.append(f"{name} {','.join(map(str, value.shape))} | {numbers}")


def heads(x, count):
    return x.view(x.shape[0], x.shape[1], count, -1).transpose(1, 2)


def flat(x):
    return x.transpose(1, 2).reshape(x.shape[0], x.shape[2], -1)


def frozen(module, **weights):
    module = module.double().eval()
    for name, value in weights.items():
        module.get_parameter(name).data = value
    return module


def mask(function, tokens):
    return torch.tensor([[bool(function(0, 0, torch.tensor(q), torch.tensor(k))) for k in range(tokens)] for q in range(tokens)])


def additive(allowed):
    return torch.zeros(allowed.shape).masked_fill(~allowed, float("-inf"))


# norms
case("layer_norm_groups", F.layer_norm(sample(1, 1, 2, 2, 3), (3,), eps=1e-5).reshape(1, 2, 6) * sample(2, 6) + sample(3, 6))
case("rms_norm", llama.LlamaRMSNorm(6, 1e-5).forward(sample(4, 1, 2, 6)) * sample(5, 6))
case("rms_norm_heads", (F.rms_norm(sample(6, 1, 2, 2, 3), (3,), eps=1e-6) * sample(7, 3)).reshape(1, 2, 6))

# rotary embeddings
def angles(tokens, rotary, base=100.0):
    inverse = base ** (-torch.arange(0, rotary, 2) / rotary)
    return torch.arange(tokens).double()[None, :, None] * inverse

theta = angles(3, 4)
full = torch.cat([theta, theta], -1)
q = heads(sample(8, 2, 3, 8), 2)
case("rope_halves", flat(llama.apply_rotary_pos_emb(q, q, full.cos(), full.sin())[0]))
theta2 = angles(3, 2)
full2 = torch.cat([theta2, theta2], -1)
part = qwen3_next.apply_rotary_pos_emb(q, q, full2.cos() * 1.25, full2.sin() * 1.25)[0]
case("rope_partial", flat(part))
interleaved = torch.repeat_interleave(theta, 2, dim=-1)
case("rope_adjacent", flat(cohere.apply_rotary_pos_emb(q, q, interleaved.cos(), interleaved.sin())[0]))
from transformers.modeling_rope_utils import _compute_dynamic_ntk_parameters
config = transformers.LlamaConfig(hidden_size=8, num_attention_heads=1, head_dim=8, max_position_embeddings=4,
                                  rope_parameters={"rope_type": "dynamic", "factor": 2.0, "rope_theta": 100.0})
case("dynamic_frequencies", torch.cat([_compute_dynamic_ntk_parameters(config, "cpu", n)[0] for n in (3, 4, 6)]))

# attention
def attend(family, q, k, v, allowed, owner=None, **extra):
    out, _ = family.eager_attention_forward(
        SimpleNamespace(num_key_value_groups=2, training=False, **(owner or {})),
        heads(q, 4), heads(k, 2), heads(v, 2), additive(allowed)[None, None], scaling=0.5, dropout=0.0, **extra)
    return out.reshape(q.shape[0], q.shape[1], -1)

q, k, v = sample(9, 1, 5, 12), sample(10, 1, 5, 6), sample(11, 1, 5, 4)
causal = mask(masking_utils.causal_mask_function, 5)
case("attention_causal", attend(llama, q, k, v, causal))
case("attention_window", attend(llama, q, k, v, mask(masking_utils.sliding_window_causal_mask_function(2), 5)))
case("attention_chunk", attend(llama, q, k, v, mask(masking_utils.chunked_causal_mask_function(2, torch.zeros(1, dtype=torch.int)), 5)))
case("attention_softcap", attend(gemma2, q, k, v, causal, softcap=1.5))
case("attention_sinks", attend(gpt_oss, q, k, v, causal, owner={"sinks": sample(12, 4)}))
slopes = bloom.build_alibi_tensor(torch.ones(1, 5), 4, torch.float64)
scores = heads(q, 4) @ heads(k, 2).repeat_interleave(2, 1).transpose(2, 3) * 0.5 + slopes.view(1, 4, 1, 5)
weights = (scores + additive(causal)).softmax(-1)
case("attention_alibi", flat(weights @ heads(v, 2).repeat_interleave(2, 1)))
case("alibi_slopes", slopes[:, 0, 1])
cross = sample(13, 1, 3, 12)
case("attention_cross", attend(llama, cross, k, v, torch.ones(3, 5, dtype=torch.bool)))

def t5_bias(bidirectional, buckets, distance, tokens, table):
    position = torch.arange(tokens)
    bucket = t5.T5Attention._relative_position_bucket(position[None, :] - position[:, None], bidirectional, buckets, distance)
    return table[bucket].permute(2, 0, 1)

for name, both, buckets in (("attention_relative_causal", False, 4), ("attention_relative_both", True, 8)):
    table = sample(14, buckets, 4)
    scores = heads(q, 4) @ heads(k, 2).repeat_interleave(2, 1).transpose(2, 3) + t5_bias(both, buckets, 6, 5, table)
    allowed = torch.ones(5, 5, dtype=torch.bool) if both else causal
    case(name, flat((scores + additive(allowed)).softmax(-1) @ heads(v, 2).repeat_interleave(2, 1)))
far = torch.arange(-300, 301)
case("relative_buckets_causal", t5.T5Attention._relative_position_bucket(far, False, 32, 128))
case("relative_buckets_both", t5.T5Attention._relative_position_bucket(far, True, 32, 128))
positions = torch.arange(4)
case("position_scale", sample(15, 1, 4, 2) * (torch.log1p(torch.floor((positions + 1.0) / 2)) * 0.1 + 1)[None, :, None])

# state space layers
x = sample(16, 2, 4, 3)
case("causal_conv", F.conv1d(F.pad(x.transpose(1, 2), (2, 0)), sample(17, 3, 1, 3), sample(18, 3), groups=3).transpose(1, 2))
case("causal_conv_short", F.conv1d(F.pad(x[:, :1].transpose(1, 2), (2, 0)), sample(17, 3, 1, 3), groups=3).transpose(1, 2))
dt = F.softplus(sample(19, 2, 4, 3))
a = -torch.exp(sample(20, 3, 2) / 2)
case("selective_scan", falcon_mamba.mamba_selective_scan(
    x.transpose(1, 2), dt.transpose(1, 2), a, sample(21, 2, 4, 2).transpose(1, 2), sample(22, 2, 4, 2).transpose(1, 2),
    D=sample(23, 3)).transpose(1, 2))
x, dt = sample(24, 2, 5, 4, 2), F.softplus(sample(25, 2, 5, 4))
a, b, c = -torch.exp(sample(26, 4) / 2), sample(27, 2, 5, 2, 3), sample(28, 2, 5, 2, 3)
case("recurrence_mamba2", mamba2.mamba2_chunk_scan(x, dt, a, b, c, chunk_size=2).reshape(2, 5, 8))
q, k, v = sample(29, 2, 4, 2, 3), sample(30, 2, 4, 2, 3), sample(31, 2, 4, 4, 2)
g, beta = -F.softplus(sample(32, 2, 4, 4)), torch.sigmoid(sample(33, 2, 4, 4))
spread = [t.repeat_interleave(2, dim=2) for t in (q / 4, k / 4)]
case("recurrence_delta", qwen3_next.torch_recurrent_gated_delta_rule(*spread, v, g, beta)[0].reshape(2, 4, 8))
config = transformers.MiniMaxConfig(hidden_size=8, num_attention_heads=2, head_dim=4, num_hidden_layers=2, block_size=2,
                                    layer_types=["linear_attention", "full_attention"], num_key_value_heads=2)
layer = minimax.MiniMaxLightningAttention(config, 0).double().eval()
layer.norm = torch.nn.Identity()
layer.output_gate.weight.data.zero_()  # its logistic is then one half
layer.qkv_proj.weight.data = torch.eye(8).repeat(3, 1)
layer.out_proj.weight.data = torch.eye(8)
hidden = sample(34, 1, 5, 8)
case("recurrence_lightning", 2 * layer(hidden, None, None)[0])
case("lightning_decay", layer.slope_rate.reshape(-1))

# routers: x [1,5,4], 8 experts; each answer is ids, then weights, in the order of the ids
x = sample(35, 1, 5, 4)
gate = sample(36, 8, 4) / 4 + torch.arange(32).reshape(8, 4) / 1000
bias = sample(37, 8) / 8

def routed(name, ids, weights):
    order = weights.argsort(dim=-1, descending=True, stable=True)
    case(name + "_ids", ids.gather(-1, order).reshape(1, 5, -1))
    case(name + "_weights", weights.gather(-1, order).reshape(1, 5, -1))

def settings(**values):
    base = dict(num_experts=8, num_local_experts=8, n_routed_experts=8, num_experts_per_tok=3, hidden_size=4, norm_topk_prob=True,
                routed_scaling_factor=2.5, n_group=4, topk_group=2, topk_method="group_limited_greedy", moe_norm_min=0.9,
                use_expert_bias=True, moe_topk=3, zero_expert_num=0, router_jitter_noise=0.2, input_jitter_noise=0,
                _experts_implementation="eager")
    return SimpleNamespace(**{**base, **values})

router = frozen(deepseek_v2.DeepseekV2TopkRouter(settings()), weight=gate)
_, weights, ids = router(x)
routed("router_deepseek_v2", ids, weights)
router = frozen(deepseek_v3.DeepseekV3TopkRouter(settings()), weight=gate)
router.e_score_correction_bias = bias
_, weights, ids = router(x.reshape(-1, 4))
routed("router_deepseek_v3", ids, weights)
router = frozen(ernie.Ernie4_5_MoeTopKRouter(settings()), weight=gate)
router.moe_statics.e_score_correction_bias.data = bias[None]
_, weights, ids = router(x.reshape(-1, 4))
routed("router_ernie", ids, weights)
router = frozen(lfm2_moe.Lfm2MoeTopKRouter(settings()), weight=gate)
_, weights, ids = router(x.reshape(-1, 4), bias)
routed("router_lfm2", ids, weights)
router = frozen(gpt_oss.GptOssTopKRouter(settings()), weight=gate, bias=bias)
_, weights, ids = router(x.reshape(-1, 4))
routed("router_gpt_oss", ids, weights)
router = longcat.LongcatFlashTopkRouter(settings(n_routed_experts=6, zero_expert_num=2)).double()
router.classifier.weight.data = gate
router.e_score_correction_bias = bias
weights, ids = router(x)
routed("router_longcat", ids, weights)
weights, ids = phimoe.sparsemixer(x.reshape(-1, 4) @ gate.T, 0.2, False)
case("router_phimoe_ids", ids.reshape(1, 5, -1))
case("router_phimoe_weights", weights.reshape(1, 5, -1))
ffn = dbrx.DbrxFFN.__new__(dbrx.DbrxFFN)
ffn.__dict__.update(top_k=3, moe_normalize_expert_weights=2)
weights, ids = ffn.route_tokens_to_experts(x.reshape(-1, 4) @ gate.T)
routed("router_dbrx", ids, weights)
router = frozen(llama4.Llama4Router(settings()), weight=gate)
scores, _ = router(x.reshape(-1, 4))
weights, ids = scores.topk(3)
routed("router_llama4", ids, weights)
config = transformers.SwitchTransformersConfig(hidden_size=4, num_experts=8, expert_capacity=1)
router = switch.SwitchTransformersTop1Router(config).eval()
router.classifier.weight.data = gate
router.dtype = torch.float64
kept, weights, logits = router(x)
case("router_switch_ids", logits.argmax(-1, keepdim=True))
case("router_switch_weights", weights * kept.sum(-1, keepdim=True))
for name, before in (("router_nllb_after", False), ("router_nllb_before", True)):
    config = transformers.NllbMoeConfig(d_model=4, num_experts=8, router_bias=False, moe_eval_capacity_token_fraction=0.4,
                                        normalize_router_prob_before_dropping=before)
    router = nllb.NllbMoeTop2Router(config).eval()
    router.classifier.weight.data = gate
    router.dtype = torch.float64
    logits = x.reshape(-1, 4) @ gate.T
    _, probabilities = router.route_tokens(logits, torch.float64)
    ids = logits.topk(2).indices
    case(name + "_ids", ids.reshape(1, 5, 2))
    case(name + "_weights", probabilities.gather(-1, ids).reshape(1, 5, 2))

# mixtures: x [1,3,4], 3 experts of hidden 2, top 2
x = sample(38, 1, 3, 4)
gate, up, down = sample(39, 3, 2, 4), sample(40, 3, 2, 4), sample(41, 3, 4, 2)
gate_bias, up_bias, down_bias = sample(42, 3, 2), sample(43, 3, 2), sample(44, 3, 4)
ids = torch.tensor([[2, 0], [1, 2], [2, 1]])
weights = sample(45, 3, 2)
experts = gpt_oss.GptOssExperts(settings(num_local_experts=3, intermediate_size=2)).double()
both = torch.stack([gate, up], 2).reshape(3, 4, 4)
experts.gate_up_proj.data = both.transpose(1, 2)
experts.gate_up_proj_bias.data = torch.stack([gate_bias, up_bias], 2).reshape(3, 4)
experts.down_proj.data = down.transpose(1, 2)
experts.down_proj_bias.data = down_bias
experts.limit = 1.5
case("experts_gpt_oss", experts(x[0], ids, weights)[None])
experts = longcat.LongcatFlashExperts(settings(n_routed_experts=2, zero_expert_num=1, hidden_act="silu", expert_ffn_hidden_size=2))
experts.double()
experts.gate_up_proj.data = torch.cat([gate, up], 1)
experts.down_proj.data = down[:2]
case("experts_longcat", experts(x[0], ids, weights)[None])
config = transformers.Llama4TextConfig(hidden_size=4, intermediate_size=2, intermediate_size_mlp=2, num_local_experts=3,
                                       num_experts_per_tok=2)
block = llama4.Llama4TextMoe(config).double().eval()
block.experts.gate_up_proj.data = torch.cat([gate, up], 1).transpose(1, 2)
block.experts.down_proj.data = down.transpose(1, 2)
block.router.weight.data = sample(46, 3, 4) / 4
block.shared_expert = torch.nn.Linear(4, 4)
block.shared_expert.weight.data.zero_()
block.shared_expert.bias.data.zero_()
case("experts_llama4", block(x)[0][None])
config = transformers.JetMoeConfig(hidden_size=4, kv_channels=2, num_key_value_heads=2, num_local_experts=3, num_experts_per_tok=2,
                                   num_attention_heads=4)
config._attn_implementation = "eager"
attention = jetmoe.JetMoeAttention(config, 0).double().eval()
attention.experts.input_linear.weight.data = sample(47, 3, 4, 4)
attention.experts.output_linear.weight.data = sample(48, 3, 4, 4)
attention.experts.router.layer.weight.data = sample(49, 3, 4) / 4
attention.experts.bias.data = sample(50, 4)
attention.kv_proj.weight.data = sample(51, 8, 4)
theta = angles(3, 2)
full = torch.cat([theta, theta], -1)
case("attention_jetmoe", attention(x, additive(mask(masking_utils.causal_mask_function, 3))[None, None], (full.cos(), full.sin()))[0])

open("operator-values.txt", "w").write("\n".join(lines) + "\n")
