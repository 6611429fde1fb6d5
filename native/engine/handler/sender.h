// Who in this process has sent a signal, as far as the code shows that the signal has interrupted.
#pragma once

#include <signal.h>

#include "engine/handler/in_handler.h"

namespace sigbridge {

// The code from which this thread has just called kill(2) with this signal; null when it has not,
// or it cannot be seen. What a thread sends to its own process comes to itself before kill()
// returns, unless it blocks it, or another thread is chosen: the main thread first.
SB_IN_HANDLER const void* killerOf(const siginfo_t* info, const void* context);

}  // namespace sigbridge
