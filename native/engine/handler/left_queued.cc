#include "engine/handler/left_queued.h"

#include <signal.h>
#if defined(__linux__)
#include <sys/epoll.h>
#endif

#include "engine/handler/chain.h"
#include "engine/handler/ours.h"
#include "engine/signal/signals.h"

namespace sigbridge {

LeftQueued leftQueued;

namespace {

// Whether what was interrupted is the C library's epoll_pwait(2), for the main loop: its first
// argument is still where it was. Code that merely runs in a callback of the loop's is not.
SB_IN_HANDLER bool waitsInLoop(const void* context) {
#if defined(__linux__) && defined(__x86_64__)
  const greg_t* registers = static_cast<const ucontext_t*>(context)->uc_mcontext.gregs;
  const uintptr_t at = static_cast<uintptr_t>(registers[REG_RIP]);
  const bool inWait = at - reinterpret_cast<uintptr_t>(&epoll_pwait) < 256;
  return inWait && static_cast<int>(registers[REG_RDI]) == leftQueued.loop.load();
#else
  (void)context;
  return false;
#endif
}

SB_IN_HANDLER bool isTakenSoon(const void* context) {
  return waitsInLoop(context) || (leftQueued.turning.load() && leftQueued.guarded.load());
}

// Whoever stands over us may call us for each, and is to be called himself.
SB_IN_HANDLER bool standsOnTop(int level, int signo) {
  Action standing;
  return readAction(signo, &standing) == 0 && levelOf(standing) == level;
}

}  // namespace

SB_IN_HANDLER void leaveQueued(int level, int signo, void* context) {
  if (leftQueued.never.load() || !isTakenSoon(context) || !standsOnTop(level, signo)) return;
  setMaskIn(context, maskIn(context) | bitOf(signo));
  leftQueued.signals.fetch_or(bitOf(signo));
}

}  // namespace sigbridge
