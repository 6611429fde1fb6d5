// A flood of a real-time signal: the main thread leaves it in the kernel's queue, and its event
// loop takes it from there (control/queued.h). That costs a quarter of an interrupt and a handler's
// call for each, and a sender that is faster than our handler cannot keep the loop from running.
//
// Guarantees: only where a plan says so, and the loop is about to take it: it waits in epoll(7), or
// it is taking signals just now, and somebody looks after it meanwhile. What is left there is taken
// by nobody but control/queued, in the order in which it was sent. Linux only.
#pragma once

#include <stdint.h>

#include <atomic>

#include "engine/handler/in_handler.h"

namespace sigbridge {

struct LeftQueued {
  // As bits: what the main thread blocks for this.
  std::atomic<uint64_t> signals{0};
  // While somebody needs its mask as the program has set it.
  std::atomic<bool> never{false};
  // The main thread's loop: the descriptor that it waits by, and whether it takes signals just now.
  std::atomic<int> loop{-1};
  std::atomic<bool> turning{false};
  // Somebody sees to it that a loop that does not go on leaves nothing there.
  std::atomic<bool> guarded{false};
};
extern LeftQueued leftQueued;

// On the main thread: blocks the signal once the handler with this third argument returns, if the
// loop is about to take it. `level`: which of our handlers was called.
SB_IN_HANDLER void leaveQueued(int level, int signo, void* context);

}  // namespace sigbridge
