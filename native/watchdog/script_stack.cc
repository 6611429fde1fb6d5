#include "watchdog/script_stack.h"

#include <time.h>

#include <atomic>

#include "engine/signal/record.h"
#include "script/script_engine.h"

namespace sigbridge {

namespace {

Isolate* isolate = nullptr;
napi_env mainEnv = nullptr;

char stack[16384];
size_t stackLength = 0;
enum State { kIdle, kWanted, kReady };
std::atomic<int> state{kIdle};

// On the main thread, between two instructions of JavaScript.
void onInterrupt(Isolate* interrupted, void*) {
  if (state.load() != kWanted) return;
  stackLength = writeCurrentStack(interrupted, mainEnv, stack, sizeof stack);
  state.store(kReady);
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
  state.store(kWanted);
  requestInterrupt(isolate, onInterrupt);
  const int64_t until = monotonicNow() + patience;
  while (state.load() != kReady && monotonicNow() < until) {
    const struct timespec pause = {0, 200 * 1000};
    nanosleep(&pause, nullptr);
  }
  int wanted = kWanted;
  if (state.compare_exchange_strong(wanted, kIdle)) {
    out->text("  (not to be had: the thread is not running JavaScript)\n");
  } else {
    out->part(stack, stackLength);
  }
}

}  // namespace sigbridge
