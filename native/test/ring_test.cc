#include "engine/handler/ring.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <memory>
#include <thread>
#include <vector>

#include "listener.h"

namespace sigbridge::test {

namespace {

std::unique_ptr<Ring> openRing() {
  auto ring = std::make_unique<Ring>();
  EXPECT_TRUE(ring->open());
  return ring;
}

}  // namespace

TEST(Ring, GivesBackInOrder) {
  auto ring = openRing();
  Record out;
  EXPECT_FALSE(ring->take(&out));
  for (uint64_t n = 0; n < 100; n++) ASSERT_TRUE(ring->put(numbered(10, n)));
  for (uint64_t n = 0; n < 100; n++) {
    ASSERT_TRUE(ring->take(&out));
    EXPECT_EQ(numberOf(out), n);
    EXPECT_EQ(out.signo, 10);
    EXPECT_TRUE(isWhole(out));
  }
  EXPECT_FALSE(ring->take(&out));
}

TEST(Ring, RefusesWhenFullAndOverwritesNothing) {
  auto ring = openRing();
  for (uint64_t n = 0; n < Ring::kPlaces; n++) ASSERT_TRUE(ring->put(numbered(10, n)));
  EXPECT_FALSE(ring->put(numbered(10, 999999)));
  Record out;
  ASSERT_TRUE(ring->take(&out));
  EXPECT_EQ(numberOf(out), 0u);
  EXPECT_TRUE(ring->put(numbered(10, Ring::kPlaces)));
  EXPECT_FALSE(ring->put(numbered(10, 999999)));
  for (uint64_t n = 1; n <= Ring::kPlaces; n++) {
    ASSERT_TRUE(ring->take(&out));
    ASSERT_EQ(numberOf(out), n);
  }
  EXPECT_FALSE(ring->take(&out));
}

TEST(Ring, KeepsTheOrderOverManyLaps) {
  auto ring = openRing();
  constexpr uint64_t kBacklog = 1000;
  constexpr uint64_t kAll = 3 * Ring::kPlaces + 7;
  Record out;
  for (uint64_t n = 0; n < kAll; n++) {
    ASSERT_TRUE(ring->put(numbered(10, n)));
    if (n < kBacklog) continue;
    ASSERT_TRUE(ring->take(&out));
    ASSERT_EQ(numberOf(out), n - kBacklog);
  }
  for (uint64_t n = kAll - kBacklog; n < kAll; n++) {
    ASSERT_TRUE(ring->take(&out));
    ASSERT_EQ(numberOf(out), n);
  }
  EXPECT_FALSE(ring->take(&out));
}

TEST(Ring, ManyWritersLoseTearAndDoubleNothing) {
  constexpr int kWriters = 4;
  constexpr uint64_t kEach = 60000;  // together more than three laps
  auto ring = openRing();
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; writer++) {
    writers.emplace_back([&ring, writer] {
      for (uint64_t n = 0; n < kEach; n++) {
        while (!ring->put(numbered(writer + 1, n))) sched_yield();
      }
    });
  }
  uint64_t next[kWriters] = {};
  uint64_t torn = 0;
  uint64_t outOfOrder = 0;
  for (uint64_t taken = 0; taken < kWriters * kEach;) {
    Record out;
    if (!ring->take(&out)) {
      sched_yield();
      continue;
    }
    taken++;
    if (!isWhole(out)) torn++;
    if (numberOf(out) != next[out.signo - 1]++) outOfOrder++;
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(outOfOrder, 0u);
  for (const uint64_t n : next) EXPECT_EQ(n, kEach);
  Record out;
  EXPECT_FALSE(ring->take(&out));
}

}  // namespace sigbridge::test
