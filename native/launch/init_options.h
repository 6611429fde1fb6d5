// Options of `sigbridge run` with a value other than a list of signals.
#pragma once

#include "launch/options.h"

namespace sigbridge {

// Whether it was one; `arguments` then stands at its last word. Wrong values end the process.
bool readInitOption(Options& options, char**& arguments);

}  // namespace sigbridge
