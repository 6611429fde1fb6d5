// Starts a receiver and sends it signals:
// driver latency|burst|flood|ask <signal> <count> -- receiver...
//
// A receiver says "ready\n" on its standard output. `latency`: at each signal it writes the time of
// CLOCK_MONOTONIC in ns, 8 bytes; the driver prints, as a JSON array, the ns from just before the
// sending to that time. `burst`: it counts, and writes how many came and when the last one did, 16
// bytes, once its standard input is closed; the driver closes it when the receiver has no work
// left.
//
// `flood` and `ask` are for receivers that register and unregister all the time, and write the
// number of each signal that reaches a listener, 4 bytes. `flood` sends all, with at most 50,000
// under way; `ask` sends the next one after the answer, or after 20 ms. A receiver that is killed
// is started again, and counted.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct receiver {
  pid_t pid;
  int output;
  int input;
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct receiver start(char **argv) {
  int output[2];
  int input[2];
  if (pipe2(output, O_CLOEXEC) != 0 || pipe2(input, O_CLOEXEC) != 0) fail("pipe");
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    dup2(input[0], 0);
    dup2(output[1], 1);
    execvp(argv[0], argv);
    fail(argv[0]);
  }
  close(output[1]);
  close(input[0]);
  return (struct receiver){pid, output[0], input[1]};
}

static void readFully(int file, void *to, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t got = read(file, (char *)to + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      fprintf(stderr, "the receiver has ended\n");
      exit(1);
    }
    done += (size_t)got;
  }
}

static void waitUntilReady(const struct receiver *receiver) {
  char word[6];
  readFully(receiver->output, word, sizeof word);
  if (memcmp(word, "ready\n", sizeof word) != 0) {
    fprintf(stderr, "the receiver did not say that it is ready\n");
    exit(1);
  }
}

static void pauseFor(int64_t ns) {
  const struct timespec time = {ns / 1000000000, ns % 1000000000};
  nanosleep(&time, NULL);
}

// With its number as the value; waits while the receiver's queue is full.
static void sendOne(pid_t pid, int signo, int number) {
  const union sigval value = {.sival_int = number};
  while (sigqueue(pid, signo, value) != 0) {
    if (errno != EAGAIN) fail("sigqueue");
    sched_yield();
  }
}

static void latency(const struct receiver *receiver, int signo, int count) {
  enum { kWarmUp = 500 };
  printf("[");
  for (int i = -kWarmUp; i < count; i++) {
    int64_t arrived;
    pauseFor(50000);  // the receiver is to be found waiting, as it would be
    const int64_t sent = now();
    sendOne(receiver->pid, signo, i);
    readFully(receiver->output, &arrived, sizeof arrived);
    if (i >= 0) printf("%s%lld", i > 0 ? "," : "", (long long)(arrived - sent));
  }
  printf("]\n");
}

// What all threads of the receiver have computed so far, in ns: proc(5), schedstat.
static int64_t computed(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
  DIR *tasks = opendir(path);
  int64_t sum = 0;
  for (struct dirent *task; tasks != NULL && (task = readdir(tasks)) != NULL;) {
    char file[400];
    long long ns = 0;
    snprintf(file, sizeof file, "%s/%s/schedstat", path, task->d_name);
    FILE *stat = fopen(file, "re");
    if (stat == NULL) continue;
    if (fscanf(stat, "%lld", &ns) == 1) sum += ns;
    fclose(stat);
  }
  if (tasks != NULL) closedir(tasks);
  return sum;
}

// Until its processor time has stood still for a while.
static void waitUntilIdle(pid_t pid) {
  const int64_t still = 300000000;
  int64_t before = computed(pid);
  for (int64_t since = now(); now() - since < still;) {
    pauseFor(5000000);
    const int64_t after = computed(pid);
    if (after - before > 200000) since = now();
    before = after;
  }
}

static void burst(const struct receiver *receiver, int signo, int count) {
  int64_t result[2];
  waitUntilIdle(receiver->pid);
  const int64_t before = computed(receiver->pid);
  const int64_t begun = now();
  for (int i = 0; i < count; i++) sendOne(receiver->pid, signo, i);
  const int64_t sent = now();
  waitUntilIdle(receiver->pid);
  const int64_t used = computed(receiver->pid) - before;
  close(receiver->input);
  readFully(receiver->output, result, sizeof result);
  printf("{\"sent\":%d,\"received\":%lld,\"sendNs\":%lld,\"totalNs\":%lld,\"cpuNs\":%lld}\n", count,
         (long long)result[0], (long long)(sent - begun), (long long)(result[1] - begun),
         (long long)used);
}

