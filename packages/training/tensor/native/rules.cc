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

size_t lengthOf(const c10::IValue& list) {
  return list.isTensorList() ? list.toTensorList().size() : list.toListRef().size();
}

// (tensors, other lists, ...): walks all of them by the first one's length.
void equalLists(const torch::jit::Stack& arguments) {
  const size_t length = lengthOf(arguments[0]);
  for (const c10::IValue& argument : arguments)
    if (argument.isList() && lengthOf(argument) != length) expected("lists of equal length");
}

// Whether walking both tensors' memory in order visits the same elements.
bool sameLayout(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes() || !a.is_non_overlapping_and_dense() || !b.is_non_overlapping_and_dense()) return false;
  for (int64_t i = 0; i < a.dim(); i++)
    if (a.size(i) > 1 && a.stride(i) != b.stride(i)) return false;
  return true;
}

// Fused optimizers walk the memory of a parameter, its gradient and its moments side by side.
void sideBySide(const torch::jit::Stack& arguments, size_t lists, size_t mayBeEmpty, bool needsIt) {
  const auto parameters = arguments[0].toTensorList();
  for (size_t i = 1; i < lists; i++) {
    const auto others = arguments[i].toTensorList();
    if (i == mayBeEmpty && others.empty() && !needsIt) continue;
    if (others.size() != parameters.size()) expected("lists of equal length");
    for (size_t k = 0; k < others.size(); k++)
      if (!sameLayout(parameters.get(k), others.get(k)))
        expected("gradients and moments of their parameter's shape and memory layout (number " + std::to_string(k) +
                 " differs: contiguous() may help)");
  }
}

void equalSteps(const torch::jit::Stack& arguments, size_t at) {
  const auto steps = arguments[at].toTensorList();
  if (steps.size() != arguments[0].toTensorList().size()) expected("lists of equal length");
  for (size_t k = 0; k < steps.size(); k++)
    if (steps.get(k).numel() != 1) expected("steps of one element each");
}

// (self, grads, exp_avgs, exp_avg_sqs, max_exp_avg_sqs, state_steps, ..., amsgrad at 11, ...)
void fusedAdam(const torch::jit::Stack& arguments) {
  sideBySide(arguments, 5, 4, arguments[11].toBool());
  equalSteps(arguments, 5);
}

// (self, grads, momentum_buffer_list, weight_decay, momentum, ...)
void fusedSgd(const torch::jit::Stack& arguments) {
  const bool momentum = !arguments[4].isDouble() || arguments[4].toDouble() != 0;
  sideBySide(arguments, 3, 2, momentum);
}

// (self, grads, state_sums, state_steps, ...)
void fusedAdagrad(const torch::jit::Stack& arguments) {
  sideBySide(arguments, 3, 0, true);
  equalSteps(arguments, 3);
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
    {"aten::_fused_adam_", fusedAdam},
    {"aten::_fused_adam", fusedAdam},
    {"aten::_fused_adamw_", fusedAdam},
    {"aten::_fused_adamw", fusedAdam},
    {"aten::_fused_sgd_", fusedSgd},
    {"aten::_fused_sgd", fusedSgd},
    {"aten::_fused_adagrad_", fusedAdagrad},
    {"aten::_fused_adagrad", fusedAdagrad},
    {"aten::fused_moving_avg_obs_fake_quant", axisOfSelf},
};

}  // namespace

Rule ruleFor(const std::string& name) {
  if (name.rfind("aten::_foreach_", 0) == 0) return equalLists;
  for (const Named& named : kRules)
    if (name == named.op) return named.rule;
  return nullptr;
}

}  // namespace hadal
