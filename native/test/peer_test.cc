// Beside another dispatcher in the same process, which knows nothing of us: both hear, and neither
// takes the disposition from the other.
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "foreign.h"
#include "listener.h"
#include "senders.h"
#include "small_peer.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;

Registry& registry() { return Registry::instance(); }

// Kept by the registry to the end of the process.
SmallPeer* peer;

void begin() {
  peer = new SmallPeer();
  registry().setPeer(peer);
}

// On a thread that takes it at once: the one that changes a signal takes none meanwhile.
void raiseElsewhere(int signo) {
  std::thread([signo] {
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, signo);
    pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    raise(signo);
  }).join();
}

}  // namespace

TEST_APART(Peer, ThatWatchedBeforeHearsTooAndStandsAgainAfterwards) {
  begin();
  peer->watch(kSignal);
  const Action before = standing(kSignal);
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_TRUE(isOurs(standing(kSignal)));
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 1);
  const std::vector<Record> records = listener.take();
  ASSERT_EQ(records.size(), 1u);
  EXPECT_TRUE(records[0].peerCalled);
  EXPECT_TRUE(registry().view(kSignal).peerListens);
  EXPECT_FALSE(registry().view(kSignal).callPrevious);  // not twice

  listener.unsubscribe(kSignal);
  EXPECT_TRUE(sameAction(standing(kSignal), before));
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 2);
  peer->unwatch(kSignal);
  EXPECT_TRUE(isDefault(standing(kSignal)));
}

TEST_APART(Peer, ThatBeginsLaterLeavesOursInPlace) {
  begin();
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_FALSE(registry().view(kSignal).peerListens);
  peer->watch(kSignal);
  registry().peerNoticed(kSignal);
  EXPECT_TRUE(isOurs(standing(kSignal)));
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 1);
  EXPECT_EQ(listener.take().size(), 1u);

  peer->unwatch(kSignal);
  registry().peerLeft(kSignal);
  EXPECT_TRUE(isOurs(standing(kSignal)));
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 1);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.unsubscribe(kSignal);
  EXPECT_TRUE(isDefault(standing(kSignal)));
}

TEST_APART(Peer, WhatStoodComesBackIfItsLastWatcherWentMeanwhile) {
  begin();
  Listener listener;
  for (const Action& action : {ignoreAction(), foreignAction(SA_RESTART), defaultAction()}) {
    const Action before = install(kSignal, action);
    ASSERT_EQ(listener.subscribe(kSignal), 0);
    peer->watch(kSignal);
    registry().peerNoticed(kSignal);
    peer->unwatch(kSignal);
    listener.unsubscribe(kSignal);
    EXPECT_TRUE(sameAction(standing(kSignal), before));
    EXPECT_FALSE(peer->holds(kSignal));
  }
}

TEST_APART(Peer, StandsAfterUsIfItBeganMeanwhile) {
  begin();
  Listener listener;
  install(kSignal, foreignAction());
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  peer->watch(kSignal);
  registry().peerNoticed(kSignal);
  listener.unsubscribe(kSignal);
  EXPECT_TRUE(sameAction(standing(kSignal), *peer->action()));
  raise(kSignal);
  EXPECT_EQ(SmallPeer::calls(kSignal), 1);
  EXPECT_EQ(foreignCalls(), 0);
}

// Off its loop's thread nobody can tell whether it watches: it is asked by letting it go.
TEST_APART(Peer, ThatCannotBeAskedStandsOrNotAsItsWatchersAre) {
  begin();
  peer->blind = true;
  Listener listener;
  const Action before = install(kSignal, foreignAction());
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  listener.unsubscribe(kSignal);
  EXPECT_TRUE(sameAction(standing(kSignal), before));

  ASSERT_EQ(listener.subscribe(kSignal), 0);
  peer->watch(kSignal);
  listener.unsubscribe(kSignal);
  EXPECT_TRUE(sameAction(standing(kSignal), *peer->action()));

  ASSERT_EQ(listener.subscribe(kSignal), 0);
  peer->unwatch(kSignal);
  listener.unsubscribe(kSignal);
  EXPECT_TRUE(isDefault(standing(kSignal)));
}

TEST_APART(Peer, WhatItCatchesInOurPlaceForAnInstantComesAfterAll) {
  begin();
  peer->inTheInstant = raiseElsewhere;
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_EQ(SmallPeer::calls(kSignal), 1);
  EXPECT_EQ(listener.take().size(), 0u);
  EXPECT_TRUE(registry().needsTending());
  registry().tend();
  EXPECT_EQ(listener.waitFor(1).size(), 1u);
  registry().tend();
  EXPECT_EQ(listener.take().size(), 0u);
  listener.unsubscribe(kSignal);
}

