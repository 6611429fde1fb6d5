// expect: operator_new.cc:9: operator new is not async-signal-safe [on_signal -> remember -> operator new]
#include "engine/handler/in_handler.h"

namespace {

int* last;

// The compiler's own call is seen too.
SB_IN_HANDLER void remember(int number) { last = new int(number); }

}  // namespace

SB_HANDLER_ENTRY void on_signal(int number) { remember(number); }
