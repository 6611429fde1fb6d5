// Takes what the main thread leaves in the kernel's queue during a flood (handler/left_queued.h),
// and does with each signal what our handler would have done.
//
// Guarantees: one at a time takes, and only while the main thread blocks the signal, so the order
// is the queue's; what our handler does not stand for is left to the kernel. A loop that does not
// go on is noticed after some 20 ms by a thread that lives as long as the flood, and takes in its
// place: the queue, which is the user's and limited, does not fill. Not from a handler. Linux only.
#pragma once

#include <stddef.h>

namespace sigbridge {

// By the main thread's loop, before it looks into its inbox; does nothing on another thread. Moves
// up to so many to those who listen; the main thread takes the signal by its handler again when
// none is left. False when it has to be called again, though it may have moved none: another thread
// was at it.
bool takeQueued(size_t most);

// Under the registry's lock, before a plan is published that leaves nothing queued: what is there
// goes to those who have listened until now.
void settleQueued(int signo);

// While one lives on the main thread, its mask is as the program has set it.
class MaskOfTheProgram {
 public:
  MaskOfTheProgram();
  ~MaskOfTheProgram();
  MaskOfTheProgram(const MaskOfTheProgram&) = delete;
  MaskOfTheProgram& operator=(const MaskOfTheProgram&) = delete;

 private:
  const bool here_;
};

}  // namespace sigbridge
