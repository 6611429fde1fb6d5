#include "engine/handler/inbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "listener.h"

namespace sigbridge::test {

TEST(Inbox, WakesOnceUntilSomebodyLooks) {
  Listener listener;
  listener.inbox()->put(numbered(10, 1));
  listener.inbox()->put(numbered(12, 2));
  EXPECT_EQ(listener.wakes(), 1);
  EXPECT_EQ(listener.take().size(), 2u);
  listener.inbox()->put(numbered(10, 3));
  EXPECT_EQ(listener.wakes(), 2);
}

TEST(Inbox, TakesNoMoreThanAsked) {
  Listener listener;
  for (uint64_t n = 0; n < 5; n++) listener.inbox()->put(numbered(10, n));
  Record out[5];
  listener.inbox()->ready();
  ASSERT_EQ(listener.inbox()->take(out, 3), 3u);
  EXPECT_EQ(numberOf(out[2]), 2u);
  ASSERT_EQ(listener.inbox()->take(out, 3), 2u);
  EXPECT_EQ(numberOf(out[1]), 4u);
  EXPECT_EQ(listener.inbox()->take(out, 3), 0u);
}

TEST(Inbox, AFloodOfOneSignalCostsAnotherNothing) {
  constexpr uint64_t kFlood = Ring::kPlaces + 5000;
  Listener listener;
  for (uint64_t n = 0; n < kFlood; n++) listener.inbox()->put(numbered(40, n));
  for (uint64_t n = 0; n < 3; n++) listener.inbox()->put(numbered(15, 100 + n));
  const std::vector<Record> all = listener.take();
  ASSERT_EQ(all.size(), Ring::kPlaces + 2);
  for (uint64_t n = 0; n < Ring::kPlaces; n++) ASSERT_EQ(numberOf(all[n]), n);
  EXPECT_EQ(all[Ring::kPlaces].signo, 15);
  EXPECT_EQ(numberOf(all[Ring::kPlaces]), 100u);
  EXPECT_EQ(all[Ring::kPlaces].coalesced, 2u);
  EXPECT_EQ(all[Ring::kPlaces + 1].signo, 40);
  EXPECT_EQ(numberOf(all[Ring::kPlaces + 1]), Ring::kPlaces);
  EXPECT_EQ(all[Ring::kPlaces + 1].coalesced, 4999u);
}

TEST(Inbox, ASignalThatOverflowedStaysBehindItsOverflow) {
  Listener listener;
  for (uint64_t n = 0; n <= Ring::kPlaces; n++) listener.inbox()->put(numbered(40, n));
  Record out;
  listener.inbox()->ready();
  ASSERT_EQ(listener.inbox()->take(&out, 1), 1u);  // now the ring has a place
  listener.inbox()->put(numbered(40, Ring::kPlaces + 1));
  listener.inbox()->put(numbered(41, 7));
  const std::vector<Record> rest = listener.take();
  ASSERT_EQ(rest.size(), Ring::kPlaces + 1);
  EXPECT_EQ(rest[Ring::kPlaces - 1].signo, 41);
  EXPECT_EQ(rest[Ring::kPlaces].signo, 40);
  EXPECT_EQ(numberOf(rest[Ring::kPlaces]), Ring::kPlaces);
  EXPECT_EQ(rest[Ring::kPlaces].coalesced, 1u);
}

// Whoever listens only looks when woken: a wake-up that is missing would be waited for in vain.
TEST(Inbox, NoWakeUpIsEverMissing) {
  constexpr int kWriters = 3;
  constexpr uint64_t kEach = 30000;
  Listener listener;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; writer++) {
    writers.emplace_back([&listener, writer] {
      for (uint64_t n = 0; n < kEach; n++) listener.inbox()->put(numbered(writer + 1, n));
    });
  }
  const std::vector<Record> all = listener.waitFor(kWriters * kEach);
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(arrivalsIn(all), kWriters * kEach);
  uint64_t next[kWriters] = {};
  for (const Record& record : all) {
    ASSERT_TRUE(isWhole(record));
    ASSERT_EQ(numberOf(record), next[record.signo - 1]);
    next[record.signo - 1] += 1 + uint64_t{record.coalesced};
  }
}

}  // namespace sigbridge::test
