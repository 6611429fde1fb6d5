// Signals in words, without a lock and without an allocation.
#pragma once

#include <stdint.h>

#include "engine/signal/record.h"
#include "report/output.h"

namespace sigbridge {

void writeName(int signo, Output* out);

// A set (as bits): its names, "nothing", "everything", or "all but" these.
// Begins with a blank.
void writeNames(uint64_t signals, Output* out);

// What a program may block.
uint64_t blockable();

// Who sent it: "from process 7 of user 0 (bash)"; nothing where the kernel names nobody.
void writeSender(const Record& record, Output* out);

}  // namespace sigbridge
