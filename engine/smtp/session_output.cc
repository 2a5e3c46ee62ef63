// The half of Session that writes: commands, content, dots.
#include "engine/smtp/session.h"

#include <algorithm>
#include <charconv>

namespace hongyan::smtp {
namespace {

std::string_view digits(std::size_t number, std::span<char> buffer) {
  const auto [end, ec] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), end};
}

bool has_eight_bit(std::string_view address) {
  return std::ranges::any_of(address, [](char c) { return static_cast<unsigned char>(c) > 127; });
}

// Nothing that could end the argument and begin another, whoever checked it before.
bool is_safe_path(std::string_view address) {
  const bool quoted = address.contains('"');
  return std::ranges::none_of(address, [&](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ||
           (!quoted && (c == '<' || c == '>' || c == ' '));
  });
}

}  // namespace

// Starts a transaction; recipients that this server cannot be asked for are decided at once.
void Session::begin(Delivery& delivery) {
  ++taken_;
  envelope_.begin(delivery, connection_);
  const auto recipients = delivery.recipients();
  const bool sender_safe = is_safe_path(delivery.sender());
  const bool too_large = server_.size_limit > 0 && delivery.size() > server_.size_limit;
  const bool utf8_sender = delivery.needs_smtputf8() || has_eight_bit(delivery.sender());
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    if (!sender_safe) {
      envelope_.refuse(i, Stage::kMail, 553, "5.1.7", "bad-sender", "sender address is malformed");
    } else if (recipients[i].empty() || !is_safe_path(recipients[i])) {
      envelope_.refuse(i, Stage::kRcpt, 553, "5.1.3", "bad-recipient", "address is malformed");
    } else if (too_large) {
      envelope_.refuse(i, Stage::kMail, 552, "5.3.4", "size-limit",
                       "message exceeds the size the receiver announced");
    } else if (!server_.smtputf8 && (utf8_sender || has_eight_bit(recipients[i]))) {
      envelope_.refuse(i, Stage::kMail, 553, "5.6.7", "no-smtputf8",
                       "receiver does not offer SMTPUTF8");
    }
  }
}

// As much of the envelope as may be sent now: all of it with PIPELINING, else the next command.
void Session::queue_envelope() {
  using enum Transaction::Rcpt;
  Delivery& delivery = *envelope_.result.delivery;
  const auto recipients = delivery.recipients();
  if (rset_needed_) {
    rset_needed_ = false;
    say(Expect::kRset, {"RSET"});
    if (!server_.pipelining) return;
  }
  if (!envelope_.mail_sent) {
    char number[24];
    const bool utf8 =
        server_.smtputf8 && (delivery.needs_smtputf8() || has_eight_bit(delivery.sender()) ||
                             std::ranges::any_of(recipients, has_eight_bit));
    envelope_.mail_sent = true;
    say(Expect::kMail, {"MAIL FROM:<", delivery.sender(), ">", server_.size ? " SIZE=" : "",
                        server_.size ? digits(delivery.size(), number) : "",
                        server_.eight_bit_mime ? " BODY=8BITMIME" : "", utf8 ? " SMTPUTF8" : ""});
    if (!server_.pipelining) return;
  }
  while (envelope_.next_rcpt < recipients.size()) {
    const std::size_t rcpt = envelope_.next_rcpt++;
    if (envelope_.states[rcpt] == kDecided) continue;
    say(Expect::kRcpt, {"RCPT TO:<", recipients[rcpt], ">"});
    if (!server_.pipelining) return;
  }
  if (chunking_ || envelope_.data_sent) return;
  envelope_.data_sent = true;
  say(Expect::kData, {"DATA"});
}

// Content with its end; commands of the next envelope follow in the same write.
void Session::queue_content() {
  Delivery& delivery = *sending_.result.delivery;
  const auto pieces = delivery.content();
  ++end_.messages;
  content_incomplete_ = false;
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  if (chunking_) {
    char number[24];
    chunk_header_.assign("BDAT ").append(digits(size, number)).append(" LAST");
    if (options_.trace != nullptr) options_.trace->sent(chunk_header_);
    chunk_header_ += "\r\n";
    output_.push_back(chunk_header_);
    output_.insert(output_.end(), pieces.begin(), pieces.end());
  } else if (delivery.has_leading_dots()) {
    bool at_line_start = true;
    for (const std::string_view piece : pieces) append_stuffed(piece, at_line_start);
  } else {
    output_.insert(output_.end(), pieces.begin(), pieces.end());
  }
  if (!chunking_) output_.push_back(".\r\n");
  end_of_data_at_ = 0;
  for (const std::string_view piece : output_) end_of_data_at_ += piece.size();
  end_of_data_at_ -= chunking_ ? 1 : 3;
  expected_.push_back(Expect::kContent);
  if (options_.trace == nullptr) return;
  options_.trace->sent("(" + std::to_string(size) + " bytes of content)");
  if (!chunking_) options_.trace->sent(".");
}

// RFC 5321 4.5.2, without copying: a piece is cut before each line that begins with a dot.
void Session::append_stuffed(std::string_view piece, bool& at_line_start) {
  if (piece.empty()) return;
  if (at_line_start && piece[0] == '.') output_.push_back(".");
  for (std::size_t dot = piece.find("\n."); dot != std::string_view::npos;
       dot = piece.find("\n.")) {
    output_.push_back(piece.substr(0, dot + 1));
    output_.push_back(".");
    piece.remove_prefix(dot + 1);
  }
  output_.push_back(piece);
  at_line_start = piece.ends_with('\n');
}

void Session::start_output() {
  output_.clear();
  commands_.clear();
  expected_.clear();
  expected_front_ = 0;
}

void Session::say(Expect answer, std::initializer_list<std::string_view> words) {
  const std::size_t start = commands_.size();
  for (const std::string_view word : words) commands_ += word;
  if (options_.trace != nullptr) options_.trace->sent(std::string_view(commands_).substr(start));
  commands_ += "\r\n";
  expected_.push_back(answer);
}

Session::Action Session::flush() {
  if (!commands_.empty()) output_.push_back(commands_);
  return Action::kWrite;
}

}  // namespace hongyan::smtp
