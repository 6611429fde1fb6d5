// A disposition is changed for somebody else only where nobody hears the signal, whichever thread
// begins to listen meanwhile.
#include <errno.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "apart.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "foreign.h"
#include "listener.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;
using Where = Registry::Where;

int change(const Action& action, Where where) {
  return Registry::instance().change(kSignal, action, where);
}

}  // namespace

TEST_APART(Change, IsRefusedWhileSomebodyListens) {
  Listener listener;
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_EQ(change(ignoreAction(), Where::kUnheard), EBUSY);
  EXPECT_EQ(change(ignoreAction(), Where::kIgnored), EBUSY);
  EXPECT_TRUE(isOurs(standing(kSignal)));
  EXPECT_EQ(change(ignoreAction(), Where::kAnywhere), 0);
  EXPECT_TRUE(isIgnore(standing(kSignal)));
  EXPECT_EQ(change(defaultAction(), Where::kIgnored), 0);
  EXPECT_TRUE(isDefault(standing(kSignal)));
}

TEST_APART(Change, OfOneThreadNeverSilencesWhoHasBegunToListenOnAnother) {
  std::atomic<bool> done{false};
  std::atomic<int> changed{0};
  std::thread changing([&] {
    while (!done.load()) {
      if (change(ignoreAction(), Where::kUnheard) == 0) changed++;
      (void)change(defaultAction(), Where::kUnheard);
    }
  });
  Listener listener;
  int silenced = 0;
  for (int round = 0; round < 2000 || changed.load() < 100; round++) {
    ASSERT_EQ(listener.subscribe(kSignal), 0);
    for (int look = 0; look < 20; look++) silenced += isOurs(standing(kSignal)) ? 0 : 1;
    listener.unsubscribe(kSignal);
  }
  done.store(true);
  changing.join();
  EXPECT_EQ(silenced, 0);
}

}  // namespace sigbridge::test
