// on() and close() in turn: who is parked hears nothing, and is gone for everybody else.
#include "engine/control/parking.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "foreign.h"
#include "listener.h"
#include "small_peer.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;
constexpr int kHarmless = SIGURG;  // by default nothing happens

Registry& registry() { return Registry::instance(); }

// Kept by the registry to the end of the process.
SmallPeer* peer;

void begin() {
  peer = new SmallPeer();
  peer->postpones = true;
  registry().setPeer(peer);
}

bool park(Listener* listener, int signo = kSignal) {
  return sigbridge::park(receiverOf(listener->inbox()), signo);
}

bool unpark(Listener* listener, int signo = kSignal, bool wantsPrevious = true) {
  return sigbridge::unpark(receiverOf(listener->inbox()), signo, wantsPrevious,
                           Ordering::kWhereHarmless);
}

void parked(Listener* listener) {
  begin();
  ASSERT_EQ(listener->subscribe(kSignal), 0);
  ASSERT_TRUE(park(listener));
}

int endOfParked(void (*then)()) {
  return endOf([then] {
    Listener listener;
    parked(&listener);
    then();
  });
}

}  // namespace

TEST(Parking, TheSignalDoesWhatItDoesWithoutUs) {
  EXPECT_TRUE(diedOf(kSignal, endOfParked([] { raise(kSignal); })));
  EXPECT_TRUE(diedOf(kSignal, endOfParked([] { kill(getpid(), kSignal); })));
  EXPECT_TRUE(diedOf(kSignal, endOfParked([] { std::thread([] { raise(kSignal); }).join(); })));
}

TEST(Parking, SoItDoesWhateverIsAskedMeanwhile) {
  EXPECT_TRUE(diedOf(kSignal, endOfParked([] {
                       EXPECT_FALSE(registry().isManaged(kSignal));
                       raise(kSignal);
                     })));
  EXPECT_TRUE(diedOf(kSignal, endOfParked([] {
                       registry().tend();
                       EXPECT_TRUE(isDefault(standing(kSignal)));
                       raise(kSignal);
                     })));
}

TEST_APART(Parking, WhoComesBackHearsAgain) {
  Listener listener;
  parked(&listener);
  EXPECT_TRUE(registry().needsTending());
  ASSERT_TRUE(unpark(&listener));
  EXPECT_FALSE(unpark(&listener));
  raise(kSignal);
  EXPECT_EQ(listener.take().size(), 1u);
  EXPECT_TRUE(registry().isManaged(kSignal));
  ASSERT_TRUE(park(&listener));
  EXPECT_FALSE(park(&listener));
}

TEST_APART(Parking, WhatComesMeanwhileIsNotForTheNext) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kHarmless), 0);
  ASSERT_TRUE(park(&listener, kHarmless));
  raise(kHarmless);
  ASSERT_TRUE(unpark(&listener, kHarmless));
  EXPECT_EQ(listener.take().size(), 0u);
}

TEST_APART(Parking, ThePeersOwnHearMeanwhile) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  peer->watch(kSignal);
  registry().peerNoticed(kSignal);
  ASSERT_TRUE(park(&listener));
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 1);
  EXPECT_EQ(listener.take().size(), 0u);
  registry().tend();
  EXPECT_TRUE(sameAction(standing(kSignal), *peer->action()));
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 2);
}

TEST_APART(Parking, ThePeersOwnThatComeMeanwhileHear) {
  Listener listener;
  parked(&listener);
  peer->watch(kSignal);
  registry().peerNoticed(kSignal);
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 1);
  registry().tend();
  EXPECT_TRUE(sameAction(standing(kSignal), *peer->action()));
}

