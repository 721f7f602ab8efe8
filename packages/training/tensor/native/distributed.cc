// Process groups for JavaScript: groups and the works under way are numbers into this environment's table.

#include "collective-gradients.h"
#include "environment.h"
#include "js.h"

#include <thread>

namespace hadal {

#if HADAL_GLOO

struct Distributed {
  std::unordered_map<int32_t, c10::intrusive_ptr<Group>> groups;
  std::unordered_map<int32_t, Pending> works;
  int32_t next = 1;

  int32_t add(c10::intrusive_ptr<Group> group) {
    groups.emplace(next, std::move(group));
    return next++;
  }
  int32_t add(Pending work) {
    works.emplace(next, std::move(work));
    return next++;
  }
  const c10::intrusive_ptr<Group>& group(int64_t id) const {
    const auto found = groups.find(static_cast<int32_t>(id));
    if (found == groups.end()) throw Fault("closed", "the process group is closed");
    return found->second;
  }
};

namespace {

std::string textOf(napi_env env, napi_value object, const char* name) {
  napi_value value;
  check(env, napi_get_named_property(env, object, name, &value));
  return toString(env, value);
}

int64_t numberOf(napi_env env, napi_value object, const char* name) {
  napi_value value;
  check(env, napi_get_named_property(env, object, name, &value));
  return toInteger(env, value);
}

// One process on its way into its group. The waiting is done on a thread that the end of the process leaves alone.
struct Joining {
  Join join;
  Environment* environment;
  napi_deferred deferred = nullptr;
  napi_threadsafe_function tell = nullptr;
  c10::intrusive_ptr<Group> group;
  const char* code = nullptr;
  std::string message;
};

void joined(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<std::shared_ptr<Joining>> holder(static_cast<std::shared_ptr<Joining>*>(data));
  Joining& joining = **holder;
  if (!env) return;
  guarded(env, [&]() -> napi_value {
    if (joining.code) {
      napi_value error;
      const napi_value code = toJs(env, std::string(joining.code));
      check(env, napi_create_error(env, code, toJs(env, joining.message), &error));
      check(env, napi_reject_deferred(env, joining.deferred, error));
    } else {
      const int32_t id = joining.environment->distributed->add(std::move(joining.group));
      check(env, napi_resolve_deferred(env, joining.deferred, toJs(env, id)));
    }
    return nullptr;
  });
}

// joinGroup({masterAddr, masterPort, rank, worldSize, timeoutMillis, backend, storeElsewhere, attempt})
napi_value joinGroup(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    auto joining = std::make_shared<Joining>();
    joining->environment = args.environment;
    Join& join = joining->join;
    join.masterAddr = textOf(env, args[0], "masterAddr");
    join.masterPort = static_cast<uint16_t>(numberOf(env, args[0], "masterPort"));
    join.rank = static_cast<int>(numberOf(env, args[0], "rank"));
    join.size = static_cast<int>(numberOf(env, args[0], "worldSize"));
    join.timeout = Millis(numberOf(env, args[0], "timeoutMillis"));
    join.backend = textOf(env, args[0], "backend");
    join.storeElsewhere = numberOf(env, args[0], "storeElsewhere") != 0;
    join.attempt = textOf(env, args[0], "attempt");
    napi_value promise;
    check(env, napi_create_promise(env, &joining->deferred, &promise));
    check(env, napi_create_threadsafe_function(env, nullptr, nullptr, toJs(env, std::string("hadal.join")), 0, 1,
                                               nullptr, nullptr, nullptr, joined, &joining->tell));
    std::thread([joining] {
      try {
        joining->group = Group::join(joining->join);
      } catch (...) {
        std::tie(joining->code, joining->message) = describeCurrentException();
      }
      const napi_threadsafe_function tell = joining->tell;
      auto holder = std::make_unique<std::shared_ptr<Joining>>(joining);
      const napi_status told = napi_call_threadsafe_function(tell, holder.get(), napi_tsfn_blocking);
      if (told == napi_ok) holder.release();
      // A function that is closing has let go of this thread, and may be gone.
      if (told != napi_closing) napi_release_threadsafe_function(tell, napi_tsfn_release);
    }).detach();
    return promise;
  });
}

const c10::intrusive_ptr<Group>& groupOf(const CallInfo<5>& args) {
  return args.environment->distributed->group(toInteger(args.env, args[0]));
}
const at::Tensor& tensorOf(const CallInfo<5>& args) { return toTensor(args.env, *args.environment->slab, args[1]); }

// subgroup(group, ranks): its number; 0 for a process that is not in it.
napi_value subgroup(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<5> args(env, info);
    auto made = groupOf(args)->subgroup(toIntegers(env, args[1]));
    return toJs(env, made ? args.environment->distributed->add(std::move(made)) : 0);
  });
}

template <class Start>
napi_value start(napi_env env, napi_callback_info info, Start&& body) {
  return guarded(env, [&] {
    const CallInfo<5> args(env, info);
    return toJs(env, args.environment->distributed->add(body(args, *groupOf(args))));
  });
}

