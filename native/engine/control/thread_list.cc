#include "engine/control/thread_list.h"

#if defined(__linux__)

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "engine/signal/record.h"
#include "engine/signal/signals.h"

namespace sigbridge {

namespace {

// How long a thread may seem to be passing through a handler or through its birth, in ns of its own
// CPU time.
constexpr int64_t kPassing = 5 * 1000 * 1000;

// In ns. The clock of any thread of this process, as clock_getcpuclockid(3) and
// pthread_getcpuclockid(3) make them for a process and for a thread whose handle is known.
int64_t cpuTimeOf(int thread) {
  const clockid_t clock = static_cast<clockid_t>((~static_cast<unsigned>(thread) << 3) | 6);
  struct timespec time = {};
  clock_gettime(clock, &time);
  return time.tv_sec * int64_t{1000000000} + time.tv_nsec;
}

// The system call that it sleeps in, and its third argument; -1 for none. proc(5).
long sleepsIn(int thread, unsigned long* third) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/syscall", thread);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return -1;
  long number = -1;
  const bool asleep = fscanf(file, "%ld %*x %*x %lx", &number, third) == 2;
  fclose(file);
  return asleep ? number : -1;
}

// How long it may take until a thread that waits for libuv's lock has it, in ns.
constexpr int64_t kLocked = 200 * 1000 * 1000;

// libuv's handler takes its lock by reading a byte of a pipe. A thread of somebody else's that lies
// in such a read for good, with every signal blocked, is known by not having run for so long.
bool mayWaitForLibuv(int thread, const ThreadState& state) {
  static struct {
    int thread;
    uint64_t switches;
    int64_t since;
  } seen[64];
  unsigned long bytes = 0;
  if (!state.blocksAll() || sleepsIn(thread, &bytes) != SYS_read || bytes != 1) return false;
  auto& place = seen[thread % 64];
  if (place.thread != thread || place.switches != state.switches) {
    place = {thread, state.switches, monotonicNow()};
  }
  return monotonicNow() - place.since < kLocked;
}

}  // namespace

bool ThreadState::blocksAll() const {
  const uint64_t reserved = bitOf(SIGRTMIN) - bitOf(32);
  const uint64_t unblockable = bitOf(SIGKILL) | bitOf(SIGSTOP) | reserved;
  return (blocked | unblockable) == ~uint64_t{0};
}

bool stateOf(int thread, ThreadState* state) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
  FILE* file = fopen(path, "re");
  if (file == nullptr) return false;
  char line[256];
  bool found = false;
  state->switches = 0;
  while (fgets(line, sizeof line, file) != nullptr) {
    if (strncmp(line, "State:\t", 7) == 0) state->running = line[7] == 'R';
    if (strncmp(line, "SigBlk:", 7) == 0) {
      state->blocked = strtoull(line + 7, nullptr, 16);
      found = true;
    }
    // voluntary_ctxt_switches and nonvoluntary_ctxt_switches.
    const char* switches = strstr(line, "ctxt_switches:");
    if (switches != nullptr) state->switches += strtoull(switches + 14, nullptr, 10);
  }
  fclose(file);
  return found;
}

bool restsSo(int thread, const ThreadState& seen) {
  for (int look = 0; look < 2; look++) {
    ThreadState again;
    if (!stateOf(thread, &again) || again.running || again.blocked != seen.blocked ||
        again.switches != seen.switches) {
      return false;
    }
  }
  return !mayWaitForLibuv(thread, seen);
}

bool exists(int thread) { return syscall(SYS_tgkill, getpid(), thread, 0) == 0; }

bool waitsForSignals(int thread) {
  unsigned long size = 0;
  return sleepsIn(thread, &size) == SYS_rt_sigtimedwait;
}

bool Passing::isOver(int thread) {
  const int64_t now = cpuTimeOf(thread);
  for (int i = 0; i < count_; i++) {
    if (threads_[i].thread == thread) return now - threads_[i].since > kPassing;
  }
  if (count_ < kMost) threads_[count_++] = {thread, now};
  return false;
}

void waitAMoment() {
  const struct timespec moment = {0, 50 * 1000};
  nanosleep(&moment, nullptr);
}

}  // namespace sigbridge

#endif
