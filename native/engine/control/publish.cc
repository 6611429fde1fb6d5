#include "engine/control/publish.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <utility>
#include <vector>

#include "engine/signal/record.h"
#include "engine/signal/signals.h"

namespace sigbridge {

// For who looks at this process's memory from outside, as sigbridge doctor does: the signals, as
// bits, that somebody takes from us.
extern "C" {
__attribute__((visibility("default"))) std::atomic<uint64_t> sigbridge_taken_v1{0};
}

namespace {

constexpr int64_t kPatience = 200 * 1000 * 1000;

struct Retired {
  void* memory;
  void (*dispose)(void*);
};
std::vector<Retired> retired;
// Somebody did not come out in time. He is not waited for again.
bool stuck = false;

// The clock is asked only where somebody is in there.
bool waitUntilDrained(const Readers& readers, int64_t patience, int64_t* until) {
  if (readers.isDrained()) return true;
  if (*until == 0) *until = monotonicNow() + patience;
  for (int turn = 0; !readers.isDrained(); turn++) {
    if (turn >= 64 && monotonicNow() > *until) return false;
    sched_yield();
  }
  return true;
}

}  // namespace

Plan* newPlan(unsigned count) {
  const size_t extra = count > 1 ? (count - 1) * sizeof(Receiver) : 0;
  Plan* plan = static_cast<Plan*>(calloc(1, sizeof(Plan) + extra));
  if (plan != nullptr) plan->count = count;
  return plan;
}

void publish(int signo, const Plan* plan) {
  if (shared().process.load() == 0) shared().process.store(getpid());
  const Plan* before = shared().slots[signo].plan.exchange(plan);
  if (plan != nullptr && !plan->passThrough) {
    sigbridge_taken_v1.fetch_or(bitOf(signo));
  } else {
    sigbridge_taken_v1.fetch_and(~bitOf(signo));
  }
  retire(const_cast<Plan*>(before), free);
}

void retire(void* memory, void (*dispose)(void*)) {
  if (areHandlersOut()) {
    dispose(memory);
  } else {
    retired.push_back({memory, dispose});
  }
}

bool areHandlersOut() {
  stuck = !waitForReaders(&shared().readers, stuck ? 0 : kPatience);
  if (stuck) return false;
  for (const Retired& old : std::exchange(retired, {})) old.dispose(old.memory);
  return true;
}

bool waitForReaders(Readers* readers, int64_t patience) {
  int64_t until = 0;
  if (!waitUntilDrained(*readers, patience, &until)) return false;
  readers->flip();
  return waitUntilDrained(*readers, patience, &until);
}

}  // namespace sigbridge
