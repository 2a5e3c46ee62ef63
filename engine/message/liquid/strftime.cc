#include "base/text.h"
#include "engine/message/liquid/characters.h"
#include "engine/message/liquid/moment.h"

#include <array>
#include <cstdint>

namespace hongyan::liquid {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};
constexpr std::size_t kWidest = 64;

struct Flags {
  bool plain = false;  // -: no padding
  bool upper = false;
  bool swaps = false;
  char padding = '\0';
  std::size_t width = 0;
  std::size_t colons = 0;
};

class Formatter {
 public:
  explicit Formatter(const Moment& moment)
      : offset_(moment.offset),
        day_(floor<days>(moment.local)),
        date_(day_),
        time_(moment.local - day_),
        since_(duration_cast<seconds>(floor<seconds>(moment.local).time_since_epoch() - offset_)) {}

  bool run(std::string_view format, std::string& out, std::size_t limit) const {
    while (!format.empty()) {
      const std::size_t percent = std::min(format.find('%'), format.size());
      out += format.substr(0, percent);
      format.remove_prefix(percent);
      if (out.size() > limit) return false;
      if (format.empty()) break;
      const std::size_t used = directive(format, out);
      if (used == 0) out += '%';
      format.remove_prefix(used == 0 ? 1 : used);
    }
    return out.size() <= limit;
  }

