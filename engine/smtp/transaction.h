#pragma once

#include "engine/smtp/delivery.h"
#include "engine/smtp/outcome.h"
#include "engine/smtp/reply_parser.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace hongyan::smtp {

// One delivery between MAIL and its outcome. Reused from message to message, so that its strings
// and vectors keep their memory.
struct Transaction {
  enum class Rcpt : unsigned char { kOpen, kAccepted, kDecided };

  Settled result;  // result.delivery is null: no transaction
  std::vector<Rcpt> states;
  std::size_t next_rcpt = 0;  // the first one whose RCPT was not sent
  bool mail_sent = false;
  bool mail_accepted = false;
  bool data_sent = false;
  bool data_accepted = false;  // 354

  explicit operator bool() const { return result.delivery != nullptr; }

  void begin(Delivery& delivery, const Stamps& connection);
  std::size_t count(Rcpt state) const;
  bool decided() const { return count(Rcpt::kDecided) == states.size(); }

  // The server's answer ends the matter for one recipient, or for all that are not decided.
  void decide(std::size_t rcpt, Stage stage, const ReplyParser& reply);
  void decide_rest(Stage stage, const ReplyParser& reply);
  // We ourselves know what the server would say; nothing is sent to it.
  void refuse(std::size_t rcpt, Stage stage, int code, std::string_view enhanced,
              std::string_view cause, std::string_view text);
  // The connection failed under those that are not decided.
  void lose_rest(Verdict verdict, Stage stage, std::string_view cause, const ReplyParser* reply);
};

// 2xx delivered, 4xx deferred, 5xx bounced.
Verdict verdict_of(int code);

}  // namespace hongyan::smtp
