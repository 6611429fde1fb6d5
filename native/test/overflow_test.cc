#include "engine/handler/overflow.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "listener.h"

namespace sigbridge::test {

TEST(Overflow, KeepsTheFirstWholeAndCountsTheRest) {
  Overflow slot;
  Record out;
  EXPECT_FALSE(slot.occupied());
  EXPECT_FALSE(slot.take(&out));
  for (uint64_t n = 7; n < 12; n++) slot.fold(numbered(10, n));
  EXPECT_TRUE(slot.occupied());
  ASSERT_TRUE(slot.take(&out));
  EXPECT_EQ(numberOf(out), 7u);
  EXPECT_TRUE(isWhole(out));
  EXPECT_EQ(out.coalesced, 4u);
  EXPECT_FALSE(slot.occupied());
  EXPECT_FALSE(slot.take(&out));
}

TEST(Overflow, BeginsAnewAfterATake) {
  Overflow slot;
  Record out;
  slot.fold(numbered(10, 1));
  slot.fold(numbered(10, 2));
  ASSERT_TRUE(slot.take(&out));
  slot.fold(numbered(10, 3));
  ASSERT_TRUE(slot.take(&out));
  EXPECT_EQ(numberOf(out), 3u);
  EXPECT_EQ(out.coalesced, 0u);
}

TEST(Overflow, CountsExactlyWhileItIsEmptied) {
  constexpr int kWriters = 4;
  constexpr uint64_t kEach = 100000;
  Overflow slot;
  std::atomic<int> writing{kWriters};
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; writer++) {
    writers.emplace_back([&slot, &writing, writer] {
      for (uint64_t n = 0; n < kEach; n++) slot.fold(numbered(10, writer * kEach + n));
      writing.fetch_sub(1);
    });
  }
  uint64_t arrivals = 0;
  uint64_t torn = 0;
  for (bool last = false; !last;) {
    last = writing.load() == 0;
    Record out;
    while (slot.take(&out)) {
      arrivals += 1 + uint64_t{out.coalesced};
      if (!isWhole(out)) torn++;
    }
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(arrivals, kWriters * kEach);
  EXPECT_EQ(torn, 0u);
  EXPECT_FALSE(slot.occupied());
}

}  // namespace sigbridge::test
