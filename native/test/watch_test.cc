#include "engine/watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace sigbridge {

namespace {

void ignore(void*) {}

Record recordOf(int64_t timestamp) {
  Record record = {};
  record.timestamp = timestamp;
  return record;
}

// Without a pause where that can be: both are to go on at the same moment.
void await(const std::atomic<int>& value, int wanted) {
  for (int looks = 0; value.load() < wanted; looks++) {
    if (looks > 1000) std::this_thread::yield();
  }
}

}  // namespace

TEST(Watch, CountsWhatIsNotTakenAndKeepsTheFirst) {
  Watch watch(ignore, nullptr);
  ASSERT_TRUE(watch.open());
  EXPECT_EQ(watch.untaken(), 0u);
  watch.arrived(recordOf(2));
  watch.arrived(recordOf(15));
  EXPECT_EQ(watch.untaken(), 2u);
  EXPECT_EQ(watch.first().timestamp, 2);
  watch.taken();
  EXPECT_EQ(watch.untaken(), 0u);
  watch.arrived(recordOf(15));
  EXPECT_EQ(watch.untaken(), 1u);
  EXPECT_EQ(watch.first().timestamp, 15);
}

// Handlers run on two threads at once: who sees a count sees the record that came first as well.
TEST(Watch, KnowsTheFirstOfTwoThatComeAtOnce) {
  constexpr int kRounds = 200000;
  Watch watch(ignore, nullptr);
  ASSERT_TRUE(watch.open());
  std::atomic<int> round{0};
  std::atomic<int> done{0};
  std::thread other([&] {
    for (int own = 1; own <= kRounds; own++) {
      await(round, own);
      watch.arrived(recordOf(own));
      done.store(own);
    }
  });
  int stale = 0;
  for (int own = 1; own <= kRounds; own++) {
    round.store(own);
    watch.arrived(recordOf(own));
    await(done, own);
    if (watch.untaken() != 2 || watch.first().timestamp != own) stale++;
    watch.taken();
  }
  other.join();
  EXPECT_EQ(stale, 0);
}

// The event loop takes what has come while a handler runs: the arrival is taken with the rest, or
// it is seen; never counted and not seen.
TEST(Watch, ForgetsNoArrivalWhileOthersAreTaken) {
  constexpr int kRounds = 100000;
  Watch watch(ignore, nullptr);
  ASSERT_TRUE(watch.open());
  std::atomic<int> round{0};
  std::atomic<int> done{0};
  std::thread other([&] {
    for (int own = 1; own <= kRounds; own++) {
      await(round, own);
      watch.arrived(recordOf(own));
      done.store(own);
    }
  });
  int unseen = 0;
  for (int own = 1; own <= kRounds; own++) {
    watch.arrived(recordOf(0));
    round.store(own);
    watch.taken();
    await(done, own);
    watch.arrived(recordOf(-own));
    const bool alone = watch.untaken() == 1 && watch.first().timestamp == -own;
    const bool behind = watch.untaken() == 2 && watch.first().timestamp == own;
    if (!alone && !behind) unseen++;
    watch.taken();
  }
  other.join();
  EXPECT_EQ(unseen, 0);
}

}  // namespace sigbridge
