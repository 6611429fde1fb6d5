// The waiting thread's side of a bell, which no handler may take.
#include "engine/handler/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include <algorithm>

#include "engine/handler/watch.h"
#include "engine/signal/record.h"

namespace sigbridge {

#ifdef __linux__

bool FutexBell::waitUntil(int64_t until) {
  // As the kernel has it, whatever the C library's time_t is.
  const struct {
    long seconds;
    long nanoseconds;
  } end = {static_cast<long>(until / 1000000000), static_cast<long>(until % 1000000000)};
  for (bool late = false;;) {
    uint32_t rings = rings_.load();
    while (rings > 0) {
      if (rings_.compare_exchange_weak(rings, rings - 1)) return true;
    }
    if (late) return false;
    const long result = syscall(SYS_futex, &rings_, FUTEX_WAIT_BITSET_PRIVATE, 0,
                                until < 0 ? nullptr : &end, nullptr, FUTEX_BITSET_MATCH_ANY);
    late = result != 0 && errno == ETIMEDOUT;
  }
}

#endif

PipeBell::~PipeBell() {
  for (const int end : ends_) {
    if (end >= 0) close(end);
  }
}

bool PipeBell::open() {
  if (pipe(ends_) != 0) return false;
  for (const int end : ends_) {
    fcntl(end, F_SETFD, FD_CLOEXEC);
    fcntl(end, F_SETFL, O_NONBLOCK);
  }
  return true;
}

bool PipeBell::waitUntil(int64_t until) {
  for (;;) {
    const int64_t left = until - monotonicNow();
    // Rounded up: at the end of the time, not shortly before.
    const int64_t ms = until < 0 ? -1 : std::max<int64_t>(0, (left + 999999) / 1000000);
    struct pollfd rung = {ends_[0], POLLIN, 0};
    const int ready = poll(&rung, 1, static_cast<int>(std::min<int64_t>(ms, 1000000)));
    char byte;
    if (ready > 0 && read(ends_[0], &byte, 1) == 1) return true;
    if (until >= 0 && monotonicNow() >= until) return false;
  }
}

bool Watch::open() { return bell_.open(); }

void Watch::waitForBell() { bell_.waitUntil(-1); }

bool Watch::waitForBellUntil(int64_t until) { return bell_.waitUntil(until); }

}  // namespace sigbridge
