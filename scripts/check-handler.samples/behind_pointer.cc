// expect: behind_pointer.cc:8: free is not async-signal-safe [wake -> free]
#include <stdlib.h>

#include "engine/handler/in_handler.h"

namespace {

SB_IN_HANDLER void wake(void* data) { free(data); }

}  // namespace

void (*waker)(void*) = wake;

SB_CALLS_OUT SB_HANDLER_ENTRY void on_signal(int) { waker(nullptr); }
