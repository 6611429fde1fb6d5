// One call of our handler, as its parts hand it around.
#pragma once

#include <signal.h>

#include "engine/handler/trace.h"

namespace sigbridge {

// One call of our handler: by the kernel, or by somebody who had installed over us and hands on.
struct Arrival {
  int level;
  int signo;
  siginfo_t* info;
  void* context;
  HandlerCall* steps;  // null where nobody looks
  const void* frame;   // where we stand on the stack
  bool repaired;       // it was called as if it took one argument
  bool queued;         // taken from the kernel's queue: there is no frame to return by
};

}  // namespace sigbridge
