#include "engine/control/call_late.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "engine/handler/below.h"
#include "engine/handler/plan.h"

namespace sigbridge {

namespace {

#if defined(__linux__)
extern "C" int getcontext(ucontext_t* context) __attribute__((weak));  // musl has none
#endif

// Its level is -1 where there is none.
Below topmost(int signo) {
  Readers::Guard guard(shared().readers);
  const Plan* plan = shared().slots[signo].plan.load();
  Below below = {};
  if (plan == nullptr || plan->passThrough) return below;
  below.its = plan->levels[plan->top];
  below.level = plan->top;
  below.mayReturn = plan->mayReturn;
  below.told = true;  // when it came
  return below;
}

}  // namespace

void contextOfNow(ucontext_t* context) {
  memset(context, 0, sizeof *context);
#if defined(__linux__)
  if (getcontext != nullptr) getcontext(context);
#endif
  pthread_sigmask(SIG_SETMASK, nullptr, &context->uc_sigmask);
}

bool callLate(int signo, siginfo_t* info) {
  ucontext_t context;
  contextOfNow(&context);
  const Below below = topmost(signo);
  if (below.level < 0 || !below.its.callable || !mayCall(below, signo)) return false;
  const int error = errno;
  // As in a handler: nothing comes between what is written down and the call.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  callBelow(below, {below.level, signo, info, &context, nullptr, __builtin_frame_address(0), false,
                    false});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return true;
}

}  // namespace sigbridge
