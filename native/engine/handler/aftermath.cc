#include "engine/handler/aftermath.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "engine/handler/chain.h"
#include "engine/handler/ours.h"
#include "engine/handler/plan.h"
#include "engine/signal/signals.h"
#include "engine/signal/thread.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <time.h>
#endif

namespace sigbridge {

namespace {

SB_IN_HANDLER bool isSameHandler(const Action& a, const Action& b) {
  constexpr int kArguments = SA_SIGINFO;
  return addressOf(a) == addressOf(b) && (a.sa_flags & kArguments) == (b.sa_flags & kArguments);
}

}  // namespace

SB_IN_HANDLER void standAgainOver(const Action& called, int signo, int level) {
  Action standing;
  if (readAction(signo, &standing) != 0 || !isSameHandler(standing, called)) return;
  // Whoever gives the signal back publishes that first, and waits for those who are counted in: so
  // this is not what he has put back.
  Readers::Guard guard(shared().readers);
  const Plan* plan = shared().slots[signo].plan.load();
  if (plan == nullptr || plan->passThrough || level != plan->top ||
      !isSameHandler(plan->levels[level].previous, called)) {
    return;
  }
  Action below = standing;
  for (int i = 0; i < level; i++) {
    if (plan->levels[i].callable) followOnStack(plan->levels[i].previous, &below);
  }
  Action replaced;
  if (writeAction(signo, ourActionOver(signo, below, level), &replaced) != 0) return;
  if (!isSameHandler(replaced, called) && !isOurs(replaced)) {
    writeAction(signo, replaced);  // somebody else has installed in this very moment
    return;
  }
  shared().slots[signo].spent.fetch_and(~(uint32_t{1} << level));
}

#if defined(__linux__)

SB_IN_HANDLER RaisedByRuntime::RaisedByRuntime(bool mayBe, const Arrival& arrival)
    : signo_(arrival.signo), level_(arrival.level), watched_(mayBe && !isPending(signo_)) {}

SB_IN_HANDLER void RaisedByRuntime::takeBack() const {
  Action standing;
  if (!watched_ || !isPending(signo_)) return;
  // Who means to end the process has put the default there; who hands it on, another of ours.
  if (readAction(signo_, &standing) != 0 || levelOf(standing) != level_) return;
  const uint64_t only = bitOf(signo_);
  const struct timespec now = {0, 0};
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (syscall(SYS_rt_sigtimedwait, &only, &info, &now, sizeof only) != signo_) return;
  if (info.si_code == SI_TKILL && info.si_pid == getpid()) return;
  syscall(SYS_rt_tgsigqueueinfo, getpid(), ownThread(), signo_, &info);
}

#else

SB_IN_HANDLER RaisedByRuntime::RaisedByRuntime(bool, const Arrival& arrival)
    : signo_(arrival.signo), level_(arrival.level), watched_(false) {}
SB_IN_HANDLER void RaisedByRuntime::takeBack() const {}

#endif

}  // namespace sigbridge
