// Our handler and the registry on real signals: who is called, with what, and what stands when
// nobody listens any more.
#include <errno.h>
#include <gtest/gtest.h>
#include <setjmp.h>
#include <unistd.h>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "engine/signal/signals.h"
#include "foreign.h"
#include "listener.h"
#include "senders.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

Registry& registry() { return Registry::instance(); }

siginfo_t infoOf(const Record& record) {
  siginfo_t info;
  sigbridge::infoOf(record, &info);
  return info;
}

}  // namespace

TEST_APART(Handler, CapturesWhoSentASignalAndWhen) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGTERM), 0);
  const int64_t before = monotonicNow();
  const pid_t sender = fork();
  if (sender == 0) {
    kill(getppid(), SIGTERM);
    _exit(0);
  }
  const std::vector<Record> records = listener.waitFor(1);
  const int64_t after = monotonicNow();
  waitpid(sender, nullptr, 0);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].signo, SIGTERM);
  EXPECT_EQ(infoOf(records[0]).si_code, SI_USER);
  EXPECT_EQ(infoOf(records[0]).si_pid, sender);
  EXPECT_EQ(infoOf(records[0]).si_uid, getuid());
  EXPECT_GE(records[0].timestamp, before);
  EXPECT_LE(records[0].timestamp, after);
  EXPECT_EQ(records[0].coalesced, 0u);
  listener.unsubscribe(SIGTERM);
}

TEST_APART(Handler, CapturesFromRaiseThreadAndQueue) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  raise(SIGUSR2);
  pthread_kill(pthread_self(), SIGUSR2);
  union sigval value;
  value.sival_int = -7;
  queueHere(SIGUSR2, value);
  const std::vector<Record> records = listener.waitFor(3);
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(infoOf(records[0]).si_code, SI_TKILL);
  EXPECT_EQ(infoOf(records[1]).si_code, SI_TKILL);
  EXPECT_EQ(infoOf(records[2]).si_code, SI_QUEUE);
  EXPECT_EQ(valueOf(records[2]), -7);
  listener.unsubscribe(SIGUSR2);
}

TEST_APART(Handler, IsInstalledAsItSays) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), install(SIGUSR1, ourAction())));
  EXPECT_EQ(standing(SIGUSR2).sa_flags & (SA_SIGINFO | SA_RESTART | SA_ONSTACK | SA_NODEFER),
            SA_SIGINFO | SA_RESTART | SA_ONSTACK);
  EXPECT_TRUE(isOurs(standing(SIGUSR2)));
  EXPECT_EQ(bitsOf(standing(SIGUSR2).sa_mask) | bitOf(SIGKILL) | bitOf(SIGSTOP),
            ~(bitOf(SIGRTMIN) - bitOf(32)));
  listener.unsubscribe(SIGUSR2);
}

TEST_APART(Handler, LeavesErrnoAlone) {
  Listener listener;
  ASSERT_EQ(writeAction(SIGUSR2, foreignAction()), 0);
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  errno = ENOTTY;
  raise(SIGUSR2);
  EXPECT_EQ(errno, ENOTTY);
  EXPECT_EQ(foreignCalls(), 1);
  listener.unsubscribe(SIGUSR2);
}

TEST_APART(Handler, EachListenerGetsEachSignal) {
  Listener first;
  Listener second;
  FlagWords flag = {};
  ASSERT_EQ(first.subscribe(SIGUSR2), 0);
  ASSERT_EQ(second.subscribe(SIGUSR2), 0);
  ASSERT_EQ(registry().subscribe({nullptr, &flag}, SIGUSR2, true), 0);
  EXPECT_EQ(flag.raised.load(), 0);
  raise(SIGUSR2);
  raise(SIGUSR2);
  EXPECT_EQ(first.take().size(), 2u);
  EXPECT_EQ(second.take().size(), 2u);
  EXPECT_EQ(flag.raised.load(), 1);
  EXPECT_EQ(flag.count.load(), 2);
  first.unsubscribe(SIGUSR2);
  raise(SIGUSR2);
  EXPECT_EQ(first.take().size(), 0u);
  EXPECT_EQ(second.take().size(), 1u);
  EXPECT_EQ(flag.count.load(), 3);
  registry().forget({nullptr, &flag});
  second.forget();
  EXPECT_TRUE(isDefault(standing(SIGUSR2)));
}

TEST_APART(Handler, AForgottenListenerIsOutOfEverySignal) {
  Listener listener;
  for (const int signo : {SIGHUP, SIGUSR2, SIGRTMIN + 5}) {
    ASSERT_EQ(listener.subscribe(signo), 0);
    EXPECT_TRUE(registry().isManaged(signo));
  }
  listener.forget();
  for (const int signo : {SIGHUP, SIGUSR2, SIGRTMIN + 5}) {
    EXPECT_FALSE(registry().isManaged(signo));
    EXPECT_TRUE(isDefault(standing(signo))) << signo;
  }
}

TEST_APART(Handler, ARefusedSubscriptionLeavesNothingBehind) {
  Listener listener;
  EXPECT_EQ(listener.subscribe(SIGKILL), EINVAL);
  EXPECT_FALSE(registry().isManaged(SIGKILL));
  EXPECT_EQ(listener.subscribe(SIGKILL), EINVAL);
}