 private:
  // Its length, 0 when it is none.
  std::size_t directive(std::string_view format, std::string& out) const {
    Flags flags;
    std::size_t at = 1;
    for (; at < format.size(); ++at) {
      const char c = format[at];
      if (c == '-') {
        flags.plain = true;
      } else if (c == '^') {
        flags.upper = true;
      } else if (c == '#') {
        flags.swaps = true;
      } else if (c == '_') {
        flags.padding = ' ';
      } else if (c == '0') {
        flags.padding = '0';
      } else if (c == ':') {
        ++flags.colons;
      } else {
        break;
      }
    }
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at)
      flags.width =
          std::min(flags.width * 10 + static_cast<std::size_t>(format[at] - '0'), kWidest);
    if (at == format.size() || !write(format[at], flags, out)) return 0;
    return at + 1;
  }

  bool write(char kind, const Flags& flags, std::string& out) const {
    const std::int64_t hour = time_.hours().count();
    const std::int64_t twelve = hour % 12 == 0 ? 12 : hour % 12;
    const auto weekday_number = weekday(day_).c_encoding();
    switch (kind) {
      case 'Y':
        return number(static_cast<int>(date_.year()), 4, '0', flags, out);
      case 'C':
        return number(static_cast<int>(date_.year()) / 100, 2, '0', flags, out);
      case 'y':
        return number(static_cast<int>(date_.year()) % 100, 2, '0', flags, out);
      case 'm':
        return number(static_cast<unsigned>(date_.month()), 2, '0', flags, out);
      case 'd':
        return number(static_cast<unsigned>(date_.day()), 2, '0', flags, out);
      case 'e':
        return number(static_cast<unsigned>(date_.day()), 2, ' ', flags, out);
      case 'j':
        return number(day_of_year(), 3, '0', flags, out);
      case 'H':
        return number(hour, 2, '0', flags, out);
      case 'k':
        return number(hour, 2, ' ', flags, out);
      case 'I':
        return number(twelve, 2, '0', flags, out);
      case 'l':
        return number(twelve, 2, ' ', flags, out);
      case 'M':
        return number(time_.minutes().count(), 2, '0', flags, out);
      case 'S':
        return number(time_.seconds().count(), 2, '0', flags, out);
      case 's':
        return number(since_.count(), 1, '0', flags, out);
      case 'u':
        return number(weekday_number == 0 ? 7 : weekday_number, 1, '0', flags, out);
      case 'w':
        return number(weekday_number, 1, '0', flags, out);
      case 'U':
        return number((day_of_year() + 6 - weekday_number) / 7, 2, '0', flags, out);
      case 'W':
        return number((day_of_year() + 6 - (weekday_number + 6) % 7) / 7, 2, '0', flags, out);
      case 'G':
        return number(iso_week().first, 4, '0', flags, out);
      case 'g':
        return number(iso_week().first % 100, 2, '0', flags, out);
      case 'V':
        return number(iso_week().second, 2, '0', flags, out);
      default:
        return words(kind, flags, out) || combined(kind, flags, out);
    }
  }

  bool words(char kind, const Flags& flags, std::string& out) const {
    const auto month_name = kMonths[static_cast<unsigned>(date_.month()) - 1];
    const auto day_name = kDays[weekday(day_).c_encoding()];
    const bool afternoon = time_.hours().count() >= 12;
    switch (kind) {
      case 'B':
        return text(std::string(month_name), flags, out);
      case 'b':
      case 'h':
        return text(std::string(month_name.substr(0, 3)), flags, out);
      case 'A':
        return text(std::string(day_name), flags, out);
      case 'a':
        return text(std::string(day_name.substr(0, 3)), flags, out);
      case 'p':
        return text(flags.swaps ? (afternoon ? "pm" : "am") : (afternoon ? "PM" : "AM"),
                    {flags.plain, flags.upper, false, flags.padding, flags.width, 0}, out);
      case 'P':
        return text(afternoon ? "pm" : "am", flags, out);
      case 'Z':
        return text(offset_.count() == 0 ? "UTC" : zone(1), flags, out);
      case 'z':
        return text(zone(flags.colons), flags, out);
      case 'L':
        return fraction(flags.width == 0 ? 3 : flags.width, out);
      case 'N':
        return fraction(flags.width == 0 ? 9 : flags.width, out);
      case 'n':
        return text("\n", flags, out);
      case 't':
        return text("\t", flags, out);
      case '%':
        return text("%", flags, out);
      default:
        return false;
    }
  }

  bool combined(char kind, const Flags& flags, std::string& out) const {
    constexpr std::pair<char, std::string_view> kCombined[] = {{'D', "%m/%d/%y"},
                                                               {'x', "%m/%d/%y"},
                                                               {'F', "%Y-%m-%d"},
                                                               {'T', "%H:%M:%S"},
                                                               {'X', "%H:%M:%S"},
                                                               {'R', "%H:%M"},
                                                               {'r', "%I:%M:%S %p"},
                                                               {'v', "%e-%^b-%Y"},
                                                               {'c', "%a %b %e %H:%M:%S %Y"},
                                                               {'+', "%a %b %e %H:%M:%S %Z %Y"}};
    for (const auto& [name, format] : kCombined) {
      if (name != kind) continue;
      std::string made;
      run(format, made, 256);
      return text(std::move(made), flags, out);
    }
    return false;
  }

  static bool number(std::int64_t value, std::size_t digits, char padding, const Flags& flags,
                     std::string& out) {
    const std::string text = std::to_string(value < 0 ? -value : value);
    const std::size_t width = flags.plain ? 0 : std::max(flags.width, digits);
    const char fill = flags.padding == '\0' ? padding : flags.padding;
    const std::string gap(width > text.size() ? width - text.size() : 0, fill);
    const std::string_view sign = value < 0 ? "-" : "";
    out.append(fill == '0' ? sign : gap).append(fill == '0' ? gap : sign).append(text);
    return true;
  }

  static bool text(std::string text, const Flags& flags, std::string& out) {
    if (flags.upper || flags.swaps) text = upcase(text);
    if (flags.width > text.size() && !flags.plain)
      out.append(flags.width - text.size(), flags.padding == '0' ? '0' : ' ');
    out += text;
    return true;
  }

  bool fraction(std::size_t digits, std::string& out) const {
    const std::string micros = std::to_string(1'000'000 + time_.subseconds().count()).substr(1);
    out += micros.substr(0, digits);
    if (digits > micros.size()) out.append(digits - micros.size(), '0');
    return true;
  }

  std::string zone(std::size_t colons) const {
    const auto size = std::chrono::abs(offset_).count();
    const auto two = [](std::int64_t n) { return std::to_string(100 + n).substr(1); };
    std::string text = offset_.count() < 0 ? "-" : "+";
    text += two(size / 60) + (colons > 0 ? ":" : "") + two(size % 60);
    return colons > 1 ? text + ":00" : text;
  }

  unsigned day_of_year() const {
    const local_days first = local_days(date_.year() / January / 1);
    return static_cast<unsigned>((day_ - first).count()) + 1;
  }

  // The week that holds its Thursday (ISO 8601).
  std::pair<int, int> iso_week() const {
    const auto from_monday = (weekday(day_).c_encoding() + 6) % 7;
    const local_days thursday = day_ - days(from_monday) + days(3);
    const year_month_day date(thursday);
    const local_days first = local_days(date.year() / January / 1);
    return {static_cast<int>(date.year()), static_cast<int>((thursday - first).count() / 7 + 1)};
  }

  minutes offset_;
  local_days day_;
  year_month_day date_;
  hh_mm_ss<microseconds> time_;
  seconds since_;
};

}  // namespace

bool format_moment(const Moment& moment, std::string_view format, std::string& out,
                   std::size_t limit) {
  return Formatter(moment).run(format, out, limit);
}

}  // namespace hongyan::liquid
