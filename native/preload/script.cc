#include "preload/script.h"

#include <atomic>

#include "preload/log.h"
#include "preload/real.h"

namespace sigtrace {

namespace {

struct Script {
  size_t (*stack)(char*, size_t);
  uint64_t mask;
};

// The thread's own, without a call to find it.
__attribute__((tls_model("initial-exec"))) thread_local Script own = {nullptr, 0};

// Stacks that are recorded already: a program mostly comes by the same ways.
struct Told {
  std::atomic<uint64_t> hash, offset;
};
constexpr size_t kMostTold = 512;
Told told[kMostTold];

SB_IN_HANDLER uint64_t hashOf(const char* text, size_t length) {
  uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ static_cast<uint8_t>(text[i])) * 1099511628211u;
  return hash;
}

SB_IN_HANDLER uint64_t offsetOfText(const char* text, size_t length) {
  const uint64_t hash = hashOf(text, length);
  Told& place = told[hash % kMostTold];
  if (place.hash.load(std::memory_order_acquire) == hash) return place.offset.load();
  ScriptRecord* record = reserveRecord<ScriptRecord>(kScript, kNone, nullptr, length);
  if (record == nullptr) return 0;
  record->length = static_cast<uint32_t>(length);
  memcpy(textOf(record), text, length);
  commit(&record->head);
  const uint64_t offset = offsetOf(&record->head);
  place.hash.store(0);
  place.offset.store(offset);
  place.hash.store(hash, std::memory_order_release);
  return offset;
}

}  // namespace

// A handler blocks at least its own signal. Where the mask is not what the thread itself has set,
// it may have interrupted the runtime anywhere, which cannot be asked then.
SB_CALLS_OUT uint64_t scriptStack(uint64_t mask) {
  if (own.stack == nullptr || mask != own.mask) return 0;
  char text[kMostText];
  size_t (*const stack)(char*, size_t) = own.stack;
  own.stack = nullptr;  // whatever it calls is not asked about
  const size_t length = stack(text, sizeof text);
  own.stack = stack;
  return length > 0 ? offsetOfText(text, length) : 0;
}

SB_CALLS_OUT uint64_t scriptStack() {
  if (own.stack == nullptr) return 0;
  sigset_t mask;
  real.pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return scriptStack(bitsOf(mask));
}

SB_IN_HANDLER void noteMask(uint64_t from, uint64_t to) {
  if (from == own.mask) own.mask = to;
}

}  // namespace sigtrace

extern "C" __attribute__((visibility("default"))) void sigbridge_trace_script(
    size_t (*stack)(char*, size_t)) {
  using namespace sigtrace;
  sigset_t mask;
  real.pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  own.mask = bitsOf(mask);
  own.stack = stack;
}