TEST_APART(Handler, TheHandlerBeforeIsCalledOnceUnderItsOwnMask) {
  Listener listener;
  const Action before = install(SIGUSR2, foreignAction());
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 1);
  EXPECT_EQ(foreignMask(), bitOf(SIGUSR2) | bitOf(SIGHUP) | bitOf(SIGRTMIN + 9));
  EXPECT_EQ(listener.take().size(), 1u);
  EXPECT_EQ(ownBlocked(), 0u);
  const View view = registry().view(SIGUSR2);
  EXPECT_TRUE(view.managed);
  EXPECT_TRUE(view.callPrevious);
  EXPECT_FALSE(view.displaced);
  EXPECT_TRUE(sameAction(registry().handlersBelow(SIGUSR2).front(), before));
  listener.unsubscribe(SIGUSR2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), before));
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 2);
}

TEST_APART(Handler, TheHandlerBeforeIsLeftOutIfNobodyWantsIt) {
  Listener wants;
  Listener wantsNot;
  const Action before = install(SIGUSR2, foreignAction());
  ASSERT_EQ(wantsNot.subscribe(SIGUSR2, false), 0);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 0);
  EXPECT_FALSE(registry().view(SIGUSR2).callPrevious);
  ASSERT_EQ(wants.subscribe(SIGUSR2, true), 0);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 1);
  ASSERT_EQ(wants.subscribe(SIGUSR2, false), 0);  // changes its mind
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 1);
  EXPECT_EQ(wants.take().size(), 2u);
  wants.unsubscribe(SIGUSR2);
  wantsNot.unsubscribe(SIGUSR2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), before));
}

TEST_APART(Handler, AHandlerBeforeThatNeverReturnsHoldsNothingUp) {
  static sigjmp_buf back;
  Action action = defaultAction();
  action.sa_handler = [](int) { siglongjmp(back, 1); };
  ASSERT_EQ(writeAction(SIGUSR2, action), 0);
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  for (volatile int turn = 0; turn < 3; turn = turn + 1) {
    if (sigsetjmp(back, 1) == 0) {
      raise(SIGUSR2);
      FAIL();
    }
  }
  EXPECT_EQ(listener.take().size(), 3u);
  listener.unsubscribe(SIGUSR2);  // would wait for ever for a handler that is still inside
  EXPECT_EQ(addressOf(standing(SIGUSR2)), addressOf(action));
}

TEST_APART(Handler, AOneShotBeforeHasItsOneCallAndIsSpent) {
  Listener listener;
  install(SIGUSR2, foreignAction(static_cast<int>(SA_RESETHAND)));
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  raise(SIGUSR2);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 1);
  EXPECT_EQ(listener.take().size(), 2u);
  listener.unsubscribe(SIGUSR2);
  EXPECT_TRUE(isDefault(standing(SIGUSR2)));
}

TEST_APART(Handler, AOneShotBeforeThatWasNotCalledComesBackWhole) {
  Listener listener;
  const Action before = install(SIGUSR2, foreignAction(static_cast<int>(SA_RESETHAND)));
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  listener.unsubscribe(SIGUSR2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), before));
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 1);
  listener.unsubscribe(SIGUSR2);
}

TEST_APART(Handler, AnIgnoredSignalArrivesAndIsIgnoredAgain) {
  Listener listener;
  Action ignored = ignoreAction();
  ignored.sa_flags = SA_RESTART;
  sigaddset(&ignored.sa_mask, SIGINT);
  const Action before = install(SIGHUP, ignored);
  ASSERT_EQ(listener.subscribe(SIGHUP), 0);
  raise(SIGHUP);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.unsubscribe(SIGHUP);
  EXPECT_TRUE(isIgnore(standing(SIGHUP)));
  EXPECT_TRUE(sameAction(standing(SIGHUP), before));
  raise(SIGHUP);
}

TEST_APART(Handler, EveryKindOfActionComesBackInEachField) {
  Listener listener;
  const int all[] = {SA_RESTART,   static_cast<int>(SA_NODEFER),
                     SA_ONSTACK,   SA_NOCLDSTOP,
                     SA_NOCLDWAIT, SA_RESTART | static_cast<int>(SA_NODEFER | SA_RESETHAND)};
  for (const int signo : {SIGHUP, SIGCHLD, SIGWINCH, SIGRTMIN + 2, SIGRTMAX}) {
    for (const int flags : all) {
      const Action before = install(signo, foreignAction(flags));
      ASSERT_EQ(listener.subscribe(signo), 0);
      EXPECT_TRUE(isOurs(standing(signo)));
      listener.unsubscribe(signo);
      EXPECT_TRUE(sameAction(standing(signo), before)) << signo << " " << flags;
    }
  }
}

TEST(Handler, SomebodyElsesCopyOfItStandsInForWhatStoodBefore) {
  // Saved by a library while we stood, and called after we have left.
  const auto afterwards = [](const Action& before) {
    return endOf([&] {
      Listener listener;
      writeAction(SIGUSR2, before);
      listener.subscribe(SIGUSR2);
      const Action saved = standing(SIGUSR2);
      listener.unsubscribe(SIGUSR2);
      writeAction(SIGUSR2, saved);
      raise(SIGUSR2);
      EXPECT_EQ(listener.take().size(), 0u);
      EXPECT_EQ(foreignCalls(), isHandler(before) ? 1 : 0);
    });
  };
  EXPECT_EQ(afterwards(ignoreAction()), 0);
  EXPECT_EQ(afterwards(foreignAction()), 0);
  EXPECT_TRUE(diedOf(SIGUSR2, afterwards(defaultAction())));
}

}  // namespace sigbridge::test
