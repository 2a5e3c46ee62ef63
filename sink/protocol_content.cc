// The half of Protocol that takes content and carries out scripts.
#include "sink/protocol.h"

#include <algorithm>
#include <utility>

namespace hongyan::sink {
namespace {
constexpr std::size_t kHeaderKept = 8 * 1024;  // enough to find the Message-ID
}

void Protocol::keep(std::string_view piece) {
  bytes_ += piece.size();
  if (header_.size() < kHeaderKept) header_ += piece.substr(0, kHeaderKept - header_.size());
  if (book_.wants_content() && bytes_ <= gate_.profile.limits.message_bytes) content_ += piece;
}

bool Protocol::take_content(std::string_view& input) {
  for (auto piece = dots_.take(input); !piece.empty(); piece = dots_.take(input)) keep(piece);
  if (dots_.done()) mode_ = Mode::kCommand;
  return dots_.done();
}

bool Protocol::take_chunk(std::string_view& input, std::string& out, Step& step) {
  const auto length = std::min<std::uint64_t>(chunk_.bytes, input.size());
  if (chunk_refusal_.empty()) keep(input.substr(0, length));
  input.remove_prefix(length);
  chunk_.bytes -= length;
  if (chunk_.bytes != 0) return false;
  mode_ = Mode::kCommand;
  if (!chunk_refusal_.empty())
    reply(out, chunk_refusal_);
  else if (chunk_.last)
    step = end_of_content(out);
  else
    reply(out, "250 2.0.0 chunk ok");
  return true;
}

Protocol::Step Protocol::end_of_content(std::string& out) {
  if (auto step = scripted(Stage::kContent, out)) return *step;
  if (auto step = scripted_for_recipient(Stage::kContent, out)) return *step;
  if (bytes_ > gate_.profile.limits.message_bytes) {
    ++book_.statistics().limited;
    reply(out, "552 5.3.4 the message is too large");
  } else {
    book_.accept(peer_, *from_, recipients_, message_id_of(header_), bytes_, content_);
    reply(out, "250 2.0.0 kept");
  }
  reset();
  return Step::kRead;
}

bool Protocol::applies(const Script& script, std::string_view recipient) {
  return script.times == 0 || book_.attempt(recipient) < script.times;
}

std::optional<Protocol::Step> Protocol::scripted(Stage stage, std::string& out) {
  if (!script_ || script_->stage != stage) return std::nullopt;
  return perform(*script_, {}, out);
}

std::optional<Protocol::Step> Protocol::scripted_for_recipient(Stage stage, std::string& out) {
  if (!pending_ || pending_->script.stage != stage ||
      !applies(pending_->script, pending_->recipient))
    return std::nullopt;
  return perform(pending_->script, {}, out);
}

Protocol::Step Protocol::perform(const Script& script, std::string_view who, std::string& out) {
  static constexpr std::string_view kNonsense[] = {"2x0 perhaps\r\n", "HTTP/1.1 200 OK\r\n",
                                                   "\x01\xff\xfe\r\n", "999 beyond the range\r\n",
                                                   "250-one thing\r\n554 another\r\n"};
  Statistics& statistics = book_.statistics();
  const auto recipients = recipients_.size();
  if (script.stage == Stage::kContent && script.deed != Deed::kReply &&
      script.deed != Deed::kGarble)
    statistics.content_unanswered += recipients;
  switch (script.deed) {
    case Deed::kReply: {
      auto& count =
          script.stage == Stage::kRcpt
              ? script.code >= 500 ? statistics.bounced : statistics.deferred
          : script.stage == Stage::kContent
              ? script.code >= 500 ? statistics.content_bounced : statistics.content_deferred
              : statistics.refused_otherwise;
      count += script.stage == Stage::kContent ? recipients : 1;
      out += reply_line(script, who, gate_.profile.offers.enhanced_codes) + "\r\n";
      if (script.stage == Stage::kContent) reset();
      return script.code == 421 || script.stage == Stage::kBanner ? Step::kClose : Step::kRead;
    }
    case Deed::kLost:
      statistics.lost += recipients;
      book_.accept(peer_, *from_, recipients_, message_id_of(header_), bytes_, content_);
      return Step::kClose;
    case Deed::kDrop:
      ++statistics.dropped;
      return Step::kClose;
    case Deed::kStall:
      ++statistics.stalled;
      return Step::kStall;
    case Deed::kGarble:
      ++statistics.garbled;
      out += kNonsense[garbles_++ % std::size(kNonsense)];
      if (script.stage == Stage::kContent) reset();
      return Step::kRead;
    case Deed::kEndless:
      ++statistics.endless;
      return Step::kEndless;
  }
  return Step::kClose;
}

}  // namespace hongyan::sink
