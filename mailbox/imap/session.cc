#include "mailbox/imap/session.h"

#include "base/base64.h"
#include "base/mime/mime.h"
#include "base/text.h"
#include "base/utf8.h"

#include <string.h>
#include <utility>

namespace hongyan::imap {
namespace {

constexpr std::size_t kMostText = 1000;
constexpr std::size_t kMostAlerts = 10;
constexpr std::size_t kMostIdWords = 60;  // RFC 2971 3.3: thirty pairs
constexpr std::size_t kLeastSecret = 4;   // a shorter one would blot out every text

void wipe(std::string& text) {
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

void blot_out(std::string& text, std::string_view secret) {
  if (secret.size() < kLeastSecret) return;
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos;)
    text.replace(at, secret.size(), "***");
}

}  // namespace

Session::~Session() {
  clear_output();
  end_command();
  for (std::string& secret : secrets_) wipe(secret);
}

void Session::clear_output() {
  wipe(output_);
}

Session::Action Session::action() const {
  switch (phase_) {
    case Phase::kFailed:
      return Action::kFailed;
    case Phase::kReady:
      return Action::kDone;
    case Phase::kIdling:
      return Action::kIdle;
    case Phase::kGreeting:
    case Phase::kCommand:
      break;
  }
  return output_.empty() ? Action::kRead : Action::kWrite;
}

Session::Action Session::await_greeting() {
  command_.stage = Stage::kGreeting;
  return action();
}

Session::Action Session::begin(Command command) {
  if (phase_ != Phase::kReady) {
    command_.stage = command.stage;
    fail("not-open", "the connection is not ready for a command");
    return action();
  }
  command_ = std::move(command);
  secrets_.insert(secrets_.end(), command_.secrets.begin(), command_.secrets.end());
  if (command_.is_select) folder_ = {};
  challenge_.clear();
  notice_ = {};
  tag_ = "A" + std::to_string(++tags_);
  output_ = tag_ + ' ' + command_.parts.front();
  said_ = 1;
  phase_ = Phase::kCommand;
  return action();
}

Session::Action Session::end_idle() {
  if (phase_ != Phase::kIdling) return action();
  phase_ = Phase::kCommand;
  output_ = "DONE\r\n";
  return action();
}

void Session::on_tls() {
  reader_ = ResponseReader(limits_);
  capabilities_.clear();
  greeting_.clear();
  server_id_.clear();
  alerts_.clear();
}

Session::Action Session::on_lost(std::string_view cause, std::string_view detail) {
  if (phase_ == Phase::kFailed) return action();
  const bool said_bye = notice_.status == Status::kBye && cause.ends_with("-peer");
  fail(said_bye ? "bye" : cause, detail);
  return action();
}

Session::Action Session::on_bytes(std::string_view bytes) {
  while (!bytes.empty() && phase_ != Phase::kFailed) {
    switch (reader_.read(bytes)) {
      case ResponseReader::Status::kNeedMore:
        break;
      case ResponseReader::Status::kMalformed:
        fail("malformed", reader_.fault());
        break;
      case ResponseReader::Status::kTooLarge:
        fail("too-large", reader_.fault());
        break;
      case ResponseReader::Status::kResponse:
        if (const auto response = parse_response(reader_.response(), limits_)) {
          std::visit([this](const auto& one) { take(one); }, *response);
        } else {
          fail("malformed", response.error());
        }
        break;
    }
    // What stands behind the consent to TLS came in clear and would be read as if it had not.
    const bool consent =
        phase_ == Phase::kReady && command_.stage == Stage::kStartTls && !was_refused();
    if (consent && (!bytes.empty() || reader_.in_the_middle()))
      fail("starttls-injection", "the server said more before TLS began");
  }
  return action();
}

void Session::take(const StatusResponse& status) {
  if (status.code.name == "CAPABILITY") {
    std::vector<std::string> words;
    for (const std::string_view word : split(status.code.arguments, ' ')) words.emplace_back(word);
    capabilities_.set(words);
  }
  if (status.code.name == "ALERT" && alerts_.size() < kMostAlerts)
    alerts_.push_back(for_people(status.text));
  if (phase_ == Phase::kGreeting) {
    take_greeting(status);
  } else if (status.tag.empty()) {
    take_untagged(status);
  } else {
    finish(status);
  }
}

void Session::take_greeting(const StatusResponse& status) {
  if (!status.tag.empty() || status.status == Status::kNo || status.status == Status::kBad) {
    notice_ = status;
    fail("malformed", "the greeting is none");
  } else if (status.status == Status::kBye) {
    notice_ = status;
    fail("bye", {});
  } else if (status.status == Status::kPreauth) {
    // Nobody asked who we are: this is not the user's mailbox, or somebody stands in between.
    fail("preauthenticated", "the server wants no log-in");
  } else {
    greeting_ = for_people(status.text);
    phase_ = Phase::kReady;
  }
}

void Session::take_untagged(const StatusResponse& status) {
  const auto number = status.code.number();
  if (status.code.name == "UIDVALIDITY" && number) {
    folder_.renumbered |= folder_.uid_validity != 0 && folder_.uid_validity != *number;
    folder_.uid_validity = *number;
  }
  if (status.code.name == "UIDNEXT" && number) folder_.uid_next = *number;
  if (status.status == Status::kOk) return;
  if (notice_.status != Status::kBye) notice_ = status;
  const bool ends = status.status == Status::kBye && !command_.is_logout;
  // In a command its own answer may still come, which says more; the end of the stream is an
  // answer too.
  if (ends && phase_ != Phase::kCommand) fail("bye", {});
}

void Session::finish(const StatusResponse& status) {
  const bool running = phase_ == Phase::kCommand || phase_ == Phase::kIdling;
  if (!running || status.tag != tag_ || status.status == Status::kBye ||
      status.status == Status::kPreauth) {
    fail("malformed", "the server answers what was not asked");
    return;
  }
  if (status.status == Status::kOk && (said_ < command_.parts.size() || !output_.empty())) {
    fail("malformed", "the server consents before all is said");
    return;
  }
  answer_ = status;
  clear_output();
  end_command();
  phase_ = Phase::kReady;
}

void Session::take(const Continuation& more) {
  const bool waits = phase_ == Phase::kCommand && output_.empty();
  if (waits && said_ < command_.parts.size()) {
    output_ = std::exchange(command_.parts[said_], {});
    ++said_;
  } else if (waits && command_.is_idle) {
    command_.is_idle = false;
    phase_ = Phase::kIdling;
  } else if (waits && !command_.no_thanks.empty()) {
    challenge_ = decode_base64(more.text).value_or(more.text);
    output_ = std::exchange(command_.no_thanks, {});
  } else {
    fail("malformed", "the server asks for more of nothing");
  }
}

void Session::take(const FetchData& data) {
  if (command_.on_fetch && phase_ == Phase::kCommand) command_.on_fetch(data);
}

void Session::take(const ListEntry& entry) {
  if (command_.on_list && phase_ == Phase::kCommand) command_.on_list(entry);
}

void Session::take(const IdData& data) {
  server_id_.clear();
  const std::size_t count = std::min(data.words.size(), kMostIdWords);
  for (std::size_t i = 0; i + 1 < count; i += 2)
    server_id_[ascii_lower(data.words[i])] = for_people(data.words[i + 1]);
}

void Session::take(const Exists& data) {
  changed_ |= data.messages != folder_.exists;
  folder_.exists = data.messages;
}

void Session::take(const Expunge&) {
  if (folder_.exists > 0) --folder_.exists;
  changed_ = true;
}

bool Session::take_changed() {
  return std::exchange(changed_, false);
}

void Session::fail(std::string_view cause, std::string_view detail) {
  phase_ = Phase::kFailed;
  cause_ = cause;
  detail_ = detail;
  clear_output();
  end_command();
}

// What it held may be secret, what it calls may be gone.
void Session::end_command() {
  for (std::string& part : command_.parts) wipe(part);
  command_.on_fetch = nullptr;
  command_.on_list = nullptr;
}

Failure Session::failure() const {
  Failure failure{.stage = command_.stage, .cause = cause_};
  const StatusResponse* said = &answer_;
  if (phase_ == Phase::kFailed) {
    said = notice_.status == Status::kOk ? nullptr : &notice_;
    failure.detail = detail_;
  } else {
    failure.cause = answer_.status == Status::kBad ? "rejected" : "refused";
  }
  if (said != nullptr) {
    failure.status = said->status;
    failure.code = for_people(said->code.name);
    failure.text = for_people(said->text);
  }
  failure.challenge = for_people(challenge_);
  return failure;
}

std::string Session::for_people(std::string_view text) const {
  // Blotted out first: decoding and cutting could leave half a secret.
  std::string hidden(text);
  for (const std::string& secret : secrets_) blot_out(hidden, secret);
  std::string shown = mime::decode_words(hidden);
  for (const std::string& secret : secrets_) blot_out(shown, secret);
  if (shown.size() > kMostText) {
    shown.resize(kMostText);
    shown.resize(utf8_prefix(shown));
  }
  return shown;
}

}  // namespace hongyan::imap
