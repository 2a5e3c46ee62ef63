#include "cli/find_address.h"

#include "cli/forget_match.h"
#include "engine/core/chunk.h"
#include "engine/identity/recipient_ref.h"
#include "store/keys.h"

#include <algorithm>
#include <charconv>

namespace hongyan::cli {
namespace {

using redis::Command;

constexpr std::uint64_t kChunksATrip = 32;

std::int64_t take_number(std::string_view& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  const auto blank = text.find(' ');
  text.remove_prefix(blank == std::string_view::npos ? text.size() : blank + 1);
  return value;
}

Result<void> look_closer(Session& session, std::uint64_t chunk, FoundRecipient& found,
                         std::uint32_t index) {
  auto parts = session.pipeline(
      {Command("GET").arg(store::keys::states(found.job, chunk)),
       Command("GET").arg(store::keys::replies(found.job, chunk)),
       Command("HGET").arg(store::keys::waits(found.job, chunk)).arg(std::to_string(index)),
       ask_late_marks(found.job, chunk, index, index + 1)});
  if (!parts) return std::unexpected(parts.error());
  const std::string_view states = (*parts)[0].text();
  if (index < states.size()) found.state = states[index];
  found.replies = store::replies_of((*parts)[1].text(), index);
  for (const store::ReplyEntry& entry : found.replies)
    found.attempts = std::max(found.attempts, entry.attempts);
  found.late = late_marks_of((*parts)[3], 0);
  std::string_view wait = (*parts)[2].text();  // "due first attempts"
  if (wait.empty()) return {};
  found.due_ms = take_number(wait);
  found.first_attempt_ms = take_number(wait);
  found.attempts = std::max(found.attempts, static_cast<int>(take_number(wait)));
  return {};
}

Result<void> find_in_job(Session& session, const std::string& id, const ForgetMatch& wanted,
                         std::vector<FoundRecipient>& all) {
  auto view = session.load_job(id);
  if (!view) return std::unexpected(view.error());
  const auto chunks = static_cast<std::uint64_t>(view->number("chunks"));
  for (std::uint64_t first = 0; first < chunks; first += kChunksATrip) {
    const std::uint64_t last = std::min(first + kChunksATrip, chunks);
    std::vector<Command> commands;
    for (std::uint64_t n = first; n < last; ++n)
      commands.push_back(Command("GET").arg(store::keys::chunk(id, n)));
    auto data = session.pipeline(std::move(commands));
    if (!data) return std::unexpected(data.error());
    for (std::uint64_t n = first; n < last; ++n) {
      const std::string_view bytes = (*data)[n - first].text();
      if (bytes.empty()) continue;
      auto chunk = engine::Chunk::unpack(bytes);
      if (!chunk) return std::unexpected(chunk.error());
      const auto& recipients = chunk->recipients();
      for (std::uint32_t i = 0; i < recipients.size(); ++i) {
        if (!wanted.is(recipients[i].address)) continue;
        FoundRecipient found;
        found.job = id;
        found.ref = identity::recipient_ref(id, n, i);
        found.view = *view;
        found.row = recipients[i].row;
        found.address = recipients[i].address;
        found.refusal = recipients[i].refusal;
        if (auto done = look_closer(session, n, found, i); !done)
          return std::unexpected(done.error());
        all.push_back(std::move(found));
      }
    }
  }
  return {};
}

}  // namespace

Result<std::vector<FoundRecipient>> find_address(Session& session, const std::string& address,
                                                 const std::string& only) {
  std::vector<std::string> ids{only};
  if (only.empty()) {
    auto index = session.call(Command("ZRANGE").arg(store::keys::kIndex).arg(0).arg(-1).arg("REV"));
    if (!index) return std::unexpected(index.error());
    ids.clear();
    for (const auto& id : index->array()) ids.emplace_back(id.text());
  }
  const ForgetMatch wanted(address);
  std::vector<FoundRecipient> all;
  for (const std::string& id : ids)
    if (auto done = find_in_job(session, id, wanted, all); !done)
      return std::unexpected(done.error());
  return all;
}

}  // namespace hongyan::cli