TEST_APART(Peer, APostponedDropChangesNothingThatCanBeSeen) {
  begin();
  peer->postpones = true;
  Listener listener;
  for (const Action& action : {defaultAction(), ignoreAction(), foreignAction(SA_NODEFER)}) {
    const Action before = install(kSignal, action);
    ASSERT_EQ(listener.subscribe(kSignal), 0);
    listener.unsubscribe(kSignal);
    Action seen;
    EXPECT_EQ(registry().read(kSignal, &seen), 0);
    EXPECT_TRUE(sameAction(seen, before));
    EXPECT_TRUE(sameAction(standing(kSignal), before));
    EXPECT_TRUE(peer->holds(kSignal));
    EXPECT_TRUE(registry().needsTending());
    registry().tend();
    EXPECT_TRUE(sameAction(standing(kSignal), before));
    EXPECT_FALSE(peer->holds(kSignal));
    EXPECT_FALSE(registry().needsTending());
  }
}

TEST_APART(Peer, OursStandsInForTheDefaultUntilAPostponedDrop) {
  begin();
  peer->postpones = true;
  Listener listener;
  install(SIGWINCH, defaultAction());
  ASSERT_EQ(listener.subscribe(SIGWINCH), 0);
  listener.unsubscribe(SIGWINCH);
  EXPECT_TRUE(isOurs(standing(SIGWINCH)));
  raise(SIGWINCH);  // whose default is to do nothing
  EXPECT_EQ(listener.take().size(), 0u);
  ASSERT_EQ(listener.subscribe(SIGWINCH), 0);
  raise(SIGWINCH);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.unsubscribe(SIGWINCH);
  registry().tend();
  EXPECT_TRUE(isDefault(standing(SIGWINCH)));
}

TEST_APART(Peer, ThatBeginsBeforeAPostponedDropGetsItsPlace) {
  begin();
  peer->postpones = true;
  Listener listener;
  for (const bool told : {true, false}) {
    install(kSignal, foreignAction());
    ASSERT_EQ(listener.subscribe(kSignal), 0);
    listener.unsubscribe(kSignal);
    if (told) registry().holdNow(kSignal);
    peer->watch(kSignal);
    EXPECT_EQ(sameAction(standing(kSignal), *peer->action()), told);
    registry().tend();
    EXPECT_TRUE(sameAction(standing(kSignal), *peer->action()));
    EXPECT_FALSE(peer->holds(kSignal));
    peer->unwatch(kSignal);
    EXPECT_TRUE(isDefault(standing(kSignal)));
  }
}

TEST_APART(Peer, APostponedDropIsOffWhenSomebodyListensAgain) {
  begin();
  peer->postpones = true;
  Listener listener;
  const Action before = install(kSignal, foreignAction());
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  listener.unsubscribe(kSignal);
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  registry().tend();
  EXPECT_TRUE(isOurs(standing(kSignal)));
  raise(kSignal);
  EXPECT_EQ(listener.take().size(), 1u);
  EXPECT_EQ(foreignCalls(), 1);
  listener.unsubscribe(kSignal);
  registry().tend();
  EXPECT_TRUE(sameAction(standing(kSignal), before));
}

TEST_APART(Peer, APostponedDropLeavesAHandlerAloneThatCameMeanwhile) {
  begin();
  peer->postpones = true;
  Listener listener;
  for (const Action& action : {defaultAction(), ignoreAction()}) {
    install(kSignal, action);
    ASSERT_EQ(listener.subscribe(kSignal), 0);
    listener.unsubscribe(kSignal);
    const Action theirs = install(kSignal, foreignAction(SA_RESTART));
    registry().tend();
    EXPECT_TRUE(sameAction(standing(kSignal), theirs));
    EXPECT_FALSE(peer->holds(kSignal));
  }
}

// It is never held for a real-time signal, so it sets the disposition itself when it stops.
TEST_APART(Peer, ThatWatchesARealtimeSignalStandsAgainAfterwards) {
  begin();
  Listener listener;
  peer->watch(SIGRTMIN + 5);
  ASSERT_EQ(listener.subscribe(SIGRTMIN + 5), 0);
  sendTo(pthread_self(), SIGRTMIN + 5);
  EXPECT_EQ(SmallPeer::calls(SIGRTMIN + 5), 1);
  EXPECT_EQ(listener.take().size(), 1u);
  listener.unsubscribe(SIGRTMIN + 5);
  EXPECT_TRUE(sameAction(standing(SIGRTMIN + 5), *peer->action()));
}

}  // namespace sigbridge::test
