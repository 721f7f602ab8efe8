// Tensor storage: JavaScript holds 31-bit integers, this table holds the tensors. One slab per JavaScript environment, used only on
// its thread (finalizers run there too).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hadal {

// Positive and small enough to be a V8 small integer: 22 bits of index below 9 bits of generation. 0 is never a tensor.
using Handle = int32_t;

// A handle whose generation never repeats; what finalizers keep, which may run long after the slot was reused.
struct Identity {
  uint32_t index = 0;
  uint64_t generation = 0;
};

class Slab {
 public:
  Slab() : slots_(1) {}

  // Takes ownership of a defined tensor. Throws Fault("memory") when four million tensors are alive.
  Handle put(at::Tensor tensor);
  // Null when the handle is stale or was never given out.
  const at::Tensor* get(Handle handle) const {
    const uint32_t index = indexOf(handle);
    return index == 0 ? nullptr : &slots_[index].tensor;
  }
  // Frees the tensor; false when the handle is stale.
  bool free(Handle handle);

  Identity identify(Handle handle) const;
  void free(const Identity& identity);

  // From now on the garbage collector decides when it is freed: its bytes count as collectable until it is.
  void makeCollectable(Handle handle);
  int64_t collectableBytes() const { return collectableBytes_; }

  uint32_t live() const { return live_; }

  template <class Visit>
  void each(Visit&& visit) const {
    for (uint32_t index = 1; index < slots_.size(); index++)
      if (slots_[index].tensor.defined()) visit(handleOf(index), slots_[index].tensor);
  }

 private:
  struct Slot {
    at::Tensor tensor;
    uint64_t generation = 0;
    int64_t collectableBytes = 0;
    uint32_t nextFree = 0;
  };

  static constexpr uint32_t kIndexBits = 22;
  static constexpr uint32_t kIndexMask = (1u << kIndexBits) - 1;
  static constexpr uint64_t kGenerationMask = (1u << 9) - 1;

  Handle handleOf(uint32_t index) const {
    return static_cast<Handle>(((slots_[index].generation & kGenerationMask) << kIndexBits) | index);
  }
  uint32_t indexOf(Handle handle) const {
    if (handle <= 0) return 0;
    const uint32_t index = static_cast<uint32_t>(handle) & kIndexMask;
    if (index >= slots_.size() || handleOf(index) != handle || !slots_[index].tensor.defined()) return 0;
    return index;
  }
  void release(uint32_t index);

  std::vector<Slot> slots_;
  uint32_t firstFree_ = 0;
  uint32_t live_ = 0;
  int64_t collectableBytes_ = 0;
};

// Bytes that freeing this tensor would give back: nothing for a view of memory that others hold too.
int64_t ownedBytes(const at::Tensor& tensor);

}  // namespace hadal
