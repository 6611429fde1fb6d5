// The JavaScript stack of the calling thread, where a runtime has offered to tell it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "engine/handler/in_handler.h"

namespace sigtrace {

// Byte offset of the record that holds it, or 0. `mask`: what the thread has blocked all the while.
SB_CALLS_OUT uint64_t scriptStack(uint64_t mask);
// The same, where the mask has to be asked for.
SB_CALLS_OUT uint64_t scriptStack();

// The thread has changed its mask.
SB_IN_HANDLER void noteMask(uint64_t from, uint64_t to);

}  // namespace sigtrace

// Called by the addon on each thread that runs JavaScript, outside of any handler: `stack` writes
// that thread's stack as text, and gives back its length. Null when there will be none any more.
extern "C"
    __attribute__((visibility("default"))) void sigbridge_trace_script(size_t (*stack)(char*,
                                                                                       size_t));
