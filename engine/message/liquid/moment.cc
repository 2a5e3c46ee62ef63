#include "engine/message/liquid/moment.h"

#include "base/text.h"
#include "engine/message/liquid/characters.h"

#include <algorithm>
#include <array>

namespace hongyan::liquid {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kDays{"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};
struct Zone {
  std::string_view name;
  int hours;
};
constexpr Zone kZones[] = {{"z", 0},    {"utc", 0},  {"gmt", 0},  {"est", -5},
                           {"edt", -4}, {"cst", -6}, {"cdt", -5}, {"mst", -7},
                           {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
constexpr std::string_view kIgnored[] = {"t", "at", "of", "the", "on", "st", "nd", "rd", "th"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// At least three letters of a name.
template <std::size_t size>
std::optional<unsigned> named(const std::array<std::string_view, size>& names,
                              std::string_view word) {
  if (word.size() < 3) return std::nullopt;
  for (unsigned i = 0; i < size; ++i)
    if (names[i].starts_with(word)) return i;
  return std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(ascii_lower(text)) {}

  bool run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_digit(c)) {
        if (!number()) return false;
      } else if (is_alnum(c)) {
        if (!word()) return false;
      } else if ((c == '+' || c == '-') && hour_ >= 0) {
        if (!zone_offset()) return false;
      } else if (is_space(c) || std::string_view(",.-/()").contains(c)) {
        ++at_;
      } else {
        return false;
      }
    }
    return year_ >= 0 || month_ > 0 || day_ > 0 || hour_ >= 0;
  }

  std::optional<Moment> moment(const Moment& now) const {
    const minutes offset = offset_.value_or(now.offset);
    const auto today = floor<days>(now.local - now.offset + offset);
    const year_month_day current(today);
    const int last_year = year_ >= 0 ? year_ : static_cast<int>(current.year());
    const bool dated = year_ >= 0 || month_ > 0;
    const unsigned month_number =
        month_ > 0 ? month_ : (year_ >= 0 ? 1 : static_cast<unsigned>(current.month()));
    const unsigned day_number =
        day_ > 0 ? day_ : (dated ? 1 : static_cast<unsigned>(current.day()));
    const year_month_day date{year{last_year}, month{month_number}, day{day_number}};
    if (!date.ok() || last_year < 1 || last_year > 9999) return std::nullopt;
    int hour = std::max(hour_, 0);
    if (afternoon_ && (hour < 1 || hour > 12)) return std::nullopt;
    if (afternoon_) hour = hour % 12 + (*afternoon_ ? 12 : 0);
    if (hour > 23 || minute_ > 59 || second_ > 60) return std::nullopt;
    return Moment{local_days(date) + hours(hour) + minutes(minute_) + seconds(second_) + fraction_,
                  offset};
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  // Of at most nine digits; longer ones are no part of a date.
  bool digits(int& value, std::size_t& count) {
    const std::size_t begin = at_;
    value = 0;
    while (is_digit(peek())) {
      if (at_ - begin == 9) return false;
      value = value * 10 + (text_[at_++] - '0');
    }
    count = at_ - begin;
    return count > 0;
  }

  bool number() {
    int value = 0;
    std::size_t count = 0;
    if (!digits(value, count)) return false;
    if (peek() == ':') return time(value);
    if (count == 8 && year_ < 0) {
      year_ = value / 10000;
      month_ = static_cast<unsigned>(value / 100 % 100);
      day_ = static_cast<unsigned>(value % 100);
      return month_ > 0 && day_ > 0;
    }
    if (count == 6 && at_ > 6 && text_[at_ - 7] == 't') {
      hour_ = value / 10000;
      minute_ = value / 100 % 100;
      second_ = value % 100;
      return true;
    }
    const std::size_t blanks = peek() == ' ' ? 1 : 0;
    if ((peek(blanks) == 'a' || peek(blanks) == 'p') && peek(blanks + 1) == 'm' &&
        !is_alnum(peek(blanks + 2))) {
      hour_ = value;
      return count <= 2;
    }
    if ((peek() == '-' || peek() == '/' || peek() == '.') && is_digit(peek(1)) && day_ == 0)
      return date(value, count, peek());
    if (count <= 2 && day_ == 0) {
      day_ = static_cast<unsigned>(value);
      return value > 0;
    }
    if (year_ >= 0) return false;
    year_ = count <= 2 ? value + (value < 69 ? 2000 : 1900) : value;
    return count <= 4;
  }

  // Year first, or day first.
  bool date(int first, std::size_t first_count, char separator) {
    ++at_;
    int second = 0;
    std::size_t count = 0;
    if (!digits(second, count) || count > 2) return false;
    if (first_count > 2) {
      year_ = first;
      month_ = static_cast<unsigned>(second);
      day_ = 1;
      if (peek() == separator && is_digit(peek(1))) {
        ++at_;
        int third = 0;
        if (!digits(third, count) || count > 2) return false;
        day_ = static_cast<unsigned>(third);
      }
      return first_count == 4 && month_ > 0 && day_ > 0;
    }
    if (peek() != separator || !is_digit(peek(1))) return false;
    ++at_;
    int third = 0;
    if (!digits(third, count) || count != 4) return false;
    day_ = static_cast<unsigned>(first);
    month_ = static_cast<unsigned>(second);
    year_ = third;
    return month_ > 0 && day_ > 0;
  }

  bool time(int hour) {
    if (hour_ >= 0) return false;
    hour_ = hour;
    std::size_t count = 0;
    ++at_;
    if (!digits(minute_, count) || count != 2) return false;
    if (peek() != ':') return true;
    ++at_;
    if (!digits(second_, count) || count != 2) return false;
    if (peek() != '.' || !is_digit(peek(1))) return true;
    ++at_;
    for (int unit = 100'000; is_digit(peek()); unit /= 10)
      fraction_ += microseconds((text_[at_++] - '0') * unit);
    return true;
  }

  bool zone_offset() {
    const int sign = text_[at_++] == '-' ? -1 : 1;
    int value = 0;
    std::size_t count = 0;
    if (!digits(value, count)) return false;
    int minute = 0;
    if (count == 4) {
      minute = value % 100;
      value /= 100;
    } else if (peek() == ':') {
      ++at_;
      if (!digits(minute, count)) return false;
    } else if (count > 2) {
      return false;
    }
    if (value > 14 || minute > 59) return false;
    offset_ = minutes(sign * (value * 60 + minute));
    return true;
  }

  bool word() {
    const std::size_t begin = at_;
    while (is_alnum(peek()) && !is_digit(peek())) ++at_;
    const std::string_view word = std::string_view(text_).substr(begin, at_ - begin);
    if (const auto month = named(kMonths, word)) {
      month_ = *month + 1;
    } else if (word == "am" || word == "pm") {
      afternoon_ = word == "pm";
    } else if (const auto* zone = std::ranges::find(kZones, word, &Zone::name);
               zone != std::end(kZones)) {
      offset_ = hours(zone->hours);
    } else {
      return named(kDays, word) || std::ranges::find(kIgnored, word) != std::end(kIgnored);
    }
    return true;
  }

  std::string text_;
  std::size_t at_ = 0;
  int year_ = -1;
  unsigned month_ = 0;
  unsigned day_ = 0;
  int hour_ = -1;
  int minute_ = 0;
  int second_ = 0;
  microseconds fraction_{0};
  std::optional<bool> afternoon_;
  std::optional<minutes> offset_;
};

}  // namespace

Moment moment_at(WallTime at, minutes offset) {
  return {local_time<microseconds>(at.time_since_epoch()) + offset, offset};
}

std::optional<Moment> moment_of_seconds(std::int64_t seconds_since, minutes offset) {
  constexpr std::int64_t kLastSecond = 253'402'300'799 - 86'400;  // in 9999
  if (seconds_since < -62'135'596'800 + 86'400 || seconds_since > kLastSecond) return std::nullopt;
  return Moment{local_time<microseconds>(seconds(seconds_since)) + offset, offset};
}

std::optional<Moment> parse_moment(std::string_view text, const Moment& now) {
  constexpr std::size_t kLongest = 100;
  if (text.size() > kLongest) return std::nullopt;
  const std::string_view word = trim_blanks(text);
  if (ascii_iequals(word, "now") || ascii_iequals(word, "today")) return now;
  if (!word.empty() && std::ranges::all_of(word, is_digit) && word.size() < 16)
    return moment_of_seconds(std::stoll(std::string(word)), now.offset);
  Reader reader(word);
  return reader.run() ? reader.moment(now) : std::nullopt;
}

}  // namespace hongyan::liquid
