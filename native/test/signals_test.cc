#include "engine/signal/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "apart.h"
#include "engine/signal/action.h"
#include "engine/signal/inherited.h"
#include "threads_of.h"

namespace sigbridge::test {

// Each signal is sent to a process that leaves it alone, and the kernel is asked what that did.
TEST(Signals, TheDefaultActionIsTheKernels) {
  for (int signo = 1; signo <= kLastSignal; signo++) {
    if (signo > SIGSYS && !isRealtime(signo)) continue;  // the C library's own
    const pid_t child = fork();
    if (child == 0) {
      setpgid(0, 0);
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      if (signo != SIGKILL && signo != SIGSTOP) writeAction(signo, defaultAction());
      kill(getpid(), signo);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, WUNTRACED);
    const DefaultAction expected = defaultActionOf(signo);
    EXPECT_EQ(WIFSIGNALED(status), expected == DefaultAction::kTerminate) << signo;
    EXPECT_EQ(WIFSTOPPED(status), expected == DefaultAction::kStop) << signo;
    EXPECT_EQ(WIFEXITED(status), expected == DefaultAction::kIgnore) << signo;
    if (WIFSTOPPED(status)) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
    }
  }
}

TEST(Signals, RealtimeOnesAreTheCLibrarysToGive) {
  EXPECT_FALSE(isRealtime(SIGRTMIN - 1));
  EXPECT_TRUE(isRealtime(SIGRTMIN));
  EXPECT_TRUE(isRealtime(SIGRTMAX));
  EXPECT_FALSE(isRealtime(SIGRTMAX + 1));
  EXPECT_EQ(SIGRTMAX, kLastSignal);
}

TEST(Signals, BitsAreTheKernels) {
  for (int signo = 1; signo <= kLastSignal; signo++) {
    sigset_t set;
    setOf(bitOf(signo), &set);
    EXPECT_EQ(bitsOf(set), bitOf(signo));
    EXPECT_EQ(sigismember(&set, signo), 1) << signo;
  }
  const uint64_t some = bitOf(SIGINT) | bitOf(SIGRTMIN + 3) | bitOf(kLastSignal);
  sigset_t set;
  sigset_t before;
  setOf(some, &set);
  pthread_sigmask(SIG_SETMASK, &set, &before);
  EXPECT_EQ(blockedBy(getpid()), some);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST(Action, IsTheSameInHandlerFlagsAndMaskOnly) {
  Action a = defaultAction();
  a.sa_handler = [](int) {};
  a.sa_flags = SA_RESTART;
  sigaddset(&a.sa_mask, SIGINT);
  Action b = a;
  EXPECT_TRUE(sameAction(a, b));
  b.sa_flags |= SA_NODEFER;
  EXPECT_FALSE(sameAction(a, b));
  b = a;
  sigaddset(&b.sa_mask, SIGRTMAX);
  EXPECT_FALSE(sameAction(a, b));
  b = a;
  b.sa_handler = SIG_IGN;
  EXPECT_FALSE(sameAction(a, b));
}

TEST(Action, TellsTheKindsApart) {
  Action handler = defaultAction();
  handler.sa_handler = [](int) {};
  EXPECT_TRUE(isDefault(defaultAction()));
  EXPECT_FALSE(isIgnore(defaultAction()) || isHandler(defaultAction()));
  EXPECT_TRUE(isIgnore(ignoreAction()));
  EXPECT_FALSE(isDefault(ignoreAction()) || isHandler(ignoreAction()));
  EXPECT_TRUE(isHandler(handler));
  EXPECT_EQ(addressOf(handler), reinterpret_cast<void*>(handler.sa_handler));
}

TEST(Action, RefusalsAreErrnoValues) {
  EXPECT_EQ(writeAction(SIGKILL, ignoreAction()), EINVAL);
  Action action;
  EXPECT_EQ(readAction(kLastSignal + 1, &action), EINVAL);
  EXPECT_EQ(readAction(SIGINT, &action), 0);
}

TEST_APART(Inherited, IsWhatStoodAtTheFirstLook) {
  Observed expected = {0, bitOf(SIGRTMIN + 4)};
  for (int signo = 1; signo <= kLastSignal; signo++) {
    Action action;
    if (readAction(signo, &action) == 0 && isIgnore(action)) expected.ignored |= bitOf(signo);
  }
  writeAction(SIGRTMIN + 3, ignoreAction());
  expected.ignored |= bitOf(SIGRTMIN + 3);
  sigset_t blocked;
  setOf(expected.blocked, &blocked);
  pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
  EXPECT_EQ(observed().ignored, expected.ignored);
  EXPECT_EQ(observed().blocked, expected.blocked);

  writeAction(SIGRTMIN + 3, defaultAction());
  pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
  EXPECT_EQ(observed().ignored, expected.ignored);
  EXPECT_EQ(observed().blocked, expected.blocked);
}

}  // namespace sigbridge::test
