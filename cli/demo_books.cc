#include "cli/demo_books.h"

#include "base/text.h"
#include "engine/core/chunk.h"
#include "store/keys.h"
#include "store/reply_log.h"

#include <arpa/inet.h>
#include <charconv>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hongyan::cli::demo {
namespace {

constexpr std::int64_t kChunksPerFlight = 16;

void count(Tally& tally, char state) {
  ++tally.rows;
  switch (state) {
    case 'D':
      ++tally.delivered;
      break;
    case 'B':
      ++tally.bounced;
      break;
    case 'I':
      ++tally.invalid;
      break;
    case 'U':
      ++tally.duplicate;
      break;
    default:
      ++tally.waiting;
      break;
  }
}

Result<void> read_chunk(const Stage& stage, JobReport& report, std::string_view packed,
                        std::string_view states, std::string_view replies) {
  auto chunk = engine::Chunk::unpack(packed);
  if (!chunk) return std::unexpected(chunk.error());
  const auto last_replies = store::decode_replies(replies);
  for (std::size_t i = 0; i < chunk->recipients().size() && i < states.size(); ++i) {
    const auto& recipient = chunk->recipients()[i];
    Tally& tally = states[i] == 'I' ? report.no_address
                                    : report.by_receiver[stage.receiver_of(recipient.domain())];
    count(tally, states[i]);
    const auto reply = last_replies.find(static_cast<std::uint32_t>(i));
    if (reply != last_replies.end() && reply->second.attempts > 1)
      tally.retries += reply->second.attempts - 1;
  }
  return {};
}

Result<std::string> http_get(std::uint16_t port, const std::string& path) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::string answer;
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n";
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
      ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char piece[8192];
    for (ssize_t got = 0; (got = ::recv(fd, piece, sizeof(piece), 0)) > 0;)
      answer.append(piece, static_cast<std::size_t>(got));
  }
  ::close(fd);
  if (!answer.starts_with("HTTP/1.1 200"))
    return fail(Scope::kProcess, "demo", path + " answers " + answer.substr(0, answer.find('\r')));
  return answer;
}

}  // namespace

Tally& Tally::operator+=(const Tally& other) {
  rows += other.rows;
  delivered += other.delivered;
  bounced += other.bounced;
  invalid += other.invalid;
  duplicate += other.duplicate;
  waiting += other.waiting;
  retries += other.retries;
  return *this;
}

Tally JobReport::sum() const {
  Tally sum = no_address;
  for (const Tally& tally : by_receiver) sum += tally;
  return sum;
}

Result<JobReport> read_report(Stage& stage, const std::string& job, std::int64_t chunks) {
  JobReport report;
  report.by_receiver.resize(stage.receivers().size());
  for (std::int64_t first = 0; first < chunks; first += kChunksPerFlight) {
    std::vector<redis::Command> commands;
    for (std::int64_t n = first; n < std::min(chunks, first + kChunksPerFlight); ++n) {
      const auto number = static_cast<std::uint64_t>(n);
      for (const std::string& key :
           {store::keys::chunk(job, number), store::keys::states(job, number),
            store::keys::replies(job, number)})
        commands.push_back(redis::Command("GET").arg(key));
    }
    auto replies = stage.session().pipeline(std::move(commands));
    if (!replies) return std::unexpected(replies.error());
    for (std::size_t at = 0; at + 2 < replies->size(); at += 3)
      if (auto read = read_chunk(stage, report, (*replies)[at].text(), (*replies)[at + 1].text(),
                                 (*replies)[at + 2].text());
          !read)
        return std::unexpected(read.error());
  }
  return report;
}

std::int64_t accepted_by(const Receiver& receiver) {
  return static_cast<std::int64_t>(receiver.server->statistics().recipients);
}

Tally counters_of(const store::JobView& job) {
  Tally tally;
  tally.rows = job.number("total");
  tally.delivered = job.number("delivered");
  tally.bounced = job.number("bounced");
  tally.invalid = job.number("invalid");
  tally.duplicate = job.number("duplicate");
  tally.waiting = tally.rows - tally.delivered - tally.bounced - tally.invalid - tally.duplicate;
  return tally;
}

Result<Charged> scrape_billing(std::uint16_t port, const std::string& tenant) {
  auto page = http_get(port, "/metrics/billing");
  if (!page) return std::unexpected(page.error());
  Charged charged;
  for (const std::string_view line : split(*page, '\n')) {
    if (!line.contains("tenant=\"" + tenant + "\"")) continue;
    const std::string_view text = trim_blanks(line.substr(line.rfind(' ') + 1));
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (line.starts_with("hongyan_billing_messages_total{")) charged.messages += value;
    if (line.starts_with("hongyan_billing_charged_micro_yuan_total{")) charged.micro_yuan += value;
  }
  return charged;
}

}  // namespace hongyan::cli::demo
