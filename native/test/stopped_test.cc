// A thread that is stopped in the midst of our handler, as by a debugger.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/signal/record.h"
#include "listener.h"
#include "threads_of.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;
// Far from what is waited for a thread, and far from for ever.
constexpr int64_t kBounded = int64_t{5} * 1000 * 1000 * 1000;

std::atomic<bool> inside{false};
std::atomic<bool> goOn{false};

// Where an event loop would be woken: in the handler, which has counted itself in.
void stop(void*) {
  inside.store(true);
  while (!goOn.load()) {
  }
}

Registry& registry() { return Registry::instance(); }

std::atomic<int> disposed{0};
void dispose(void*) { disposed.fetch_add(1); }

}  // namespace

TEST_APART(Stopped, InTheHandlerAThreadHoldsUpNobodyForLong) {
  Inbox inbox(stop, nullptr);
  ASSERT_TRUE(inbox.open());
  ASSERT_EQ(registry().subscribe(receiverOf(&inbox), kSignal, true), 0);
  WaitingThread thread;
  thread.start([](void*) { raise(kSignal); }, nullptr);
  while (!inside.load()) {
  }
  const int64_t begun = monotonicNow();
  Listener others[4];
  for (Listener& other : others) ASSERT_EQ(other.subscribe(SIGHUP), 0);
  registry().forget(receiverOf(&inbox));
  registry().retire(&inbox, dispose);
  for (Listener& other : others) other.unsubscribe(SIGHUP);
  EXPECT_LT(monotonicNow() - begun, kBounded);
  EXPECT_EQ(disposed.load(), 0);  // it is still in there
  goOn.store(true);
  thread.settle();
  EXPECT_TRUE(registry().areHandlersOut());
  EXPECT_EQ(disposed.load(), 1);
  // Nobody listens: what came last went to nobody, and is not owed.
  EXPECT_FALSE(registry().isManaged(kSignal));
}

}  // namespace sigbridge::test
