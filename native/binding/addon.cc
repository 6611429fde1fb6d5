// The addon's entry: one instance for each JavaScript environment, one state for the process.
#include <node_api.h>

#include "binding/arguments.h"
#include "binding/bridge.h"
#include "binding/change.h"
#include "binding/debug.h"
#include "binding/environment.h"
#include "binding/launch.h"
#include "binding/look.h"
#include "binding/lowlevel.h"
#include "binding/processes.h"
#include "binding/receive.h"
#include "binding/terminal.h"
#include "binding/trace.h"
#include "binding/watchdog.h"
#include "engine/control/registry.h"
#include "engine/control/threads.h"
#include "engine/signal/inherited.h"
#include "engine/signal/who.h"

namespace sigbridge {

namespace {

// start(usesLibuv): once for each environment, before anything else.
napi_value start(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  if (Environment::of(env) != nullptr) return nullptr;
  Environment::create(env, arguments.truth(0));
  Registry::instance().welcomeThread();
  offerScriptStack(env);
  return nullptr;
}

napi_value isMainThread(napi_env env, napi_callback_info) {
  napi_value result = nullptr;
  napi_get_boolean(env, onMainThread(), &result);
  return result;
}

}  // namespace

}  // namespace sigbridge

NAPI_MODULE_INIT() {
  using namespace sigbridge;
  observed();
  setRuntimeAnchor(reinterpret_cast<const void*>(napi_create_function));
  setFunction(env, exports, "start", start);
  setFunction(env, exports, "isMainThread", isMainThread);
  addLook(env, exports);
  addChange(env, exports);
  addReceive(env, exports);
  addLowLevel(env, exports);
  addWatchdog(env, exports);
  addBridge(env, exports);
  addDebug(env, exports);
  addProcesses(env, exports);
  addLaunch(env, exports);
  addTerminal(env, exports);
  return exports;
}
