#include "engine/control/carrier.h"

#if defined(__linux__)

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/handler/order.h"
#include "engine/signal/borrowed.h"
#include "engine/signal/signals.h"

namespace sigbridge {

bool Carrier::raiseNumbered(uint64_t deaf) {
  if (stands()) return true;
  lower();  // somebody has begun to use it
  for (int signo = SIGRTMAX; signo >= SIGRTMIN; signo--) {
    if ((deaf & bitOf(signo)) == 0 && raiseAs(signo)) return true;
  }
  return false;
}

bool Carrier::raisePlain() { return raiseAs(SIGURG) || raiseAs(SIGWINCH); }

void Carrier::lower() {
  if (signo_ == 0) return;
  giveBack(signo_, orderAction());
  signo_ = 0;
}

int Carrier::send(int thread, int round) const {
  if (isPlain(signo_)) {
    return syscall(SYS_tgkill, getpid(), thread, signo_) == 0 ? 0 : errno;
  }
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = signo_;
  info.si_code = kOrderCode;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = round;
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, signo_, &info) == 0 ? 0 : errno;
}

bool Carrier::stands() const {
  Action standing;
  return signo_ != 0 && readAction(signo_, &standing) == 0 && isOrderHandler(standing);
}

bool Carrier::raiseAs(int signo) {
  if (!borrow(signo, orderAction())) return false;
  signo_ = signo;
  return true;
}

}  // namespace sigbridge

#endif
