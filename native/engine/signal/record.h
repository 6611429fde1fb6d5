// One captured signal, as small as can be: the head of its siginfo, and when it came.
#pragma once

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/handler/in_handler.h"

namespace sigbridge {

// Linux fills no more than 48 bytes of a siginfo_t (SIGCHLD's and SIGSEGV's forms are the longest);
// sigaction(2).
#if defined(__linux__) && defined(__LP64__)
constexpr size_t kInfoBytes = 48;
#else
constexpr size_t kInfoBytes = sizeof(siginfo_t);
#endif

struct Record {
  alignas(8) unsigned char info[kInfoBytes];
  int64_t timestamp;   // ns, CLOCK_MONOTONIC
  uint32_t coalesced;  // further arrivals folded into this one
  int16_t signo;
  bool peerCalled;  // libuv's handler was called for it too
};

SB_IN_HANDLER int64_t monotonicNow();
SB_IN_HANDLER void fillRecord(Record* record, int signo, const siginfo_t* info, bool peerCalled);

// The siginfo as it was captured; what lay beyond the captured head is zero.
void infoOf(const Record& record, siginfo_t* info);

}  // namespace sigbridge
