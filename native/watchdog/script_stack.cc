#include "watchdog/script_stack.h"

#include <dlfcn.h>
#include <node_api.h>
#include <string.h>
#include <time.h>

#include <atomic>

#include "engine/record.h"

namespace sigbridge {

namespace {

// V8's objects as far as they are passed on here: handles are pointers, as they are for Node-API.
using Isolate = void;
struct Location {
  int line;
  int column;
};

struct ScriptEngine {
  Isolate* (*currentIsolate)();
  void (*requestInterrupt)(Isolate*, void (*)(Isolate*, void*), void*);
  void* (*currentStackTrace)(Isolate*, int frames, int options);
  int (*frameCount)(void* trace);
  void* (*frame)(void* trace, Isolate*, uint32_t index);
  void* (*scriptName)(void* frame);
  void* (*functionName)(void* frame);
  Location (*location)(void* frame);
};

ScriptEngine engine;
Isolate* isolate = nullptr;
napi_env mainEnv = nullptr;

template <typename Function>
bool look(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *function != nullptr;
}

bool complete() {
  return look("_ZN2v87Isolate10GetCurrentEv", &engine.currentIsolate) &&
         look("_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_", &engine.requestInterrupt) &&
         look("_ZN2v810StackTrace17CurrentStackTraceEPNS_7IsolateEiNS0_17StackTraceOptionsE",
              &engine.currentStackTrace) &&
         look("_ZNK2v810StackTrace13GetFrameCountEv", &engine.frameCount) &&
         look("_ZNK2v810StackTrace8GetFrameEPNS_7IsolateEj", &engine.frame) &&
         look("_ZNK2v810StackFrame13GetScriptNameEv", &engine.scriptName) &&
         look("_ZNK2v810StackFrame15GetFunctionNameEv", &engine.functionName) &&
         look("_ZNK2v810StackFrame11GetLocationEv", &engine.location);
}

constexpr int kMostFrames = 32;
// Line, column, script and function: everything that GetFrame() can tell.
constexpr int kOverview = 0xf;

char stack[16384];
size_t stackLength = 0;
enum State { kIdle, kWanted, kReady };
std::atomic<int> state{kIdle};

void append(const char* text, size_t length) {
  const size_t room = sizeof stack - stackLength;
  if (length > room) length = room;
  memcpy(stack + stackLength, text, length);
  stackLength += length;
}

void appendText(const char* text) { append(text, strlen(text)); }

// False for the empty handle and for the empty string.
bool appendString(void* handle) {
  if (handle == nullptr) return false;
  char text[512];
  size_t length = 0;
  const napi_value value = static_cast<napi_value>(handle);
  if (napi_get_value_string_utf8(mainEnv, value, text, sizeof text, &length) != napi_ok)
    return false;
  append(text, length);
  return length > 0;
}

void appendNumber(int value) {
  char text[16];
  int at = sizeof text;
  do {
    text[--at] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0 && at > 0);
  append(text + at, sizeof text - static_cast<size_t>(at));
}

void appendFrame(void* frame) {
  appendText("  at ");
  if (!appendString(engine.functionName(frame))) appendText("<anonymous>");
  appendText(" (");
  if (!appendString(engine.scriptName(frame))) appendText("<unknown>");
  const Location location = engine.location(frame);
  appendText(":");
  appendNumber(location.line + 1);
  appendText(":");
  appendNumber(location.column + 1);
  appendText(")\n");
}

// On the main thread, between two instructions of JavaScript: reads, and calls none.
void onInterrupt(Isolate* interrupted, void*) {
  if (state.load() != kWanted) return;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(mainEnv, &scope) != napi_ok) return;
  stackLength = 0;
  void* trace = engine.currentStackTrace(interrupted, kMostFrames, kOverview);
  const int count = trace == nullptr ? 0 : engine.frameCount(trace);
  for (int i = 0; i < count; i++) {
    appendFrame(engine.frame(trace, interrupted, static_cast<uint32_t>(i)));
  }
  napi_close_handle_scope(mainEnv, scope);
  state.store(kReady);
}

}  // namespace

void findScriptEngine(napi_env env) {
  mainEnv = env;
  isolate = complete() ? engine.currentIsolate() : nullptr;
}

void writeScriptStack(int64_t patience, Output* out) {
  if (isolate == nullptr) {
    out->text("  (this runtime does not show it)\n");
    return;
  }
  state.store(kWanted);
  engine.requestInterrupt(isolate, onInterrupt, nullptr);
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
