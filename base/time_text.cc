#include "base/time_text.h"

#include <fmt/core.h>

#include <charconv>

namespace hongyan {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads fixed-width fields from the front; any mismatch makes it bad for good.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : text_(text) {}

  int digits(std::size_t count, int least, int most) {
    if (text_.size() < count) return bad();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(text_[i])) return bad();
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(count);
    return value < least || value > most ? bad() : value;
  }
  char any_of(std::string_view wanted) {
    if (text_.empty() || !wanted.contains(text_[0])) return static_cast<char>(bad());
    const char c = text_[0];
    text_.remove_prefix(1);
    return c;
  }
  // ".123456" to whole milliseconds; nothing there is 0.
  int fraction_ms() {
    if (!text_.starts_with('.')) return 0;
    text_.remove_prefix(1);
    if (text_.empty() || !is_digit(text_[0])) return bad();
    int ms = 0;
    for (int scale = 100; !text_.empty() && is_digit(text_[0]); scale /= 10) {
      ms += (text_[0] - '0') * scale;
      text_.remove_prefix(1);
    }
    return ms;
  }
  bool good() const { return good_ && text_.empty(); }

 private:
  int bad() {
    good_ = false;
    return 0;
  }
  std::string_view text_;
  bool good_ = true;
};

}  // namespace

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  using namespace std::chrono;
  FieldReader from(text);
  const int y = from.digits(4, 1970, 9999);
  from.any_of("-");
  const int m = from.digits(2, 1, 12);
  from.any_of("-");
  const int d = from.digits(2, 1, 31);
  const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                            day{static_cast<unsigned>(d)}};
  if (!from.good() || !date.ok()) return std::nullopt;
  return sys_days{date};
}

Result<WallTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto bad = [&] {
    return fail(Scope::kProcess, "bad-time",
                "'" + std::string(text) +
                    "' is no RFC 3339 time; a date, a time and an offset are needed, as in "
                    "2026-02-01T09:00:00+08:00");
  };
  FieldReader in(text);
  const int y = in.digits(4, 1970, 9999);
  in.any_of("-");
  const int mo = in.digits(2, 1, 12);
  in.any_of("-");
  const int d = in.digits(2, 1, 31);
  in.any_of("Tt ");
  const int h = in.digits(2, 0, 23);
  in.any_of(":");
  const int mi = in.digits(2, 0, 59);
  in.any_of(":");
  const int s = in.digits(2, 0, 60);
  const int ms = in.fraction_ms();
  const char sign = in.any_of("Zz+-");
  minutes offset{0};
  if (sign == '+' || sign == '-') {
    const int oh = in.digits(2, 0, 23);
    in.any_of(":");
    offset = hours(oh) + minutes(in.digits(2, 0, 59));
    if (sign == '-') offset = -offset;
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!in.good() || !date.ok()) return bad();
  return WallTime{sys_days{date}} + hours(h) + minutes(mi) + seconds(s) + Millis(ms) - offset;
}

Result<std::chrono::minutes> parse_clock(std::string_view text) {
  const auto digit = [&](std::size_t i) { return is_digit(text[i]); };
  if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int hours = (text[0] - '0') * 10 + (text[1] - '0');
    const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
    if (minutes < 60 && hours * 60 + minutes <= 24 * 60)
      return std::chrono::minutes(hours * 60 + minutes);
  }
  return fail(Scope::kJob, "bad-clock",
              "'" + std::string(text) + "' is no time of day; HH:MM is needed");
}

std::string format_rfc3339(WallTime at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss time{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

}  // namespace hongyan
