#include "store/warmup_store.h"

#include "base/text.h"
#include "store/keys.h"

#include <array>
#include <charconv>
#include <span>

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;
using Numbers = std::array<std::int64_t, 8>;

// day, cap, sent, answered, bad, refused, verdict, complaints
scheduler::WarmupDay day_of(const Numbers& n) {
  scheduler::WarmupDay day;
  day.day = static_cast<int>(n[0]);
  if (n[1] >= 0) day.cap = n[1];
  day.sent = n[2];
  day.signs = {n[3], n[4], n[5], n[7]};
  day.verdict = static_cast<scheduler::WarmupVerdict>(n[6] & 3);
  return day;
}

std::optional<WarmupStore::Record> record_of(std::string_view text) {
  const auto words = split(text, ' ');
  if (words.size() != 9 && words.size() != 10) return std::nullopt;  // complaints came later
  std::array<std::int64_t, 9> numbers{};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string_view word = words[i + 1];
    if (std::from_chars(word.data(), word.data() + word.size(), numbers[i]).ec != std::errc())
      return std::nullopt;
  }
  Numbers of_day{};
  std::copy(numbers.begin() + 1, numbers.end(), of_day.begin());
  return WarmupStore::Record{std::string(words[0]), numbers[0], day_of(of_day)};
}

}  // namespace

Task<Result<WarmupStore::Lease>> WarmupStore::lease(Ask ask) {
  Command command("FCALL");
  command.arg("h1_warmup").arg(1).arg(keys::warmup(ask.source));
  command.arg(ask.provider).arg(ask.start).arg(ask.date).arg(ask.day_ends_ms);
  command.arg(ask.wanted).arg(ask.returned);
  command.arg(ask.signs.answered).arg(ask.signs.bad).arg(ask.signs.refused);
  command.arg(static_cast<std::int64_t>(ask.verdict));
  for (const std::int64_t cap : ask.curve) command.arg(cap);
  command.arg("complaints=" + std::to_string(ask.signs.complaints));
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  Numbers numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = (*reply)[i + 1].integer();
  co_return Lease{(*reply)[0].integer(), day_of(numbers)};
}

Task<Result<std::map<std::string, WarmupStore::Record>>> WarmupStore::load(std::string source) {
  auto reply = co_await store_.call(std::move(Command("HGETALL").arg(keys::warmup(source))));
  if (!reply) co_return std::unexpected(reply.error());
  std::map<std::string, Record> records;
  const auto fields = reply->array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2)
    if (auto record = record_of(fields[i + 1].text()))
      records.emplace(fields[i].text(), std::move(*record));
  co_return records;
}

}  // namespace hongyan::store
