// An event as JavaScript reads it: one row of 32-bit integers. lib/native/eventFields.ts names the
// same columns.
#pragma once

#include <signal.h>
#include <stdint.h>

namespace sigbridge {

enum EventField {
  kSigno,
  kCode,
  kPid,
  kUid,
  kValue,
  kStatus,
  kCoalesced,
  kHas,  // which of the fields above mean something: the bits below
  kTimestampLow,
  kTimestampHigh,
  kEventFields
};

enum EventHas { kHasSender = 1, kHasValue = 2, kHasStatus = 4 };

void writeEvent(const siginfo_t& info, int signo, int64_t timestamp, uint32_t coalesced,
                int32_t* row);

}  // namespace sigbridge