napi_value startAllReduce(napi_env env, napi_callback_info info) {
  return start(env, info, [&](const auto& args, Group& group) {
    return group.allReduce(tensorOf(args), toString(env, args[2]));
  });
}
napi_value startBroadcast(napi_env env, napi_callback_info info) {
  return start(env, info, [&](const auto& args, Group& group) {
    return group.broadcast(tensorOf(args), toInteger(env, args[2]));
  });
}
napi_value startAllGather(napi_env env, napi_callback_info info) {
  return start(env, info, [&](const auto& args, Group& group) {
    return group.allGather(tensorOf(args), toIntegers(env, args[2]));
  });
}
napi_value startReduceScatter(napi_env env, napi_callback_info info) {
  return start(env, info, [&](const auto& args, Group& group) {
    return group.reduceScatter(tensorOf(args), toIntegers(env, args[2]));
  });
}
napi_value startAllToAll(napi_env env, napi_callback_info info) {
  return start(env, info, [&](const auto& args, Group& group) {
    return group.allToAll(tensorOf(args), toIntegers(env, args[2]), toIntegers(env, args[3]));
  });
}
napi_value startBarrier(napi_env env, napi_callback_info info) {
  return start(env, info, [&](const auto&, Group& group) { return group.barrier(); });
}

// waitWork(work): the handle of its result, 0 when it has none.
napi_value waitWork(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    auto& works = args.environment->distributed->works;
    const auto found = works.find(static_cast<int32_t>(toInteger(env, args[0])));
    if (found == works.end()) throw Fault("argument", "this work was waited for before");
    Pending work = std::move(found->second);
    works.erase(found);
    at::Tensor result = work.wait();
    return toJs(env, result.defined() ? args.environment->slab->put(std::move(result)) : 0);
  });
}

template <class Body>
napi_value through(napi_env env, napi_callback_info info, Body&& body) {
  return guarded(env, [&] {
    const CallInfo<5> args(env, info);
    return toJs(env, args.environment->slab->put(body(args, groupOf(args))));
  });
}

napi_value copyTo(napi_env env, napi_callback_info info) {
  return through(env, info, [](const auto& args, const auto& group) { return copyToGroup(group, tensorOf(args)); });
}
napi_value reduceFrom(napi_env env, napi_callback_info info) {
  return through(env, info, [](const auto& args, const auto& group) { return reduceFromGroup(group, tensorOf(args)); });
}
napi_value gatherFrom(napi_env env, napi_callback_info info) {
  return through(env, info, [&](const auto& args, const auto& group) {
    return gatherFromGroup(group, tensorOf(args), toInteger(env, args[2]));
  });
}
napi_value scatterTo(napi_env env, napi_callback_info info) {
  return through(env, info, [&](const auto& args, const auto& group) {
    return scatterToGroup(group, tensorOf(args), toInteger(env, args[2]));
  });
}
napi_value exchangeRows(napi_env env, napi_callback_info info) {
  return through(env, info, [&](const auto& args, const auto& group) {
    return exchange(group, tensorOf(args), toIntegers(env, args[2]), toIntegers(env, args[3]));
  });
}

napi_value storeSet(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<5> args(env, info);
    groupOf(args)->set(toString(env, args[1]), toString(env, args[2]));
    return nullptr;
  });
}
napi_value storeGet(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<5> args(env, info);
    return toJs(env, groupOf(args)->get(toString(env, args[1]), Millis(toInteger(env, args[2]))));
  });
}
napi_value storeHas(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<5> args(env, info);
    return toJs(env, groupOf(args)->has(toString(env, args[1])));
  });
}

napi_value sentBytes(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<5> args(env, info);
    return toJs(env, groupOf(args)->sentBytes());
  });
}

napi_value closeGroup(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<5> args(env, info);
    const auto group = groupOf(args);
    args.environment->distributed->groups.erase(static_cast<int32_t>(toInteger(env, args[0])));
    group->close();
    return nullptr;
  });
}

}  // namespace

#else

struct Distributed {};

#endif

namespace {

// distributedBackends(): the names of those the addon was compiled with.
napi_value distributedBackends(napi_env env, napi_callback_info) {
  return guarded(env, [&] {
    napi_value out;
    check(env, napi_create_array(env, &out));
    if (HADAL_GLOO) check(env, napi_set_element(env, out, 0, toJs(env, std::string("gloo"))));
    if (HADAL_NCCL) check(env, napi_set_element(env, out, 1, toJs(env, std::string("nccl"))));
    return out;
  });
}

}  // namespace

void exportDistributed(napi_env env, napi_value exports, Environment* environment) {
  environment->distributed = std::make_shared<Distributed>();
  exportAll(env, exports, environment, {{"distributedBackends", distributedBackends}});
#if HADAL_GLOO
  exportAll(env, exports, environment,
            {{"joinGroup", joinGroup},
             {"subgroup", subgroup},
             {"startAllReduce", startAllReduce},
             {"startBroadcast", startBroadcast},
             {"startAllGather", startAllGather},
             {"startReduceScatter", startReduceScatter},
             {"startAllToAll", startAllToAll},
             {"startBarrier", startBarrier},
             {"waitWork", waitWork},
             {"copyToGroup", copyTo},
             {"reduceFromGroup", reduceFrom},
             {"gatherFromGroup", gatherFrom},
             {"scatterToGroup", scatterTo},
             {"exchange", exchangeRows},
             {"storeSet", storeSet},
             {"storeGet", storeGet},
             {"storeHas", storeHas},
             {"sentBytes", sentBytes},
             {"closeGroup", closeGroup}});
#endif
}

}  // namespace hadal
