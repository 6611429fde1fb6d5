#include "preload/identity.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "preload/log.h"
#include "preload/real.h"

// Where the function below is written; elsewhere each record asks the kernel who makes it.
#if defined(__x86_64__) || defined(__aarch64__)
#define SIGTRACE_SEES_VFORK true
#else
#define SIGTRACE_SEES_VFORK false
#endif

namespace sigtrace {

namespace {

// The process that was started, and the last other one: a child that has this one's memory.
std::atomic<uint32_t> home{0};
std::atomic<uint32_t> child{0};

// The pid of the process whose memory this is: the kernel empties it in a child that gets a copy of
// the memory (madvise(2), MADV_WIPEONFORK). Null where the kernel does not.
std::atomic<uint32_t>* memoryOf = nullptr;

// The thread's own, without a call to find it. A child of vfork(2) has its parent's, and its
// memory.
struct Known {
  Identity self;
  bool isShared;
};
__attribute__((tls_model("initial-exec"))) thread_local Known known = {{0, 0}, false};

void markMemory() {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* mapped = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED || madvise(mapped, page, MADV_WIPEONFORK) != 0) return;
  memoryOf = static_cast<std::atomic<uint32_t>*>(mapped);
}

SB_IN_HANDLER void recordFork(uint32_t pid) {
  child.store(pid, std::memory_order_relaxed);
  ForkRecord* record = reserveRecord<ForkRecord>(kFork, kNone, nullptr);
  if (record == nullptr) return;
  record->parent = static_cast<uint32_t>(syscall(SYS_getppid));
  commit(&record->head);
}

size_t readStart(const char* file, char* into, size_t size) {
  const long fd = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  const long length = syscall(SYS_read, fd, into, size);
  syscall(SYS_close, fd);
  return length > 0 ? static_cast<size_t>(length) : 0;
}

uint64_t ignoredSignals() {
  uint64_t ignored = 0;
  for (int signo = 1; signo <= 64; signo++) {
    Action action;
    if (real.sigaction(signo, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
      ignored |= bitOf(signo);
  }
  return ignored;
}

}  // namespace

SB_IN_HANDLER Identity identity() {
  const Identity before = known.self;
  const bool isKnown = memoryOf != nullptr && before.pid != 0 && !known.isShared &&
                       memoryOf->load(std::memory_order_relaxed) == before.pid;
  if (isKnown) return before;
  const Identity self = {static_cast<uint32_t>(syscall(SYS_getpid)),
                         static_cast<uint32_t>(syscall(SYS_gettid))};
  // The parent goes on only when the child has got a memory of its own.
  const bool isChild = known.isShared && self.tid != before.tid;
  if (!isChild) known = {self, !SIGTRACE_SEES_VFORK};
  if (!isChild && memoryOf != nullptr) memoryOf->store(self.pid, std::memory_order_relaxed);
  if (self.pid != home.load(std::memory_order_relaxed) &&
      self.pid != child.load(std::memory_order_relaxed)) {
    recordFork(self.pid);
  }
  return self;
}

SB_IN_HANDLER uint32_t ownerOfMemory() {
  const uint32_t pid = identity().pid;
  return memoryOf == nullptr ? pid : memoryOf->load(std::memory_order_relaxed);
}

void recordStart() {
  static char executable[kMostText];
  static char command[kMostText];
  markMemory();
  home.store(static_cast<uint32_t>(getpid()));
  const ssize_t length = readlink("/proc/self/exe", executable, sizeof executable);
  const size_t pathLength = length > 0 ? static_cast<size_t>(length) : 0;
  const size_t commandLength = readStart("/proc/self/cmdline", command, sizeof command);
  StartRecord* record =
      reserveRecord<StartRecord>(kStart, kNone, nullptr, pathLength + commandLength);
  if (record == nullptr) return;
  struct timespec wall;
  clock_gettime(CLOCK_REALTIME, &wall);
  record->wallTime =
      static_cast<uint64_t>(wall.tv_sec) * 1000000000u + static_cast<uint64_t>(wall.tv_nsec);
  sigset_t blocked;
  real.pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  record->ignored = ignoredSignals();
  record->blocked = bitsOf(blocked);
  record->parent = static_cast<uint32_t>(getppid());
  record->pathLength = static_cast<uint16_t>(pathLength);
  record->commandLength = static_cast<uint16_t>(commandLength);
  char* text = textOf(record);
  memcpy(text, executable, pathLength);
  memcpy(text + pathLength, command, commandLength);
  commit(&record->head);
}

}  // namespace sigtrace

// vfork(2) comes back twice on one stack: nothing may stand between it and its caller, so the real
// one is jumped to. Its address is what this gives back.
extern "C" __attribute__((visibility("hidden"))) void* sigtrace_before_vfork() {
  using namespace sigtrace;
  findReal();
  identity();
  known.isShared = true;
  return real.vfork;
}

#if defined(__x86_64__)
asm(R"(
  .text
  .globl vfork
  .type vfork, @function
vfork:
  endbr64
  subq $8, %rsp
  call sigtrace_before_vfork
  addq $8, %rsp
  jmp *%rax
  .size vfork, . - vfork
)");
#elif defined(__aarch64__)
asm(R"(
  .text
  .globl vfork
  .type vfork, %function
vfork:
  hint #34
  stp x29, x30, [sp, #-16]!
  bl sigtrace_before_vfork
  ldp x29, x30, [sp], #16
  mov x16, x0
  br x16
  .size vfork, . - vfork
)");
#endif
