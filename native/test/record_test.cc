#include "engine/signal/record.h"

#include <gtest/gtest.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "apart.h"
#include "engine/signal/signals.h"
#include "senders.h"

namespace sigbridge::test {

namespace {

siginfo_t throughARecord(int signo, const siginfo_t& info) {
  Record record;
  fillRecord(&record, signo, &info, false);
  siginfo_t again;
  infoOf(record, &again);
  return again;
}

void block(int signo) {
  sigset_t set;
  setOf(bitOf(signo), &set);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

siginfo_t wait(int signo) {
  sigset_t set;
  setOf(bitOf(signo), &set);
  siginfo_t info;
  EXPECT_EQ(sigwaitinfo(&set, &info), signo);
  return info;
}

}  // namespace

TEST_APART(Record, KeepsAQueuedValue) {
  block(SIGRTMIN + 1);
  union sigval value;
  value.sival_ptr = reinterpret_cast<void*>(uintptr_t{0x123456789abcdef0});
  queueHere(SIGRTMIN + 1, value);
  const siginfo_t info = throughARecord(SIGRTMIN + 1, wait(SIGRTMIN + 1));
  EXPECT_EQ(info.si_signo, SIGRTMIN + 1);
  EXPECT_EQ(info.si_code, SI_QUEUE);
  EXPECT_EQ(info.si_pid, getpid());
  EXPECT_EQ(info.si_uid, getuid());
  EXPECT_EQ(info.si_value.sival_ptr, value.sival_ptr);
}

// The longest of the kernel's forms, up to its last field.
TEST_APART(Record, KeepsAllOfAChildsEnd) {
  block(SIGCHLD);
  const pid_t child = fork();
  if (child == 0) {
    while (clock() < CLOCKS_PER_SEC / 20) {
    }
    _exit(7);
  }
  const siginfo_t raw = wait(SIGCHLD);
  const siginfo_t info = throughARecord(SIGCHLD, raw);
  EXPECT_EQ(info.si_code, CLD_EXITED);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(info.si_status, 7);
  EXPECT_GT(raw.si_utime + raw.si_stime, 0);
  EXPECT_EQ(info.si_utime, raw.si_utime);
  EXPECT_EQ(info.si_stime, raw.si_stime);
  waitpid(child, nullptr, 0);
}

TEST(Record, SaysWhenAndWhetherThePeerWasCalled) {
  siginfo_t info = {};
  Record record;
  memset(&record, 0xff, sizeof record);
  const int64_t before = monotonicNow();
  fillRecord(&record, SIGRTMAX, &info, true);
  EXPECT_GE(record.timestamp, before);
  EXPECT_LE(record.timestamp, monotonicNow());
  EXPECT_EQ(record.signo, SIGRTMAX);
  EXPECT_EQ(record.coalesced, 0u);
  EXPECT_TRUE(record.peerCalled);
  fillRecord(&record, SIGRTMAX, &info, false);
  EXPECT_FALSE(record.peerCalled);
}

}  // namespace sigbridge::test
