// Collectives that gradients flow through, as functions of libtorch's autograd. Megatron-LM's f and g (Shoeybi et al.
// 2019), the pair of its sequence parallelism (Korthikanti et al. 2022), and the exchange of expert parallelism.
#pragma once

#include "process-group.h"

#if HADAL_GLOO

namespace hadal {

// Forward the identity, back an all-reduce.
at::Tensor copyToGroup(const c10::intrusive_ptr<Group>& group, const at::Tensor& x);
// Forward an all-reduce, back the identity.
at::Tensor reduceFromGroup(const c10::intrusive_ptr<Group>& group, const at::Tensor& x);
// Forward an all-gather along `dim`, back a reduce-scatter.
at::Tensor gatherFromGroup(const c10::intrusive_ptr<Group>& group, const at::Tensor& x, int64_t dim);
// Forward a reduce-scatter along `dim`, back an all-gather.
at::Tensor scatterToGroup(const c10::intrusive_ptr<Group>& group, const at::Tensor& x, int64_t dim);
// All-to-all along dimension 0 both ways.
at::Tensor exchange(const c10::intrusive_ptr<Group>& group, const at::Tensor& x, std::vector<int64_t> inputSplits,
                    std::vector<int64_t> outputSplits);

}  // namespace hadal

#endif  // HADAL_GLOO
