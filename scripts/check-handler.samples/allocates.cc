// expect: allocates.cc:10: malloc is not async-signal-safe [on_signal -> grow -> malloc]
#include <stdlib.h>

#include "engine/handler/in_handler.h"

namespace {

void* last;

SB_IN_HANDLER void grow(int size) { last = malloc(size); }

}  // namespace

SB_HANDLER_ENTRY void on_signal(int number) { grow(number); }
