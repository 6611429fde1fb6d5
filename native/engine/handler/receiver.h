// Who gets a captured signal: an environment's inbox, the memory of a flag, or a watchdog.
#pragma once

#include <stdint.h>

#include <atomic>

#include "engine/handler/in_handler.h"
#include "engine/handler/inbox.h"
#include "engine/handler/watch.h"

namespace sigbridge {

// Two words in memory that belongs to a JavaScript heap, which reads them with Atomics.
struct FlagWords {
  std::atomic<int32_t> raised;  // 1 since the first arrival
  std::atomic<int32_t> count;   // arrivals
};
static_assert(sizeof(FlagWords) == 8 && std::atomic<int32_t>::is_always_lock_free,
              "a flag is read by JavaScript as an Int32Array");

// One of the three is set.
struct Receiver {
  Inbox* inbox = nullptr;
  FlagWords* flag = nullptr;
  Watch* watch = nullptr;

  bool operator==(const Receiver& other) const {
    return inbox == other.inbox && flag == other.flag && watch == other.watch;
  }
};

inline Receiver receiverOf(Inbox* inbox) { return {inbox, nullptr, nullptr}; }
inline Receiver receiverOf(FlagWords* flag) { return {nullptr, flag, nullptr}; }
inline Receiver receiverOf(Watch* watch) { return {nullptr, nullptr, watch}; }

SB_IN_HANDLER inline void give(const Receiver& receiver, const Record& record) {
  if (receiver.inbox != nullptr) {
    receiver.inbox->put(record);
    return;
  }
  if (receiver.watch != nullptr) {
    receiver.watch->arrived(record);
    return;
  }
  receiver.flag->count.fetch_add(1 + static_cast<int32_t>(record.coalesced));
  receiver.flag->raised.store(1);
}

}  // namespace sigbridge
