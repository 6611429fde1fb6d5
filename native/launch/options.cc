#include "launch/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/signal/signals.h"
#include "launch/arguments.h"
#include "launch/help.h"
#include "launch/init_options.h"
#include "launch/signal_names.h"

namespace sigbridge {

namespace {

[[noreturn]] void help() {
  fputs(kHelp, stdout);
  exit(fflush(stdout) == 0 ? 0 : 1);
}

// Options with signals, and what each does to them.
struct Change {
  const char* option;
  const char* participle;
  void (*apply)(Options& options, uint64_t signals);
};

constexpr Change kChanges[] = {
    {"--ignore", "ignored",
     [](Options& options, uint64_t signals) {
       options.wanted.ignored |= signals;
       options.defaulted &= ~signals;
     }},
    {"--default", "reset",
     [](Options& options, uint64_t signals) {
       options.wanted.ignored &= ~signals;
       options.defaulted |= signals;
     }},
    {"--block", "blocked",
     [](Options& options, uint64_t signals) { options.wanted.blocked |= signals; }},
    {"--unblock", "unblocked",
     [](Options& options, uint64_t signals) { options.wanted.blocked &= ~signals; }},
};

struct Switch {
  const char* option;
  bool Options::*member;
};

constexpr Switch kSwitches[] = {
    {"--keep", &Options::keep},
    {"--init", &Options::init},
    {"--group", &Options::group},
    {"--verbose", &Options::verbose},
    // Not for people: lib/cli/commands/run.ts.
    {"--through-node", &Options::throughNode},
};

// Not for people either: bin/sigbridge, lib/testing/launch.ts.
constexpr char kPackage[] = "--package=";

uint64_t signalBit(const char* text, const Change& change) {
  char why[256];
  const int signo = signalOf(text, why, sizeof why);
  if (signo == 0) misuse("%s", why);
  if (signo == SIGKILL || signo == SIGSTOP) {
    misuse("%s cannot be %s: the kernel lets no process catch, block or ignore it.", nameOf(signo),
           change.participle);
  }
  return bitOf(signo);
}

// A list such as 'SIGHUP,SIGINT', or 'all'. Written over.
uint64_t signalsIn(char* list, const Change& change) {
  if (strcmp(list, "all") == 0) return changeable();
  uint64_t bits = 0;
  for (char* next = list; next != nullptr;) {
    const char* const text = strsep(&next, ",");
    bits |= signalBit(text, change);
  }
  return bits;
}

constexpr char kList[] = "signals: expected a list such as SIGHUP,SIGINT, or all";

bool readChange(Options& options, char**& arguments) {
  for (const Change& change : kChanges) {
    char* const list = valueOf(change.option, kList, arguments);
    if (list == nullptr) continue;
    change.apply(options, signalsIn(list, change));
    return true;
  }
  return false;
}

bool readSwitch(Options& options, const char* argument) {
  if (strncmp(argument, kPackage, sizeof kPackage - 1) == 0) {
    options.package = argument + sizeof kPackage - 1;
    return true;
  }
  for (const Switch& one : kSwitches) {
    if (strcmp(argument, one.option) != 0) continue;
    options.*one.member = true;
    return true;
  }
  return false;
}

void requireNothingOfInit(const Options& options) {
  if (options.group) misuse("--group needs --init: nobody else stays to forward.");
  if (options.verbose) misuse("--verbose needs --init: nobody else stays to tell.");
  for (const int to : options.rewritten) {
    if (to != 0) misuse("--rewrite needs --init: nobody else stays to forward.");
  }
  for (const bool success : options.success) {
    if (success) misuse("--success needs --init: nobody else stays until the command ends.");
  }
}

void requireSense(const Options& options) {
  if (*options.command == nullptr) {
    misuse("No command: expected sigbridge run [options] -- command [arguments].");
  }
  if (!options.init) requireNothingOfInit(options);
  if (options.keep && options.throughNode) {
    misuse(
        "--keep cannot know here what was ignored: Node, by which this command was started, has "
        "reset it. Start 'sigbridge run' by the command itself, not by 'node'.");
  }
}

}  // namespace

Options readOptions(char** arguments, const Observed& inherited) {
  Options options = {};
  options.wanted = inherited;
  for (; *arguments != nullptr && **arguments == '-'; arguments++) {
    if (strcmp(*arguments, "--") == 0) {
      arguments++;
      break;
    }
    if (strcmp(*arguments, "--help") == 0 || strcmp(*arguments, "-h") == 0) help();
    if (readSwitch(options, *arguments) || readChange(options, arguments)) continue;
    if (readInitOption(options, arguments)) continue;
    misuse(
        "Unknown option %s: expected --ignore, --default, --block or --unblock with signals, "
        "--keep, --parent-death, --init, or what goes with that: --group, --rewrite, --success, "
        "--verbose.",
        shown(*arguments));
  }
  options.command = arguments;
  requireSense(options);
  return options;
}

}  // namespace sigbridge
