// The engine as a shared object of its own: what a second copy of the package in one process is.
#include "engine_copy.h"

#include "engine/control/registry.h"

namespace {

struct Ear {
  sigbridge::Inbox inbox{[](void*) {}, nullptr};
};

sigbridge::Receiver receiverOf(Ear* ear) { return {&ear->inbox, nullptr}; }

}  // namespace

void* engine_copy_listen(int signo) {
  Ear* ear = new Ear();
  if (!ear->inbox.open()) return nullptr;
  sigbridge::Registry::instance().subscribe(receiverOf(ear), signo, true);
  return ear;
}

int engine_copy_take(void* ear) {
  sigbridge::Record records[64];
  return static_cast<int>(static_cast<Ear*>(ear)->inbox.take(records, 64));
}

void engine_copy_leave(void* ear) {
  sigbridge::Registry::instance().forget(receiverOf(static_cast<Ear*>(ear)));
  delete static_cast<Ear*>(ear);
}
