// The names of the standard signals, which no C library has by one function that all have.
#pragma once

#include <signal.h>

namespace sigbridge {

struct StandardName {
  const char* name;
  int signo;
};

// A second name of the same signal comes after its first, which is the one that is given back.
constexpr StandardName kStandardNames[] = {
    {"SIGHUP", SIGHUP},       {"SIGINT", SIGINT},       {"SIGQUIT", SIGQUIT},
    {"SIGILL", SIGILL},       {"SIGTRAP", SIGTRAP},     {"SIGABRT", SIGABRT},
    {"SIGIOT", SIGIOT},       {"SIGBUS", SIGBUS},       {"SIGFPE", SIGFPE},
    {"SIGKILL", SIGKILL},     {"SIGUSR1", SIGUSR1},     {"SIGSEGV", SIGSEGV},
    {"SIGUSR2", SIGUSR2},     {"SIGPIPE", SIGPIPE},     {"SIGALRM", SIGALRM},
    {"SIGTERM", SIGTERM},     {"SIGCHLD", SIGCHLD},     {"SIGCONT", SIGCONT},
    {"SIGSTOP", SIGSTOP},     {"SIGTSTP", SIGTSTP},     {"SIGTTIN", SIGTTIN},
    {"SIGTTOU", SIGTTOU},     {"SIGURG", SIGURG},       {"SIGXCPU", SIGXCPU},
    {"SIGXFSZ", SIGXFSZ},     {"SIGVTALRM", SIGVTALRM}, {"SIGPROF", SIGPROF},
    {"SIGWINCH", SIGWINCH},   {"SIGIO", SIGIO},         {"SIGSYS", SIGSYS},
#if defined(SIGCLD)
    {"SIGCLD", SIGCLD},
#endif
#if defined(SIGSTKFLT)
    {"SIGSTKFLT", SIGSTKFLT},
#endif
#if defined(SIGPOLL)
    {"SIGPOLL", SIGPOLL},
#endif
#if defined(SIGPWR)
    {"SIGPWR", SIGPWR},
#endif
#if defined(SIGINFO)
    {"SIGINFO", SIGINFO},
#endif
#if defined(SIGEMT)
    {"SIGEMT", SIGEMT},
#endif
#if defined(SIGUNUSED)
    {"SIGUNUSED", SIGUNUSED},
#endif
};

}  // namespace sigbridge
