#include "engine/control/publish.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

namespace sigbridge {

Plan* newPlan(unsigned count) {
  const size_t extra = count > 1 ? (count - 1) * sizeof(Receiver) : 0;
  Plan* plan = static_cast<Plan*>(calloc(1, sizeof(Plan) + extra));
  if (plan != nullptr) plan->count = count;
  return plan;
}

void publish(int signo, const Plan* plan) {
  if (shared().process.load() == 0) shared().process.store(getpid());
  const Plan* before = shared().slots[signo].plan.exchange(plan);
  waitForReaders(&shared().readers);
  free(const_cast<Plan*>(before));
}

void waitForReaders(Readers* readers) {
  while (!readers->isDrained()) sched_yield();
  readers->flip();
  while (!readers->isDrained()) sched_yield();
}

}  // namespace sigbridge
