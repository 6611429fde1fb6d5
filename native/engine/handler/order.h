// An order to a thread about its mask, as the thread carries it out: in the handler of a directed
// signal.
//
// Guarantees: an order of the round that is under way is carried out once by each thread that it
// was sent to, and then answered; one that comes later than its round pays what the thread still
// owes, and changes nothing else. Linux only.
#pragma once

#if defined(__linux__)

#include <stdint.h>

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/signal/action.h"

namespace sigbridge {

// Marks a directed signal of our own. Negative, as sigqueue(3)'s are; only this process may send it
// to itself.
constexpr int kOrderCode = -0x516;

// What is asked of whom, by one thread at a time: the one that holds the registry's lock.
struct Round {
  // No more are told than fit in here.
  static constexpr int kMost = 16384;

  std::atomic<int> number{0};
  std::atomic<uint64_t> blocks{0};
  std::atomic<uint64_t> unblocks{0};
  // A thread was told inside a handler of somebody else's, whose mask goes when it returns.
  std::atomic<bool> toldTooDeep{false};
  // The threads that were sent an order: negative once they carry it out, 0 once they have, or need
  // not any more.
  std::atomic<int> threads[kMost] = {};
  std::atomic<int> count{0};
  // What some thread has still to unblock, though the round that told it so is over.
  std::atomic<uint64_t> arrears{0};
  // Orders of earlier rounds, for which nobody waits any more, and that are still on their way.
  std::atomic<int> late{0};
};
extern Round theRound;

// Standard signals, ignored by default: whoever sends one while it carries orders does no harm.
// They bring no number.
SB_IN_HANDLER bool isPlain(int signo);

// What stands while a signal carries orders.
SB_IN_HANDLER Action orderAction();
SB_IN_HANDLER bool isOrderHandler(const Action& action);

}  // namespace sigbridge

#endif
