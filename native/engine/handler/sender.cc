#include "engine/handler/sender.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace sigbridge {

namespace {

// What the registers say of a thread that comes back from a system call: which code it goes on
// with, whether it was kill(2) with this signal, and who has called that. A C library's kill()
// is its system call and nothing more, so the caller is where it returns to.
#if defined(__linux__) && defined(__x86_64__)

constexpr unsigned char kSystemCall[] = {0x0f, 0x05};  // syscall

SB_IN_HANDLER const unsigned char* nextCode(const mcontext_t& registers) {
  return reinterpret_cast<const unsigned char*>(registers.gregs[REG_RIP]);
}
SB_IN_HANDLER bool hasKilled(const mcontext_t& registers, int signo) {
  return registers.gregs[REG_RAX] == 0 && registers.gregs[REG_RDI] == getpid() &&
         registers.gregs[REG_RSI] == signo;
}
SB_IN_HANDLER const void* callerIn(const mcontext_t& registers) {
  return *reinterpret_cast<const void* const*>(registers.gregs[REG_RSP]);
}

#elif defined(__linux__) && defined(__aarch64__)

constexpr unsigned char kSystemCall[] = {0x01, 0x00, 0x00, 0xd4};  // svc #0

SB_IN_HANDLER const unsigned char* nextCode(const mcontext_t& registers) {
  return reinterpret_cast<const unsigned char*>(registers.pc);
}
SB_IN_HANDLER bool hasKilled(const mcontext_t& registers, int signo) {
  return registers.regs[8] == SYS_kill && registers.regs[0] == 0 &&
         static_cast<int>(registers.regs[1]) == signo;
}
SB_IN_HANDLER const void* callerIn(const mcontext_t& registers) {
  return reinterpret_cast<const void*>(registers.regs[30]);  // the link register
}

#else

constexpr unsigned char kSystemCall[] = {0};

template <typename Registers>
SB_IN_HANDLER const unsigned char* nextCode(const Registers&) {
  return nullptr;
}
template <typename Registers>
SB_IN_HANDLER bool hasKilled(const Registers&, int) {
  return false;
}
template <typename Registers>
SB_IN_HANDLER const void* callerIn(const Registers&) {
  return nullptr;
}

#endif

}  // namespace

SB_IN_HANDLER const void* killerOf(const siginfo_t* info, const void* context) {
  if (info->si_code != SI_USER || info->si_pid != getpid()) return nullptr;
  const auto& registers = static_cast<const ucontext_t*>(context)->uc_mcontext;
  if (!hasKilled(registers, info->si_signo)) return nullptr;
  const unsigned char* const call = nextCode(registers) - sizeof kSystemCall;
  return memcmp(call, kSystemCall, sizeof kSystemCall) == 0 ? callerIn(registers) : nullptr;
}

}  // namespace sigbridge
