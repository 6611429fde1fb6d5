// Who listens in these tests: an inbox, and in place of an event loop a semaphore.
#pragma once

#include <semaphore.h>

#include <vector>

#include "engine/handler/inbox.h"

namespace sigbridge::test {

class Listener {
 public:
  enum Where { kAnyLoop, kMainLoop };
  explicit Listener(Where where = kAnyLoop);
  ~Listener();

  Inbox* inbox() { return &inbox_; }

  // At the registry; 0 or an errno value.
  int subscribe(int signo, bool wantsPrevious = true);
  void unsubscribe(int signo);
  void forget();

  int wakes() const { return wakes_.load(); }

  // What is there now.
  std::vector<Record> take();
  // Waits until `arrivals` have come, folded ones counted; fewer when nothing wakes it for long.
  std::vector<Record> waitFor(uint64_t arrivals);

 private:
  static void wake(void* self);

  sem_t semaphore_;
  std::atomic<int> wakes_{0};
  Inbox inbox_;
};

uint64_t arrivalsIn(const std::vector<Record>& records);

// A record that carries a number in every part of it, and whether it still does.
Record numbered(int signo, uint64_t number);
uint64_t numberOf(const Record& record);
bool isWhole(const Record& record);

// The value that sigqueue(3) gave it.
int valueOf(const Record& record);

}  // namespace sigbridge::test
