#pragma once

namespace sigbridge {

constexpr char kHelp[] = R"(Usage: sigbridge run [options] -- command [arguments]

Starts a command with signals ignored, blocked or at their default, and becomes
that command: nothing stays in between. What is not named stays as inherited.

Options, from left to right (a list is SIGHUP,SIGINT,SIGRTMIN+3,15 or all):
  --ignore list   ignore these signals
  --default list  set these signals back to their default
  --block list    block these signals
  --unblock list  do not block these signals
  --keep          have every Node below keep what is ignored: Node sets the
                  signals 1 to 31 back to their default when it starts
  --init          stay, as PID 1 or not: forward signals to the command, reap
                  orphans, pass on stop and continue, and end as it ends
  --parent-death signal
                  gets this signal when whoever has started it ends
  With --init:
  --group         forward to the command's whole process group
  --rewrite FROM=TO
                  forward TO where FROM came; none keeps it back (a list)
  --success code  end with 0 where the command ended with this code, or by this
                  signal (a list such as 143,SIGINT)
  --verbose       tell on standard error what comes, what goes on and who ends
  -h, --help      this text

Exit codes: the command's own; 127 if it was not found, 126 if it could not be
run, 2 for wrong usage, 1 if the system says no.
)";

}  // namespace sigbridge
