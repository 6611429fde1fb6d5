// expect: no fault
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <atomic>

#include "engine/handler/in_handler.h"

namespace {

struct SB_IN_HANDLER Record {
  std::atomic<int> number{0};
  int code = 1;
};

std::atomic<unsigned long> count{0};

// Not reached from a handler, so free to do anything.
char* unrelated(const char* text) { return strdup(text); }

template <class T>
SB_IN_HANDLER T twice(T value) {
  return value * 2;
}

SB_IN_HANDLER int keep(int number) {
  Record record;
  record.number.store(number, std::memory_order_release);
  return twice(record.number.load());
}

SB_CALLS_OUT void chain(void (*handler)(int), int number) { handler(number); }

SB_HANDLER_ENTRY void on_signal(int number, siginfo_t*, void*) {
  const int saved = errno;
  count.fetch_add(1);
  auto tell = [](int value) SB_IN_HANDLER { return write(2, &value, sizeof value); };
  tell(keep(number));
  chain(SIG_DFL, number);
  errno = saved;
}

}  // namespace

void install() {
  struct sigaction action = {};
  action.sa_sigaction = on_signal;
  sigaction(SIGUSR2, &action, nullptr);
  unrelated("installed");
}
