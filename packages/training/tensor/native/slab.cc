#include "slab.h"

#include "error.h"

namespace hadal {

Handle Slab::put(at::Tensor tensor) {
  uint32_t index = firstFree_;
  if (index != 0) {
    firstFree_ = slots_[index].nextFree;
  } else {
    index = static_cast<uint32_t>(slots_.size());
    if (index > kIndexMask) throw Fault("memory", "four million tensors are alive; free some (see scope and leaks)");
    slots_.emplace_back();
  }
  slots_[index].tensor = std::move(tensor);
  live_++;
  return handleOf(index);
}

bool Slab::free(Handle handle) {
  const uint32_t index = indexOf(handle);
  if (index == 0) return false;
  release(index);
  return true;
}

Identity Slab::identify(Handle handle) const {
  const uint32_t index = indexOf(handle);
  return {index, slots_[index].generation};
}

void Slab::free(const Identity& identity) {
  if (identity.index == 0 || slots_[identity.index].generation != identity.generation) return;
  if (slots_[identity.index].tensor.defined()) release(identity.index);
}

void Slab::makeCollectable(Handle handle) {
  Slot& slot = slots_[indexOf(handle)];
  if (!slot.tensor.defined() || slot.collectableBytes != 0) return;
  slot.collectableBytes = ownedBytes(slot.tensor);
  collectableBytes_ += slot.collectableBytes;
}

void Slab::release(uint32_t index) {
  // Detached from the table first: a destructor must find the slab in order.
  at::Tensor last = std::move(slots_[index].tensor);
  slots_[index].tensor = at::Tensor();
  collectableBytes_ -= slots_[index].collectableBytes;
  slots_[index].collectableBytes = 0;
  slots_[index].generation++;
  slots_[index].nextFree = firstFree_;
  firstFree_ = index;
  live_--;
}

int64_t ownedBytes(const at::Tensor& tensor) {
  // Tensors on the device `meta` have a size and no memory.
  if (!tensor.has_storage() || tensor.is_meta() || tensor.storage().use_count() != 1) return 0;
  return static_cast<int64_t>(tensor.storage().nbytes());
}

}  // namespace hadal
