// Bridges to C handlers, and what was installed over ours.
#include "binding/bridge.h"

#include <errno.h>
#include <string.h>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/event_fields.h"
#include "engine/control/registry.h"
#include "engine/handler/chain.h"
#include "engine/handler/handler.h"

namespace sigbridge {

namespace {

// bridge(signo, order: 0 native-last, 1 native-first, 2 deferred): errno
napi_value bridge(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const Order order = static_cast<Order>(arguments.integer(1));
  return toInteger(env, Environment::of(env)->bridge(arguments.integer(0), order));
}

napi_value unbridge(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  Environment::of(env)->unbridge(arguments.integer(0));
  return nullptr;
}

// forward(signo, info: Int32Array): whether there was a handler to call
napi_value forward(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  siginfo_t captured;
  memset(&captured, 0, sizeof captured);
  memcpy(&captured, arguments.memory(1), kInfoBytes);
  napi_value called = nullptr;
  napi_get_boolean(env, callLate(arguments.integer(0), &captured), &called);
  return called;
}

// reclaim(signo): errno
napi_value reclaim(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  return toInteger(env, Environment::of(env)->reclaim(arguments.integer(0)));
}

// performDefault(signo): what the kernel does where nobody handles it. Here again after a stop.
napi_value performDefaultNow(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  performDefault(arguments.integer(0));
  return nullptr;
}

}  // namespace

void addBridge(napi_env env, napi_value exports) {
  setProperty(env, exports, "infoFields", toInteger(env, kInfoFields));
  setFunction(env, exports, "bridge", bridge);
  setFunction(env, exports, "unbridge", unbridge);
  setFunction(env, exports, "forward", forward);
  setFunction(env, exports, "reclaim", reclaim);
  setFunction(env, exports, "performDefault", performDefaultNow);
}

}  // namespace sigbridge
