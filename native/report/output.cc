#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/signal/record.h"

namespace sigbridge {

Output& Output::part(const char* text, size_t length) {
  const size_t room = sizeof buffer_ - used_;
  if (length > room) length = room;
  memcpy(buffer_ + used_, text, length);
  used_ += length;
  return *this;
}

Output& Output::text(const char* text) { return part(text, strlen(text)); }

namespace {

// The digits, at the end of the room; where they begin.
size_t digitsOf(int64_t value, char (&room)[24]) {
  size_t at = sizeof room;
  const bool negative = value < 0;
  uint64_t rest = negative ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  do {
    room[--at] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (negative) room[--at] = '-';
  return at;
}

}  // namespace

Output& Output::number(int64_t value) {
  char room[24];
  const size_t at = digitsOf(value, room);
  return part(room + at, sizeof room - at);
}

void Output::decimal(int64_t value, char* to, const char* after) {
  char room[24];
  const size_t at = digitsOf(value, room);
  memcpy(to, room + at, sizeof room - at);
  strcpy(to + sizeof room - at, after);
}

Output& Output::hex(uint64_t value) {
  char digits[16];
  size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[value % 16];
    value /= 16;
  } while (value != 0);
  return text("0x").part(digits + at, sizeof digits - at);
}

Output& Output::line(const char* path, const char* key) {
  char content[8192];
  const size_t size = readWhole(path, content, sizeof content - 1);
  content[size] = '\0';
  const size_t skipped = strlen(key);
  for (char* line = content; *line != '\0';) {
    const size_t length = strcspn(line, "\n");
    if (strncmp(line, key, skipped) == 0) {
      const char* value = line + skipped;
      while (*value == ' ' || *value == '\t') value++;
      return part(value, static_cast<size_t>(line + length - value));
    }
    line += length + (line[length] == '\n' ? 1 : 0);
  }
  return text("?");
}

const char* Output::content() {
  buffer_[used_ < sizeof buffer_ ? used_ : used_ - 1] = '\0';
  return buffer_;
}

void Output::spill(int file) {
  if (used_ < sizeof buffer_ / 2) return;
  writeTo(file);
  clear();
}

void Output::writeTo(int file) const {
  for (size_t done = 0; done < used_;) {
    const ssize_t written = write(file, buffer_ + done, used_ - done);
    if (written < 0 && errno != EINTR) return;
    if (written > 0) done += static_cast<size_t>(written);
  }
}

namespace {

// Whether a write to it may wait for a reader.
bool mayWait(int file) {
  struct stat what;
  return fstat(file, &what) != 0 || !S_ISREG(what.st_mode);
}

// O_NONBLOCK on the file itself would hold for everybody who shares it: opened once more it is ours
// alone. A socket cannot be opened, but has a flag for each call.
int openedAgain(int file) {
  char path[40] = "/proc/self/fd/";
  Output::decimal(file, path + strlen(path), "");
  return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

}  // namespace

void Output::writeWithin(int file, int64_t patience) const {
  if (!mayWait(file)) return writeTo(file);
  const int own = openedAgain(file);
  const int64_t until = monotonicNow() + patience;
  for (size_t done = 0; done < used_;) {
    const char* const rest = buffer_ + done;
    const ssize_t written = own >= 0 ? write(own, rest, used_ - done)
                                     : send(file, rest, used_ - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (written > 0) done += static_cast<size_t>(written);
    if (written >= 0 || errno == EINTR) continue;
    const int64_t left = until - monotonicNow();
    if (errno != EAGAIN || left <= 0) break;
    struct pollfd ready = {own >= 0 ? own : file, POLLOUT, 0};
    poll(&ready, 1, static_cast<int>(left / 1000000) + 1);
  }
  if (own >= 0) close(own);
}

size_t readWhole(const char* path, char* buffer, size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  size_t used = 0;
  while (used < size) {
    const ssize_t got = read(file, buffer + used, size - used);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    used += static_cast<size_t>(got);
  }
  close(file);
  return used;
}

}  // namespace sigbridge
