// What the kernel does by itself, by an action's flags, is what the code below us has asked for;
// and that code stays where it is.
#include <dlfcn.h>
#include <errno.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "foreign.h"
#include "listener.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;

// A read(2) that waits, and whose thread gets the signal again and again until it is over; -1 and
// EINTR, or the byte that comes when our handler has run there.
int readUnderSignals(Listener* listener) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  std::atomic<int> result{0};
  std::thread reader([&] {
    char byte;
    result.store(read(ends[0], &byte, 1) < 0 ? errno : 1);
  });
  // Before the read has begun the signal ends nothing: until it does, or has been taken for long.
  for (int turn = 0; turn < 200 && result.load() == 0; turn++) {
    pthread_kill(reader.native_handle(), kSignal);
    listener->waitFor(1);
    usleep(1000);
  }
  if (result.load() == 0 && write(ends[1], "", 1) != 1) return 0;
  reader.join();
  close(ends[0]);
  close(ends[1]);
  return result.load();
}

// How often the C handler is called for a child that stops, goes on, and ends.
int callsForAChild() {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  int status;
  kill(child, SIGSTOP);
  waitpid(child, &status, WUNTRACED);
  kill(child, SIGCONT);
  waitpid(child, &status, WCONTINUED);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  return foreignCalls();
}

// What waitpid(2) says of a child that has ended; 0: it was there.
int errorOfWaiting() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  int status;
  return waitpid(child, &status, 0) == child ? 0 : errno;
}

}  // namespace

// ThreadSanitizer delivers signals by itself, and not while a call waits that goes on.
#if !defined(__SANITIZE_THREAD__)

TEST_APART(Flags, WithNobodyBelowCallsGoOn) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_EQ(standing(kSignal).sa_flags, ourAction().sa_flags);
  EXPECT_EQ(readUnderSignals(&listener), 1);
}

TEST_APART(Flags, ACallThatReliesOnEintrGetsIt) {
  install(kSignal, foreignAction());
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_EQ(readUnderSignals(&listener), EINTR);
}

TEST_APART(Flags, ACallGoesOnWhereTheHandlerBelowAsksForThat) {
  install(kSignal, foreignAction(SA_RESTART));
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_EQ(readUnderSignals(&listener), 1);
}

#endif

TEST_APART(Flags, FollowWhoeverIsBelowAfterAReclaim) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  install(kSignal, foreignAction());
  ASSERT_EQ(Registry::instance().reclaim(kSignal), 0);
  ASSERT_TRUE(isOurs(standing(kSignal)));
  EXPECT_EQ(standing(kSignal).sa_flags & (SA_RESTART | SA_ONSTACK), 0);
}

TEST_APART(Flags, AStoppedChildMakesNoCallWhereThatWasAskedFor) {
  install(SIGCHLD, foreignAction(SA_NOCLDSTOP | SA_RESTART));
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGCHLD), 0);
  EXPECT_EQ(callsForAChild(), 1);
}

TEST_APART(Flags, AnEndedChildLeavesNoZombieWhereThatWasAskedFor) {
  install(SIGCHLD, foreignAction(SA_NOCLDWAIT | SA_RESTART));
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGCHLD), 0);
  EXPECT_EQ(errorOfWaiting(), ECHILD);
  EXPECT_EQ(foreignCalls(), 1);
}

TEST_APART(Flags, NorWhereTheSignalWasIgnoredOrTheDefaultStoodWithThatFlag) {
  Action standing = defaultAction();
  standing.sa_flags = SA_NOCLDWAIT;
  for (const Action& below : {ignoreAction(), standing}) {
    install(SIGCHLD, below);
    Listener listener;
    ASSERT_EQ(listener.subscribe(SIGCHLD), 0);
    EXPECT_EQ(errorOfWaiting(), ECHILD);
    EXPECT_EQ(arrivalsIn(listener.waitFor(1)), 1U);
    listener.forget();
  }
}

TEST_APART(Flags, AChildThatLibuvForksIsThereToBeWaitedFor) {
  for (const Action& below : {ignoreAction(), foreignAction(SA_NOCLDWAIT | SA_RESTART)}) {
    const Action stood = install(SIGCHLD, below);
    {
      Listener listener;
      ASSERT_EQ(listener.subscribe(SIGCHLD), 0);
      sigset_t all;
      sigset_t before;
      sigfillset(&all);
      for (const int open : {SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGSYS, SIGABRT}) {
        sigdelset(&all, open);
      }
      pthread_sigmask(SIG_BLOCK, &all, &before);
      EXPECT_EQ(errorOfWaiting(), 0);
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      EXPECT_EQ(errorOfWaiting(), 0);  // there may be more
      listener.forget();
    }
    EXPECT_TRUE(sameAction(standing(SIGCHLD), stood));
    Listener next;
    ASSERT_EQ(next.subscribe(SIGCHLD), 0);
    EXPECT_EQ(errorOfWaiting(), ECHILD);
    next.forget();
  }
}

TEST_APART(Flags, ALibraryInTheChainStaysMapped) {
  void* const library = dlopen(ENGINE_COPY_A, RTLD_NOW);
  ASSERT_NE(library, nullptr);
  Action theirs = defaultAction();
  theirs.sa_handler = reinterpret_cast<void (*)(int)>(dlsym(library, "engine_copy_leave"));
  install(kSignal, theirs);
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  dlclose(library);
  EXPECT_NE(dlopen(ENGINE_COPY_A, RTLD_NOW | RTLD_NOLOAD), nullptr);
}

}  // namespace sigbridge::test
