#include "preload/modules.h"

#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "preload/identity.h"
#include "preload/log.h"

namespace sigtrace {

namespace {

struct Range {
  uint64_t from, to;
};

constexpr int kMostRanges = 2048;
Range ranges[kMostRanges];
std::atomic<int> rangeCount{0};

// Addresses that were looked up before, code of no file among them.
constexpr size_t kSeen = 1024;
std::atomic<uint64_t> seen[kSeen];

std::atomic<bool> reading{false};
std::atomic<uint64_t> lastTime{0};
constexpr uint64_t kLong = 100u * 1000 * 1000;

SB_IN_HANDLER bool isKnown(uint64_t from, uint64_t to) {
  const int count = rangeCount.load(std::memory_order_acquire);
  for (int i = 0; i < count; i++) {
    if (ranges[i].from <= from && to <= ranges[i].to) return true;
  }
  return false;
}

// "7f12-7f34 r-xp 00001000 fd:01 123   /path": proc_pid_maps(5).
SB_IN_HANDLER const char* hexadecimal(const char* at, uint64_t* value) {
  *value = 0;
  for (;; at++) {
    const char c = *at;
    if (c >= '0' && c <= '9') {
      *value = *value << 4 | static_cast<uint64_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      *value = *value << 4 | static_cast<uint64_t>(c - 'a' + 10);
    } else {
      return at;
    }
  }
}

SB_IN_HANDLER const char* find(char wanted, const char* at, const char* end) {
  while (at < end && *at != wanted) at++;
  return at;
}

SB_IN_HANDLER void takeLine(const char* line, const char* end) {
  uint64_t from, to, offset;
  const char* at = hexadecimal(line, &from);
  at = hexadecimal(at + 1, &to);
  const bool executable = at + 6 < end && at[3] == 'x';
  if (!executable) return;
  hexadecimal(at + 6, &offset);
  const char* path = find('/', at, end);
  if (path == end || isKnown(from, to)) return;
  const size_t length = static_cast<size_t>(end - path);
  const int count = rangeCount.load(std::memory_order_relaxed);
  if (count == kMostRanges) return;
  MappingRecord* record = reserveRecord<MappingRecord>(kMapping, kNone, nullptr, length);
  if (record == nullptr) return;
  record->head.pid = ownerOfMemory();
  record->from = from;
  record->to = to;
  record->offset = offset;
  record->pathLength = static_cast<uint32_t>(length);
  memcpy(textOf(record), path, length);
  commit(&record->head);
  ranges[count] = {from, to};
  rangeCount.store(count + 1, std::memory_order_release);
}

// By one thread at a time, so the buffers need not be on a stack that may be a handler's small one.
SB_IN_HANDLER void readMaps() {
  static char buffer[16384];
  const long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return;
  size_t filled = 0;
  for (;;) {
    const long length = syscall(SYS_read, fd, buffer + filled, sizeof buffer - filled);
    if (length <= 0) break;
    filled += static_cast<size_t>(length);
    const char* line = buffer;
    const char* const end = buffer + filled;
    for (;;) {
      const char* next = find('\n', line, end);
      if (next == end) break;
      takeLine(line, next);
      line = next + 1;
    }
    filled = static_cast<size_t>(end - line);
    if (filled == sizeof buffer) break;
    memmove(buffer, line, filled);
  }
  syscall(SYS_close, fd);
}

}  // namespace

SB_IN_HANDLER void recordModules() {
  if (reading.exchange(true)) return;
  lastTime.store(monotonicTime(), std::memory_order_relaxed);
  readMaps();
  reading.store(false);
}

SB_IN_HANDLER void lookForModules(uint64_t now) {
  if (now - lastTime.load(std::memory_order_relaxed) > kLong) recordModules();
}

SB_IN_HANDLER void nameModuleOf(uint64_t address) {
  if (address < 4096) return;  // SIG_DFL, SIG_IGN
  std::atomic<uint64_t>& place = seen[(address >> 2 ^ address >> 12) % kSeen];
  if (place.load(std::memory_order_relaxed) == address) return;
  place.store(address, std::memory_order_relaxed);
  if (!isKnown(address, address + 1)) recordModules();
}

}  // namespace sigtrace
