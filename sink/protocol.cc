#include "sink/protocol.h"

#include "base/base64.h"
#include "base/text.h"

#include <algorithm>
#include <utility>

namespace hongyan::sink {
namespace {
constexpr std::size_t kLongestLine = 12 * 1024;  // AUTH's limit, RFC 4954 section 4.3
}

bool Gate::try_message(SteadyTime now) {
  const Limits& limits = profile.limits;
  if (limits.messages_per_second <= 0) return true;
  if (filled) {
    const std::chrono::duration<double> span = now - *filled;
    tokens = std::min(limits.burst, tokens + span.count() * limits.messages_per_second);
  }
  filled = now;
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

Protocol::Protocol(Gate& gate, Book& book, std::uint64_t connection_number, std::string peer)
    : gate_(gate),
      book_(book),
      peer_(std::move(peer)),
      script_(gate.profile.script_for_connection(connection_number)) {}

Protocol::Step Protocol::greet(std::string& out) {
  const Profile& profile = gate_.profile;
  if (profile.limits.connections != 0 && gate_.open > profile.limits.connections) {
    ++book_.statistics().limited;
    (out += style_of(profile.style).too_many_connections) += "\r\n";
    return Step::kClose;
  }
  if (auto step = scripted(Stage::kBanner, out)) return *step;
  (out += "220 ") += profile.banner.empty() ? profile.host + " ESMTP" : profile.banner;
  out += "\r\n";
  return Step::kRead;
}

void Protocol::tls_started() {
  tls_ = true;
  greeted_ = false;
  authenticated_ = false;
  reset();
}

void Protocol::reset() {
  from_.reset();
  utf8_ = false;
  recipients_.clear();
  pending_.reset();
  chunked_ = false;
  chunk_refusal_.clear();
  bytes_ = 0;
  header_.clear();
  content_.clear();
}

// `text` carries an enhanced code after its three digits; it goes when the profile offers none.
void Protocol::reply(std::string& out, std::string_view text) const {
  if (!gate_.profile.offers.enhanced_codes && text.size() > 4 && text[3] == ' ' &&
      text.find('.') == 5) {
    out += text.substr(0, 4);
    text.remove_prefix(std::min(text.find(' ', 4) + 1, text.size()));
  }
  (out += text) += "\r\n";
}

void Protocol::fault(std::string& out, std::string_view text) {
  ++book_.statistics().protocol_faults;
  reply(out, text);
}

Protocol::Step Protocol::feed(std::string_view& input, std::string& out, SteadyTime now) {
  Step step = Step::kRead;
  while (step == Step::kRead) {
    if (mode_ == Mode::kContent) {
      if (!take_content(input)) return step;
      step = end_of_content(out);
      continue;
    }
    if (mode_ == Mode::kChunk) {
      if (!take_chunk(input, out, step)) return step;
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
    if (mode_ == Mode::kSkip || line.size() > kLongestLine) {
      mode_ = Mode::kCommand;
      fault(out, "500 5.5.6 line too long");
      continue;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    step = mode_ == Mode::kLogin ? login_line(line, out) : command(line, out, now);
  }
  return step;
}

Protocol::Step Protocol::command(std::string_view line, std::string& out, SteadyTime now) {
  auto rest = line;
  const auto verb = next_word(rest);
  const auto is = [&](std::string_view name) { return ascii_iequals(verb, name); };
  if (is("MAIL")) return mail(rest, out, now);
  if (is("RCPT")) return rcpt(rest, out);
  if (is("DATA")) return data(out);
  if (is("BDAT")) return bdat(rest, out);
  if (is("EHLO") || is("HELO")) return hello(is("EHLO"), trim_blanks(rest), out);
  if (is("RSET")) {
    reset();
    reply(out, "250 2.0.0 reset");
  } else if (is("NOOP")) {
    reply(out, "250 2.0.0 ok");
  } else if (is("VRFY")) {
    reply(out, "252 2.1.5 send some mail and see");
  } else if (is("QUIT")) {
    if (auto step = scripted(Stage::kQuit, out)) return *step;
    reply(out, "221 2.0.0 bye");
    return Step::kClose;
  } else if (is("AUTH")) {
    return auth(trim_blanks(rest), out);
  } else if (is("STARTTLS")) {
    if (!gate_.profile.offers.starttls || tls_) {
      fault(out, "503 5.5.1 TLS is not on offer here");
    } else {
      reply(out, "220 2.0.0 start the handshake");
      return Step::kStartTls;
    }
  } else {
    fault(out, "500 5.5.1 unknown command");
  }
  return Step::kRead;
}

Protocol::Step Protocol::hello(bool extended, std::string_view name, std::string& out) {
  if (auto step = scripted(Stage::kHelo, out)) return *step;
  if (name.empty()) {
    fault(out, "501 5.5.4 say your name");
    return Step::kRead;
  }
  reset();
  greeted_ = true;
  const Profile& profile = gate_.profile;
  std::vector<std::string> lines{profile.host};
  if (extended) {
    const Offers& offers = profile.offers;
    if (offers.pipelining) lines.emplace_back("PIPELINING");
    if (offers.size) lines.push_back("SIZE " + std::to_string(profile.limits.message_bytes));
    if (offers.eight_bit) lines.emplace_back("8BITMIME");
    if (offers.utf8) lines.emplace_back("SMTPUTF8");
    if (offers.enhanced_codes) lines.emplace_back("ENHANCEDSTATUSCODES");
    if (offers.starttls && !tls_) lines.emplace_back("STARTTLS");
    if (offers.auth) lines.emplace_back("AUTH PLAIN LOGIN");
    if (offers.chunking) lines.emplace_back("CHUNKING");
  }
  for (std::size_t i = 0; i < lines.size(); ++i)
    ((out += i + 1 < lines.size() ? "250-" : "250 ") += lines[i]) += "\r\n";
  return Step::kRead;
}

bool Protocol::mail_parameters_fit(std::string_view parameters, std::string& out) {
  const Offers& offers = gate_.profile.offers;
  for (auto word = next_word(parameters); !word.empty(); word = next_word(parameters)) {
    const auto name = word.substr(0, word.find('='));
    const auto value = word.substr(std::min(word.size(), name.size() + 1));
    if (offers.size && ascii_iequals(name, "SIZE")) {
      const auto bytes = parse_number(value);
      if (!bytes) {
        fault(out, "501 5.5.4 SIZE needs a number");
        return false;
      }
      if (*bytes > gate_.profile.limits.message_bytes) {
        ++book_.statistics().limited;
        reply(out, "552 5.3.4 the message is too large");
        return false;
      }
    } else if (offers.utf8 && ascii_iequals(word, "SMTPUTF8")) {
      utf8_ = true;
    } else if (!(offers.eight_bit &&
                 (ascii_iequals(word, "BODY=8BITMIME") || ascii_iequals(word, "BODY=7BIT"))) &&
               !(offers.auth && ascii_iequals(name, "AUTH"))) {
      fault(out, "555 5.5.4 unknown parameter of MAIL");
      return false;
    }
  }
  return true;
}

Protocol::Step Protocol::mail(std::string_view rest, std::string& out, SteadyTime now) {
  if (auto step = scripted(Stage::kMail, out)) return *step;
  const Profile& profile = gate_.profile;
  const Style& style = style_of(profile.style);
  if (!greeted_ || from_) {
    fault(out, greeted_ ? "503 5.5.1 a transaction is open" : "503 5.5.1 say EHLO first");
    return Step::kRead;
  }
  if (!profile.user.empty() && !authenticated_) {
    fault(out, "530 5.7.0 log in first");
    return Step::kRead;
  }
  const auto path = parse_path(rest, "FROM:");
  if (!path) {
    fault(out, "501 5.5.4 MAIL FROM:<address> is needed");
    return Step::kRead;
  }
  if (const auto own = script_of_address(path->address);
      own && own->stage == Stage::kMail && applies(*own, path->address))
    return perform(*own, path->address, out);
  const auto limit = [&](std::string_view text) {
    ++book_.statistics().limited;
    (out += text) += "\r\n";
    return text.starts_with("421") ? Step::kClose : Step::kRead;
  };
  if (profile.limits.messages_per_connection != 0 &&
      messages_ >= profile.limits.messages_per_connection)
    return limit(style.too_many_messages);
  if (!gate_.try_message(now)) return limit(style.too_fast);
  utf8_ = false;
  if (!mail_parameters_fit(path->parameters, out)) return Step::kRead;
  ++messages_;
  from_ = std::string(path->address);
  reply(out, "250 2.1.0 sender ok");
  return Step::kRead;
}

Protocol::Step Protocol::rcpt(std::string_view rest, std::string& out) {
  if (auto step = scripted(Stage::kRcpt, out)) return *step;
  const Limits& limits = gate_.profile.limits;
  const auto path = parse_path(rest, "TO:");
  if (!from_ || chunked_) {
    fault(out, "503 5.5.1 MAIL comes first");
    return Step::kRead;
  }
  if (!path || path->address.empty()) {
    fault(out, "501 5.5.4 RCPT TO:<address> is needed");
    return Step::kRead;
  }
  if (!path->parameters.empty()) {
    fault(out, "555 5.5.4 unknown parameter of RCPT");
    return Step::kRead;
  }
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!utf8_ && !std::ranges::all_of(path->address, is_ascii)) {
    fault(out, "553 5.6.7 the address needs SMTPUTF8");
    return Step::kRead;
  }
  if (limits.recipients_per_message != 0 && recipients_.size() >= limits.recipients_per_message) {
    ++book_.statistics().limited;
    (out += style_of(gate_.profile.style).too_many_recipients) += "\r\n";
    return Step::kRead;
  }
  if (auto script = gate_.profile.script_for(path->address)) {
    if (script->stage == Stage::kRcpt) {
      if (applies(*script, path->address)) return perform(*script, path->address, out);
    } else if (!pending_ && (script->stage == Stage::kData || script->stage == Stage::kContent)) {
      pending_ = Pending{std::move(*script), std::string(path->address)};
    }
  }
  recipients_.emplace_back(path->address);
  reply(out, "250 2.1.5 recipient ok");
  return Step::kRead;
}

Protocol::Step Protocol::data(std::string& out) {
  if (auto step = scripted(Stage::kData, out)) return *step;
  if (!from_ || chunked_) {
    fault(out, "503 5.5.1 MAIL comes first");
  } else if (recipients_.empty()) {
    reply(out, "554 5.5.1 no recipient was accepted");
  } else if (auto step = scripted_for_recipient(Stage::kData, out)) {
    return *step;
  } else {
    mode_ = Mode::kContent;
    dots_.restart();
    reply(out, "354 go ahead");
  }
  return Step::kRead;
}

Protocol::Step Protocol::bdat(std::string_view rest, std::string& out) {
  if (auto step = scripted(Stage::kData, out)) return *step;
  const auto chunk = parse_chunk(rest);
  if (!chunk || !gate_.profile.offers.chunking) {
    fault(out, "501 5.5.4 BDAT is not on offer or malformed");
    return Step::kClose;  // how many bytes follow is anybody's guess
  }
  chunk_refusal_.clear();
  if (!from_)
    chunk_refusal_ = "503 5.5.1 MAIL comes first";
  else if (recipients_.empty())
    chunk_refusal_ = "554 5.5.1 no recipient was accepted";
  else if (!chunked_)
    if (auto step = scripted_for_recipient(Stage::kData, out)) return *step;
  chunk_ = *chunk;
  chunked_ = from_.has_value();
  mode_ = Mode::kChunk;
  return Step::kRead;
}

Protocol::Step Protocol::auth(std::string_view rest, std::string& out) {
  const auto mechanism = next_word(rest);
  const auto initial = trim_blanks(rest);
  if (!gate_.profile.offers.auth || !greeted_ || authenticated_ || from_) {
    fault(out, "503 5.5.1 no log-in now");
    return Step::kRead;
  }
  const bool plain = ascii_iequals(mechanism, "PLAIN");
  if (!plain && !ascii_iequals(mechanism, "LOGIN")) {
    fault(out, "504 5.5.4 PLAIN and LOGIN are on offer");
    return Step::kRead;
  }
  login_ = plain ? Login::kPlain : Login::kUser;
  mode_ = Mode::kLogin;
  if (!initial.empty()) return login_line(initial, out);
  out += plain ? "334 \r\n" : "334 VXNlcm5hbWU6\r\n";
  return Step::kRead;
}

Protocol::Step Protocol::login_line(std::string_view line, std::string& out) {
  auto text = decode_base64(line == "=" ? "" : line);
  if (line == "*" || !text) {
    mode_ = Mode::kCommand;
    fault(out, "501 5.5.2 log-in given up");
    return Step::kRead;
  }
  if (login_ == Login::kUser) {
    user_ = std::move(*text);
    login_ = Login::kPassword;
    out += "334 UGFzc3dvcmQ6\r\n";
    return Step::kRead;
  }
  if (login_ == Login::kPassword) {
    password_ = std::move(*text);
  } else {
    const auto parts = split(*text, '\0');  // authorisation, user, password: RFC 4616
    user_ = parts.size() == 3 ? parts[1] : "";
    password_ = parts.size() == 3 ? parts[2] : "";
  }
  mode_ = Mode::kCommand;
  return judge_login(out);
}

Protocol::Step Protocol::judge_login(std::string& out) {
  const Profile& profile = gate_.profile;
  authenticated_ = !user_.empty() && (profile.user.empty() ||
                                      (user_ == profile.user && password_ == profile.password));
  if (authenticated_)
    reply(out, "235 2.7.0 welcome");
  else
    fault(out, "535 5.7.8 user or password is wrong");
  return Step::kRead;
}

}  // namespace hongyan::sink
