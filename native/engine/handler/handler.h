// Our signal handler.
#pragma once

#include <signal.h>

#include "engine/handler/in_handler.h"
#include "engine/signal/action.h"
#include "engine/signal/handler_name.h"

namespace sigbridge {

// The action that is installed for a managed signal over no C handler: SA_SIGINFO | SA_RESTART |
// SA_ONSTACK, full mask. There is one for each level of what was installed over us: plan.h.
Action ourAction(int level = 0);

// Which of them it is; -1 for anybody else's.
int levelOf(const Action& action);
inline bool isOurs(const Action& action) { return levelOf(action) >= 0; }

// Calls the handler below our topmost one, now, on the calling thread, as the kernel would have:
// its mask is applied around the call. False where there is none (any more). Not from a handler.
bool callLate(int signo, siginfo_t* info);

}  // namespace sigbridge
