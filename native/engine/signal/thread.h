// The calling thread.
#pragma once

#include "engine/handler/in_handler.h"

namespace sigbridge {

// Its id, as /proc has it; 0 where there is no /proc.
SB_IN_HANDLER int ownThread();

}  // namespace sigbridge
