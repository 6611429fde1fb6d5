// The threads of this process, as /proc/self/task shows them: which there are, what they block.
//
// Guarantees: nothing but reads, no thread is disturbed. What cannot be told from one look (a mask
// may be that of a handler that the thread is in) is said so. Linux only.
#pragma once

#if defined(__linux__)

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/signal/thread.h"

namespace sigbridge {

struct ThreadState {
  uint64_t blocked = ~uint64_t{0};
  bool running = false;
  uint64_t switches = 0;  // how often it has left its processor

  // As in a handler of ours or of libuv's, or while a thread is being born.
  bool blocksAll() const;
  // In a handler of ours, or being born, a thread blocks everything, but not for long, and it does
  // not sleep: what it blocks at rest cannot be seen then.
  bool passing() const { return running && blocksAll(); }
};

// From /proc/self/task/<tid>/status, proc(5). False for a thread that is no more.
bool stateOf(int thread, ThreadState* state);

// Whether a thread that was seen asleep blocks this at rest. The kernel writes the state first and
// the mask later: one that sleeps, and is in a handler an instant after, looks asleep with the mask
// of the handler. Two further looks that say the same, without a switch in between, were at rest;
// but in libuv's handler it sleeps while another thread has libuv's lock, for as long as that one
// has to wait for a processor.
bool restsSo(int thread, const ThreadState& seen);

bool exists(int thread);

// Whether it waits in sigwait(3) or one of its kind: what it blocks, it means to block.
bool waitsForSignals(int thread);

// Threads whose mask at rest could not be seen, in one round of looks. One that has computed on for
// long is at rest.
class Passing {
 public:
  bool isOver(int thread);

 private:
  static constexpr int kMost = 256;
  struct Seen {
    int thread;
    int64_t since;
  };
  Seen threads_[kMost];
  int count_ = 0;
};

// Calls `visit(thread, state)` for each thread but the calling one.
template <typename Visit>
void eachOtherThread(Visit visit) {
  DIR* directory = opendir("/proc/self/task");
  if (directory == nullptr) return;
  const int own = ownThread();
  while (const struct dirent* entry = readdir(directory)) {
    const int thread = atoi(entry->d_name);
    ThreadState state;
    if (thread > 0 && thread != own && stateOf(thread, &state)) visit(thread, state);
  }
  closedir(directory);
}

// Between two looks.
void waitAMoment();

}  // namespace sigbridge

#endif
