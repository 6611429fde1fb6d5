// Calling, from inside our handler, the action that stood before it: as the kernel would have.
#pragma once

#include <signal.h>
#include <stdint.h>

#include "engine/handler/in_handler.h"
#include "engine/signal/action.h"

namespace sigbridge {

// Calls a handler with one argument or three by its SA_SIGINFO, under the mask that the kernel
// would have set: the interrupted code's, its own sa_mask, and the signal itself unless SA_NODEFER.
// sigaction(2). SA_RESETHAND is the caller's to honour: it must not call twice.
SB_CALLS_OUT void callHandler(const Action& action, int signo, siginfo_t* info, void* context);

// What the kernel would have done under SIG_DFL; does not return where that ends the process.
SB_IN_HANDLER void performDefault(int signo);

// Ends this process by the signal, whatever stands there and whoever blocks it: by exit code 128 +
// signo where it ends nothing, or where this is process 1 of a namespace. Not in a handler.
[[noreturn]] void endBySignal(int signo);

// Whether it waits to be taken, by the calling thread or by any.
SB_IN_HANDLER bool isPending(int signo);

// The set in a handler's third argument, as bits: what the interrupted code blocked, and what the
// kernel puts back when the handler returns.
SB_IN_HANDLER uint64_t maskIn(const void* context);
SB_IN_HANDLER void setMaskIn(void* context, uint64_t mask);

}  // namespace sigbridge
