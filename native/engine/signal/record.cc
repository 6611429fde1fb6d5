#include "engine/signal/record.h"

#include <string.h>
#include <time.h>

namespace sigbridge {

SB_IN_HANDLER int64_t monotonicNow() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

SB_IN_HANDLER void fillRecord(Record* record, int signo, const siginfo_t* info, bool peerCalled) {
  record->timestamp = monotonicNow();
  record->signo = static_cast<int16_t>(signo);
  record->peerCalled = peerCalled;
  record->coalesced = 0;
  memcpy(record->info, info, kInfoBytes);
}

void infoOf(const Record& record, siginfo_t* info) {
  memset(info, 0, sizeof *info);
  memcpy(info, record.info, kInfoBytes);
}

}  // namespace sigbridge
