#include "engine/handler/watch.h"

#include <errno.h>
#include <time.h>

namespace sigbridge {

SB_CALLS_OUT void Watch::arrived(const Record& record) {
  // One handler at a time writes the first arrival; whoever comes meanwhile only counts.
  const bool writes = !writing_.exchange(true);
  uint32_t before = untaken_.load();
  uint32_t after;
  do {
    const bool isFirst = writes && (before & kWritten) == 0;
    if (isFirst) first_ = record;
    after = before + kOne + (isFirst ? kWritten : 0);
  } while (!untaken_.compare_exchange_weak(before, after));
  if (writes) writing_.store(false);
  sem_post(&bell_);
  ask_(argument_);
}

void Watch::taken() {
  looks_.fetch_add(1);  // first: what comes after the exchange has come after this look
  if (untaken_.exchange(0) != 0) sem_post(&bell_);
}

bool Watch::waitForBellUntil(int64_t until) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 30)
  const struct timespec end = {until / 1000000000, until % 1000000000};
  while (sem_clockwait(&bell_, CLOCK_MONOTONIC, &end) != 0) {
    if (errno == ETIMEDOUT) return false;
  }
  return true;
#else
  for (;;) {
    if (sem_trywait(&bell_) == 0) return true;
    const int64_t left = until - monotonicNow();
    if (left <= 0) return false;
    const int64_t step = left < 5000000 ? left : 5000000;
    const struct timespec pause = {0, step};
    nanosleep(&pause, nullptr);
  }
#endif
}

}  // namespace sigbridge
