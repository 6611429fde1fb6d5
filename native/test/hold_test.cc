// The first of two phases: what arrives is kept, in order, until it is released.
#include "engine/handler/hold.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "foreign.h"
#include "listener.h"
#include "senders.h"
#include "small_peer.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

Registry& registry() { return Registry::instance(); }

Hold* newHold(std::initializer_list<int> signals) {
  Hold* hold = new Hold();
  EXPECT_TRUE(hold->open());
  for (const int signo : signals) EXPECT_EQ(registry().hold(hold, signo), 0);
  return hold;
}

void release(Hold* hold, bool deliver = true) {
  registry().release(hold, deliver);
  delete hold;
}

std::vector<int> signalsIn(const std::vector<Record>& records) {
  std::vector<int> signals;
  for (const Record& record : records) signals.push_back(record.signo);
  return signals;
}

}  // namespace

// Who asked whether it gives way, and was told that it does not, has nobody else to turn to.
TEST_APART(Hold, KeepsWhatItIsGivenAlsoWhenItGivesWayByThen) {
  Hold hold;
  ASSERT_TRUE(hold.open());
  hold.giveWayAfter(1);
  Record record = {};
  record.signo = SIGINT;
  EXPECT_TRUE(hold.keep(record));
  EXPECT_TRUE(hold.givesWayTo(SIGINT));
  EXPECT_TRUE(hold.givesWayTo(SIGTERM));
  EXPECT_TRUE(hold.keep(record));
  EXPECT_EQ(hold.countOf(SIGINT), 2u);
}

TEST_APART(Hold, KeepsInOrderForWhoeverListensByThen) {
  Hold* hold = newHold({SIGTERM, SIGINT, SIGUSR2});
  raise(SIGINT);
  raise(SIGTERM);
  raise(SIGTERM);
  raise(SIGUSR2);
  EXPECT_EQ(hold->countOf(SIGTERM), 2u);
  EXPECT_EQ(hold->countOf(SIGINT), 1u);
  EXPECT_EQ(hold->countOf(SIGHUP), 0u);
  Listener listener;
  for (const int signo : {SIGTERM, SIGINT, SIGUSR2}) ASSERT_EQ(listener.subscribe(signo), 0);
  EXPECT_EQ(listener.take().size(), 0u);
  release(hold);
  EXPECT_EQ(signalsIn(listener.take()), (std::vector<int>{SIGINT, SIGTERM, SIGTERM, SIGUSR2}));
  raise(SIGTERM);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.forget();
  for (const int signo : {SIGTERM, SIGINT, SIGUSR2}) EXPECT_TRUE(isDefault(standing(signo)));
}

TEST_APART(Hold, KeepsFromThoseWhoListenedBefore) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  Hold* hold = newHold({SIGUSR2});
  raise(SIGUSR2);
  EXPECT_EQ(listener.take().size(), 0u);
  release(hold);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.forget();
}

TEST(Hold, WhatNobodyListensToTakesTheActionBefore) {
  const auto afterwards = [](const Action& before, bool deliver) {
    return endOf([&] {
      writeAction(SIGUSR2, before);
      Hold* hold = newHold({SIGUSR2});
      raise(SIGUSR2);
      release(hold, deliver);
      EXPECT_EQ(foreignCalls(), isHandler(before) ? 1 : 0);
      EXPECT_EQ(addressOf(standing(SIGUSR2)), addressOf(before));
    });
  };
  EXPECT_TRUE(diedOf(SIGUSR2, afterwards(defaultAction(), true)));
  EXPECT_EQ(afterwards(defaultAction(), false), 0);
  EXPECT_EQ(afterwards(ignoreAction(), true), 0);
  EXPECT_EQ(afterwards(foreignAction(), true), 0);
  EXPECT_EQ(afterwards(foreignAction(), false), 0);
}

TEST_APART(Hold, AHandlerBeforeIsCalledAtOnce) {
  const Action before = install(SIGUSR2, foreignAction());
  Hold* hold = newHold({SIGUSR2});
  raise(SIGUSR2);
  EXPECT_EQ(foreignCalls(), 1);
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  release(hold);
  EXPECT_EQ(foreignCalls(), 1);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.forget();
  EXPECT_TRUE(sameAction(standing(SIGUSR2), before));
}

TEST_APART(Hold, ASecondOneGetsWhatTheFirstLetsGo) {
  Hold* first = newHold({SIGUSR2});
  Hold* second = newHold({SIGUSR2});
  raise(SIGUSR2);
  Listener listener;
  ASSERT_EQ(listener.subscribe(SIGUSR2), 0);
  release(first);
  EXPECT_EQ(listener.take().size(), 0u);
  raise(SIGUSR2);
  release(second);
  EXPECT_EQ(listener.take().size(), 2u);
  listener.forget();
}

TEST_APART(Hold, ThePeerHearsLate) {
  SmallPeer* peer = new SmallPeer();
  registry().setPeer(peer);
  Hold* hold = newHold({SIGUSR2});
  peer->watch(SIGUSR2);
  registry().peerNoticed(SIGUSR2);
  raise(SIGUSR2);
  raise(SIGUSR2);
  EXPECT_EQ(SmallPeer::calls(SIGUSR2), 0);
  release(hold);
  EXPECT_EQ(SmallPeer::calls(SIGUSR2), 2);
  EXPECT_TRUE(sameAction(standing(SIGUSR2), *peer->action()));
}

namespace {

struct Flood {
  static constexpr int kCount = 10000;
  const int signo = SIGRTMIN + 5;
  NumberedFire fire{signo, kCount};
  Hold* hold = nullptr;
  Listener listener;
  std::vector<Record> records;
  sem_t done;
};

// On another thread, while the main one takes the signals: released in the midst of them.
void releaseUnderFire(void* argument) {
  Flood* flood = static_cast<Flood*>(argument);
  while (!sleeps(getpid())) sched_yield();
  flood->fire.begin();
  while (flood->hold->countOf(flood->signo) < Flood::kCount / 4) sched_yield();
  release(flood->hold);
  flood->records = flood->listener.waitFor(Flood::kCount);
  sem_post(&flood->done);
}

}  // namespace

TEST_APART(Hold, IsReleasedUnderFireWithoutLossAndInOrder) {
  Flood flood;
  sem_init(&flood.done, 0, 0);
  WaitingThread receiver;
  flood.hold = newHold({flood.signo});
  ASSERT_EQ(flood.listener.subscribe(flood.signo), 0);
  EXPECT_NE(receiver.blocked(), 0u);
  receiver.start(releaseUnderFire, &flood);
  while (sem_wait(&flood.done) != 0) {
  }
  receiver.settle();
  ASSERT_EQ(flood.records.size(), static_cast<size_t>(Flood::kCount));
  int outOfOrder = 0;
  for (int n = 0; n < Flood::kCount; n++) outOfOrder += valueOf(flood.records[n]) == n ? 0 : 1;
  EXPECT_EQ(outOfOrder, 0);
  flood.listener.forget();
}

}  // namespace sigbridge::test
