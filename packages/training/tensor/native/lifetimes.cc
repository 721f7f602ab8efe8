// Frees tensors: immediately (scopes and dispose), or when JavaScript collects the token of a tensor without a scope. Also counts
// live tensors.

#include "environment.h"
#include "js.h"

namespace hadal {

// What a group of tensors leaves behind: when JavaScript has dropped all of them it collects their token, and the
// token's finalizer frees them. It runs inside the collection, so it may only touch memory. A token each would cost
// more than a small operator; a group holds few bytes, so little memory waits for the group's last tensor.
struct Collected {
  std::shared_ptr<Slab> slab;
  std::vector<Identity> members;
  int64_t bytes = 0;

  static constexpr size_t kMembers = 64;
  static constexpr int64_t kBytes = 64 << 10;
  bool full() const { return members.size() >= kMembers || bytes >= kBytes; }
};

namespace {

void finalizeCollected(node_api_basic_env, void* data, void*) {
  const std::unique_ptr<std::shared_ptr<Collected>> collected(static_cast<std::shared_ptr<Collected>*>(data));
  for (const Identity& member : (*collected)->members) (*collected)->slab->free(member);
}

// V8 collects sooner when it knows of memory that a collection could free. Told in steps, since telling it takes time.
void reportBytes(napi_env env, Environment& environment) {
  constexpr int64_t kStep = 1 << 20;
  const int64_t change = environment.slab->collectableBytes() - environment.reportedBytes;
  if (change < kStep && change > -kStep) return;
  environment.reportedBytes += change;
  int64_t adjusted;
  check(env, napi_adjust_external_memory(env, change, &adjusted));
}

// track(handle): lets the garbage collector decide when the tensor is freed. Gives a token when a new group begins;
// otherwise the tensor belongs to the group of the last token given.
napi_value track(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    Environment& environment = *args.environment;
    Slab& slab = *environment.slab;
    const at::Tensor& tensor = toTensor(env, slab, args[0]);
    const auto handle = static_cast<Handle>(toInteger(env, args[0]));
    slab.makeCollectable(handle);
    reportBytes(env, environment);
    std::shared_ptr<Collected>& group = environment.collected;
    const bool begins = !group || group->full();
    if (begins) group = std::make_shared<Collected>(Collected{environment.slab, {}, 0});
    group->members.push_back(slab.identify(handle));
    group->bytes += ownedBytes(tensor);
    if (!begins) return nullptr;
    auto keeper = std::make_unique<std::shared_ptr<Collected>>(group);
    napi_value token;
    check(env, napi_create_external(env, keeper.get(), finalizeCollected, nullptr, &token));
    keeper.release();
    return token;
  });
}

napi_value freeOne(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    args.environment->slab->free(static_cast<Handle>(toInteger(env, args[0])));
    return nullptr;
  });
}

// freeMany(Int32Array, count): the first `count` handles; stale ones are skipped.
napi_value freeMany(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<2> args(env, info);
    napi_typedarray_type type;
    size_t length;
    void* data;
    check(env, napi_get_typedarray_info(env, args[0], &type, &length, &data, nullptr, nullptr));
    const int64_t count = toInteger(env, args[1]);
    if (type != napi_int32_array || count < 0 || static_cast<size_t>(count) > length)
      throw Fault("argument", "expected an Int32Array and a count within it");
    for (int64_t i = 0; i < count; i++) args.environment->slab->free(static_cast<const Handle*>(data)[i]);
    return nullptr;
  });
}

// live(): [handle, bytes, handle, bytes, ...]
napi_value live(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    napi_value out;
    check(env, napi_create_array(env, &out));
    uint32_t i = 0;
    args.environment->slab->each([&](Handle handle, const at::Tensor& tensor) {
      check(env, napi_set_element(env, out, i++, toJs(env, handle)));
      check(env, napi_set_element(env, out, i++, toJs(env, static_cast<double>(ownedBytes(tensor)))));
    });
    return out;
  });
}

}  // namespace

void exportLifetimes(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment,
            {{"track", track},
             {"free", freeOne},
             {"freeMany", freeMany},
             {"live", live}});
}

}  // namespace hadal
