// Listeners that come and go while signals arrive: nothing is lost, nothing is called twice, and
// nothing that a handler may still hold is freed.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>
#include <vector>

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

// Raises until `over`, and gives back how often: each is handled before the next.
int raiseUntil(const std::atomic<bool>& over) {
  int raised = 0;
  for (; !over.load(); raised++) raise(kSignal);
  return raised;
}

}  // namespace

TEST_APART(Race, OneWhoStaysHearsEachSignalOnceWhileOthersComeAndGo) {
  constexpr int kCycles = 3000;
  install(kSignal, ignoreAction());
  Listener stays;
  ASSERT_EQ(stays.subscribe(kSignal), 0);
  std::atomic<bool> over{false};
  int raised[2];
  std::thread first([&] { raised[0] = raiseUntil(over); });
  std::thread second([&] { raised[1] = raiseUntil(over); });
  uint64_t heard = 0;
  Listener comes;
  for (int cycle = 0; cycle < kCycles; cycle++) {
    comes.subscribe(kSignal);
    comes.unsubscribe(kSignal);
    comes.take();
    heard += arrivalsIn(stays.take());
  }
  over.store(true);
  first.join();
  second.join();
  heard += arrivalsIn(stays.take());
  EXPECT_EQ(heard, static_cast<uint64_t>(raised[0]) + static_cast<uint64_t>(raised[1]));
  EXPECT_GT(heard, 0u);
  stays.forget();
}

// Whether we stand over it, are just coming or just going: it is called once for each signal.
TEST_APART(Race, TheHandlerBeforeIsCalledOnceForEachSignal) {
  constexpr int kCycles = 3000;
  const Action before = install(kSignal, foreignAction(SA_RESTART));
  std::atomic<bool> over{false};
  int raised[2];
  std::thread first([&] { raised[0] = raiseUntil(over); });
  std::thread second([&] { raised[1] = raiseUntil(over); });
  Listener comes;
  for (int cycle = 0; cycle < kCycles; cycle++) {
    comes.subscribe(kSignal);
    comes.unsubscribe(kSignal);
  }
  over.store(true);
  first.join();
  second.join();
  EXPECT_EQ(foreignCalls(), raised[0] + raised[1]);
  EXPECT_GT(foreignCalls(), 0);
  EXPECT_TRUE(sameAction(standing(kSignal), before));
}

TEST_APART(Race, AListenerMayBeFreedAsSoonAsItHasLeft) {
  constexpr int kCycles = 300;
  install(kSignal, ignoreAction());
  std::atomic<bool> over{false};
  std::thread fire([&] { raiseUntil(over); });
  for (int cycle = 0; cycle < kCycles; cycle++) {
    Listener listener;
    listener.subscribe(kSignal);
    listener.unsubscribe(kSignal);
  }
  over.store(true);
  fire.join();
  EXPECT_TRUE(isIgnore(standing(kSignal)));
}

TEST_APART(Race, ManyThreadsManageManySignals) {
  constexpr int kCycles = 500;
  const int signals[] = {SIGHUP, SIGUSR1, kSignal, SIGWINCH};
  std::vector<Action> before;
  for (const int signo : signals) before.push_back(install(signo, foreignAction()));
  std::vector<std::thread> threads;
  for (int n = 0; n < 3; n++) {
    threads.emplace_back([&, n] {
      Listener listener;
      for (int cycle = 0; cycle < kCycles; cycle++) {
        const int signo = signals[(cycle + n) % 4];
        listener.subscribe(signo, cycle % 3 != 0);
        raise(signo);
        if (cycle % 2 == 0) listener.unsubscribe(signo);
      }
      listener.forget();
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int n = 0; n < 4; n++) {
    EXPECT_FALSE(Registry::instance().isManaged(signals[n]));
    EXPECT_TRUE(sameAction(standing(signals[n]), before[n])) << signals[n];
  }
}

// Another process sends all the while; a peer whose first watcher is ours passes through its
// default at each end.
TEST_APART(Race, BesideAPeerUnderFireNothingKillsTheProcess) {
  constexpr int kCycles = 300;
  SmallPeer* peer = new SmallPeer();
  Registry::instance().setPeer(peer);
  install(kSignal, ignoreAction());
  Fire fire(kSignal);
  Listener listener;
  for (int cycle = 0; cycle < kCycles; cycle++) {
    ASSERT_EQ(listener.subscribe(kSignal), 0);
    listener.waitFor(1);
    listener.unsubscribe(kSignal);
    EXPECT_TRUE(isIgnore(standing(kSignal)));
  }
}

}  // namespace sigbridge::test
