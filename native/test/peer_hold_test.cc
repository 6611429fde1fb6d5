// The peer's hold is taken a turn later, and nobody notices.
#include <errno.h>
#include <gtest/gtest.h>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "foreign.h"
#include "listener.h"
#include "small_peer.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;

Registry& registry() { return Registry::instance(); }

// Kept by the registry to the end of the process.
SmallPeer* peer;

void begin() {
  peer = new SmallPeer();
  peer->postpones = true;
  peer->postponesHold = true;
  registry().setPeer(peer);
}

void expectBothHear(Listener* listener) {
  const int before = SmallPeer::calls(kSignal);
  listener->take();
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), before + 1);
  EXPECT_EQ(listener->take().size(), 1u);
}

}  // namespace

TEST_APART(PeerHold, ComesWithTheTurn) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_FALSE(peer->holds(kSignal));
  EXPECT_TRUE(registry().needsTending());
  registry().tend();
  EXPECT_TRUE(peer->holds(kSignal));
  EXPECT_TRUE(isOurs(standing(kSignal)));
  raise(kSignal);
  EXPECT_EQ(listener.take().size(), 1u);
}

TEST_APART(PeerHold, IsNotTakenForWhoHasGoneByThen) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  listener.unsubscribe(kSignal);
  EXPECT_TRUE(isDefault(standing(kSignal)));
  registry().tend();
  EXPECT_FALSE(peer->holds(kSignal));
  EXPECT_FALSE(registry().needsTending());
}

TEST_APART(PeerHold, IsTakenBeforeWhoIsAnnounced) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  registry().holdNow(kSignal);
  peer->watch(kSignal);
  EXPECT_TRUE(isOurs(standing(kSignal)));
  registry().peerNoticed(kSignal);
  expectBothHear(&listener);
  peer->unwatch(kSignal);
  registry().peerLeft(kSignal);
  EXPECT_TRUE(isOurs(standing(kSignal)));
}

TEST_APART(PeerHold, ComesAtOnceWhereSomebodyWatchesOrMay) {
  begin();
  peer->watch(kSignal);
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_TRUE(peer->holds(kSignal));
  peer->blind = true;
  ASSERT_EQ(listener.subscribe(SIGUSR1), 0);
  EXPECT_TRUE(peer->holds(SIGUSR1));
}

TEST_APART(PeerHold, FindsWhoCameWithoutAWord) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  peer->watch(kSignal);
  EXPECT_FALSE(isOurs(standing(kSignal)));
  registry().tend();
  EXPECT_TRUE(isOurs(standing(kSignal)));
  expectBothHear(&listener);
  listener.unsubscribe(kSignal);
  EXPECT_TRUE(sameAction(standing(kSignal), *peer->action()));
}

TEST_APART(PeerHold, LeavesAHandlerThatWasInstalledMeanwhile) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  const Action theirs = install(kSignal, foreignAction());
  registry().tend();
  EXPECT_TRUE(peer->holds(kSignal));
  EXPECT_TRUE(sameAction(standing(kSignal), theirs));
  ASSERT_EQ(registry().reclaim(kSignal), 0);
  raise(kSignal);
  EXPECT_EQ(listener.take().size(), 1u);
  EXPECT_EQ(foreignCalls(), 1);
}

TEST_APART(PeerHold, WhatComesInItsInstantIsNotLost) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  peer->inTheInstant = [](int signo) {
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signo);
    pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    raise(signo);
    pthread_sigmask(SIG_BLOCK, &only, nullptr);
  };
  registry().tend();
  registry().tend();
  EXPECT_EQ(listener.take().size(), 1u);
}

TEST_APART(PeerHold, IsNotTakenAtTheEndOfTheProcess) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  registry().silence(receiverOf(listener.inbox()));
  registry().tend();
  EXPECT_FALSE(peer->holds(kSignal));
}

// One of several, or all at once.
TEST_APART(PeerHold, WaitsForSeveralThatComeAtOnce) {
  begin();
  install(SIGUSR1, ignoreAction());
  install(SIGWINCH, foreignAction());
  Listener listener;
  Wish wishes[] = {{kSignal, 1, 0}, {SIGUSR1, 1, 0}, {SIGWINCH, 0, 0}};
  ASSERT_EQ(registry().subscribe(receiverOf(listener.inbox()), wishes, 3), 0);
  EXPECT_EQ(wishes[0].signo, 0);
  EXPECT_EQ(wishes[1].signo, 1);
  EXPECT_EQ(wishes[2].signo, 2);
  for (int signo : {kSignal, SIGUSR1, SIGWINCH}) {
    raise(signo);
    EXPECT_EQ(listener.take().size(), 1u);
  }
  EXPECT_EQ(foreignCalls(), 0);  // left out by who does not want it
  registry().tend();
  EXPECT_TRUE(peer->holds(SIGWINCH));
}

TEST_APART(PeerHold, OfNoneWhereOneIsRefused) {
  begin();
  Listener listener;
  Wish wishes[] = {{kSignal, 1, 0}, {SIGUSR1, 1, 0}, {SIGKILL, 1, 0}};
  EXPECT_EQ(registry().subscribe(receiverOf(listener.inbox()), wishes, 3), EINVAL);
  EXPECT_TRUE(isDefault(standing(kSignal)));
  EXPECT_TRUE(isDefault(standing(SIGUSR1)));
  EXPECT_FALSE(registry().isManaged(SIGUSR1));
}

}  // namespace sigbridge::test
