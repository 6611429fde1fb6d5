#include "engine/handler/ours.h"

#include <string.h>

#include "engine/handler/handler.h"
#include "engine/handler/plan.h"
#include "engine/signal/signals.h"

namespace sigbridge {

// clang-format off
#pragma GCC visibility push(default)
extern "C" {
SB_HANDLER_ENTRY void sigbridge_handler_v1(int s, siginfo_t* i, void* c) { handle(0, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_1(int s, siginfo_t* i, void* c) { handle(1, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_2(int s, siginfo_t* i, void* c) { handle(2, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_3(int s, siginfo_t* i, void* c) { handle(3, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_4(int s, siginfo_t* i, void* c) { handle(4, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_5(int s, siginfo_t* i, void* c) { handle(5, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_6(int s, siginfo_t* i, void* c) { handle(6, s, i, c); }
SB_HANDLER_ENTRY void sigbridge_handler_v1_7(int s, siginfo_t* i, void* c) { handle(7, s, i, c); }
}
#pragma GCC visibility pop
// clang-format on

namespace {

using Handler = void (*)(int, siginfo_t*, void*);
constexpr Handler kHandlers[kLevels] = {
    sigbridge_handler_v1,   sigbridge_handler_v1_1, sigbridge_handler_v1_2, sigbridge_handler_v1_3,
    sigbridge_handler_v1_4, sigbridge_handler_v1_5, sigbridge_handler_v1_6, sigbridge_handler_v1_7,
};

// Those by which the kernel does something else for the code below us than it would do without us.
#if defined(__linux__)
constexpr int kOfChildren = SA_NOCLDSTOP | SA_NOCLDWAIT;
#else
// There libuv starts children by posix_spawn(2), unseen: it has to be able to wait for them.
constexpr int kOfChildren = SA_NOCLDSTOP;
#endif
constexpr int kFollowed = SA_RESTART | SA_ONSTACK | kOfChildren;

// An ignored SIGCHLD means SA_NOCLDWAIT: sigaction(2). Whoever has libuv start a child waits for
// that.
SB_IN_HANDLER int flagsOfChildren(const Action& previous) {
  const int flags = (previous.sa_flags | (isIgnore(previous) ? SA_NOCLDWAIT : 0)) & kOfChildren;
  return shared().childrenAwaited.load() ? flags & ~SA_NOCLDWAIT : flags;
}

}  // namespace

SB_IN_HANDLER Action ourActionOver(int signo, const Action& previous, int level) {
  Action action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = kHandlers[level];
  // Over nobody, where it is as safe as can be: code that never heard of signals may have little
  // stack, and expect no EINTR.
  int flags = isHandler(previous) ? previous.sa_flags : SA_RESTART | SA_ONSTACK;
  // Whose own stack is at its end, or no C stack at all, can be helped on another one only.
  if (isFault(signo)) flags |= SA_ONSTACK;
  if (signo == SIGCHLD) flags = (flags & ~kOfChildren) | flagsOfChildren(previous);
  action.sa_flags = SA_SIGINFO | (flags & kFollowed);
  // As a full set is read back: without those that the kernel, and the C library, keep out of it.
  sigfillset(&action.sa_mask);
  sigdelset(&action.sa_mask, SIGKILL);
  sigdelset(&action.sa_mask, SIGSTOP);
  return action;
}

SB_IN_HANDLER Action ourAction(int level) { return ourActionOver(0, defaultAction(), level); }

SB_IN_HANDLER int levelOf(const Action& action) {
  for (int level = 0; level < kLevels; level++) {
    if (addressOf(action) == reinterpret_cast<const void*>(kHandlers[level])) return level;
  }
  return -1;
}

}  // namespace sigbridge
