// The handler below ours, called later than its signal came: when JavaScript says so.
#pragma once

#include <signal.h>

namespace sigbridge {

// Calls the handler below our topmost one, now, on the calling thread, as the kernel would have:
// its mask is applied around the call. False where there is none (any more). Not from a handler.
bool callLate(int signo, siginfo_t* info);

// What such a handler gets as its third argument: where the calling thread is now.
void contextOfNow(ucontext_t* context);

}  // namespace sigbridge
