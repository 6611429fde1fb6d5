#include "engine/handler/trace.h"

#include <gtest/gtest.h>
#include <string.h>

#include <memory>
#include <thread>
#include <vector>

namespace sigbridge {
namespace {

// All words alike, so that one that was torn shows.
HandlerCall callOf(int64_t number) {
  HandlerCall call;
  call.signo = call.thread = call.captured = call.entered = call.left = number;
  call.peerBegun = call.peerEnded = call.previousBegun = call.previousEnded = number;
  call.previous = number;
  return call;
}

bool isWhole(const HandlerCall& call) {
  const HandlerCall same = callOf(call.signo);
  return memcmp(&call, &same, sizeof call) == 0;
}

TEST(Trace, KeepsTheLastCalls) {
  const auto trace = std::make_unique<Trace>();
  constexpr uint64_t kMore = 10;
  for (uint64_t i = 0; i < Trace::kPlaces + kMore; i++) trace->put(callOf(static_cast<int64_t>(i)));
  EXPECT_EQ(trace->count(), Trace::kPlaces + kMore);
  HandlerCall call;
  for (uint64_t i = 0; i < kMore; i++) EXPECT_FALSE(trace->get(i, &call)) << i;
  for (uint64_t i = kMore; i < trace->count(); i++) {
    ASSERT_TRUE(trace->get(i, &call)) << i;
    EXPECT_EQ(call.signo, static_cast<int64_t>(i));
    EXPECT_TRUE(isWhole(call));
  }
  EXPECT_FALSE(trace->get(trace->count(), &call));
}

TEST(Trace, IsWantedAsOftenAsItWasAskedFor) {
  const auto trace = std::make_unique<Trace>();
  EXPECT_FALSE(trace->isWanted());
  trace->want();
  trace->want();
  trace->unwant();
  EXPECT_TRUE(trace->isWanted());
  trace->unwant();
  EXPECT_FALSE(trace->isWanted());
}

// Several laps, by several threads, while another reads.
TEST(Trace, ShowsACallWholeOrNotAtAll) {
  const auto trace = std::make_unique<Trace>();
  constexpr int kThreads = 4;
  constexpr int64_t kCalls = 20 * Trace::kPlaces;
  std::atomic<int> running{kThreads};
  std::vector<std::thread> writers;
  for (int i = 0; i < kThreads; i++) {
    writers.emplace_back([&, i] {
      for (int64_t n = 0; n < kCalls; n++) trace->put(callOf(n * kThreads + i));
      running.fetch_sub(1);
    });
  }
  uint64_t seen = 0;
  uint64_t torn = 0;
  // The last look comes behind the last writer: it sees something, however the threads were run.
  for (bool last = false; !last;) {
    last = running.load() == 0;
    const uint64_t count = trace->count();
    for (uint64_t back = 1; back <= count && back <= Trace::kPlaces; back++) {
      HandlerCall call;
      if (!trace->get(count - back, &call)) continue;
      seen++;
      if (!isWhole(call)) torn++;
    }
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_GT(seen, 0u);
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(trace->count(), static_cast<uint64_t>(kThreads * kCalls));
}

}  // namespace
}  // namespace sigbridge
