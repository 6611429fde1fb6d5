// What each thread has blocked because of us, and has to unblock again.
//
// Filled in handlers, so it is a fixed table. A thread that finds no place is left as it is: what
// it was to block may come out of order from then on, which is said. Linux only.
#pragma once

#include <signal.h>
#include <stdint.h>

#include <atomic>

#include "engine/handler/in_handler.h"

namespace sigbridge {

#if defined(__linux__)

struct Debtor {
  std::atomic<int> thread{0};
  std::atomic<uint64_t> signals{0};
};
constexpr int kDebtors = 32768;
extern Debtor debtors[kDebtors];

// Null where there is none; with room made for it, and null where there is no room.
SB_IN_HANDLER Debtor* findDebtor(int thread);
SB_IN_HANDLER Debtor* debtorOf(int thread);

// The calling thread cannot leave these signals to the taker: there is no room to write it down.
SB_IN_HANDLER void loseOrder(uint64_t signals);

// For the calling thread, once the handler with this third argument returns.
SB_IN_HANDLER void blockOnReturn(uint64_t signals, void* context);
SB_IN_HANDLER void unblockOnReturn(uint64_t signals, void* context);

#endif

// The signals, as bits, that some thread could not be made to leave to the taker since they were
// last asked for.
SB_IN_HANDLER uint64_t takeLostOrder();

// The signals, as bits, of which one has come to a thread that nobody has told, as it was started
// since; since they were last asked for.
SB_IN_HANDLER uint64_t takeStrays();

// On any thread but the taker, which is the main thread: blocks the signal for it once the handler
// returns. Whether this is the taker.
SB_IN_HANDLER bool leaveToTheTaker(int signo, const siginfo_t* info, void* context);

}  // namespace sigbridge
