#include "launch/arguments.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace sigbridge {

namespace {

constexpr int kUsage = 2;

}  // namespace

[[noreturn]] void misuse(const char* format, ...) {
  va_list values;
  va_start(values, format);
  fputs("sigbridge: ", stderr);
  vfprintf(stderr, format, values);
  fputs("\nTry 'sigbridge run --help'.\n", stderr);
  va_end(values);
  exit(kUsage);
}

char* valueOf(const char* option, const char* expected, char**& arguments) {
  const size_t length = strlen(option);
  char* const argument = *arguments;
  if (strncmp(argument, option, length) != 0) return nullptr;
  // A copy, that may be written over: others read the arguments in /proc/PID/cmdline.
  if (argument[length] == '=') return strdup(argument + length + 1);
  if (argument[length] != '\0') return nullptr;
  if (arguments[1] == nullptr) misuse("%s needs %s.", option, expected);
  return strdup(*++arguments);
}

}  // namespace sigbridge
