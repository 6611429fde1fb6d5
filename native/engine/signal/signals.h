// Which signal numbers there are, and what the kernel does with one that nobody handles.
#pragma once

#include <signal.h>
#include <stdint.h>

#include "engine/handler/in_handler.h"

namespace sigbridge {

#if defined(__linux__)
constexpr int kLastSignal = 64;
#else
constexpr int kLastSignal = NSIG - 1;
#endif

// Tables are indexed by signal number; entry 0 stays empty.
constexpr int kTableSize = kLastSignal + 1;

enum class DefaultAction { kTerminate, kIgnore, kStop };

// signal(7), "Standard signals". A core dump counts as kTerminate here, a continue as kIgnore.
SB_IN_HANDLER DefaultAction defaultActionOf(int signo);

// Zero where the platform has no real-time signals.
int firstRealtime();
int lastRealtime();
bool isRealtime(int signo);

// Raised by the faulting instruction itself, on the thread that ran it.
SB_IN_HANDLER bool isFault(int signo);

// The kernel's 64-bit form of a set: bit n - 1 stands for signal n.
SB_IN_HANDLER constexpr uint64_t bitOf(int signo) { return uint64_t{1} << (signo - 1); }
// Calls `visit` with each signal of a set, in their order.
template <typename Visit>
void forEach(uint64_t set, const Visit& visit) {
  for (; set != 0; set &= set - 1) visit(__builtin_ctzll(set) + 1);
}

SB_IN_HANDLER uint64_t bitsOf(const sigset_t& set);
SB_IN_HANDLER void setOf(uint64_t bits, sigset_t* set);

}  // namespace sigbridge
