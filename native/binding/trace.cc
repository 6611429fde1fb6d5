#include "binding/trace.h"

#include <dlfcn.h>

#include "script/script_engine.h"

namespace sigbridge {

namespace {

using Offer = void (*)(size_t (*)(char*, size_t));

// One for each thread that runs JavaScript. The preload library calls outside of handlers only.
thread_local napi_env threadEnv = nullptr;

// native/preload/script.h; null where nobody traces.
Offer findOffer() { return reinterpret_cast<Offer>(dlsym(RTLD_DEFAULT, "sigbridge_trace_script")); }

size_t stackOfThread(char* text, size_t size) {
  Isolate* isolate = currentIsolate();
  return isolate == nullptr ? 0 : writeCurrentStack(isolate, threadEnv, text, size);
}

void withdraw(void*) {
  threadEnv = nullptr;
  findOffer()(nullptr);
}

}  // namespace

void offerScriptStack(napi_env env) {
  const Offer offer = findOffer();
  if (offer == nullptr || threadEnv != nullptr || currentIsolate() == nullptr) return;
  threadEnv = env;
  napi_add_env_cleanup_hook(env, withdraw, nullptr);
  offer(stackOfThread);
}

}  // namespace sigbridge
