// A C library with a handler of its own, and what stands for a signal.
#pragma once

#include <stdint.h>

#include "engine/signal/action.h"

namespace sigbridge::test {

// Its handler, with a mask of SIGHUP and SIGRTMIN+9.
Action foreignAction(int flags = 0);
int foreignCalls();
// What was blocked during its last call.
uint64_t foreignMask();

// What stands now.
Action standing(int signo);
// Installs, and gives back how that reads: the C library adds a flag of its own.
Action install(int signo, const Action& action);

}  // namespace sigbridge::test
