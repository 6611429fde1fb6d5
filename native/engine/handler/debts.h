// What each thread has blocked because of us, and has to unblock again.
//
// Filled in handlers, so it is a fixed table; a thread that finds no place is left as it is, and
// the worst that follows is one signal out of order. Linux only.
#pragma once

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

// For the calling thread, once the handler with this third argument returns.
SB_IN_HANDLER void blockOnReturn(uint64_t signals, void* context);
SB_IN_HANDLER void unblockOnReturn(uint64_t signals, void* context);

#endif

// On any thread but the taker, which is the main thread: blocks the signal for it once the handler
// returns.
SB_IN_HANDLER void leaveToTheTaker(int signo, void* context);

}  // namespace sigbridge
