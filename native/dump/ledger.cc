#include "dump/ledger.h"

namespace sigbridge {

namespace {

std::atomic<const LedgerRow*> theRows{nullptr};
std::atomic<int> theCount{0};

void writeRow(const LedgerRow& row, Output* out) {
  const int32_t length = row.length.load(std::memory_order_acquire);
  if (length <= 0 || length > static_cast<int32_t>(sizeof row.text)) return;
  out->text("  ").part(row.text, static_cast<size_t>(length));
  if (row.capacity.load() > 0) {
    out->text("; ").number(row.waiting.load()).text(" of ").number(row.capacity.load());
    out->text(" wait, ").number(row.dropped.load()).text(" dropped");
  }
  out->text("\n");
}

}  // namespace

void setLedger(const LedgerRow* rows, int count) {
  if (rows == nullptr) theCount.store(0);
  theRows.store(rows);
  theCount.store(count);
}

void writeLedger(int file, Output* out) {
  // In this order: rows that are more than were counted do no harm.
  const int count = theCount.load();
  const LedgerRow* const rows = theRows.load();
  for (int i = 0; rows != nullptr && i < count; i++) {
    writeRow(rows[i], out);
    out->spill(file);
  }
}

}  // namespace sigbridge
