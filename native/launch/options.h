// The command line of `sigbridge run`.
#pragma once

#include <stdint.h>

#include "engine/signal/inherited.h"

namespace sigbridge {

struct Options {
  // What the command is to start with.
  Observed wanted;
  // What `--default` has named, and no later `--ignore`.
  uint64_t defaulted;
  bool keep;
  bool init;
  // With `init`: signals go to the command's whole process group.
  bool group;
  // Started by Node, which has reset what its own caller had set.
  bool throughNode;
  char** command;
};

// Options count from left to right, on top of what was inherited. Wrong usage ends the process: a
// message, and exit code 2; `--help` ends it with 0.
Options readOptions(char** arguments, const Observed& inherited);

}  // namespace sigbridge
