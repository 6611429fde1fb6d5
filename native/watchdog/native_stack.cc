#include "watchdog/native_stack.h"

#if defined(__linux__) && defined(__GLIBC__)

#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <mutex>

#include "engine/handler/in_handler.h"
#include "engine/signal/borrowed.h"
#include "report/maps.h"
#include "report/request.h"

namespace sigbridge {

namespace {

constexpr int kMostFrames = 64;
void* frames[kMostFrames];
int frameCount = 0;
Request request;

// backtrace(3) allocates nothing and loads nothing after its first call, which warmUpUnwinder()
// makes.
extern "C" SB_HANDLER_ENTRY void sigbridge_on_stack_wanted(int, siginfo_t*, void*) {
  const int error = errno;
  if (request.begin()) {
    frameCount = backtrace(frames, kMostFrames);
    request.ready();
  }
  errno = error;
}

Action stackAction() {
  Action action = defaultAction();
  action.sa_sigaction = sigbridge_on_stack_wanted;
  action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  return action;
}

// A real-time signal that nobody uses, for as long as this takes; 0 when there is none.
int borrowSignal() {
  for (int signo = SIGRTMAX; signo >= SIGRTMIN; signo--) {
    if (borrow(signo, stackAction())) return signo;
  }
  return 0;
}

// Between the threads that look on, whose reports may fall together. Nobody else takes it.
std::mutex one;

}  // namespace

void warmUpUnwinder() {
  void* frame[1];
  backtrace(frame, 1);
}

void writeNativeStack(int thread, int64_t patience, Output* out) {
  const std::lock_guard<std::mutex> only(one);
  static Maps maps;
  if (!request.ask()) {
    out->text("  (the thread does not answer)\n");
    return;
  }
  const int signo = borrowSignal();
  if (signo == 0) {
    request.wait(0);
    out->text("  (every real-time signal is in use)\n");
    return;
  }
  syscall(SYS_tgkill, getpid(), thread, signo);
  if (!request.wait(patience)) {
    // The handler stays: the signal is still on its way, and its default would end the process.
    out->text("  (the thread does not answer)\n");
    return;
  }
  giveBack(signo, stackAction());
  maps.read();
  for (int i = 0; i < frameCount; i++) {
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
