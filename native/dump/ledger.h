// What JavaScript has subscribed to, as lines of text in memory that JavaScript keeps up to date,
// so that it can be written while JavaScript is stuck.
#pragma once

#include <stdint.h>

#include <atomic>

#include "report/output.h"

namespace sigbridge {

// lib/debug/Ledger.ts writes the same. A row is in use while its length is not zero.
struct LedgerRow {
  static constexpr int kBytes = 512;

  std::atomic<int32_t> length;  // of the text, in bytes
  std::atomic<int32_t> waiting;
  std::atomic<int32_t> capacity;  // 0 for what is no channel
  std::atomic<int32_t> dropped;
  char text[kBytes - 16];
};
static_assert(sizeof(LedgerRow) == LedgerRow::kBytes, "JavaScript finds rows by their size");

// The main thread's. A further call brings no fewer rows; the memory before it must stay.
void setLedger(const LedgerRow* rows, int count);
// What is too long for `out` goes to `file` already.
void writeLedger(int file, Output* out);

}  // namespace sigbridge
