// What this process's other threads are asked to block, and why.
//
// A thread's mask can only be changed by the thread itself. So each is sent a directed signal of
// our own (rounds.h, carrier.h), whose handler changes the mask that the kernel puts back when it
// returns. Two things need this:
// - Real-time signals keep their order only if one thread takes them (the main thread); while that
//   one is in the handler, the kernel would hand the next to another. What was blocked for this is
//   unblocked again afterwards.
// - A disposition that has to pass through SIG_DFL for an instant, because libuv sets it, must not
//   be seen by anyone.
//
// A thread that blocks a signal already is never told about it: it is not ours to unblock. A thread
// that native code starts later, or a worker that is born in the midst of a flood, blocks the
// signal at the first one that it takes; that one may be out of order, which is said, and all
// others that were started since are told then. A thread that a told one has started is born with
// the block: known by its mask, which is that of a told one, unless it waits for signals. A signal
// directed to a thread that was told waits there until the last close. What such a thread executes
// with its own mask inherits the block; what the main thread executes does not, nor do children of
// child_process, for which libuv clears the mask. Linux only; elsewhere there are no real-time
// signals, and the calls do nothing.
#pragma once

#include <stdint.h>

#include "engine/signal/thread.h"

namespace sigbridge {

// All under the registry's lock, not from a handler.

bool onMainThread();

// From now on the main thread alone takes these signals (as bits). Gives back those it holds for:
// one that the main thread blocks is left out. Called again, it tells those started since.
uint64_t leaveToMainThread(uint64_t signals);
// The reverse, for every thread that was told, that found out by itself, or that was born with the
// block of one of these.
void shareAmongThreads(uint64_t signals);

// A thread that takes no orders just then (it blocks everything, or is stopped) has still to
// unblock what it owes.
bool isSomethingOwed();
// Tells such threads again, without waiting for them, and no more often than now and then.
void collectDebts();
// What leaveToMainThread() gave back, for the calling thread (a worker that has just started).
void joinOrder(uint64_t signals);

// While one lives, no thread takes the signals, but for those that block the carrying signal and so
// cannot be told.
class Standstill {
 public:
  explicit Standstill(uint64_t signals);
  ~Standstill();
  Standstill(const Standstill&) = delete;
  Standstill& operator=(const Standstill&) = delete;

 private:
  const uint64_t signals_;
  uint64_t own_;
};

}  // namespace sigbridge
