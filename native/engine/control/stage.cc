#include "engine/control/stage.h"

namespace sigbridge {

namespace {

constexpr Stage kFree = Stage::kFree;
constexpr Stage kLingering = Stage::kLingering;
constexpr Stage kBehind = Stage::kBehind;
constexpr Stage kOnTop = Stage::kOnTop;
constexpr Stage kWrapped = Stage::kWrapped;

// clang-format off
constexpr Stage kTable[kSteps][kStages] = {
  // from:            kFree      kLingering  kBehind    kOnTop      kWrapped
  /* kTaken */        {kOnTop,   kOnTop,     kOnTop,    kOnTop,     kOnTop},
  /* kTakenOver */    {kWrapped, kWrapped,   kWrapped,  kWrapped,   kWrapped},
  /* kFoundOnTop */   {kWrapped, kOnTop,     kWrapped,  kOnTop,     kWrapped},
  /* kRefused */      {kFree,    kLingering, kBehind,   kFree,      kFree},
  /* kPutBack */      {kFree,    kLingering, kBehind,   kFree,      kFree},
  /* kPutBackFirst */ {kFree,    kLingering, kBehind,   kLingering, kLingering},
  /* kLeft */         {kFree,    kLingering, kBehind,   kBehind,    kBehind},
  /* kHoldEnded */    {kFree,    kFree,      kBehind,   kOnTop,     kWrapped},
};
// clang-format on

}  // namespace

Stage after(Stage stage, Step step) {
  return kTable[static_cast<int>(step)][static_cast<int>(stage)];
}

}  // namespace sigbridge
