#include "engine/handler/chain.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

#include "engine/signal/signals.h"
#include "engine/signal/thread.h"

namespace sigbridge {

SB_IN_HANDLER uint64_t maskIn(const void* context) {
  return bitsOf(static_cast<const ucontext_t*>(context)->uc_sigmask);
}

SB_IN_HANDLER void setMaskIn(void* context, uint64_t mask) {
  sigset_t* const set = &static_cast<ucontext_t*>(context)->uc_sigmask;
#if defined(__linux__)
  // The kernel's set has these bytes only: in its frame, what follows is the siginfo of this
  // very signal.
  memcpy(set, &mask, sizeof mask);
#else
  setOf(mask, set);
#endif
}

SB_IN_HANDLER bool isPending(int signo) {
  sigset_t pending;
  sigpending(&pending);
  return (bitsOf(pending) & bitOf(signo)) != 0;
}

namespace {

SB_CALLS_OUT void callByItsFlags(const Action& action, int signo, siginfo_t* info, void* context) {
  if ((action.sa_flags & SA_SIGINFO) != 0) {
    action.sa_sigaction(signo, info, context);
  } else {
    action.sa_handler(signo);
  }
}

SB_IN_HANDLER uint64_t maskFor(const Action& action, int signo, void* context) {
  uint64_t mask = maskIn(context) | bitsOf(action.sa_mask);
  if ((action.sa_flags & SA_NODEFER) == 0) mask |= bitOf(signo);
  return mask;
}

}  // namespace

SB_CALLS_OUT void callHandler(const Action& action, int signo, siginfo_t* info, void* context) {
  sigset_t its;
  sigset_t ours;
  setOf(maskFor(action, signo, context), &its);
  pthread_sigmask(SIG_SETMASK, &its, &ours);
  callByItsFlags(action, signo, info, context);
  pthread_sigmask(SIG_SETMASK, &ours, nullptr);
}

// In a vfork's child musl's raise(3) still knows the parent's thread, and would signal that one.
SB_IN_HANDLER int raiseHere(int signo) {
#if defined(__linux__)
  return static_cast<int>(syscall(SYS_tgkill, getpid(), ownThread(), signo));
#else
  return raise(signo);
#endif
}

SB_IN_HANDLER void performDefault(int signo) {
  if (defaultActionOf(signo) == DefaultAction::kIgnore) return;
  Action standard;
  standard.sa_handler = SIG_DFL;
  standard.sa_flags = 0;
  setOf(0, &standard.sa_mask);
  Action ours;
  sigset_t only;
  sigset_t before;
  setOf(bitOf(signo), &only);
  writeAction(signo, standard, &ours);
  // Where the queue of signals is full, a real-time one still comes by kill(2).
  if (raiseHere(signo) != 0) kill(getpid(), signo);
  pthread_sigmask(SIG_UNBLOCK, &only, &before);
  // Here only after a stop and its SIGCONT.
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  writeAction(signo, ours);
}

void endBySignal(int signo) {
  sigset_t only;
  setOf(bitOf(signo), &only);
  writeAction(signo, defaultAction());
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  kill(getpid(), signo);
  raise(signo);
  _exit(128 + signo);
}

}  // namespace sigbridge
