// The calling thread's mask, waiting, sending, and ending by a signal.
#include "binding/lowlevel.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "binding/arguments.h"
#include "binding/event_fields.h"
#include "engine/handler/chain.h"
#include "engine/signal/record.h"
#include "engine/signal/signals.h"
#include "loop/libuv.h"

namespace sigbridge {

namespace {

// changeMask(how: 0 block, 1 unblock, 2 set, set: bigint): the mask before
napi_value changeMask(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  static const int kHow[] = {SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK};
  sigset_t set;
  sigset_t before;
  setOf(arguments.bits(1), &set);
  pthread_sigmask(kHow[arguments.integer(0)], &set, &before);
  return toBits(env, bitsOf(before));
}

napi_value getMask(napi_env env, napi_callback_info) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return toBits(env, bitsOf(mask));
}

napi_value getPending(napi_env env, napi_callback_info) {
  sigset_t pending;
  sigpending(&pending);
  return toBits(env, bitsOf(pending));
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
napi_value wait(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  sigset_t set;
  setOf(arguments.bits(0), &set);
  const int64_t timeout = arguments.wide(1);
  siginfo_t received;
  const int signo = waitUntil(set, timeout < 0 ? -1 : monotonicNow() + timeout, &received);
  if (signo > 0) {
    writeEvent(received, signo, monotonicNow(), 0, static_cast<int32_t*>(arguments.memory(2)));
  }
  return toInteger(env, signo);
}

// queue(pid, signo, value): errno
napi_value queue(napi_env env, napi_callback_info info) {
  Arguments<3> arguments(env, info);
  union sigval value;
  memset(&value, 0, sizeof value);
  value.sival_int = arguments.integer(2);
  const int result = sigqueue(arguments.integer(0), arguments.integer(1), value);
  return toInteger(env, result == 0 ? 0 : errno);
}

#else

napi_value wait(napi_env env, napi_callback_info) { return toInteger(env, -ENOSYS); }
napi_value queue(napi_env env, napi_callback_info) { return toInteger(env, ENOSYS); }

#endif

// send(pid, signo): errno; a negative pid is a process group. kill(2)
napi_value send(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  return toInteger(env, kill(arguments.integer(0), arguments.integer(1)) == 0 ? 0 : errno);
}

// raise(signo): errno; to the calling thread. raise(3)
napi_value raiseHere(napi_env env, napi_callback_info info) {
  Arguments<1> arguments(env, info);
  return toInteger(env, pthread_kill(pthread_self(), arguments.integer(0)));
}

// exitBySignal(signo, usesLibuv): does not return.
napi_value exitBySignal(napi_env env, napi_callback_info info) {
  Arguments<2> arguments(env, info);
  const int signo = arguments.integer(0);
  const Libuv* uv = arguments.truth(1) ? findLibuv() : nullptr;
  if (uv != nullptr) uv->tty_reset_mode();
  endBySignal(signo);
}

}  // namespace

void addLowLevel(napi_env env, napi_value exports) {
  setFunction(env, exports, "changeMask", changeMask);
  setFunction(env, exports, "getMask", getMask);
  setFunction(env, exports, "getPending", getPending);
  setFunction(env, exports, "wait", wait);
  setFunction(env, exports, "queue", queue);
  setFunction(env, exports, "send", send);
  setFunction(env, exports, "raise", raiseHere);
  setFunction(env, exports, "exitBySignal", exitBySignal);
}

}  // namespace sigbridge
