// Wakes a thread from handlers: a semaphore, by what there is. Linux has futex(2), whose wait knows
// CLOCK_MONOTONIC in every C library; macOS has no sem_init(), and promises of its dispatch
// semaphores nothing about handlers, so there it is a pipe.
#pragma once

#include <stdint.h>
#include <unistd.h>

#include <atomic>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

#include "engine/handler/in_handler.h"

namespace sigbridge {

#ifdef __linux__

class FutexBell {
 public:
  bool open() { return true; }

  // From any thread, and from handlers. Each ring ends one wait.
  SB_IN_HANDLER void ring() {
    rings_.fetch_add(1);
    syscall(SYS_futex, &rings_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }

  // Not from handlers. False when the time was up first; `until`: ns of CLOCK_MONOTONIC, negative
  // for ever.
  bool waitUntil(int64_t until);

 private:
  std::atomic<uint32_t> rings_{0};
};

#endif

class PipeBell {
 public:
  ~PipeBell();
  bool open();

  // More than the pipe holds are one.
  SB_IN_HANDLER void ring() {
    while (write(ends_[1], "", 1) < 0 && isInterrupted()) {
    }
  }

  bool waitUntil(int64_t until);

 private:
  SB_IN_HANDLER static bool isInterrupted();

  int ends_[2] = {-1, -1};
};

#ifdef __linux__
using Bell = FutexBell;
#else
using Bell = PipeBell;
#endif

}  // namespace sigbridge
