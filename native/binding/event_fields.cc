#include "binding/event_fields.h"

#include <string.h>

namespace sigbridge {

namespace {

// Which members of the siginfo are set, by who made it: sigaction(2), "The siginfo_t argument".
int32_t presentIn(const siginfo_t& info) {
  if (info.si_code > 0) {
    const bool child = info.si_signo == SIGCHLD && info.si_code <= CLD_CONTINUED;
    return child ? kHasSender | kHasStatus : 0;
  }
  switch (info.si_code) {
    case SI_USER:
#if defined(SI_TKILL)
    case SI_TKILL:
#endif
      return kHasSender;
    case SI_TIMER:
      return kHasValue;
    case SI_ASYNCIO:
#if defined(SI_SIGIO)
    case SI_SIGIO:
#endif
      return 0;
    default:  // SI_QUEUE, SI_MESGQ, and codes that programs made up for sigqueue's form
      return kHasSender | kHasValue;
  }
}

}  // namespace

void writeEvent(const siginfo_t& info, int signo, int64_t timestamp, uint32_t coalesced,
                int32_t* row) {
  const int32_t has = presentIn(info);
  row[kSigno] = signo;
  row[kCode] = info.si_code;
  row[kPid] = (has & kHasSender) != 0 ? info.si_pid : 0;
  row[kUid] = (has & kHasSender) != 0 ? static_cast<int32_t>(info.si_uid) : 0;
  row[kValue] = (has & kHasValue) != 0 ? info.si_value.sival_int : 0;
  row[kStatus] = (has & kHasStatus) != 0 ? info.si_status : 0;
  row[kCoalesced] = static_cast<int32_t>(coalesced);
  row[kHas] = has;
  memcpy(&row[kTimestamp], &timestamp, sizeof timestamp);
}

void writeInfo(const Record& record, int32_t* row) { memcpy(row, record.info, kInfoBytes); }

}  // namespace sigbridge
