// Calling another's handler as the kernel would have: what it is given is compared with
// sigaction(2).
#include "engine/handler/chain.h"

#include <errno.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "apart.h"
#include "engine/signal/signals.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

// The handler under test, and what it saw.
Action inner;
struct Seen {
  int calls;
  int arguments;
  int signo;
  siginfo_t* info;
  void* context;
  uint64_t mask;
} seen;
// What the handler that calls it was given, and its mask before and after.
siginfo_t* outerInfo;
void* outerContext;
uint64_t maskBefore;
uint64_t maskAfter;

void withOneArgument(int signo) {
  seen = {seen.calls + 1, 1, signo, nullptr, nullptr, ownBlocked()};
}

void withThreeArguments(int signo, siginfo_t* info, void* context) {
  seen = {seen.calls + 1, 3, signo, info, context, ownBlocked()};
}

void outer(int signo, siginfo_t* info, void* context) {
  outerInfo = info;
  outerContext = context;
  maskBefore = ownBlocked();
  callHandler(inner, signo, info, context);
  maskAfter = ownBlocked();
}

void installOuter(int signo) {
  Action action = defaultAction();
  action.sa_sigaction = outer;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  ASSERT_EQ(writeAction(signo, action), 0);
}

void block(uint64_t signals) {
  sigset_t set;
  setOf(signals, &set);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

TEST_APART(Chain, AHandlerWithoutSiginfoGetsOneArgument) {
  installOuter(SIGUSR1);
  inner = defaultAction();
  inner.sa_handler = withOneArgument;
  raise(SIGUSR1);
  EXPECT_EQ(seen.calls, 1);
  EXPECT_EQ(seen.arguments, 1);
  EXPECT_EQ(seen.signo, SIGUSR1);
}

TEST_APART(Chain, AHandlerWithSiginfoGetsTheKernelsThree) {
  installOuter(SIGUSR1);
  inner = defaultAction();
  inner.sa_sigaction = withThreeArguments;
  inner.sa_flags = SA_SIGINFO;
  raise(SIGUSR1);
  EXPECT_EQ(seen.calls, 1);
  EXPECT_EQ(seen.arguments, 3);
  EXPECT_EQ(seen.signo, SIGUSR1);
  EXPECT_EQ(seen.info, outerInfo);
  EXPECT_EQ(seen.context, outerContext);
}

TEST_APART(Chain, ItsMaskIsTheInterruptedOneItsOwnAndTheSignal) {
  installOuter(SIGUSR1);
  block(bitOf(SIGRTMIN + 2));
  inner = defaultAction();
  inner.sa_handler = withOneArgument;
  sigaddset(&inner.sa_mask, SIGUSR2);
  sigaddset(&inner.sa_mask, SIGRTMAX);
  raise(SIGUSR1);
  EXPECT_EQ(seen.mask, bitOf(SIGRTMIN + 2) | bitOf(SIGUSR2) | bitOf(SIGRTMAX) | bitOf(SIGUSR1));
  EXPECT_EQ(maskAfter, maskBefore);
  EXPECT_EQ(ownBlocked(), bitOf(SIGRTMIN + 2));
}

TEST_APART(Chain, WithNodeferItDoesNotBlockItself) {
  installOuter(SIGUSR1);
  inner = defaultAction();
  inner.sa_handler = withOneArgument;
  inner.sa_flags = static_cast<int>(SA_NODEFER);
  raise(SIGUSR1);
  EXPECT_EQ(seen.mask, 0u);
  sigaddset(&inner.sa_mask, SIGUSR1);
  raise(SIGUSR1);
  EXPECT_EQ(seen.mask, bitOf(SIGUSR1));
}

namespace {

int statusAfter(int signo, void (*before)() = nullptr) {
  return endOf([=] {
    Action action = defaultAction();
    action.sa_handler = performDefault;
    sigfillset(&action.sa_mask);
    writeAction(signo, action);
    if (before) before();
    kill(getpid(), signo);
  });
}

}  // namespace

TEST(PerformDefault, EndsTheProcessByThatSignal) {
  for (const int signo : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGUSR1, SIGTERM, SIGSYS, SIGRTMIN,
                          SIGRTMIN + 7, SIGRTMAX}) {
    EXPECT_TRUE(diedOf(signo, statusAfter(signo))) << signo;
  }
}

TEST(PerformDefault, EndsTheProcessAlthoughTheQueueOfSignalsIsFull) {
  const auto fillQueue = [] {
    const struct rlimit none = {0, 0};
    ASSERT_EQ(setrlimit(RLIMIT_SIGPENDING, &none), 0);
  };
  EXPECT_TRUE(diedOf(SIGRTMIN, statusAfter(SIGRTMIN, fillQueue)));
}

TEST(PerformDefault, IgnoresWhatTheKernelIgnores) {
  for (const int signo : {SIGCHLD, SIGCONT, SIGURG, SIGWINCH}) {
    EXPECT_EQ(statusAfter(signo), 0) << signo;
  }
}

TEST(PerformDefault, StopsAndThenStandsAsBefore) {
  for (const int signo : {SIGTSTP, SIGTTIN, SIGTTOU}) {
    const pid_t child = fork();
    if (child == 0) {
      // A group of its own, with this process as the parent: it is not orphaned, so it stops.
      setpgid(0, 0);
      Action action = defaultAction();
      action.sa_handler = performDefault;
      sigfillset(&action.sa_mask);
      writeAction(signo, action);
      Action before;
      readAction(signo, &before);
      raise(signo);
      Action after;
      readAction(signo, &after);
      _exit(sameAction(before, after) && ownBlocked() == 0 ? 7 : 8);
    }
    int status = 0;
    waitpid(child, &status, WUNTRACED);
    ASSERT_TRUE(WIFSTOPPED(status)) << signo;
    EXPECT_EQ(WSTOPSIG(status), signo);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status)) << signo;
    EXPECT_EQ(WEXITSTATUS(status), 7) << signo;
  }
}

}  // namespace sigbridge::test
