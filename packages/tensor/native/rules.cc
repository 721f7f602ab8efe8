#include "rules.h"

#include "js.h"

namespace hadal {

namespace {

// All found by fuzzing libtorch 2.6.

// (self, factor): divides by the factor squared.
void positiveFactor(const torch::jit::Stack& arguments) {
  const int64_t factor = arguments[1].toInt();
  if (factor < 1 || factor > 1 << 15) expected("a factor from 1 to 32768");
}

// (self, groups)
void positiveGroups(const torch::jit::Stack& arguments) {
  if (arguments[1].toInt() < 1) expected("at least one group");
}

// (query, key, value, ...): with enable_gqa last, divides by the number of key and value heads.
void someHeads(const torch::jit::Stack& arguments) {
  if (!arguments.back().isBool() || !arguments.back().toBool()) return;
  for (const size_t i : {1, 2}) {
    const at::Tensor& heads = arguments[i].toTensor();
    if (heads.dim() >= 3 && heads.size(-3) == 0) expected("keys and values with at least one head");
  }
}

// (self, ..., ch_axis at 10, ...): writes at that dimension.
void axisOfSelf(const torch::jit::Stack& arguments) {
  const int64_t axis = arguments[10].toInt();
  const int64_t dimensions = arguments[0].toTensor().dim();
  if (axis < 0 || axis >= dimensions) expected("an axis from 0 to " + std::to_string(dimensions - 1));
}

// (self, padding) of the last `Spatial` dimensions: a batch and channels may stand before them, and no more.
template <int64_t Spatial>
void fewDimensions(const torch::jit::Stack& arguments) {
  const int64_t dimensions = arguments[0].toTensor().dim();
  if (dimensions <= Spatial || dimensions > Spatial + 2)
    expected("a tensor of " + std::to_string(Spatial + 1) + " or " + std::to_string(Spatial + 2) + " dimensions");
}

struct Named {
  const char* op;
  Rule rule;
};

constexpr Named kRules[] = {
    {"aten::pixel_shuffle", positiveFactor},
    {"aten::pixel_unshuffle", positiveFactor},
    {"aten::channel_shuffle", positiveGroups},
    {"aten::scaled_dot_product_attention", someHeads},
    {"aten::_scaled_dot_product_attention_math", someHeads},
    {"aten::replication_pad1d", fewDimensions<1>},
    {"aten::replication_pad2d", fewDimensions<2>},
    {"aten::replication_pad3d", fewDimensions<3>},
    {"aten::fused_moving_avg_obs_fake_quant", axisOfSelf},
};

}  // namespace

Rule ruleFor(const std::string& name) {
  for (const Named& named : kRules)
    if (name == named.op) return named.rule;
  return nullptr;
}

}  // namespace hadal
