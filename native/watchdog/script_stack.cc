#include "watchdog/script_stack.h"

#include <mutex>

#include "report/request.h"
#include "script/script_engine.h"

namespace sigbridge {

namespace {

Isolate* isolate = nullptr;
napi_env mainEnv = nullptr;

char stack[16384];
size_t stackLength = 0;
Request request;

// Between the threads that look on, whose reports may fall together. Nobody else takes it.
std::mutex one;

// On the main thread, between two instructions of JavaScript.
void onInterrupt(Isolate* interrupted, void*) {
  if (!request.begin()) return;
  stackLength = writeCurrentStack(interrupted, mainEnv, stack, sizeof stack);
  request.ready();
}

}  // namespace

void findScriptEngine(napi_env env) {
  mainEnv = env;
  isolate = currentIsolate();
}

void writeScriptStack(int64_t patience, Output* out) {
  if (isolate == nullptr) {
    out->text("  (this runtime does not show it)\n");
    return;
  }
  const std::lock_guard<std::mutex> only(one);
  const bool asked = request.ask();
  if (asked) requestInterrupt(isolate, onInterrupt);
  if (asked && request.wait(patience)) {
    out->part(stack, stackLength);
  } else {
    out->text("  (not to be had: the thread is not running JavaScript)\n");
  }
}

}  // namespace sigbridge
