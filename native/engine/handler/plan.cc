#include "engine/handler/plan.h"

#include <stdlib.h>
#include <unistd.h>

namespace sigbridge {

namespace {
SharedState state;
}

SB_IN_HANDLER SharedState& shared() { return state; }

Plan* newPlan(unsigned count) {
  const size_t extra = count > 1 ? (count - 1) * sizeof(Receiver) : 0;
  Plan* plan = static_cast<Plan*>(calloc(1, sizeof(Plan) + extra));
  if (plan != nullptr) plan->count = count;
  return plan;
}

void publish(int signo, const Plan* plan) {
  int none = 0;
  state.process.compare_exchange_strong(none, getpid());
  const Plan* before = state.slots[signo].plan.exchange(plan);
  state.readers.waitUntilNoneHoldsTheOld();
  free(const_cast<Plan*>(before));
}

}  // namespace sigbridge
