// The JavaScript stack of the main thread, by V8's own means: an interrupt, which V8 serves where
// its state is whole, an endless loop and Atomics.wait() included. A thread that waits in any other
// system call serves none.
#pragma once

#include <node_api.h>
#include <stdint.h>

#include "report/output.h"

namespace sigbridge {

// On the main thread, once. Finds V8's functions at run time; without them no stack is written.
void findScriptEngine(napi_env env);

// From another thread. Waits up to `patience` ns.
void writeScriptStack(int64_t patience, Output* out);

}  // namespace sigbridge
