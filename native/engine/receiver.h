// Who gets a captured signal: an environment's inbox, or the memory of a flag.
#pragma once

#include <stdint.h>

#include <atomic>

#include "engine/in_handler.h"
#include "engine/inbox.h"

namespace sigbridge {

// Two words in memory that belongs to a JavaScript heap, which reads them with Atomics.
struct FlagWords {
  std::atomic<int32_t> raised;  // 1 since the first arrival
  std::atomic<int32_t> count;   // arrivals
};
static_assert(sizeof(FlagWords) == 8 && std::atomic<int32_t>::is_always_lock_free,
              "a flag is read by JavaScript as an Int32Array");

// One of the two is set.
struct Receiver {
  Inbox* inbox;
  FlagWords* flag;

  bool operator==(const Receiver& other) const {
    return inbox == other.inbox && flag == other.flag;
  }
};

SB_IN_HANDLER inline void give(const Receiver& receiver, const Record& record) {
  if (receiver.inbox != nullptr) {
    receiver.inbox->put(record);
    return;
  }
  receiver.flag->count.fetch_add(1 + static_cast<int32_t>(record.coalesced));
  receiver.flag->raised.store(1);
}

}  // namespace sigbridge
