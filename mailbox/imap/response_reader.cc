#include "mailbox/imap/response_reader.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hongyan::imap {

LiteralMark literal_at_end(std::string_view line) {
  using enum LiteralMark::Kind;
  if (!line.ends_with('}')) return {};
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos) return {};
  std::string_view digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
    return {};
  std::size_t size = 0;
  const auto [end, ec] = std::from_chars(digits.begin(), digits.end(), size);
  // RFC 9051 9: number64 is the widest.
  if (ec != std::errc() || digits.size() > 19) return {kBroken, 0};
  return {kLiteral, size};
}

bool is_status_line(std::string_view line) {
  if (line.starts_with('+')) return true;
  const std::size_t blank = line.find(' ');
  if (blank == std::string_view::npos) return false;
  const std::string_view rest = line.substr(blank + 1);
  const std::string_view word = rest.substr(0, rest.find(' '));
  static constexpr std::array<std::string_view, 5> kStatuses = {"OK", "NO", "BAD", "BYE",
                                                                "PREAUTH"};
  return std::ranges::any_of(kStatuses, [&](auto status) { return ascii_iequals(word, status); });
}

ResponseReader::Status ResponseReader::broken(Status status, std::string_view fault) {
  fault_ = fault;
  return status;
}

ResponseReader::Status ResponseReader::read(std::string_view& input) {
  if (complete_) {
    response_.clear();
    line_ = literal_ = text_ = 0;
    complete_ = false;
  }
  while (!input.empty()) {
    const std::size_t newline = literal_ > 0 ? std::string_view::npos : input.find('\n');
    const std::size_t wanted = literal_ > 0                        ? literal_
                               : newline == std::string_view::npos ? input.size()
                                                                   : newline + 1;
    const std::string_view piece = input.substr(0, wanted);
    if (response_.size() + piece.size() > limits_.response)
      return broken(Status::kTooLarge, "a response is too long");
    response_ += piece;
    input.remove_prefix(piece.size());
    if (literal_ > 0) {
      literal_ -= piece.size();
      if (literal_ == 0) line_ = response_.size();
      continue;
    }
    text_ += piece.size();
    if (text_ > limits_.line) return broken(Status::kTooLarge, "a line is too long");
    if (newline == std::string_view::npos) break;
    const Status status = end_of_line();
    if (status != Status::kNeedMore) return status;
  }
  return Status::kNeedMore;
}

ResponseReader::Status ResponseReader::end_of_line() {
  std::string_view line = std::string_view(response_).substr(line_);
  line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  const bool is_first = line_ == 0;
  const LiteralMark mark = is_first && is_status_line(line) ? LiteralMark{} : literal_at_end(line);
  if (mark.kind == LiteralMark::Kind::kBroken)
    return broken(Status::kTooLarge, "a literal has no size that can be");
  if (mark.kind == LiteralMark::Kind::kLiteral) {
    if (mark.size > limits_.literal || response_.size() + mark.size > limits_.response)
      return broken(Status::kTooLarge, "a literal is too long");
    literal_ = mark.size;
    line_ = response_.size();
    return Status::kNeedMore;
  }
  if (line.contains('\0')) return broken(Status::kMalformed, "a line holds a zero byte");
  response_.resize(line_ + line.size());
  complete_ = true;
  return Status::kResponse;
}

}  // namespace hongyan::imap
