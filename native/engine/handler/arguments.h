// The arguments that a handler with SA_SIGINFO needs, also where it was called as if it took one
// only, as some libraries call what they have saved: the other two are garbage then.
#pragma once

#include <signal.h>
#include <stdint.h>

#include "engine/handler/arrival.h"
#include "engine/handler/in_handler.h"

namespace sigbridge {

// What stands in for them.
struct OtherArguments {
  siginfo_t info;
  ucontext_t context;
};

// What the kernel made lies just above our frame: nothing is to be looked at then.
SB_IN_HANDLER inline bool isNear(const void* argument) {
  const uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const uintptr_t at = reinterpret_cast<uintptr_t>(argument);
  return at % alignof(void*) == 0 && at > here && at - here < 16 * 1024;
}
SB_IN_HANDLER inline bool areTheKernels(const Arrival& arrival) {
  return isNear(arrival.context) && isNear(arrival.info) && arrival.info->si_signo == arrival.signo;
}

// The others: a copy, or nothing at all.
SB_IN_HANDLER void repair(Arrival* arrival, OtherArguments* others);

}  // namespace sigbridge
