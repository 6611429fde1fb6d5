// When somebody installs over us: theirs is left alone, and what they saved of ours goes on
// standing for what was there before.
#include <gtest/gtest.h>
#include <unistd.h>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "engine/signal/who.h"
#include "foreign.h"
#include "listener.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

Registry& registry() { return Registry::instance(); }

// A library that keeps what it found, and calls it: as careful ones do.
Action found;
int careful;

void onCareful(int signo, siginfo_t* info, void* context) {
  careful++;
  if ((found.sa_flags & SA_SIGINFO) != 0) {
    found.sa_sigaction(signo, info, context);
  } else if (isHandler(found)) {
    found.sa_handler(signo);
  }
}

Action carefulAction() {
  Action action = defaultAction();
  action.sa_sigaction = onCareful;
  action.sa_flags = SA_SIGINFO;
  return action;
}

Action installCareful(int signo) {
  found = standing(signo);
  return install(signo, carefulAction());
}

// One that takes one signal, as handlers do that tidy up: it puts back what it found, and sends the
// signal again.
int (*sendAgain)(int signo);

void onLast(int signo) {
  careful++;
  install(signo, found);
  sendAgain(signo);
}

int raiseAgain(int signo) { return raise(signo); }
int queueAgain(int signo) { return sigqueue(getpid(), signo, {}); }
int killAgain(int signo) { return kill(getpid(), signo); }
int sendNone(int) { return 0; }

void installLast(int signo, int (*how)(int)) {
  sendAgain = how;
  careful = 0;
  found = standing(signo);
  Action action = defaultAction();
  action.sa_handler = onLast;
  install(signo, action);
}

}  // namespace

TEST_APART(Displaced, IsNoticedAndLeftAlone) {
  Listener listener;
  install(SIGUSR2, ignoreAction());
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  EXPECT_FALSE(registry().view(SIGUSR2).displaced);
  const Action theirs = install(SIGUSR2, foreignAction());
  EXPECT_TRUE(registry().view(SIGUSR2).displaced);
  listener.unsubscribe(SIGUSR2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), theirs));
  EXPECT_FALSE(registry().isManaged(SIGUSR2));
}

TEST_APART(Displaced, OursHearsThroughWhoCallsIt) {
  Listener listener;
  install(SIGUSR2, foreignAction());
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  const Action theirs = installCareful(SIGUSR2);
  raise(SIGUSR2);
  EXPECT_EQ(careful, 1);
  EXPECT_EQ(foreignCalls(), 1);
  EXPECT_EQ(listener.take().size(), 1u);
  // Nobody listens any more: what it calls is what stood before us.
  listener.unsubscribe(SIGUSR2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), theirs));
  raise(SIGUSR2);
  EXPECT_EQ(careful, 2);
  EXPECT_EQ(foreignCalls(), 2);
  EXPECT_EQ(listener.take().size(), 0u);
}

TEST_APART(Displaced, WhoCallsOursIsNotKilledByTheDefaultBelowIt) {
  for (const int signo : {SIGUSR2, SIGALRM, SIGPIPE, SIGRTMIN + 5}) {
    Listener listener;
    install(signo, defaultAction());
    ASSERT_EQ(listener.subscribe(signo), 0);
    const Action theirs = installCareful(signo);
    listener.unsubscribe(signo);
    EXPECT_TRUE(sameAction(standing(signo), theirs));
    careful = 0;
    for (int turn = 1; turn <= 2; turn++) {
      raise(signo);
      EXPECT_EQ(careful, turn);
      EXPECT_TRUE(sameAction(standing(signo), theirs));
    }
  }
}

TEST_APART(Displaced, NorIsWhoCallsItFromTheMidstOfOurs) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  installCareful(SIGUSR2);
  ASSERT_EQ(registry().reclaim(SIGUSR2), 0);
  // Nobody takes it in a child.
  EXPECT_EQ(endOf([] {
              raise(SIGUSR2);
              EXPECT_EQ(careful, 1);
            }),
            0);
}

TEST(Displaced, WhoTidiesUpAndCallsOursHasTheDefaultFollow) {
  for (const int signo : {SIGHUP, SIGTERM, SIGABRT, SIGQUIT}) {
    const int status = endOf([&] {
      Listener listener;
      install(signo, defaultAction());
      ASSERT_EQ(listener.subscribe(signo), 0);
      installCareful(signo);
      listener.unsubscribe(signo);
      raise(signo);
    });
    EXPECT_TRUE(diedOf(signo, status)) << signo;
  }
}

