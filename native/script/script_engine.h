// The JavaScript stack of the calling thread, by V8's own functions, which are found at run time.
// For the watchdog, and for `sigbridge trace`.
#pragma once

#include <node_api.h>
#include <stddef.h>

namespace sigbridge {

// V8's, passed on as it is.
using Isolate = void;

// The calling thread's; null where the runtime is another one, or has not all that it takes.
Isolate* currentIsolate();

// Has `callback` called on the isolate's thread, between two instructions of JavaScript.
void requestInterrupt(Isolate* isolate, void (*callback)(Isolate*, void*));

// Writes "  at function (script:line:column)" for each frame; gives back the length, at most
// `size`. On the isolate's thread, where V8 is neither interrupted nor collecting: reads, and calls
// no JavaScript.
size_t writeCurrentStack(Isolate* isolate, napi_env env, char* text, size_t size);

}  // namespace sigbridge
