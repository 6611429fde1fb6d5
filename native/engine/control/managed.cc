#include "engine/control/managed.h"

#include <algorithm>

namespace sigbridge {

bool Managed::isHeard() const {
  const bool listened = std::any_of(members.begin(), members.end(), [](const Member& member) {
    return member.receiver.watch == nullptr;
  });
  return listened || bridges > 0;
}

Control& control() {
  static Control* const state = new Control();
  return *state;
}

void take(int signo, Step step) {
  Stage& stage = managed(signo).stage;
  stage = after(stage, step);
  if (stage == Stage::kLingering) {
    control().lingering |= bitOf(signo);
  } else {
    control().lingering &= ~bitOf(signo);
  }
}

}  // namespace sigbridge
