// Gradients of outputs with respect to inputs, on this thread or on a worker thread. No JavaScript runs inside.

#include "environment.h"
#include "js.h"

#include <ATen/ThreadLocalState.h>
#include <torch/csrc/autograd/autograd.h>

namespace hadal {

namespace {

struct Request {
  std::vector<at::Tensor> outputs, inputs, gradOutputs;
  bool retainGraph, createGraph, allowUnused;

  // (outputs, inputs, gradOutputs, retainGraph, createGraph, allowUnused)
  explicit Request(const CallInfo<6>& args)
      : outputs(toTensors(args.env, *args.environment->slab, args[0])),
        inputs(toTensors(args.env, *args.environment->slab, args[1])),
        gradOutputs(toTensors(args.env, *args.environment->slab, args[2])),
        retainGraph(toBoolean(args.env, args[3])),
        createGraph(toBoolean(args.env, args[4])),
        allowUnused(toBoolean(args.env, args[5])) {
    for (const auto* list : {&outputs, &inputs})
      for (const at::Tensor& tensor : *list)
        if (!tensor.defined()) throw Fault("argument", "expected tensors only, without null");
    if (outputs.empty() || inputs.empty()) throw Fault("argument", "needs at least one output and one input");
    if (gradOutputs.empty()) gradOutputs.resize(outputs.size());
    if (gradOutputs.size() != outputs.size())
      throw Fault("argument", "gradOutputs has " + std::to_string(gradOutputs.size()) + " tensors for " +
                                  std::to_string(outputs.size()) + " outputs");
  }

  std::vector<at::Tensor> run() const {
    return torch::autograd::grad(outputs, inputs, gradOutputs, retainGraph, createGraph, allowUnused);
  }
};

napi_value handles(napi_env env, Slab& slab, std::vector<at::Tensor> tensors) {
  napi_value out;
  check(env, napi_create_array_with_length(env, tensors.size(), &out));
  for (size_t i = 0; i < tensors.size(); i++) {
    napi_value element;
    if (tensors[i].defined()) element = toJs(env, slab.put(std::move(tensors[i])));
    else check(env, napi_get_null(env, &element));
    check(env, napi_set_element(env, out, static_cast<uint32_t>(i), element));
  }
  return out;
}

napi_value grad(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<6> args(env, info);
    std::vector<at::Tensor> gradients = Request(args).run();
    args.environment->warnings.tell(env);
    return handles(env, *args.environment->slab, std::move(gradients));
  });
}

// One request on its way through a worker thread and back.
struct Job {
  Request request;
  std::shared_ptr<Slab> slab;
  // The worker computes with this thread's grad mode, autocast and dispatch keys.
  at::ThreadLocalState state;
  napi_async_work work = nullptr;
  napi_deferred deferred = nullptr;
  std::vector<at::Tensor> results;
  const char* code = nullptr;
  std::string message;
};

void execute(napi_env, void* data) {
  Job& job = *static_cast<Job*>(data);
  try {
    const at::ThreadLocalStateGuard guard(job.state);
    job.results = job.request.run();
  } catch (...) {
    std::tie(job.code, job.message) = describeCurrentException();
  }
}

void complete(napi_env env, napi_status, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  guarded(env, [&]() -> napi_value {
    napi_delete_async_work(env, job->work);
    if (job->code) {
      napi_value error;
      check(env, napi_create_error(env, toJs(env, std::string(job->code)), toJs(env, job->message), &error));
      check(env, napi_reject_deferred(env, job->deferred, error));
    } else {
      check(env, napi_resolve_deferred(env, job->deferred, handles(env, *job->slab, std::move(job->results))));
    }
    return nullptr;
  });
}

napi_value gradAsync(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<6> args(env, info);
    auto job = std::make_unique<Job>(Job{Request(args), args.environment->slab, {}, nullptr, nullptr, {}, nullptr, {}});
    napi_value promise;
    check(env, napi_create_promise(env, &job->deferred, &promise));
    check(env, napi_create_async_work(env, nullptr, toJs(env, std::string("hadal.grad")), execute, complete, job.get(),
                                      &job->work));
    check(env, napi_queue_async_work(env, job->work));
    job.release();
    return promise;
  });
}

napi_value setGradEnabled(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    at::GradMode::set_enabled(toBoolean(env, args[0]));
    return nullptr;
  });
}

napi_value requiresGrad(napi_env env, napi_callback_info info) {
  return guarded(env, [&] {
    const CallInfo<1> args(env, info);
    return toJs(env, toTensor(env, *args.environment->slab, args[0]).requires_grad());
  });
}

napi_value setRequiresGrad(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<2> args(env, info);
    const at::Tensor& tensor = toTensor(env, *args.environment->slab, args[0]);
    const bool wanted = toBoolean(env, args[1]);
    if (!tensor.is_leaf() && !wanted)
      throw Fault("argument", "only a leaf can stop requiring gradients: use detach() for one computed by operators");
    tensor.set_requires_grad(wanted);
    return nullptr;
  });
}

}  // namespace

void exportAutograd(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment,
            {{"grad", grad},
             {"gradAsync", gradAsync},
             {"setGradEnabled", setGradEnabled},
             {"requiresGrad", requiresGrad},
             {"setRequiresGrad", setRequiresGrad}});
}

}  // namespace hadal
