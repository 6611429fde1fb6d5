#include "watchdog/native_stack.h"

#if defined(__linux__) && defined(__GLIBC__)

#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/signal/action.h"
#include "engine/signal/record.h"
#include "report/maps.h"

namespace sigbridge {

namespace {

constexpr int kMostFrames = 64;
void* frames[kMostFrames];
std::atomic<int> frameCount{-1};

// backtrace(3) allocates nothing and loads nothing after its first call, which warmUpUnwinder()
// makes.
extern "C" SB_HANDLER_ENTRY void sigbridge_on_stack_wanted(int, siginfo_t*, void*) {
  const int error = errno;
  frameCount.store(backtrace(frames, kMostFrames));
  errno = error;
}

// A real-time signal that nobody uses, for as long as this takes; 0 when there is none.
int borrowSignal(Action* before) {
  Action action = defaultAction();
  action.sa_sigaction = sigbridge_on_stack_wanted;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (int signo = SIGRTMAX; signo >= SIGRTMIN; signo--) {
    if (readAction(signo, before) != 0 || !isDefault(*before)) continue;
    if (writeAction(signo, action) == 0) return signo;
  }
  return 0;
}

bool waitForFrames(int64_t until) {
  while (frameCount.load() < 0) {
    if (monotonicNow() > until) return false;
    const struct timespec pause = {0, 200 * 1000};
    nanosleep(&pause, nullptr);
  }
  return true;
}

}  // namespace

void warmUpUnwinder() {
  void* frame[1];
  backtrace(frame, 1);
}

void writeNativeStack(int thread, int64_t patience, Output* out) {
  static Maps maps;
  Action before;
  const int signo = borrowSignal(&before);
  if (signo == 0) {
    out->text("  (every real-time signal is in use)\n");
    return;
  }
  frameCount.store(-1);
  syscall(SYS_tgkill, getpid(), thread, signo);
  if (!waitForFrames(monotonicNow() + patience)) {
    // The handler stays: the signal is still on its way, and its default would end the process.
    out->text("  (the thread does not answer)\n");
    return;
  }
  writeAction(signo, before);
  maps.read();
  for (int i = 0; i < frameCount.load(); i++) {
    const uint64_t address = reinterpret_cast<uintptr_t>(frames[i]);
    out->text("  #").number(i).text(" ").hex(address);
    maps.writePlace(address, out);
    out->text("\n");
  }
}

}  // namespace sigbridge

#else

namespace sigbridge {

void warmUpUnwinder() {}
void writeNativeStack(int, int64_t, Output* out) { out->text("  (not on this platform)\n"); }

}  // namespace sigbridge

#endif
