#include "engine/handler/plan.h"

namespace sigbridge {

namespace {
SharedState state;
}

SB_IN_HANDLER SharedState& shared() { return state; }

}  // namespace sigbridge
