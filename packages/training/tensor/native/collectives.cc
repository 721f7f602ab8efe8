// The collectives of a group: every dtype over gloo's and NCCL's. Each starts here and continues in the background.

#include "process-group.h"

#if HADAL_GLOO

#include "error.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <numeric>

namespace hadal {

namespace {

// Elements in memory, as collectives need them.
at::Tensor plain(const at::Tensor& tensor) {
  if (tensor.layout() != c10::kStrided || !tensor.has_storage() || tensor.is_meta())
    throw Fault("argument", "this tensor has no plain elements: it is sparse, opaque or on the meta device");
  return tensor.detach().resolve_conj().resolve_neg().contiguous();
}

// The same elements as bytes, for what moves them without looking: every dtype goes. `rows` of equal length.
at::Tensor bytesOf(const at::Tensor& contiguous, int64_t rows) {
  return contiguous.view({-1}).view(at::kByte).view({rows, rows == 0 ? 0 : -1});
}

// The dtype in which gloo and NCCL add and compare these.
at::ScalarType reducedAs(at::ScalarType dtype) {
  switch (dtype) {
    case at::kFloat: case at::kDouble: case at::kHalf: case at::kBFloat16:
    case at::kInt: case at::kLong: case at::kByte: case at::kChar:
      return dtype;
    case at::kBool: case at::kShort:
      return at::kInt;
    case at::kFloat8_e4m3fn: case at::kFloat8_e5m2:
      return at::kFloat;
    default:
      throw Fault("argument", std::string("no sum or extreme over processes is defined for dtype ") +
                                  c10::toString(dtype) + ": reduce a real view of it (viewAsReal)");
  }
}

int64_t total(const Splits& splits) { return std::accumulate(splits.begin(), splits.end(), int64_t{0}); }

c10d::ReduceOp reduceOf(const std::string& op) {
  if (op == "sum") return c10d::ReduceOp::SUM;
  if (op == "max") return c10d::ReduceOp::MAX;
  if (op == "min") return c10d::ReduceOp::MIN;
  throw Fault("argument", "expected 'sum', 'max' or 'min'");
}

// Writes what arrived into the tensor of the caller, unless it arrived there.
void copyBack(const at::Tensor& target, const at::Tensor& arrived) {
  const at::NoGradGuard noGrad;
  if (!target.is_alias_of(arrived)) target.detach().copy_(arrived);
  if (!target.is_inference()) target.unsafeGetTensorImpl()->bump_version();
}

}  // namespace

Pending Group::allReduce(const at::Tensor& tensor, const std::string& op) {
  const at::NoGradGuard noGrad;
  std::string what = begin("all-reduce", tensor);
  c10d::AllreduceOptions options;
  options.reduceOp = reduceOf(op);
  std::vector<at::Tensor> flat{plain(tensor).to(reducedAs(tensor.scalar_type()))};
  auto finish = [tensor, arrived = flat[0]] {
    copyBack(tensor, arrived);
    return at::Tensor();
  };
  if (tensor.numel() == 0) return Pending{c10::intrusive_ptr<Group>::reclaim_copy(this), {}, what, {}};
  sentBytes_ += 2.0 * static_cast<double>(flat[0].nbytes()) * (size() - 1) / size();
  auto work = backend_->allreduce(flat, options);
  return started(std::move(what), std::move(work), std::move(finish));
}

Pending Group::broadcast(const at::Tensor& tensor, int64_t root) {
  const at::NoGradGuard noGrad;
  std::string what = begin("broadcast", tensor);
  if (root < 0 || root >= size())
    throw Fault("argument", "root is a rank within the group, from 0 to " + std::to_string(size() - 1));
  const at::Tensor flat = plain(tensor);
  if (tensor.numel() == 0) return Pending{c10::intrusive_ptr<Group>::reclaim_copy(this), {}, what, {}};
  std::vector<at::Tensor> bytes{bytesOf(flat, 1)};
  c10d::BroadcastOptions options;
  options.rootRank = root;
  if (rank_ == root) sentBytes_ += static_cast<double>(flat.nbytes()) * (size() - 1);
  auto work = backend_->broadcast(bytes, options);
  return started(std::move(what), std::move(work), [tensor, flat] {
    copyBack(tensor, flat);
    return at::Tensor();
  });
}

Pending Group::allGather(const at::Tensor& tensor, const Splits& splits) {
  const at::NoGradGuard noGrad;
  std::string what = begin("all-gather", tensor);
  if (tensor.dim() == 0) throw Fault("argument", "a tensor without dimensions has no dimension 0 to gather along");
  const at::Tensor flat = plain(tensor);
  if (!splits.empty()) {
    checkSplits(splits);
    if (splits[static_cast<size_t>(rank_)] != tensor.size(0))
      throw Fault("argument", "the split of this process is the rows that it gives");
    // Everyone sends its rows to everyone: exactly as many bytes as are needed, where the parts differ in length.
    std::vector<int64_t> repeats(static_cast<size_t>(tensor.dim()), 1);
    repeats[0] = size();
    return allToAll(flat.repeat(repeats), Splits(splits.size(), tensor.size(0)), splits);
  }
  auto sizes = flat.sizes().vec();
  sizes[0] *= size();
  at::Tensor out = at::empty(sizes, flat.options());
  auto finish = [out] { return out; };
  if (tensor.numel() == 0) return Pending{c10::intrusive_ptr<Group>::reclaim_copy(this), {}, what, finish};
  at::Tensor sent = bytesOf(flat, 1).view({-1});
  at::Tensor received = bytesOf(out, 1).view({-1});
  sentBytes_ += static_cast<double>(flat.nbytes()) * (size() - 1);
  auto work = backend_->_allgather_base(received, sent);
  return started(std::move(what), std::move(work), finish);
}

Pending Group::reduceScatter(const at::Tensor& tensor, const Splits& splits) {
  const at::NoGradGuard noGrad;
  std::string what = begin("reduce-scatter", tensor);
  if (splits.empty() && (tensor.dim() == 0 || tensor.size(0) % size() != 0))
    throw Fault("argument", "dimension 0 must be a multiple of the group's " + std::to_string(size()) + " processes");
  if (!splits.empty()) {
    checkSplits(splits);
    if (tensor.dim() == 0 || total(splits) != tensor.size(0))
      throw Fault("argument", "splits must add up to the rows of dimension 0");
  }
  const auto dtype = tensor.scalar_type();
  const auto wide = reducedAs(dtype);
  const at::Tensor flat = plain(tensor);
  auto sizes = flat.sizes().vec();
  sizes[0] = splits.empty() ? sizes[0] / size() : splits[static_cast<size_t>(rank_)];
  if (tensor.numel() == 0) {
    auto finish = [out = at::empty(sizes, flat.options())] { return out; };
    return Pending{c10::intrusive_ptr<Group>::reclaim_copy(this), {}, what, finish};
  }
  sentBytes_ += static_cast<double>(flat.nbytes()) * (size() - 1) / size();
  if (flat.is_cuda() && splits.empty()) {
    at::Tensor sent = flat.to(wide);
    at::Tensor out = at::empty(sizes, sent.options());
    auto work = backend_->_reduce_scatter_base(out, sent);
    return started(std::move(what), std::move(work), [out, dtype] { return out.to(dtype); });
  }
  // gloo has none; what c10d puts in its place is an all-reduce, which sends twice as much. Here everyone gets its own
  // part of everyone and adds them up, 16-bit floats in float32 with one rounding.
  const int64_t rowBytes = static_cast<int64_t>(flat.nbytes()) / flat.size(0);
  at::Tensor sent = bytesOf(flat, flat.size(0));
  at::Tensor received = at::empty({size() * sizes[0], rowBytes}, sent.options());
  Splits given = splits.empty() ? Splits(static_cast<size_t>(size()), sizes[0]) : splits;
  Splits taken(static_cast<size_t>(size()), sizes[0]);
  auto work = backend_->alltoall_base(received, sent, taken, given);
  const bool narrow = dtype == at::kHalf || dtype == at::kBFloat16;
  return started(std::move(what), std::move(work), [received, sizes, dtype, narrow, wide, count = size(), flat] {
    const at::NoGradGuard inner;
    auto all = sizes;
    all.insert(all.begin(), count);
    const at::Tensor parts = received.view({-1}).view(dtype).view(all);
    at::Tensor sum = parts[0].to(narrow ? at::kFloat : wide, false, true);
    for (int64_t i = 1; i < count; i++) sum.add_(parts[i]);
    return sum.to(dtype);
  });
}

void Group::checkSplits(const Splits& splits) const {
  const bool negative = std::any_of(splits.begin(), splits.end(), [](int64_t rows) { return rows < 0; });
  if (static_cast<int>(splits.size()) != size() || negative)
    throw Fault("argument",
                "splits are row counts, one for each of the group's " + std::to_string(size()) + " processes");
}

Pending Group::allToAll(const at::Tensor& tensor, Splits inputSplits, Splits outputSplits) {
  const at::NoGradGuard noGrad;
  std::string what = begin("all-to-all", tensor);
  checkSplits(inputSplits);
  checkSplits(outputSplits);
  if (tensor.dim() == 0 || total(inputSplits) != tensor.size(0))
    throw Fault("argument", "inputSplits must add up to the rows of dimension 0");
  const at::Tensor flat = plain(tensor);
  auto sizes = flat.sizes().vec();
  sizes[0] = total(outputSplits);
  at::Tensor out = at::empty(sizes, flat.options());
  auto finish = [out, flat] { return out; };
  int64_t rowElements = 1;
  for (size_t i = 1; i < sizes.size(); i++) rowElements *= sizes[i];
  if (rowElements == 0) return Pending{c10::intrusive_ptr<Group>::reclaim_copy(this), {}, what, finish};
  const int64_t rowBytes = rowElements * static_cast<int64_t>(flat.element_size());
  at::Tensor sent = flat.view({-1}).view(at::kByte).view({flat.size(0), rowBytes});
  at::Tensor received = out.view({-1}).view(at::kByte).view({sizes[0], rowBytes});
  sentBytes_ += static_cast<double>(rowBytes) *
                static_cast<double>(flat.size(0) - inputSplits[static_cast<size_t>(rank_)]);
  auto work = backend_->alltoall_base(received, sent, outputSplits, inputSplits);
  return started(std::move(what), std::move(work), finish);
}

Pending Group::barrier() {
  std::string what = begin("barrier", {});
  auto work = backend_->barrier();
  return started(std::move(what), std::move(work), {});
}

}  // namespace hadal

#endif  // HADAL_GLOO
