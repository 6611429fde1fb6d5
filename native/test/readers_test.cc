#include "engine/handler/readers.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <new>
#include <optional>
#include <thread>

#include "engine/control/publish.h"

namespace sigbridge::test {

namespace {
constexpr int64_t kForEver = int64_t{1} << 60;
}

TEST(Readers, AWriterWaitsForWhoeverIsInside) {
  Readers readers;
  std::atomic<bool> inside{false};
  std::atomic<bool> leaving{false};
  std::atomic<bool> waiting{false};
  std::thread reader([&] {
    Readers::Guard guard(readers);
    inside.store(true);
    while (!waiting.load()) sched_yield();
    for (int turn = 0; turn < 1000; turn++) sched_yield();
    leaving.store(true);
  });
  while (!inside.load()) sched_yield();
  waiting.store(true);
  waitForReaders(&readers, kForEver);
  EXPECT_TRUE(leaving.load());
  reader.join();
}

TEST(Readers, AWriterWaitsForNobodyWhenNobodyIsInside) {
  Readers readers;
  { Readers::Guard guard(readers); }
  for (int turn = 0; turn < 5; turn++) waitForReaders(&readers, kForEver);
}

// Two readers relieve each other, so that at every moment one of them is inside.
TEST(Readers, AWriterDoesNotStarveWhileSomebodyIsAlwaysInside) {
  Readers readers;
  std::atomic<bool> done{false};
  std::atomic<unsigned> entered{0};
  const auto relay = [&](unsigned own) {
    std::optional<Readers::Guard> guard;
    while (!done.load()) {
      while (entered.load() % 2 != own && !done.load()) sched_yield();
      guard.emplace(readers);
      // Only now may the other one leave, and come back.
      const unsigned before = entered.fetch_add(1) + 1;
      while (entered.load() == before && !done.load()) sched_yield();
      guard.reset();
    }
  };
  std::thread first(relay, 0);
  std::thread second(relay, 1);
  while (entered.load() < 4) sched_yield();
  for (int turn = 0; turn < 20; turn++) waitForReaders(&readers, kForEver);
  done.store(true);
  first.join();
  second.join();
}

TEST(Readers, AForkedChildForgetsWhoWasInside) {
  Readers readers;
  // Of a thread that does not exist in the child: it never leaves.
  alignas(Readers::Guard) unsigned char room[sizeof(Readers::Guard)];
  new (room) Readers::Guard(readers);
  readers.reset();
  waitForReaders(&readers, kForEver);
}

TEST(Readers, AWriterWaitsForWhoeverDoesNotComeOutOnlySoLong) {
  Readers readers;
  std::optional<Readers::Guard> inside(std::in_place, readers);
  EXPECT_FALSE(waitForReaders(&readers, 1000000));
  EXPECT_FALSE(waitForReaders(&readers, 0));
  inside.reset();
  EXPECT_TRUE(waitForReaders(&readers, 0));
}

}  // namespace sigbridge::test