TEST_APART(Displaced, WhoPutsOursBackAndSendsItAgainHandsItOn) {
  for (const int signo : {SIGUSR2, SIGTERM}) {
    install(signo, foreignAction());
    Listener listener;
    ASSERT_EQ(listener.subscribe(signo), 0);
    for (const auto how : {raiseAgain, killAgain, queueAgain, sendNone}) {
      installLast(signo, how);
      ASSERT_EQ(registry().reclaim(signo), 0);
      const int below = foreignCalls();
      raise(signo);
      EXPECT_EQ(careful, 1);
      EXPECT_EQ(listener.take().size(), 1u);
      EXPECT_EQ(foreignCalls() - below, how == sendNone ? 0 : 1);
      // What comes then is new: it has gone.
      if (how == sendNone) continue;
      raise(signo);
      EXPECT_EQ(careful, 1);
      EXPECT_EQ(listener.take().size(), 1u);
      EXPECT_EQ(foreignCalls() - below, 2);
    }
  }
}

TEST_APART(Displaced, ANewListenerIsOnTopAndEachIsCalledOnce) {
  Listener listener;
  const Action before = install(SIGUSR2, foreignAction());
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  const Action theirs = installCareful(SIGUSR2);
  listener.unsubscribe(SIGUSR2);
  for (int turn = 1; turn <= 3; turn++) {
    ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
    EXPECT_TRUE(isOurs(standing(SIGUSR2)));
    raise(SIGUSR2);
    EXPECT_EQ(listener.take().size(), 1u);
    EXPECT_EQ(careful, turn);
    EXPECT_EQ(foreignCalls(), turn);
    listener.unsubscribe(SIGUSR2);
    EXPECT_TRUE(sameAction(standing(SIGUSR2), theirs));
  }
  // They put ours back, which nobody listens to; the next listener starts from what it stands for.
  install(SIGUSR2, found);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 4);
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  raise(SIGUSR2);
  EXPECT_EQ(listener.take().size(), 1u);
  EXPECT_EQ(foreignCalls(), 5);
  EXPECT_EQ(careful, 3);
  listener.unsubscribe(SIGUSR2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), before));
}

TEST_APART(Displaced, OursPutBackByThemIsFound) {
  Listener listener;
  const Action before = install(SIGUSR2, foreignAction());
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  installCareful(SIGUSR2);
  install(SIGUSR2, found);
  EXPECT_FALSE(registry().view(SIGUSR2).displaced);
  raise(SIGUSR2);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.unsubscribe(SIGUSR2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), before));
}

TEST_APART(Displaced, WhatWasDoneToOtherThreadsIsUndone) {
  WaitingThread thread;
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGRTMIN + 5), 0);
  EXPECT_EQ(thread.blocked(), bitOf(SIGRTMIN + 5));
  install(SIGRTMIN + 5, foreignAction());
  listener.unsubscribe(SIGRTMIN + 5);
  EXPECT_EQ(thread.blocked(), 0u);
}

TEST_APART(Runtime, ItsHandlersThatEndTheProcessAreNotCalled) {
  // This program stands for the runtime: the C library's handler is in it.
  Registry::instance();  // what stood at the start is something else
  const Action once = install(SIGUSR2, foreignAction(static_cast<int>(SA_RESETHAND)));
  const Action keeps = install(SIGHUP, foreignAction());
  setRuntimeAnchor(addressOf(once));
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  ASSERT_EQ(listener.subscribe(SIGHUP), 0);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 0);
  raise(SIGHUP);
  EXPECT_EQ(foreignCalls(), 1);
  listener.forget();
  EXPECT_TRUE(sameAction(standing(SIGUSR2), once));
  EXPECT_TRUE(sameAction(standing(SIGHUP), keeps));
}

TEST_APART(Runtime, TheHandlerThatEndsTheProcessIsKnownWhenItIsPutBackWithOtherFlags) {
  const Action once = install(SIGUSR2, foreignAction(static_cast<int>(SA_RESETHAND)));
  setRuntimeAnchor(addressOf(once));
  Registry::instance();
  const Action changed = install(SIGUSR2, foreignAction(SA_RESTART));
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 0);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.forget();
  EXPECT_TRUE(sameAction(standing(SIGUSR2), changed));
}

}  // namespace sigbridge::test
