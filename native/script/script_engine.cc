#include "script/script_engine.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

namespace sigbridge {

namespace {

// V8's objects as far as they are passed on here: handles are pointers, as they are for Node-API.
struct Location {
  int line;
  int column;
};

struct ScriptEngine {
  Isolate* (*currentIsolate)();
  bool (*inContext)(Isolate*);
  void (*requestInterrupt)(Isolate*, void (*)(Isolate*, void*), void*);
  void* (*currentStackTrace)(Isolate*, int frames, int options);
  int (*frameCount)(void* trace);
  void* (*frame)(void* trace, Isolate*, uint32_t index);
  void* (*scriptName)(void* frame);
  void* (*functionName)(void* frame);
  Location (*location)(void* frame);
};

template <typename Function>
bool look(const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
  return *function != nullptr;
}

bool find(ScriptEngine* engine) {
  return look("_ZN2v87Isolate10GetCurrentEv", &engine->currentIsolate) &&
         look("_ZN2v87Isolate9InContextEv", &engine->inContext) &&
         look("_ZN2v87Isolate16RequestInterruptEPFvPS0_PvES2_", &engine->requestInterrupt) &&
         look("_ZN2v810StackTrace17CurrentStackTraceEPNS_7IsolateEiNS0_17StackTraceOptionsE",
              &engine->currentStackTrace) &&
         look("_ZNK2v810StackTrace13GetFrameCountEv", &engine->frameCount) &&
         look("_ZNK2v810StackTrace8GetFrameEPNS_7IsolateEj", &engine->frame) &&
         look("_ZNK2v810StackFrame13GetScriptNameEv", &engine->scriptName) &&
         look("_ZNK2v810StackFrame15GetFunctionNameEv", &engine->functionName) &&
         look("_ZNK2v810StackFrame11GetLocationEv", &engine->location);
}

// Null where one of them is missing. Looked for once.
const ScriptEngine* scriptEngine() {
  static ScriptEngine engine;
  static const bool complete = find(&engine);
  return complete ? &engine : nullptr;
}

constexpr int kMostFrames = 32;
// Line, column, script and function: everything that GetFrame() can tell.
constexpr int kOverview = 0xf;

class Text {
 public:
  Text(napi_env env, char* text, size_t size) : env_(env), text_(text), size_(size) {}

  size_t length() const { return length_; }

  void add(const char* text) { add(text, strlen(text)); }

  // False for the empty handle and for the empty string.
  bool addString(void* handle) {
    if (handle == nullptr) return false;
    char text[512];
    size_t length = 0;
    const napi_value value = static_cast<napi_value>(handle);
    if (napi_get_value_string_utf8(env_, value, text, sizeof text, &length) != napi_ok)
      return false;
    add(text, length);
    return length > 0;
  }

  void addNumber(int value) {
    char text[16];
    int at = sizeof text;
    do {
      text[--at] = static_cast<char>('0' + value % 10);
      value /= 10;
    } while (value > 0 && at > 0);
    add(text + at, sizeof text - static_cast<size_t>(at));
  }

 private:
  void add(const char* text, size_t length) {
    const size_t room = size_ - length_;
    if (length > room) length = room;
    memcpy(text_ + length_, text, length);
    length_ += length;
  }

  const napi_env env_;
  char* const text_;
  const size_t size_;
  size_t length_ = 0;
};

void addFrame(const ScriptEngine& engine, void* frame, Text* out) {
  out->add("  at ");
  if (!out->addString(engine.functionName(frame))) out->add("<anonymous>");
  out->add(" (");
  if (!out->addString(engine.scriptName(frame))) out->add("<unknown>");
  const Location location = engine.location(frame);
  out->add(":");
  out->addNumber(location.line + 1);
  out->add(":");
  out->addNumber(location.column + 1);
  out->add(")\n");
}

}  // namespace

Isolate* currentIsolate() {
  const ScriptEngine* engine = scriptEngine();
  return engine == nullptr ? nullptr : engine->currentIsolate();
}

void requestInterrupt(Isolate* isolate, void (*callback)(Isolate*, void*)) {
  scriptEngine()->requestInterrupt(isolate, callback, nullptr);
}

size_t writeCurrentStack(Isolate* isolate, napi_env env, char* text, size_t size) {
  const ScriptEngine& engine = *scriptEngine();
  if (!engine.inContext(isolate)) return 0;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return 0;
  Text out(env, text, size);
  void* trace = engine.currentStackTrace(isolate, kMostFrames, kOverview);
  const int count = trace == nullptr ? 0 : engine.frameCount(trace);
  for (int i = 0; i < count; i++) {
    addFrame(engine, engine.frame(trace, isolate, static_cast<uint32_t>(i)), &out);
  }
  napi_close_handle_scope(env, scope);
  return out.length();
}

}  // namespace sigbridge
