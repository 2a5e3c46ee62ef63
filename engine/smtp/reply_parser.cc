#include "engine/smtp/reply_parser.h"

#include <algorithm>

namespace hongyan::smtp {
namespace {

constexpr std::size_t kMaxReplyText = 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// One to three digits at `at`; moves past them.
bool skip_number(std::string_view line, std::size_t& at) {
  const std::size_t start = at;
  while (at < line.size() && is_digit(line[at])) ++at;
  return at > start && at - start <= 3;
}

}  // namespace

std::size_t enhanced_code_length(std::string_view line, int code) {
  const int kind = code / 100;
  if (kind != 2 && kind != 4 && kind != 5) return 0;
  if (line.size() < 5 || line[0] != static_cast<char>('0' + kind) || line[1] != '.') return 0;
  std::size_t at = 2;
  if (!skip_number(line, at) || at >= line.size() || line[at] != '.') return 0;
  ++at;
  if (!skip_number(line, at)) return 0;
  return at == line.size() || line[at] == ' ' || line[at] == '\t' ? at : 0;
}

ReplyParser::Status ReplyParser::parse(std::string_view& input) {
  while (!input.empty()) {
    const std::size_t newline = input.find('\n');
    const std::size_t taken = newline == std::string_view::npos ? input.size() : newline + 1;
    if (line_.size() + taken > kMaxLine) return malformed("a line of more than 2,048 bytes");
    std::string_view piece = input.substr(0, taken);
    input.remove_prefix(taken);
    if (newline == std::string_view::npos) {
      line_ += piece;
      return Status::kNeedMore;
    }
    Status status;
    if (line_.empty()) {
      status = take_line(piece);
    } else {
      line_ += piece;
      status = take_line(line_);
      line_.clear();
    }
    if (status != Status::kNeedMore) return status;
  }
  return Status::kNeedMore;
}

ReplyParser::Status ReplyParser::take_line(std::string_view line) {
  line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit))
    return malformed("a line without a reply code");
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  if (code < 200 || code > 599) return malformed("a reply code outside 200-599");
  const char separator = line.size() == 3 ? ' ' : line[3];
  if (separator != ' ' && separator != '-')
    return malformed("neither blank nor hyphen after the reply code");
  if (lines_ == 0) {
    code_ = code;
    text_.clear();
  } else if (code != code_) {
    return malformed("lines of one reply with different codes");
  }
  if (++lines_ > kMaxLines) return malformed("a reply of more than 100 lines");
  const std::string_view text = line.size() > 4 ? line.substr(4) : std::string_view();
  if (text_.size() + text.size() + 1 <= kMaxText) {
    if (lines_ > 1) text_ += '\n';
    text_ += text;
  }
  if (separator == '-') return Status::kNeedMore;
  lines_ = 0;
  return Status::kReply;
}

void ReplyParser::copy_to(Reply& reply) const {
  reply.code = code_;
  reply.enhanced.clear();
  reply.text.clear();
  std::string_view rest = text_;
  for (;;) {
    const std::size_t newline = rest.find('\n');
    std::string_view line = rest.substr(0, newline);
    if (const std::size_t length = enhanced_code_length(line, code_); length > 0) {
      if (reply.enhanced.empty()) reply.enhanced = line.substr(0, length);
      line.remove_prefix(std::min(length + 1, line.size()));
    }
    if (!reply.text.empty() && !line.empty()) reply.text += ' ';
    reply.text += line;
    if (newline == std::string_view::npos || reply.text.size() >= kMaxReplyText) break;
    rest.remove_prefix(newline + 1);
  }
  if (reply.text.size() > kMaxReplyText) reply.text.resize(kMaxReplyText);
}

ReplyParser::Status ReplyParser::malformed(std::string_view fault) {
  fault_ = fault;
  return Status::kMalformed;
}

void ReplyParser::reset() {
  line_.clear();
  text_.clear();
  lines_ = 0;
  code_ = 0;
}

}  // namespace hongyan::smtp
