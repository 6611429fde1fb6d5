// Threads that wait, and what the kernel says of a thread.
#pragma once

#include <pthread.h>
#include <stdint.h>

#include <vector>

namespace sigbridge::test {

// What a thread of this process blocks, from /proc; 0 for one that is gone.
uint64_t blockedBy(int thread);
// What the calling thread blocks, but for the signals that the C library keeps for itself.
uint64_t ownBlocked();
int ownThread();
// Whether it waits for something.
bool sleeps(int thread);

// A thread that lies in poll(2), where signals reach it, until it is told to end.
class WaitingThread {
 public:
  // It blocks `signals` (as bits) beside what the caller blocks.
  explicit WaitingThread(uint64_t signals = 0);
  ~WaitingThread();
  WaitingThread(const WaitingThread&) = delete;
  WaitingThread& operator=(const WaitingThread&) = delete;

  int id() const { return id_; }
  pthread_t handle() const { return thread_; }
  // What it blocks, once it lies in poll(2) again and in no handler.
  uint64_t blocked() const;
  // Runs `work` on it, and gives back when that is done.
  void run(void (*work)(void*), void* argument);
  // The same in two steps.
  void start(void (*work)(void*), void* argument);
  void settle();
  void end();

 private:
  struct Order {
    void (*work)(void*);
    void* argument;
  };
  static void* live(void* self);
  void rest() const;

  uint64_t signals_;
  int orders_[2];
  int answers_[2];
  int id_ = 0;
  bool ended_ = false;
  pthread_t thread_;
};

}  // namespace sigbridge::test
