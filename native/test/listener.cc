#include "listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/control/registry.h"

namespace sigbridge::test {

namespace {

bool waitOn(sem_t* semaphore) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 20;
  while (sem_timedwait(semaphore, &until) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

}  // namespace

Listener::Listener(Where where) : inbox_(wake, this, where == kMainLoop) {
  sem_init(&semaphore_, 0, 0);
  if (!inbox_.open()) abort();
}

Listener::~Listener() { sem_destroy(&semaphore_); }

int Listener::subscribe(int signo, bool wantsPrevious) {
  return Registry::instance().subscribe({&inbox_, nullptr}, signo, wantsPrevious);
}

void Listener::unsubscribe(int signo) {
  Registry::instance().unsubscribe({&inbox_, nullptr}, signo);
}

void Listener::forget() { Registry::instance().forget({&inbox_, nullptr}); }

void Listener::wake(void* argument) {
  Listener* self = static_cast<Listener*>(argument);
  self->wakes_.fetch_add(1);
  sem_post(&self->semaphore_);
}

std::vector<Record> Listener::take() {
  std::vector<Record> all;
  Record batch[256];
  inbox_.ready();
  while (const size_t taken = inbox_.take(batch, 256)) all.insert(all.end(), batch, batch + taken);
  return all;
}

std::vector<Record> Listener::waitFor(uint64_t arrivals) {
  std::vector<Record> all = take();
  while (arrivalsIn(all) < arrivals && waitOn(&semaphore_)) {
    const std::vector<Record> more = take();
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

uint64_t arrivalsIn(const std::vector<Record>& records) {
  uint64_t arrivals = 0;
  for (const Record& record : records) arrivals += 1 + uint64_t{record.coalesced};
  return arrivals;
}

Record numbered(int signo, uint64_t number) {
  Record record = {};
  for (size_t at = 0; at < kInfoBytes; at += sizeof number) {
    memcpy(record.info + at, &number, sizeof number);
  }
  record.timestamp = static_cast<int64_t>(number);
  record.signo = static_cast<int16_t>(signo);
  return record;
}

uint64_t numberOf(const Record& record) { return static_cast<uint64_t>(record.timestamp); }

bool isWhole(const Record& record) {
  const Record expected = numbered(record.signo, numberOf(record));
  return memcmp(record.info, expected.info, kInfoBytes) == 0;
}

int valueOf(const Record& record) {
  siginfo_t info;
  infoOf(record, &info);
  return info.si_value.sival_int;
}

}  // namespace sigbridge::test
