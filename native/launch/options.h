// The command line of `sigbridge run`.
#pragma once

#include <stdint.h>

#include "engine/signal/inherited.h"
#include "engine/signal/signals.h"

namespace sigbridge {

// In `Options::rewritten`: does not go on at all.
constexpr int kDropped = -1;

struct Options {
  // What the command is to start with.
  Observed wanted;
  // What `--default` has named, and no later `--ignore`.
  uint64_t defaulted;
  bool keep;
  bool init;
  // With `init`: signals go to the command's whole process group.
  bool group;
  // With `init`: what each signal becomes when it goes on, 0 for the same.
  int rewritten[kLastSignal + 1];
  // With `init`: exit codes that count as 0; 128 + n stands for a death by signal n too.
  bool success[256];
  // With `init`: tells on standard error what goes on.
  bool verbose;
  // Comes when this process's parent ends; 0 for none.
  int parentDeath;
  // Started by Node, which has reset what its own caller had set.
  bool throughNode;
  // The folder of the package sigbridge, where this program lies in another; else null.
  const char* package;
  char** command;
};

// Options count from left to right, on top of what was inherited. Wrong usage ends the process: a
// message, and exit code 2; `--help` ends it with 0.
Options readOptions(char** arguments, const Observed& inherited);

}  // namespace sigbridge
