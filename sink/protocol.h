#pragma once

#include "base/clock.h"
#include "sink/book.h"
#include "sink/command.h"
#include "sink/profile.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::sink {

// What the connections of one listener share. Thread: the server's only.
struct Gate {
  explicit Gate(Profile p) : profile(std::move(p)), tokens(profile.limits.burst) {}
  bool try_message(SteadyTime now);  // takes a token of the rate limit

  Profile profile;
  std::uint64_t open = 0;
  double tokens;
  std::optional<SteadyTime> filled;
};

// The receiving side of one SMTP conversation, without sockets: bytes in, replies and a Step out.
//
//   mode      reads                             leaves by
//   command   lines                             DATA, BDAT, AUTH
//   content   lines, dots removed               <CRLF>.<CRLF>
//   chunk     exactly as many bytes as BDAT said
//   login     base64 lines of AUTH
//   skip      the rest of a line that is too long
//
// Owner: a connection. Invariant: holds at most one line, the first 8 KiB of a header and, only
// when the book wants it, one content within the size limit.
class Protocol {
 public:
  enum class Step : unsigned char {
    kRead,      // write the replies, then feed more
    kStartTls,  // write the replies, drop what is unread, do the handshake
    kClose,     // write the replies, then close
    kStall,     // write the replies, then ignore the peer
    kEndless,   // write the replies, then a line without an end
  };

  // `peer`: the address it comes from, for the book.
  Protocol(Gate& gate, Book& book, std::uint64_t connection_number, std::string peer);

  // Once, before anything is read.
  Step greet(std::string& out);
  // Takes what it can use off the front of `input`; a rest (part of a line) is to be fed again with
  // more behind it. Book::flush() before `out` is written.
  Step feed(std::string_view& input, std::string& out, SteadyTime now);
  void tls_started();

 private:
  enum class Mode : unsigned char { kCommand, kContent, kChunk, kLogin, kSkip };
  enum class Login : unsigned char { kPlain, kUser, kPassword };
  struct Pending {
    Script script;
    std::string recipient;
  };

  Step command(std::string_view line, std::string& out, SteadyTime now);
  Step hello(bool extended, std::string_view name, std::string& out);
  Step mail(std::string_view rest, std::string& out, SteadyTime now);
  Step rcpt(std::string_view rest, std::string& out);
  Step data(std::string& out);
  Step bdat(std::string_view rest, std::string& out);
  Step auth(std::string_view rest, std::string& out);
  Step login_line(std::string_view line, std::string& out);
  Step judge_login(std::string& out);
  // True when the end-of-data line has been taken.
  bool take_content(std::string_view& input);
  bool take_chunk(std::string_view& input, std::string& out, Step& step);
  void keep(std::string_view piece);
  Step end_of_content(std::string& out);
  bool mail_parameters_fit(std::string_view parameters, std::string& out);

  Step perform(const Script& script, std::string_view who, std::string& out);
  // The connection's own script, when this is its stage.
  std::optional<Step> scripted(Stage stage, std::string& out);
  std::optional<Step> scripted_for_recipient(Stage stage, std::string& out);
  bool applies(const Script& script, std::string_view recipient);
  void reply(std::string& out, std::string_view text) const;
  void fault(std::string& out, std::string_view text);
  void reset();

  Gate& gate_;
  Book& book_;
  std::string peer_;
  std::optional<Script> script_;  // of the connection
  Mode mode_ = Mode::kCommand;
  bool greeted_ = false;
  bool tls_ = false;
  bool authenticated_ = false;
  std::uint32_t messages_ = 0;
  unsigned garbles_ = 0;

  Login login_ = Login::kPlain;
  std::string user_;
  std::string password_;

  // The transaction; `from_` is set from MAIL on.
  std::optional<std::string> from_;
  bool utf8_ = false;
  std::vector<std::string> recipients_;
  std::optional<Pending> pending_;  // the first recipient's script for DATA or the content
  Chunk chunk_;                     // bytes still to come
  bool chunked_ = false;
  std::string chunk_refusal_;  // the reply once a refused chunk has been read
  DotReader dots_;
  std::uint64_t bytes_ = 0;
  std::string header_;
  std::string content_;
};

}  // namespace hongyan::sink
