#include "launch/init_options.h"

#include <stdlib.h>
#include <string.h>

#include "engine/signal/signals.h"
#include "launch/arguments.h"
#include "launch/signal_names.h"

namespace sigbridge {

namespace {

constexpr int kDiedBy = 128;
constexpr int kLargestCode = 255;

int signalIn(const char* text) {
  char why[256];
  const int signo = signalOf(text, why, sizeof why);
  if (signo == 0) misuse("%s", why);
  return signo;
}

void readParentDeath(Options& options, char* text) {
  const int signo = signalIn(text);
  if (signo == SIGSTOP) {
    misuse("--parent-death cannot be SIGSTOP: nobody would be left to continue the command.");
  }
  options.parentDeath = signo;
}

// 'FROM=TO', where TO may be 'none'. Written over.
void readRewrite(Options& options, char* text) {
  char* to = text;
  const char* const from = strsep(&to, "=");
  if (to == nullptr) {
    misuse("Invalid rewriting %s: expected FROM=TO, such as SIGTERM=SIGQUIT, or SIGHUP=none.",
           shown(text));
  }
  const int signo = signalIn(from);
  if (signo == SIGKILL || signo == SIGSTOP) {
    misuse("%s cannot be rewritten: the kernel lets no process catch it.", nameOf(signo));
  }
  if (signo == SIGCONT) {
    misuse("SIGCONT cannot be rewritten: it has continued this process, and the command follows.");
  }
  const bool drop = strcmp(to, "none") == 0 || strcmp(to, "0") == 0;
  options.rewritten[signo] = drop ? kDropped : signalIn(to);
}

// An exit code, or the name of a signal, by which a death counts as 128 and its number.
void readSuccess(Options& options, char* text) {
  const bool number = *text != '\0' && strspn(text, "0123456789") == strlen(text);
  if (!number && strncmp(text, "SIG", 3) == 0) {
    options.success[kDiedBy + signalIn(text)] = true;
    return;
  }
  const unsigned long code = number ? strtoul(text, nullptr, 10) : kLargestCode + 1;
  if (code > kLargestCode) {
    misuse(
        "Invalid exit code %s: expected a whole number from 0 to 255, or a signal's name such as "
        "SIGTERM, which stands for 128 and its number.",
        shown(text));
  }
  options.success[code] = true;
}

struct Valued {
  const char* option;
  const char* expected;
  void (*read)(Options& options, char* text);
};

constexpr Valued kOne = {"--parent-death", "a signal: expected a name such as SIGTERM",
                         readParentDeath};
constexpr Valued kLists[] = {
    {"--rewrite", "FROM=TO: expected signals such as SIGTERM=SIGQUIT", readRewrite},
    {"--success", "an exit code: expected a number such as 143, or a signal such as SIGTERM",
     readSuccess},
};

}  // namespace

bool readInitOption(Options& options, char**& arguments) {
  char* text = valueOf(kOne.option, kOne.expected, arguments);
  if (text != nullptr) {
    kOne.read(options, text);
    return true;
  }
  for (const Valued& one : kLists) {
    text = valueOf(one.option, one.expected, arguments);
    if (text == nullptr) continue;
    while (text != nullptr) one.read(options, strsep(&text, ","));
    return true;
  }
  return false;
}

}  // namespace sigbridge
