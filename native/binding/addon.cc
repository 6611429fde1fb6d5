// The addon's entry: one instance for each JavaScript environment, one state for the process.
#include <napi.h>

#include "binding/arguments.h"
#include "binding/environment.h"
#include "binding/groups.h"
#include "binding/trace.h"
#include "engine/control/registry.h"
#include "engine/control/threads.h"
#include "engine/signal/inherited.h"
#include "engine/signal/who.h"

namespace sigbridge {

namespace {

// start(usesLibuv): once for each environment, before anything else.
void start(Info info) {
  if (Environment::of(info.Env()) != nullptr) return;
  Environment::create(info.Env(), truth(info[0]));
  Registry::instance().welcomeThread();
  offerScriptStack(info.Env());
}

Napi::Value isMainThread(Info info) { return Napi::Value::From(info.Env(), onMainThread()); }

Napi::Object load(Napi::Env, Napi::Object exports) {
  observed();
  setRuntimeAnchor(reinterpret_cast<const void*>(napi_create_function));
  add<start>(exports, "start");
  add<isMainThread>(exports, "isMainThread");
  addLook(exports);
  addChange(exports);
  addReceive(exports);
  addLowLevel(exports);
  addWatchdog(exports);
  addBridge(exports);
  addDebug(exports);
  addProcesses(exports);
  addNotify(exports);
  addLaunch(exports);
  addListener(exports);
  addTerminal(exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(sigbridge, load)

}  // namespace sigbridge
