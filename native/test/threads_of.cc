#include "threads_of.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "engine/signal/signals.h"

namespace sigbridge::test {

namespace {

// Waits in poll(2): ThreadSanitizer delivers signals there at once, in read(2) only when it
// returns.
void readWhole(int from, void* data, size_t bytes) {
  size_t got = 0;
  while (got < bytes) {
    struct pollfd ready = {from, POLLIN, 0};
    if (poll(&ready, 1, -1) < 0) continue;
    const ssize_t more = read(from, static_cast<char*>(data) + got, bytes - got);
    if (more <= 0 && errno != EINTR) abort();
    if (more > 0) got += static_cast<size_t>(more);
  }
}

void writeWhole(int to, const void* data, size_t bytes) {
  while (write(to, data, bytes) != static_cast<ssize_t>(bytes)) {
    if (errno != EINTR) abort();
  }
}

// The rest of the line that begins so; empty for a thread that is gone.
std::string statusOf(int thread, const char* field) {
  std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(field, 0) == 0) return line.substr(strlen(field));
  }
  return "";
}

}  // namespace

uint64_t blockedBy(int thread) {
  return strtoull(statusOf(thread, "SigBlk:").c_str(), nullptr, 16);
}

bool sleeps(int thread) { return statusOf(thread, "State:").find('S') != std::string::npos; }

uint64_t ownBlocked() {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return bitsOf(mask) & ~(bitOf(SIGRTMIN) - bitOf(32));
}

int ownThread() { return static_cast<int>(syscall(SYS_gettid)); }

WaitingThread::WaitingThread(uint64_t signals) : signals_(signals) {
  if (pipe(orders_) != 0 || pipe(answers_) != 0) abort();
  if (pthread_create(&thread_, nullptr, live, this) != 0) abort();
  settle();
}

WaitingThread::~WaitingThread() {
  end();
  for (const int end : {orders_[0], orders_[1], answers_[0], answers_[1]}) close(end);
}

void* WaitingThread::live(void* argument) {
  WaitingThread* self = static_cast<WaitingThread*>(argument);
  sigset_t set;
  setOf(self->signals_, &set);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  const int id = ownThread();
  writeWhole(self->answers_[1], &id, sizeof id);
  for (;;) {
    Order order;
    readWhole(self->orders_[0], &order, sizeof order);
    if (order.work == nullptr) return nullptr;
    order.work(order.argument);
    writeWhole(self->answers_[1], &id, sizeof id);
  }
}

void WaitingThread::run(void (*work)(void*), void* argument) {
  start(work, argument);
  settle();
}

void WaitingThread::start(void (*work)(void*), void* argument) {
  const Order order = {work, argument};
  writeWhole(orders_[1], &order, sizeof order);
}

void WaitingThread::settle() {
  readWhole(answers_[0], &id_, sizeof id_);
  rest();
}

uint64_t WaitingThread::blocked() const {
  rest();
  return blockedBy(id_);
}

void WaitingThread::rest() const {
  while (!sleeps(id_)) sched_yield();
}

void WaitingThread::end() {
  if (ended_) return;
  ended_ = true;
  const Order order = {nullptr, nullptr};
  writeWhole(orders_[1], &order, sizeof order);
  pthread_join(thread_, nullptr);
}

}  // namespace sigbridge::test
