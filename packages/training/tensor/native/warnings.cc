#include "warnings.h"

#include "environment.h"
#include "js.h"

namespace hadal {

void Warnings::listen(napi_env env, napi_value listener) {
  check(env, napi_create_reference(env, listener, 1, &listener_));
  c10::WarningUtils::set_warning_handler(this);
}

void Warnings::tellAll(napi_env env) {
  const std::vector<std::string> messages = std::move(messages_);
  messages_.clear();
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) != napi_ok || pending) return;
  napi_value listener, undefined;
  check(env, napi_get_reference_value(env, listener_, &listener));
  check(env, napi_get_undefined(env, &undefined));
  for (const std::string& message : messages) {
    const napi_value text = toJs(env, message);
    check(env, napi_call_function(env, undefined, listener, 1, &text, nullptr));
  }
}

namespace {

napi_value onWarning(napi_env env, napi_callback_info info) {
  return guarded(env, [&]() -> napi_value {
    const CallInfo<1> args(env, info);
    args.environment->warnings.listen(env, args[0]);
    return nullptr;
  });
}

}  // namespace

void exportWarnings(napi_env env, napi_value exports, Environment* environment) {
  exportAll(env, exports, environment, {{"onWarning", onWarning}});
}

}  // namespace hadal
