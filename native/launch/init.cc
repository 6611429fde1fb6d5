#include "launch/init.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__linux__)

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/signal/signals.h"
#include "launch/become.h"
#include "launch/descriptors.h"
#include "launch/parent_death.h"
#include "launch/signal_names.h"
#include "launch/telling.h"
#include "launch/terminal.h"

namespace sigbridge {

namespace {

constexpr int kRefused = 1;
constexpr int kDiedBy = 128;

bool isPending(int signo) {
  sigset_t pending;
  return sigpending(&pending) == 0 && sigismember(&pending, signo) == 1;
}

void change(int how, int signo) {
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signo);
  sigprocmask(how, &one, nullptr);
}

// Stops this process (with its process group, if asked) until it is continued. False where it was
// not stopped: PID 1 never is, nor is a group that nobody could continue (an orphaned one).
bool stop(int signo, bool withGroup) {
  if (getpid() == 1) return false;
  change(SIG_UNBLOCK, signo);
  kill(withGroup ? 0 : getpid(), signo);
  change(SIG_BLOCK, signo);
  // What has continued us is blocked, and waits.
  return isPending(SIGCONT);
}

[[noreturn]] void dieBy(int signo) {
  // The command has left its core, if any.
  prctl(PR_SET_DUMPABLE, 0);
  change(SIG_UNBLOCK, signo);
  kill(getpid(), signo);
  _exit(kDiedBy + signo);
}

class Init {
 public:
  Init(pid_t child, const Terminal& terminal, Telling& telling, const Options& options)
      : child_(child), terminal_(terminal), telling_(telling), options_(options) {}

  [[noreturn]] void stay() const {
    telling_.say("started %d: %s", child_, shown(options_.command[0]));
    sigset_t all;
    sigfillset(&all);
    for (;;) {
      siginfo_t info;
      const int signo = sigwaitinfo(&all, &info);
      if (signo == SIGCHLD) reap();
      if (signo == SIGCONT) {
        goOn();
      } else if (signo > 0 && (signo != SIGCHLD || info.si_code <= 0)) {
        forward(info);
      }
    }
  }

 private:
  void forward(const siginfo_t& info) const {
    const int wanted = options_.rewritten[info.si_signo];
    const int signo = wanted == 0 ? info.si_signo : wanted;
    tell(info, wanted);
    if (signo == kDropped) return;
    const bool queued = info.si_code == SI_QUEUE && !options_.group;
    if (queued && sigqueue(child_, signo, info.si_value) == 0) return;
    kill(options_.group ? -child_ : child_, signo);
  }

  void tell(const siginfo_t& info, int wanted) const {
    if (telling_.fd() < 0) return;
    // Each of these is told in a buffer that the next one takes.
    char came[32];
    snprintf(came, sizeof came, "%s", nameOf(info.si_signo));
    const char* const whom = options_.group ? "the group of " : "";
    if (wanted == kDropped) {
      telling_.say("%s %s: kept back", came, senderOf(info));
    } else if (wanted == 0) {
      telling_.say("%s %s: to %s%d", came, senderOf(info), whom, child_);
    } else {
      telling_.say("%s %s: as %s to %s%d", came, senderOf(info), nameOf(wanted), whom, child_);
    }
  }

  void reap() const {
    int status = 0;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) {
      if (pid != child_) {
        if (!WIFSTOPPED(status)) telling_.say("orphan %d ended %s", pid, endInWords(status));
        continue;
      }
      if (!WIFSTOPPED(status)) end(status);
      telling_.say("%d was stopped by %s", child_, nameOf(WSTOPSIG(status)));
      stopped(WSTOPSIG(status));
    }
  }

  // A terminal's Ctrl+Z reaches the foreground group, which is the command's: on to our own.
  void stopped(int signo) const {
    const bool wantsTerminal = signo == SIGTTIN || signo == SIGTTOU;
    if (wantsTerminal && terminal_.isOf(getpgrp()) && terminal_.giveTo(child_)) return resume();
    const bool lent = terminal_.isOf(child_);
    if (lent) terminal_.giveTo(getpgrp());
    if (stop(lent ? SIGTSTP : signo, lent)) return;
    if (lent) terminal_.giveTo(child_);
    // Nobody above could continue it: then a SIGTSTP would not stop it without us either.
    if (signo == SIGTSTP) resume();
  }

  void goOn() const {
    telling_.say("SIGCONT: to the group of %d", child_);
    if (terminal_.isOf(getpgrp())) terminal_.giveTo(child_);
    resume();
  }

  void resume() const { kill(-child_, SIGCONT); }

  [[noreturn]] void end(int status) const {
    if (terminal_.isOf(child_)) terminal_.giveTo(getpgrp());
    const bool died = WIFSIGNALED(status);
    const bool success = options_.success[died ? kDiedBy + WTERMSIG(status) : WEXITSTATUS(status)];
    telling_.say("%d ended %s%s", child_, endInWords(status), success ? ", taken for 0" : "");
    if (success) _exit(0);
    if (died) dieBy(WTERMSIG(status));
    _exit(WEXITSTATUS(status));
  }

  const pid_t child_;
  const Terminal& terminal_;
  Telling& telling_;
  const Options& options_;
};

// Where this process can be told of its parent's end, it tells the command. It cannot be told by
// SIGKILL.
void followInit(int parentDeath, pid_t init) {
  if (parentDeath == SIGKILL) followParent(SIGKILL, init);
}

}  // namespace

[[noreturn]] void stayAsInit(const Options& options, const Observed& inherited) {
  // An ignored SIGCHLD would cost us the command's status. Everything else is blocked.
  apply({0, inherited.blocked | changeable()});
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  // First: the terminal may get the number of a standard error that is closed.
  Telling telling(options.verbose);
  const Terminal terminal;
  const pid_t own = getpid();
  const bool foreground = terminal.isOf(getpgrp());
  const pid_t child = fork();
  if (child < 0) {
    fprintf(stderr, "sigbridge: no process could be made for the command: %s.\n", strerror(errno));
    exit(kRefused);
  }
  if (child == 0) {
    followInit(options.parentDeath, own);
    setpgid(0, 0);
    if (foreground) terminal.giveTo(getpid());
    become(options, inherited);
  }
  // Here too: whoever is first, the group is there before anything goes to it.
  setpgid(child, child);
  letGo(terminal.fd(), telling.fd());
  Init(child, terminal, telling, options).stay();
}

}  // namespace sigbridge

#else

namespace sigbridge {

[[noreturn]] void stayAsInit(const Options&, const Observed&) {
  fputs("sigbridge: --init is not supported here: it needs Linux.\n", stderr);
  exit(1);
}

}  // namespace sigbridge

#endif
