#include "collective-gradients.h"

#if HADAL_GLOO

#include "error.h"
#include "once.h"

#include <ATen/Functions.h>
#include <ATen/WrapDimUtils.h>
#include <torch/csrc/autograd/custom_function.h>

namespace hadal {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;
using GroupPointer = c10::intrusive_ptr<Group>;

void keepGroup(AutogradContext* context, const GroupPointer& group) {
  context->saved_data["group"] = c10::IValue::make_capsule(group);
}

GroupPointer groupOf(AutogradContext* context) {
  goesBackOnce("a collective", "take the second derivative in one process");
  return c10::static_intrusive_pointer_cast<Group>(context->saved_data["group"].toCapsule());
}

at::Tensor reduced(Group& group, const at::Tensor& x) {
  at::Tensor sum = x.detach().clone(at::MemoryFormat::Contiguous);
  group.allReduce(sum, "sum").wait();
  return sum;
}

at::Tensor gathered(Group& group, const at::Tensor& x, int64_t dim) {
  if (dim == 0) return group.allGather(x).wait();
  return at::cat(group.allGather(x.unsqueeze(0)).wait().unbind(0), dim);
}

at::Tensor scattered(Group& group, const at::Tensor& x, int64_t dim) {
  if (x.size(dim) % group.size() != 0)
    throw Fault("argument", "dimension " + std::to_string(dim) + " must be a multiple of the group's " +
                                std::to_string(group.size()) + " processes");
  if (dim == 0) return group.reduceScatter(x).wait();
  return group.reduceScatter(at::stack(x.chunk(group.size(), dim))).wait().squeeze(0);
}

struct CopyTo : Function<CopyTo> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const GroupPointer& group) {
    keepGroup(context, group);
    return x;
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {reduced(*groupOf(context), gradients[0]), {}};
  }
};

struct ReduceFrom : Function<ReduceFrom> {
  static at::Tensor forward(AutogradContext*, const at::Tensor& x, const GroupPointer& group) {
    return reduced(*group, x);
  }
  static variable_list backward(AutogradContext*, const variable_list& gradients) { return {gradients[0], {}}; }
};

struct GatherFrom : Function<GatherFrom> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const GroupPointer& group, int64_t dim) {
    keepGroup(context, group);
    context->saved_data["dim"] = dim;
    return gathered(*group, x, dim);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {scattered(*groupOf(context), gradients[0], context->saved_data["dim"].toInt()), {}, {}};
  }
};

struct ScatterTo : Function<ScatterTo> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const GroupPointer& group, int64_t dim) {
    keepGroup(context, group);
    context->saved_data["dim"] = dim;
    return scattered(*group, x, dim);
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {gathered(*groupOf(context), gradients[0], context->saved_data["dim"].toInt()), {}, {}};
  }
};

struct Exchange : Function<Exchange> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const GroupPointer& group,
                            const std::vector<int64_t>& inputSplits, const std::vector<int64_t>& outputSplits) {
    keepGroup(context, group);
    context->saved_data["input"] = inputSplits;
    context->saved_data["output"] = outputSplits;
    return group->allToAll(x, inputSplits, outputSplits).wait();
  }
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    Group& group = *groupOf(context);
    const auto input = context->saved_data["input"].toIntVector();
    const auto output = context->saved_data["output"].toIntVector();
    return {group.allToAll(gradients[0], output, input).wait(), {}, {}, {}};
  }
};

}  // namespace

at::Tensor copyToGroup(const GroupPointer& group, const at::Tensor& x) { return CopyTo::apply(x, group); }
at::Tensor reduceFromGroup(const GroupPointer& group, const at::Tensor& x) { return ReduceFrom::apply(x, group); }
at::Tensor gatherFromGroup(const GroupPointer& group, const at::Tensor& x, int64_t dim) {
  return GatherFrom::apply(x, group, at::maybe_wrap_dim(dim, x.dim()));
}
at::Tensor scatterToGroup(const GroupPointer& group, const at::Tensor& x, int64_t dim) {
  return ScatterTo::apply(x, group, at::maybe_wrap_dim(dim, x.dim()));
}
at::Tensor exchange(const GroupPointer& group, const at::Tensor& x, std::vector<int64_t> inputSplits,
                    std::vector<int64_t> outputSplits) {
  return Exchange::apply(x, group, inputSplits, outputSplits);
}

}  // namespace hadal

#endif  // HADAL_GLOO
