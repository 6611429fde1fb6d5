#include "preload/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "preload/identity.h"

namespace sigtrace {

namespace {

constexpr char kVariable[] = "SIGBRIDGE_TRACE";
constexpr uint32_t kMark = 0x1c0ffee5;
constexpr size_t kPage = 4096;
constexpr size_t kSlot = 32;
constexpr size_t kChunk = size_t{4} << 20;
// A record that begins at a chunk's end reaches into the next one.
constexpr size_t kOverlap = 64 << 10;
constexpr size_t kChunks = 4096;

char path[4096];
Header* header = nullptr;
std::atomic<char*> chunks[kChunks];
char* const kNoRoom = reinterpret_cast<char*>(-1);

static_assert(sizeof(Head) == kSlot, "lib/cli/trace/log.ts knows the layout");

// By system calls: the program may have put its own functions before the C library's, and close(2)
// there is a place where threads can be cancelled. No descriptor is kept that the program could
// meet.
SB_IN_HANDLER char* mapFile(size_t from, size_t size) {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0);
  if (fd < 0) return nullptr;
  char* mapped = kNoRoom;
  // A page that the disk has no room for would raise SIGBUS when it is written.
  const bool full = syscall(SYS_fallocate, fd, 0, from, size) != 0 && errno != EOPNOTSUPP;
  if (!full) {
    mapped = reinterpret_cast<char*>(
        syscall(SYS_mmap, nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, from));
  }
  syscall(SYS_close, fd);
  return mapped;
}

SB_IN_HANDLER char* chunkAt(size_t index) {
  if (index >= kChunks) return kNoRoom;
  char* chunk = chunks[index].load(std::memory_order_acquire);
  if (chunk != nullptr) return chunk;
  chunk = mapFile(kPage + index * kChunk, kChunk + kOverlap);
  if (chunk == nullptr) return kNoRoom;  // every descriptor is in use: next time, perhaps
  char* first = nullptr;
  if (chunks[index].compare_exchange_strong(first, chunk)) return chunk;
  if (chunk != kNoRoom) syscall(SYS_munmap, chunk, kChunk + kOverlap);
  return first;
}

}  // namespace

bool openLog() {
  const char* name = getenv(kVariable);
  if (name == nullptr || strlen(name) >= sizeof path) return false;
  strcpy(path, name);
  char* mapped = mapFile(0, kPage);
  if (mapped == nullptr || mapped == kNoRoom) return false;
  if (memcmp(mapped, "sigtrace", 8) != 0) return false;
  header = reinterpret_cast<Header*>(mapped);
  return true;
}

SB_IN_HANDLER bool isOpen() {
  return header != nullptr && header->closed.load(std::memory_order_relaxed) == 0;
}

SB_IN_HANDLER uint64_t monotonicTime() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1000000000u + static_cast<uint64_t>(now.tv_nsec);
}

SB_IN_HANDLER Head* reserve(size_t size, Kind kind, Call call, const void* caller) {
  if (!isOpen()) return nullptr;
  // First: it may make a record of its own.
  const Identity self = identity();
  const size_t slots = (size + kSlot - 1) / kSlot;
  const uint64_t at = header->used.fetch_add(slots, std::memory_order_relaxed) * kSlot;
  char* chunk = chunkAt(at / kChunk);
  if (chunk == kNoRoom) {
    header->dropped.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  Head* head = reinterpret_cast<Head*>(chunk + at % kChunk);
  head->slots = static_cast<uint16_t>(slots);
  head->kind = kind;
  head->call = call;
  head->time = monotonicTime();
  head->pid = self.pid;
  head->tid = self.tid;
  head->caller = reinterpret_cast<uintptr_t>(caller);
  return head;
}

SB_IN_HANDLER void commit(Head* head) { head->mark.store(kMark, std::memory_order_release); }

SB_IN_HANDLER uint64_t offsetOf(const Head* head) {
  const char* at = reinterpret_cast<const char*>(head);
  for (size_t i = 0; i < kChunks; i++) {
    const char* chunk = chunks[i].load(std::memory_order_relaxed);
    if (chunk == nullptr || chunk == kNoRoom) continue;
    if (at >= chunk && at < chunk + kChunk)
      return kPage + i * kChunk + static_cast<size_t>(at - chunk);
  }
  return 0;
}

}  // namespace sigtrace