struct churn {
  char **argv;
  struct receiver receiver;
  char *seen;  // one for each number, for `flood`
  int count;
  int answers;
  int twice;
  int killed;
};

static void restart(struct churn *churn) {
  int status;
  if (waitpid(churn->receiver.pid, &status, 0) < 0) fail("waitpid");
  if (!WIFSIGNALED(status)) {
    fprintf(stderr, "the receiver has ended by itself\n");
    exit(1);
  }
  churn->killed++;
  close(churn->receiver.input);
  close(churn->receiver.output);
  churn->receiver = start(churn->argv);
  waitUntilReady(&churn->receiver);
}

static void note(struct churn *churn, int32_t number) {
  churn->answers++;
  if (churn->seen == NULL || number < 0 || number >= churn->count) return;
  if (churn->seen[number]++ != 0) churn->twice++;
}

// Takes the answers that come within this time; says whether there were any, or the receiver died.
static int listen(struct churn *churn, int64_t ns) {
  struct pollfd file = {.fd = churn->receiver.output, .events = POLLIN};
  const struct timespec time = {ns / 1000000000, ns % 1000000000};
  if (ppoll(&file, 1, &time, NULL) <= 0) return 0;
  int32_t numbers[1024];  // a write of 4 bytes to a pipe is never torn
  const ssize_t got = read(file.fd, numbers, sizeof numbers);
  if (got < 0) fail("read");
  for (int i = 0; i < got / (ssize_t)sizeof *numbers; i++) note(churn, numbers[i]);
  if (got == 0) restart(churn);
  return 1;
}

static int sendNumber(struct churn *churn, int signo, int number) {
  const union sigval value = {.sival_int = number};
  if (sigqueue(churn->receiver.pid, signo, value) == 0) return 1;
  if (errno != EAGAIN) fail("sigqueue");
  return 0;
}

// A receiver keeps 65,536 of which it has not told its listeners; further ones it only counts.
enum { MOST_UNDER_WAY = 50000 };

// All numbers as fast as the queue takes them, until all have come or none comes any more.
static int flood(struct churn *churn, int signo) {
  const int64_t patience = 3000000000;
  for (int i = 0; i < churn->count; i++) {
    while (i - churn->answers >= MOST_UNDER_WAY && listen(churn, patience)) {
    }
    while (!sendNumber(churn, signo, i)) listen(churn, 1000000);
    listen(churn, 0);
  }
  while (churn->answers < churn->count && listen(churn, patience)) {
  }
  return churn->count;
}

// One after the other, at uneven distances; gives up after 20 s, and says how many were sent. An
// answer that comes late is an answer all the same.
static int ask(struct churn *churn, int signo) {
  const int64_t patience = 20000000;
  const int64_t end = now() + 20000000000;
  uint32_t random = 1;
  int sent = 0;
  for (; sent < churn->count && now() < end; sent++) {
    random = random * 1664525 + 1013904223;
    pauseFor(random >> 13);  // up to half a millisecond
    while (listen(churn, 0)) {
    }
    if (sendNumber(churn, signo, sent)) listen(churn, patience);
  }
  while (churn->answers < sent && listen(churn, 5 * patience)) {
  }
  return sent;
}

static void churn(char **argv, const struct receiver *receiver, int signo, int count, int flooded) {
  struct churn churn = {.argv = argv, .receiver = *receiver, .count = count};
  if (flooded) churn.seen = calloc((size_t)count, 1);
  const int sent = flooded ? flood(&churn, signo) : ask(&churn, signo);
  printf("{\"sent\":%d,\"lost\":%d,\"killed\":%d,\"twice\":%d}\n", sent,
         sent - churn.answers + churn.twice, churn.killed, churn.twice);
  kill(churn.receiver.pid, SIGKILL);
  waitpid(churn.receiver.pid, NULL, 0);
}

int main(int argc, char **argv) {
  if (argc < 6 || strcmp(argv[4], "--") != 0) {
    fprintf(stderr, "usage: driver latency|burst|flood|ask <signal> <count> -- receiver...\n");
    return 2;
  }
  const int signo = atoi(argv[2]);
  const int count = atoi(argv[3]);
  const struct receiver receiver = start(argv + 5);
  waitUntilReady(&receiver);
  if (strcmp(argv[1], "flood") == 0 || strcmp(argv[1], "ask") == 0) {
    churn(argv + 5, &receiver, signo, count, argv[1][0] == 'f');
    return 0;
  }
  if (strcmp(argv[1], "latency") == 0) {
    latency(&receiver, signo, count);
  } else {
    burst(&receiver, signo, count);
  }
  kill(receiver.pid, SIGKILL);
  waitpid(receiver.pid, NULL, 0);
  return 0;
}
