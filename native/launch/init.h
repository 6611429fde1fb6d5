// `--init`: stays as the command's parent, as PID 1 or not, and is as good as not there.
//
//   signals  Each that can be caught goes on to the command, a queued value with it, or what it is
//            rewritten to. All are blocked and waited for: none is lost, none finds us unready.
//   orphans  Waited for: PID 1 gets them anyway, elsewhere as a subreaper (prctl(2)).
//   jobs     The command has a process group of its own, and the terminal if this process had it.
//   If
//            it stops, so does this process; a SIGCONT, with the terminal if we have it, goes on.
//   end      With the command's status, or by its signal; as PID 1, which no signal ends, 128 + n.
//   holds    No file of the command's, no working directory: only the terminal, and the standard
//            error if it is to tell what it does.
#pragma once

#include "launch/options.h"

namespace sigbridge {

[[noreturn]] void stayAsInit(const Options& options, const Observed& inherited);

}  // namespace sigbridge
