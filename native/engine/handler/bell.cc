#include "engine/handler/bell.h"

#include <errno.h>

namespace sigbridge {

SB_IN_HANDLER bool PipeBell::isInterrupted() { return errno == EINTR; }

}  // namespace sigbridge
