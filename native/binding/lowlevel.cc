// The calling thread's mask, waiting, sending, and ending by a signal.
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "binding/arguments.h"
#include "binding/event_fields.h"
#include "binding/groups.h"
#include "engine/control/queued.h"
#include "engine/handler/chain.h"
#include "engine/signal/record.h"
#include "engine/signal/signals.h"
#include "loop/libuv.h"

namespace sigbridge {

namespace {

// changeMask(how: 0 block, 1 unblock, 2 set, set: bigint): the mask before
Napi::Value changeMask(Info info) {
  const MaskOfTheProgram asSet;
  static const int kHow[] = {SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK};
  sigset_t set;
  sigset_t before;
  setOf(bits(info[1]), &set);
  pthread_sigmask(kHow[integer(info[0])], &set, &before);
  return toBits(info.Env(), bitsOf(before));
}

Napi::Value getMask(Info info) {
  const MaskOfTheProgram asSet;
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return toBits(info.Env(), bitsOf(mask));
}

Napi::Value getPending(Info info) {
  const MaskOfTheProgram asSet;
  sigset_t pending;
  sigpending(&pending);
  return toBits(info.Env(), bitsOf(pending));
}

#if defined(__linux__)

// One sigtimedwait() that an unrelated handler does not cut short; without end if `until` < 0.
int waitUntil(const sigset_t& set, int64_t until, siginfo_t* info) {
  for (;;) {
    struct timespec left = {0, 0};
    if (until >= 0) {
      const int64_t rest = until - monotonicNow();
      if (rest > 0) left = {rest / 1000000000, rest % 1000000000};
    }
    const int signo = sigtimedwait(&set, info, until >= 0 ? &left : nullptr);
    if (signo > 0) return signo;
    if (errno != EINTR) return -errno;
  }
}

// wait(set: bigint, timeoutNs: number or -1, row: Int32Array): signo, or a negative errno (EAGAIN:
// time is up)
Napi::Value wait(Info info) {
  const MaskOfTheProgram asSet;
  sigset_t set;
  setOf(bits(info[0]), &set);
  const int64_t timeout = wide(info[1]);
  siginfo_t received;
  const int signo = waitUntil(set, timeout < 0 ? -1 : monotonicNow() + timeout, &received);
  if (signo > 0) {
    writeEvent(received, signo, monotonicNow(), 0, memory<int32_t>(info[2]));
  }
  return Napi::Value::From(info.Env(), signo);
}

// queue(pid, signo, value): errno
Napi::Value queue(Info info) {
  union sigval value;
  memset(&value, 0, sizeof value);
  value.sival_int = integer(info[2]);
  const int result = sigqueue(integer(info[0]), integer(info[1]), value);
  return Napi::Value::From(info.Env(), result == 0 ? 0 : errno);
}

#else

Napi::Value wait(Info info) { return Napi::Value::From(info.Env(), -ENOSYS); }
Napi::Value queue(Info info) { return Napi::Value::From(info.Env(), ENOSYS); }

#endif

// send(pid, signo): errno; a negative pid is a process group. kill(2)
Napi::Value send(Info info) {
  return Napi::Value::From(info.Env(), kill(integer(info[0]), integer(info[1])) == 0 ? 0 : errno);
}

// raise(signo): errno; to the calling thread. raise(3)
Napi::Value raiseHere(Info info) {
  return Napi::Value::From(info.Env(), pthread_kill(pthread_self(), integer(info[0])));
}

// exitBySignal(signo, usesLibuv): does not return.
Napi::Value exitBySignal(Info info) {
  const int signo = integer(info[0]);
  const Libuv* uv = truth(info[1]) ? findLibuv() : nullptr;
  if (uv != nullptr) uv->tty_reset_mode();
  endBySignal(signo);
}

// What the process ends by when the runtime has come to its own end; 0 for nothing.
std::atomic<int> lastSignal{0};

// Among the last things that exit(3) does: behind the runtime's, the program's and the C library's
// atexit handlers.
__attribute__((destructor)) void endAsAsked() {
  const int signo = lastSignal.load();
  if (signo == 0) return;
  fflush(nullptr);
  endBySignal(signo);
}

// signalAtExit(signo): exit(3), whatever code it is called with, ends the process by the signal
void signalAtExit(Info info) { lastSignal.store(integer(info[0])); }

}  // namespace

void addLowLevel(Napi::Object exports) {
  add<changeMask>(exports, "changeMask");
  add<getMask>(exports, "getMask");
  add<getPending>(exports, "getPending");
  add<wait>(exports, "wait");
  add<queue>(exports, "queue");
  add<send>(exports, "send");
  add<raiseHere>(exports, "raise");
  add<exitBySignal>(exports, "exitBySignal");
  add<signalAtExit>(exports, "signalAtExit");
}

}  // namespace sigbridge
