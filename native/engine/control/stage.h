// Where our handler stands in a signal's chain: one word, and the one table of how it changes.
//
// Guarantees: it changes by these steps alone, and a step that the table does not allow changes
// nothing; while somebody uses the signal it is kOnTop or kWrapped, otherwise one of the others.
#pragma once

#include <stdint.h>

namespace sigbridge {

enum class Stage : uint8_t {
  // Nobody uses the signal:
  kFree,       // what stood is put back, or nothing was ever taken
  kLingering,  // the same, but the peer holds it for us until its next turn, and ours may stand in
               // for the default as long
  kBehind,     // somebody has installed over ours, which passes on to what stood
  // Somebody uses it:
  kOnTop,    // nobody above any of our handlers is known
  kWrapped,  // somebody above one of ours may call it, though another one stands over him
};
constexpr int kStages = 5;

enum class Step : uint8_t {
  kTaken,         // installed, over what knows none of our handlers
  kTakenOver,     // installed, over somebody who may call one of ours
  kFoundOnTop,    // ours stands: it stood in, or whoever had installed over it has put it back
  kRefused,       // the system refused to install the first time
  kPutBack,       // the last user has gone, and what stood before stands again
  kPutBackFirst,  // the same, but the peer's hold ends at its next turn
  kLeft,          // the last user has gone, and somebody else's handler was left where it stands
  kHoldEnded,     // the peer's turn has come, or it watches for somebody else from now on
};
constexpr int kSteps = 8;

// What follows; the same stage where the step cannot be taken.
Stage after(Stage stage, Step step);

}  // namespace sigbridge
