#include "engine/handler/bell.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/signal/record.h"

namespace sigbridge {

namespace {

template <typename Kind>
class BellTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(bell_.open()); }

  Kind bell_;
};

using Kinds = testing::Types<FutexBell, PipeBell>;
TYPED_TEST_SUITE(BellTest, Kinds);

TYPED_TEST(BellTest, EachRingEndsOneWait) {
  for (int ring = 0; ring < 3; ring++) this->bell_.ring();
  for (int wait = 0; wait < 3; wait++) EXPECT_TRUE(this->bell_.waitUntil(-1));
  EXPECT_FALSE(this->bell_.waitUntil(monotonicNow()));
}

TYPED_TEST(BellTest, AWaitEndsAtItsTimeAndNotBefore) {
  const int64_t until = monotonicNow() + 20000000;
  EXPECT_FALSE(this->bell_.waitUntil(until));
  EXPECT_GE(monotonicNow(), until);
}

TYPED_TEST(BellTest, ARingFromAnotherThreadWakes) {
  for (int round = 0; round < 200; round++) {
    std::thread ringer([this] { this->bell_.ring(); });
    EXPECT_TRUE(this->bell_.waitUntil(monotonicNow() + 60000000000));
    ringer.join();
  }
}

}  // namespace

}  // namespace sigbridge
