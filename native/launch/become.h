// How this process turns into the command.
#pragma once

#include "launch/options.h"

namespace sigbridge {

// Blocks every signal; to be called first, so that what arrives from then on meets what was asked
// for. Gives back what stood.
Observed takeOver();

// Sets dispositions first and the mask last: what has arrived meanwhile acts as asked for.
void apply(const Observed& wanted);

// exec, with a record of `inherited` for `inherited()`, unless that is not known. Where it fails: a
// message, and exit code 127 or 126, as shells do.
[[noreturn]] void become(const Options& options, const Observed& inherited);

}  // namespace sigbridge
