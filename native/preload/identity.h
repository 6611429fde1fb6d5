// Who makes a record: process and thread, also in a child that has just been forked.
#pragma once

#include <stdint.h>

#include "engine/handler/in_handler.h"

namespace sigtrace {

struct Identity {
  uint32_t pid;
  uint32_t tid;
};

// Leaves a record of a process that is seen for the first time.
SB_IN_HANDLER Identity identity();

// The process whose memory this is: a child of vfork(2) has its parent's.
SB_IN_HANDLER uint32_t ownerOfMemory();

// This process's start; when the library has been loaded.
void recordStart();

}  // namespace sigtrace
