// Where our handler stands, by the one table: what users do, what others install, what the peer
// does at its turn.
#include "engine/control/stage.h"

#include <gtest/gtest.h>

#include <random>

#include "apart.h"
#include "engine/control/managed.h"
#include "engine/control/registry.h"
#include "engine/handler/ours.h"
#include "foreign.h"
#include "listener.h"
#include "small_peer.h"

namespace sigbridge::test {

namespace {

constexpr int kSignal = SIGUSR2;

bool isUsed(Stage stage) { return stage == Stage::kOnTop || stage == Stage::kWrapped; }

Stage stageNow() { return managed(kSignal).stage; }

}  // namespace

TEST(Stage, UsersComeByInstallingAndGoByPuttingBackOrLeaving) {
  for (int from = 0; from < kStages; from++) {
    const Stage stage = static_cast<Stage>(from);
    for (const Step step : {Step::kTaken, Step::kTakenOver, Step::kFoundOnTop}) {
      EXPECT_TRUE(isUsed(after(stage, step)));
    }
    for (const Step step : {Step::kRefused, Step::kPutBack, Step::kPutBackFirst, Step::kLeft}) {
      EXPECT_FALSE(isUsed(after(stage, step)));
      // Who has no users has none to lose.
      if (!isUsed(stage)) EXPECT_EQ(after(stage, step), stage);
    }
    EXPECT_EQ(isUsed(after(stage, Step::kHoldEnded)), isUsed(stage));
    EXPECT_NE(after(stage, Step::kHoldEnded), Stage::kLingering);
  }
}

TEST_APART(Stage, IsWhatHasHappened) {
  SmallPeer peer;
  peer.postpones = true;
  Registry& registry = Registry::instance();
  registry.setPeer(&peer);
  Listener listener;
  EXPECT_EQ(stageNow(), Stage::kFree);
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  EXPECT_EQ(stageNow(), Stage::kOnTop);
  listener.unsubscribe(kSignal);
  EXPECT_EQ(stageNow(), Stage::kLingering);
  EXPECT_TRUE(registry.needsTending());
  registry.tend();
  EXPECT_EQ(stageNow(), Stage::kFree);

  ASSERT_EQ(listener.subscribe(kSignal), 0);
  const Action ours = standing(kSignal);
  install(kSignal, foreignAction());
  listener.unsubscribe(kSignal);
  EXPECT_EQ(stageNow(), Stage::kBehind);
  install(kSignal, ours);
  ASSERT_EQ(listener.subscribe(kSignal), 0);
  install(kSignal, foreignAction());
  ASSERT_EQ(registry.reclaim(kSignal), 0);
  EXPECT_EQ(stageNow(), Stage::kWrapped);
  listener.unsubscribe(kSignal);
  registry.tend();
  EXPECT_EQ(stageNow(), Stage::kFree);
}

// Whatever comes in whichever order, the words agree with each other.
TEST_APART(Stage, NeverContradictsWhatElseIsKnown) {
  SmallPeer peer;
  peer.postpones = true;
  Registry& registry = Registry::instance();
  registry.setPeer(&peer);
  Listener first;
  Listener second;
  std::mt19937 random(20);
  Action saved = standing(kSignal);
  for (int step = 0; step < 5000; step++) {
    switch (random() % 10) {
      case 0:
        ASSERT_EQ(first.subscribe(kSignal), 0);
        break;
      case 1:
        first.unsubscribe(kSignal);
        break;
      case 2:
        ASSERT_EQ(second.subscribe(kSignal), 0);
        break;
      case 3:
        second.unsubscribe(kSignal);
        break;
      case 4:
        saved = standing(kSignal);
        install(kSignal, foreignAction());
        break;
      case 5:
        install(kSignal, saved);
        break;
      case 6:
        install(kSignal, random() % 2 == 0 ? defaultAction() : ignoreAction());
        break;
      case 7:
        ASSERT_EQ(registry.reclaim(kSignal), 0);
        break;
      default:
        registry.tend();
    }
    const Managed& signal = managed(kSignal);
    ASSERT_EQ(isUsed(signal.stage), signal.inUse()) << "after step " << step;
    const bool lingers = signal.stage == Stage::kLingering;
    ASSERT_EQ((control().lingering & bitOf(kSignal)) != 0, lingers) << "after step " << step;
    ASSERT_EQ(lingers, peer.holds(kSignal) && !signal.inUse()) << "after step " << step;
    if (signal.inUse()) ASSERT_GE(signal.top, 0) << "after step " << step;
  }
}

}  // namespace sigbridge::test
