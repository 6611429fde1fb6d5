#include "engine/handler/watch.h"

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

// A second handler, on a thread of its own: in each round one signal comes, stamped with its
// number.
class OtherHandler {
 public:
  OtherHandler(Watch* watch, int rounds)
      : thread_([this, watch, rounds] {
          for (int own = 1; own <= rounds; own++) {
            await(round_, own);
            watch->arrived(recordOf(own));
            done_.store(own);
          }
        }) {}
  ~OtherHandler() { thread_.join(); }
  OtherHandler(const OtherHandler&) = delete;
  OtherHandler& operator=(const OtherHandler&) = delete;

  void begin(int round) { round_.store(round); }
  void finish(int round) { await(done_, round); }

 private:
  std::atomic<int> round_{0};
  std::atomic<int> done_{0};
  std::thread thread_;
};

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
  OtherHandler other(&watch, kRounds);
  int stale = 0;
  for (int own = 1; own <= kRounds; own++) {
    other.begin(own);
    watch.arrived(recordOf(own));
    other.finish(own);
    if (watch.untaken() != 2 || watch.first().timestamp != own) stale++;
    watch.taken();
  }
  EXPECT_EQ(stale, 0);
}

// The event loop takes what has come while a handler runs: the arrival is taken with the rest, or
// it is seen; never counted and not seen.
TEST(Watch, ForgetsNoArrivalWhileOthersAreTaken) {
  constexpr int kRounds = 100000;
  Watch watch(ignore, nullptr);
  ASSERT_TRUE(watch.open());
  OtherHandler other(&watch, kRounds);
  int unseen = 0;
  for (int own = 1; own <= kRounds; own++) {
    watch.arrived(recordOf(0));
    other.begin(own);
    watch.taken();
    other.finish(own);
    watch.arrived(recordOf(-own));
    const bool alone = watch.untaken() == 1 && watch.first().timestamp == -own;
    const bool behind = watch.untaken() == 2 && watch.first().timestamp == own;
    if (!alone && !behind) unseen++;
    watch.taken();
  }
  EXPECT_EQ(unseen, 0);
}

}  // namespace sigbridge
