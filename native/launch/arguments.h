// What every option of `sigbridge run` shares: how it gets its value, and how wrong usage ends.
#pragma once

namespace sigbridge {

// A message and a way to the help, on standard error; exit code 2.
[[noreturn]] __attribute__((format(printf, 1, 2))) void misuse(const char* format, ...);

// The value of `option` where `argument` is that option with one, be it '--option=value' or two
// arguments, as a copy; null where it is another option. `expected` says what is missing where it
// has none.
char* valueOf(const char* option, const char* expected, char**& arguments);

}  // namespace sigbridge
