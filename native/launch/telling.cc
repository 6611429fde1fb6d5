#include "launch/telling.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launch/signal_names.h"

namespace sigbridge {

namespace {

constexpr int kLongest = 256;

// As long as nobody reads, a pipe or a terminal would keep us from our work.
bool hasRoom(int fd) {
  pollfd one = {fd, POLLOUT, 0};
  return poll(&one, 1, 0) == 1 && (one.revents & POLLOUT) != 0;
}

// What our own write has raised is not for the command. It waits for this thread, so it is taken
// before one that was sent.
void takeBrokenPipe() {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, SIGPIPE);
  sigset_t pending;
  int taken;
  if (sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1) sigwait(&one, &taken);
}

void nameOfProcess(pid_t pid, char* name, size_t size) {
  char path[32];
  snprintf(path, sizeof path, "/proc/%d/comm", static_cast<int>(pid));
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t length = fd < 0 ? -1 : read(fd, name, size - 1);
  if (fd >= 0) close(fd);
  name[length > 0 ? length : 0] = '\0';
  for (char* at = name; *at != '\0'; at++) {
    if (*at == '\n') *at = '\0';
  }
}

}  // namespace

Telling::Telling(bool on)
    : fd_(on ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1) {}

void Telling::say(const char* format, ...) {
  if (fd_ < 0) return;
  char line[kLongest];
  int length = snprintf(line, sizeof line, "sigbridge[%d]: ", static_cast<int>(getpid()));
  if (omitted_ > 0)
    length += snprintf(line + length, sizeof line - length, "(%d lines left out) ", omitted_);
  va_list values;
  va_start(values, format);
  vsnprintf(line + length, sizeof line - length - 1, format, values);
  va_end(values);
  strcat(line, "\n");
  if (!hasRoom(fd_)) {
    omitted_++;
    return;
  }
  if (write(fd_, line, strlen(line)) >= 0) {
    omitted_ = 0;
    return;
  }
  if (errno == EPIPE) takeBrokenPipe();
  close(fd_);
  fd_ = -1;
}

const char* senderOf(const siginfo_t& info) {
  static char text[64];
  // A sender out of this PID namespace is 0.
  if (info.si_code > 0 && info.si_signo != SIGCHLD) return "from the kernel";
  if (info.si_pid == 0) return "from outside of this PID namespace";
  char name[24];
  nameOfProcess(info.si_pid, name, sizeof name);
  snprintf(text, sizeof text, "from %d%s", static_cast<int>(info.si_pid),
           name[0] == '\0' ? "" : " ");
  if (name[0] != '\0') snprintf(text + strlen(text), sizeof text - strlen(text), "(%s)", name);
  return text;
}

const char* endInWords(int status) {
  static char text[64];
  if (WIFSIGNALED(status)) {
    snprintf(text, sizeof text, "by %s", nameOf(WTERMSIG(status)));
  } else {
    snprintf(text, sizeof text, "with exit code %d", WEXITSTATUS(status));
  }
  return text;
}

}  // namespace sigbridge
