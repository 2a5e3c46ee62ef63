#include "engine/inbound/session.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace hongyan::inbound {
namespace {

void reply(std::string& out, std::string_view text) {
  out += text;
  out += "\r\n";
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// "@a,@b:c@d" is c@d: RFC 5321 4.1.1.3 and appendix C.
std::string_view without_route(std::string_view address) {
  if (!address.starts_with('@')) return address;
  const auto colon = address.find(':');
  return colon == std::string_view::npos ? address : address.substr(colon + 1);
}

}  // namespace

void Session::greet(std::string& out) const {
  reply(out, "220 " + options_.host + (options_.lmtp ? " LMTP" : " ESMTP") + " Hongyan");
}

void Session::tls_started() {
  tls_ = true;
  greeted_ = false;
  reset();
}

void Session::reset() {
  open_ = false;
  utf8_ = false;
  mail_ = {};
}

Session::Step Session::fault(std::string_view text, std::string& out) {
  desk_.note_refusal("protocol");
  reply(out, text);
  if (++faults_ < kMostFaults) return Step::kRead;
  reply(out, "421 4.7.0 " + options_.host + " too many errors");
  return Step::kClose;
}

Session::Step Session::refuse(std::string_view reason, std::string_view text, std::string& out) {
  desk_.note_refusal(reason);
  reply(out, text);
  if (++refused_ < kMostRefused) return Step::kRead;
  reply(out, "421 4.7.0 " + options_.host + " too many refusals");
  return Step::kClose;
}

Session::Step Session::feed(std::string_view& input, std::string& out) {
  Step step = Step::kRead;
  while (step == Step::kRead && mode_ != Mode::kWaiting) {
    if (mode_ == Mode::kContent) {
      for (auto piece = dots_.take(input); !piece.empty(); piece = dots_.take(input)) {
        mail_.bytes += piece.size();
        mail_.front += piece.substr(0, mime::kMostRead - mail_.front.size());
      }
      if (!dots_.done()) return step;
      step = end_of_content(out);
      continue;
    }
    const auto end = input.find('\n');
    if (end == std::string_view::npos) {
      if (mode_ == Mode::kSkip || input.size() > kLongestLine) {
        mode_ = Mode::kSkip;
        input = {};
      }
      return step;
    }
    auto line = input.substr(0, end);
    input.remove_prefix(end + 1);
    ++progress_;
    if (std::exchange(mode_, Mode::kCommand) == Mode::kSkip || line.size() > kLongestLine) {
      step = fault("500 5.5.6 line too long", out);
      continue;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    step = command(line, out);
  }
  return step;
}

Session::Step Session::command(std::string_view line, std::string& out) {
  auto rest = line;
  const auto verb = next_word(rest);
  const auto is = [&](std::string_view name) { return ascii_iequals(verb, name); };
  if (is("MAIL")) return mail(rest, out);
  if (is("RCPT")) return rcpt(rest, out);
  if (is("DATA")) return data(out);
  if (is("EHLO") || is("HELO") || is("LHLO")) return hello(verb, trim_blanks(rest), out);
  if (is("STARTTLS")) return start_tls(trim_blanks(rest), out);
  if (is("RSET")) {
    reset();
    reply(out, "250 2.0.0 reset");
  } else if (is("NOOP")) {
    reply(out, "250 2.0.0 ok");
  } else if (is("HELP")) {
    reply(out, "214 2.0.0 reports about mail are taken here: RFC 3464, RFC 5965");
  } else if (is("VRFY")) {
    reply(out, "252 2.1.5 send it and see");
  } else if (is("QUIT")) {
    reply(out, "221 2.0.0 " + options_.host + " bye");
    return Step::kClose;
  } else if (is("EXPN") || is("TURN") || is("AUTH") || is("BDAT")) {
    return fault("502 5.5.1 not on offer", out);
  } else {
    return fault("500 5.5.1 unknown command", out);
  }
  return Step::kRead;
}

Session::Step Session::hello(std::string_view verb, std::string_view name, std::string& out) {
  // RFC 2033 4.1: each of the two protocols has words of its own.
  if (ascii_iequals(verb, "LHLO") != options_.lmtp)
    return fault(options_.lmtp ? "500 5.5.1 this is LMTP: LHLO" : "500 5.5.1 this is SMTP: EHLO",
                 out);
  if (name.empty()) return fault("501 5.5.4 say your name", out);
  reset();
  greeted_ = true;
  if (ascii_iequals(verb, "HELO")) {
    reply(out, "250 " + options_.host);
    return Step::kRead;
  }
  reply(out, "250-" + options_.host);
  for (const std::string_view line : {"PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"})
    reply(out, "250-" + std::string(line));
  if (options_.offers_tls && !tls_) reply(out, "250-STARTTLS");
  reply(out, "250 SIZE " + std::to_string(options_.max_bytes));
  return Step::kRead;
}

bool Session::take_parameters(std::string_view parameters) {
  for (auto word = next_word(parameters); !word.empty(); word = next_word(parameters)) {
    const auto name = word.substr(0, word.find('='));
    const auto value = word.substr(std::min(word.size(), name.size() + 1));
    if (ascii_iequals(name, "SIZE")) {
      const auto bytes = parse_number(value);
      fault_ = !bytes                        ? "501 5.5.4 SIZE needs a number"
               : *bytes > options_.max_bytes ? "552 5.3.4 too large"
                                             : "";
    } else if (ascii_iequals(word, "SMTPUTF8")) {
      utf8_ = true;
    } else if (!ascii_iequals(word, "BODY=8BITMIME") && !ascii_iequals(word, "BODY=7BIT")) {
      fault_ = "555 5.5.4 unknown parameter of MAIL";
    }
    if (!fault_.empty()) return false;
  }
  return true;
}

Session::Step Session::mail(std::string_view rest, std::string& out) {
  if (!greeted_ || open_)
    return fault(open_ ? "503 5.5.1 a transaction is open" : "503 5.5.1 say hello first", out);
  const auto path = parse_path(rest, "FROM:");
  if (!path) return fault("501 5.5.4 MAIL FROM:<address> is needed", out);
  utf8_ = false;
  fault_ = {};
  if (!take_parameters(path->parameters)) {
    if (fault_.starts_with("552")) return refuse("too-large", fault_, out);
    return fault(fault_, out);
  }
  open_ = true;
  reply(out, "250 2.1.0 sender ok");
  return Step::kRead;
}

Session::Step Session::rcpt(std::string_view rest, std::string& out) {
  if (!open_) return fault("503 5.5.1 MAIL comes first", out);
  const auto path = parse_path(rest, "TO:");
  const auto address = path ? without_route(path->address) : std::string_view();
  if (address.empty()) return fault("501 5.5.4 RCPT TO:<address> is needed", out);
  if (!path->parameters.empty()) return fault("555 5.5.4 unknown parameter of RCPT", out);
  if (address.size() > kLongestAddress) return fault("501 5.1.3 the address is too long", out);
  if (!utf8_ && !is_ascii(address)) return fault("553 5.6.7 the address needs SMTPUTF8", out);
  if (mail_.recipients.size() >= kMostRecipients)
    return refuse("too-many-recipients", "452 4.5.3 too many recipients", out);
  switch (desk_.admit(address)) {
    case Admission::kTaken:
      mail_.recipients.emplace_back(address);
      reply(out, "250 2.1.5 recipient ok");
      return Step::kRead;
    case Admission::kForged:
      return refuse("forged-tag", "550 5.1.1 no such address here", out);
    case Admission::kUnknown:
      break;
  }
  return refuse("unknown-recipient", "550 5.1.1 no such address here", out);
}

Session::Step Session::data(std::string& out) {
  if (!open_) return fault("503 5.5.1 MAIL comes first", out);
  if (mail_.recipients.empty()) {  // RFC 2033 4.2 wants the 503
    reply(out, options_.lmtp ? "503 5.5.1 no recipient was accepted"
                             : "554 5.5.1 no recipient was accepted");
    return Step::kRead;
  }
  mode_ = Mode::kContent;
  dots_.restart();
  reply(out, "354 go ahead");
  return Step::kRead;
}

Session::Step Session::start_tls(std::string_view rest, std::string& out) {
  if (!options_.offers_tls || tls_) return fault("503 5.5.1 TLS is not on offer now", out);
  if (!rest.empty()) return fault("501 5.5.4 STARTTLS has no parameters", out);
  reply(out, "220 2.0.0 start the handshake");
  return Step::kStartTls;
}

Session::Step Session::end_of_content(std::string& out) {
  ++progress_;
  mode_ = Mode::kWaiting;
  if (mail_.bytes <= options_.max_bytes) return Step::kDeliver;
  desk_.note_refusal("too-large");
  answer(std::vector<std::string>(mail_.recipients.size(), "552 5.3.4 too large"), out);
  return Step::kRead;
}

ReceivedMail Session::take_mail() {
  return std::exchange(mail_, {});
}

void Session::answer(std::span<const std::string> replies, std::string& out) {
  if (options_.lmtp) {
    for (const std::string& line : replies) reply(out, line);
  } else {
    const auto of_class = [&](char first) {
      return std::ranges::find_if(replies,
                                  [&](const std::string& line) { return line.front() == first; });
    };
    auto worst = of_class('4');
    if (worst == replies.end()) worst = of_class('2');
    reply(out, worst == replies.end() ? replies.front() : *worst);
  }
  reset();
  mode_ = Mode::kCommand;
}

}  // namespace hongyan::inbound
