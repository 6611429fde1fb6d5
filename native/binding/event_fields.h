// An event as JavaScript reads it: one row of 32-bit integers. lib/core/receive/SignalEvent.ts
// names the same columns.
#pragma once

#include <signal.h>
#include <stdint.h>

#include "engine/signal/record.h"

namespace sigbridge {

enum EventField {
  kSigno,
  kCode,
  kPid,
  kUid,
  kValue,
  kStatus,
  kCoalesced,
  kHas,        // which of the fields above mean something: the bits below
  kTimestamp,  // 64 bits, so two columns
  kEventFields = kTimestamp + 2
};

// Behind them, where it comes from a handler: the siginfo as it was captured, for who hands it on.
constexpr int kInfoFields = kInfoBytes / sizeof(int32_t);
constexpr int kRowFields = kEventFields + kInfoFields;

enum EventHas { kHasSender = 1, kHasValue = 2, kHasStatus = 4 };

void writeEvent(const siginfo_t& info, int signo, int64_t timestamp, uint32_t coalesced,
                int32_t* row);
void writeInfo(const Record& record, int32_t* row);

}  // namespace sigbridge
