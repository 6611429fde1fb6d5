// What a process that stays in between must not hold open: who reads what the command writes must
// see the end of it when the command closes it, and a lock or a mount is free when the command is
// done with it.
#pragma once

namespace sigbridge {

// Closes all but these two, which may be -1, and leaves the working directory.
void letGo(int one, int other);

}  // namespace sigbridge
