// sigbridge run: sets signals as asked for, and becomes the command. A program of its own, since a
// Node would have reset what was inherited before its first line could look.
#include <unistd.h>

#include "launch/become.h"
#include "launch/init.h"
#include "launch/keep.h"
#include "launch/options.h"
#include "launch/parent_death.h"

int main(int argc, char** argv) {
  using namespace sigbridge;
  const pid_t parent = getppid();
  const Observed inherited = takeOver();
  const Options options = readOptions(argc > 0 ? argv + 1 : argv, inherited);
  arrangeKeeping(options);
  followParent(options.parentDeath, parent);
  if (options.init) stayAsInit(options, inherited);
  become(options, inherited);
}
