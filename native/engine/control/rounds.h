// A round of orders: other threads are told to block or unblock signals, and waited for.
//
// Guarantees: what a thread blocks because of it is written down as owed before it blocks it
// (handler/debts.h), so it can be undone; who does not answer (stopped, in uninterruptible sleep)
// costs a bounded time. Under the registry's lock, not from a handler. Linux only.
#pragma once

#if defined(__linux__)

#include <stdint.h>

#include <functional>

namespace sigbridge {

// How long is waited for threads that do not answer, or whose mask cannot be seen, in ns.
constexpr int64_t kPatience = 200 * 1000 * 1000;

// Whether this thread, which blocks so much, is to be told.
using Chooses = std::function<bool(int thread, uint64_t blocked)>;

// `patience`: how long is waited for, in ns.
void tell(uint64_t blocks, uint64_t unblocks, const Chooses& chooses, int64_t patience = kPatience);

// What a thread has blocked because of us.
uint64_t owedBy(int thread);

}  // namespace sigbridge

#endif
