// The whole life of a signal inside the handler: capture it for those who listen, and call who was
// there before, in the order that the plan says.
//
// While a plan is being read the handler is counted in as a reader; what is called afterwards is
// copied out first, because a chained handler may take its time, or never return.
#pragma once

#include <signal.h>

#include "engine/handler/in_handler.h"

namespace sigbridge {

// `level`: which of our handlers was called.
SB_CALLS_OUT void handle(int level, int signo, siginfo_t* info, void* context);

// The same for one that was taken from the kernel's queue, not from a handler, with every signal
// blocked.
SB_CALLS_OUT void handleQueued(int level, int signo, siginfo_t* info, void* context);

}  // namespace sigbridge
