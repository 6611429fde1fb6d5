// The lock that everything in this folder is done under.
//
// Guarantees: while a thread holds it, no signal is delivered on that thread, so no handler of
// anybody's runs there that might fork, or wait for the lock. A
// thread that waits for it waits with its signals open, and can be told what to do with its mask.
// fork(2) in another thread waits for it too: the child finds it free.
#pragma once

#include <signal.h>

#include "engine/signal/record.h"

namespace sigbridge {

class Lock {
 public:
  Lock();
  // Gives up after so many looks: owns() tells.
  explicit Lock(int looks);
  // What was left to be raised is raised then.
  ~Lock();
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

  bool owns() const { return owns_; }

  // Once, before the first is taken.
  static void mindForks();

 private:
  sigset_t mask_;
  bool owns_ = true;
};

// Under the lock: the calling thread's mask, as bits, as it was and will be when the lock is free.
uint64_t ownMask();
void setOwnMask(uint64_t mask);

// Under the lock, while one lives: the calling thread's mask is as it was. For what starts threads,
// which inherit it.
class OpenToSignals {
 public:
  OpenToSignals();
  ~OpenToSignals();
  OpenToSignals(const OpenToSignals&) = delete;
  OpenToSignals& operator=(const OpenToSignals&) = delete;
};

// Under the lock: sends an arrival to this process once more, as it came, when the lock is free.
void raiseAfterwards(const Record& record);

}  // namespace sigbridge
