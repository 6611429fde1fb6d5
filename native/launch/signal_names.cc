#include "launch/signal_names.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/signal/signals.h"
#include "engine/signal/standard_names.h"

namespace sigbridge {

namespace {

constexpr int kStandardLast = 31;
constexpr size_t kLongestName = 24;

bool isReserved(int signo) { return signo > kStandardLast && signo < firstRealtime(); }

bool isUsable(int signo) { return signo > 0 && (signo <= kStandardLast || isRealtime(signo)); }

// Calls `visit(name, signo)` for each name there is, until it answers true.
template <typename Visit>
void forEachName(const Visit& visit) {
  for (const StandardName& one : kStandardNames) {
    if (visit(one.name, one.signo)) return;
  }
  if (firstRealtime() == 0) return;
  if (visit("SIGRTMIN", firstRealtime()) || visit("SIGRTMAX", lastRealtime())) return;
  for (int signo = firstRealtime(); signo <= lastRealtime(); signo++) {
    char name[kLongestName];
    snprintf(name, sizeof name, "SIGRTMIN+%d", signo - firstRealtime());
    if (visit(name, signo)) return;
    snprintf(name, sizeof name, "SIGRTMAX-%d", lastRealtime() - signo);
    if (visit(name, signo)) return;
  }
}

int byName(const char* text) {
  int found = 0;
  forEachName([&](const char* name, int signo) {
    if (strcmp(name, text) != 0) return false;
    found = signo;
    return true;
  });
  return found;
}

bool isNumber(const char* text) {
  return *text != '\0' && strspn(text, "0123456789") == strlen(text);
}

// Above every signal where it would not fit.
int numberIn(const char* text) {
  const unsigned long value = strtoul(text, nullptr, 10);
  return value > 10000 ? 10000 : static_cast<int>(value);
}

// One letter wrong, missing or too many, or two neighbours swapped.
bool isOneSlipAway(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) a++, b++;
  if (*a == '\0' || *b == '\0') return strlen(a) + strlen(b) == 1;
  if (strcmp(a + 1, b + 1) == 0 || strcmp(a + 1, b) == 0 || strcmp(a, b + 1) == 0) return true;
  return a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0;
}

// What somebody who wrote `text` most likely meant, into `meant`; false where that is not clear.
bool suggest(const char* text, char (&meant)[kLongestName]) {
  char tidy[kLongestName] = "SIG";
  size_t length = 3;
  if (strncasecmp(text, "SIG", 3) == 0) text += 3;
  for (; *text != '\0'; text++) {
    if (length == sizeof tidy - 1) return false;
    tidy[length++] = static_cast<char>(toupper(static_cast<unsigned char>(*text)));
  }
  tidy[length] = '\0';
  int near = 0;
  forEachName([&](const char* name, int) {
    const bool same = strcmp(name, tidy) == 0;
    // With so few letters everything is close to everything.
    if (!same && (length < 6 || !isOneSlipAway(tidy, name))) return false;
    near = same ? 1 : near + 1;
    snprintf(meant, sizeof meant, "%s", name);
    return same;
  });
  return near == 1;
}

void explain(const char* text, char* why, size_t size) {
  int at = snprintf(why, size, "Unknown signal %s: expected a signal name such as 'SIGTERM'",
                    isNumber(text) ? text : shown(text));
  const auto add = [&](const char* format, auto... values) {
    if (static_cast<size_t>(at) < size) at += snprintf(why + at, size - at, format, values...);
  };
  if (firstRealtime() != 0) {
    add(" or 'SIGRTMIN+3' (at most +%d)", lastRealtime() - firstRealtime());
  }
  add(", or a number from 1 to %d.", firstRealtime() != 0 ? lastRealtime() : kStandardLast);
  char meant[kLongestName];
  if (!isNumber(text) && suggest(text, meant)) add(" Did you mean '%s'?", meant);
}

}  // namespace

int signalOf(const char* text, char* why, size_t size) {
  int signo = isNumber(text) ? numberIn(text) : byName(text);
  if (isUsable(signo)) return signo;
  if (strncmp(text, "SIG", 3) == 0 && isNumber(text + 3)) signo = numberIn(text + 3);
  if (isReserved(signo)) {
    snprintf(why, size,
             "SIG%d is reserved by the C library for its threads; programs may use 'SIGRTMIN' to "
             "'SIGRTMAX'.",
             signo);
  } else {
    explain(text, why, size);
  }
  return 0;
}

const char* nameOf(int signo) {
  static char buffer[kLongestName];
  snprintf(buffer, sizeof buffer, "SIG%d", signo);
  forEachName([&](const char* name, int number) {
    if (number != signo) return false;
    snprintf(buffer, sizeof buffer, "%s", name);
    return true;
  });
  return buffer;
}

uint64_t changeable() {
  uint64_t bits = 0;
  for (int signo = 1; signo <= kLastSignal; signo++) {
    if (isUsable(signo) && signo != SIGKILL && signo != SIGSTOP) bits |= bitOf(signo);
  }
  return bits;
}

const char* shown(const char* text) {
  static char buffer[48];
  const size_t room = sizeof buffer - 8;
  size_t length = 0;
  buffer[length++] = '\'';
  for (; *text != '\0' && length < room; text++) {
    buffer[length++] = iscntrl(static_cast<unsigned char>(*text)) ? '?' : *text;
  }
  snprintf(buffer + length, sizeof buffer - length, "%s", *text == '\0' ? "'" : "…'");
  return buffer;
}

}  // namespace sigbridge