TEST_APART(Parking, EverybodyElseFindsItClosed) {
  Listener listener;
  parked(&listener);
  Action stood;
  EXPECT_EQ(registry().read(kSignal, &stood), 0);
  EXPECT_TRUE(isDefault(stood));
  EXPECT_FALSE(unpark(&listener));

  ASSERT_EQ(listener.subscribe(kSignal), 0);
  ASSERT_TRUE(park(&listener));
  EXPECT_EQ(registry().change(kSignal, ignoreAction(), Registry::Where::kUnheard), 0);
  raise(kSignal);
  EXPECT_TRUE(isIgnore(standing(kSignal)));
}

TEST_APART(Parking, AnotherUserIsServedAlone) {
  Listener listener;
  parked(&listener);
  Listener other;
  ASSERT_EQ(other.subscribe(kSignal), 0);
  raise(kSignal);
  EXPECT_EQ(other.take().size(), 1u);
  EXPECT_EQ(listener.take().size(), 0u);
  EXPECT_FALSE(unpark(&listener));
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_FALSE(park(&listener));
}

TEST_APART(Parking, AHoldKeepsWhatComesAfterIt) {
  Listener listener;
  parked(&listener);
  Hold* hold = new Hold();
  ASSERT_TRUE(hold->open());
  ASSERT_EQ(registry().hold(hold, kSignal), 0);
  raise(kSignal);
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_FALSE(park(&listener));
  EXPECT_TRUE(registry().release(hold, true));
  registry().retire(hold);
  EXPECT_EQ(listener.take().size(), 1u);
}

TEST_APART(Parking, NobodyIsParkedOverAnythingButTheDefault) {
  begin();
  Listener listener;
  for (const Action& action : {ignoreAction(), foreignAction(SA_RESTART)}) {
    install(kSignal, action);
    ASSERT_EQ(listener.subscribe(kSignal), 0);
    EXPECT_FALSE(park(&listener));
    listener.unsubscribe(kSignal);
  }
  install(kSignal, defaultAction());
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  peer->postpones = false;  // off the loop's thread
  EXPECT_FALSE(park(&listener));
  peer->postpones = true;
  peer->blind = true;  // somebody may watch of whom nobody tells
  EXPECT_FALSE(park(&listener));
}

TEST_APART(Parking, WhoWantsSomethingElseComesTheUsualWay) {
  Listener listener;
  parked(&listener);
  EXPECT_FALSE(unpark(&listener, kSignal, false));
  ASSERT_EQ(listener.subscribe(kSignal, false), 0);
  raise(kSignal);
  EXPECT_EQ(listener.take().size(), 1u);
}

TEST_APART(Parking, WhoInstallsOverUsMeanwhileIsSeen) {
  Listener listener;
  parked(&listener);
  install(kSignal, foreignAction());
  EXPECT_FALSE(unpark(&listener));
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  raise(kSignal);
  EXPECT_EQ(listener.take().size(), 1u);
  EXPECT_EQ(foreignCalls(), 1);
}

TEST_APART(Parking, AtTheEndOfTheProcessItHasGone) {
  Listener listener;
  parked(&listener);
  registry().silence(receiverOf(listener.inbox()));
  EXPECT_FALSE(registry().isManaged(kSignal));
  EXPECT_FALSE(unpark(&listener));
}

// What is sent while it listens is heard, whoever ends the parking, from whichever thread.
TEST_APART(Parking, NothingIsLostToThreadsThatAsk) {
  begin();
  Listener listener;
  std::atomic<bool> over{false};
  std::thread asks([&] {
    while (!over.load()) registry().isManaged(kHarmless);
  });
  EXPECT_EQ(listener.subscribe(kHarmless), 0);
  int lost = 0;
  for (int round = 0; round < 3000; round++) {
    if (!park(&listener, kHarmless)) listener.unsubscribe(kHarmless);
    raise(kHarmless);
    if (!unpark(&listener, kHarmless)) listener.subscribe(kHarmless);
    raise(kHarmless);
    if (listener.take().size() != 1) lost++;
  }
  EXPECT_EQ(lost, 0);
  over.store(true);
  asks.join();
}

}  // namespace sigbridge::test
