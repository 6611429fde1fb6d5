// Which file's code lies where, so that whoever reads the record can name it.
#pragma once

#include <stdint.h>

#include "engine/handler/in_handler.h"

namespace sigtrace {

// Sees to it that the record tells in which file this code lies.
SB_IN_HANDLER void nameModuleOf(uint64_t address);

// Records what has been loaded since the last time, where that is long ago.
SB_IN_HANDLER void lookForModules(uint64_t now);

// The same, now.
SB_IN_HANDLER void recordModules();

}  // namespace sigtrace
