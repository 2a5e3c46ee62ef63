#include "cli/report_row.h"

#include "base/text.h"
#include "cli/output.h"
#include "store/keys.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

namespace hongyan::cli {
namespace {

using redis::Command;

constexpr std::uint64_t kChunksATrip = 32;

constexpr std::array<std::pair<char, std::string_view>, 14> kStates = {{
    {'q', "queued"},
    {'w', "queued"},
    {'c', "claimed"},
    {'f', "in_flight"},
    {'u', "in_doubt"},
    {'d', "deferred"},
    {'D', "delivered"},
    {'B', "bounced"},
    {'S', "suppressed"},
    {'I', "invalid"},
    {'U', "duplicate"},
    {'X', "expired"},
    {'C', "cancelled"},
    {'H', "held"},
}};

struct Parts {
  std::string_view data, states, replies;
  const redis::Reply* waits;
  const redis::Reply* late;                  // null: nothing came back
  std::string_view opens = {}, clicks = {};  // bitmaps
};

bool opened(std::string_view bits, std::size_t index) {
  return index / 8 < bits.size() &&
         (static_cast<unsigned char>(bits[index / 8]) >> (7 - index % 8) & 1) != 0;
}

int clicked(std::string_view bits, std::size_t index) {
  constexpr std::size_t kBytes = 8;  // 64 links
  int count = 0;
  for (std::size_t i = index * kBytes; i < std::min(bits.size(), (index + 1) * kBytes); ++i)
    count += std::popcount(static_cast<unsigned char>(bits[i]));
  return count;
}

bool put_chunk(std::uint64_t number, const Parts& parts, const engine::Chunk& chunk,
               std::string_view wanted, const std::function<bool(const RecipientRow&)>& take) {
  const auto replies = store::decode_replies(parts.replies);
  const auto& recipients = chunk.recipients();
  for (std::size_t i = 0; i < recipients.size() && i < parts.states.size(); ++i) {
    const char state = parts.states[i];
    if (!wanted.empty() && !wanted.contains(state)) continue;
    RecipientRow row;
    row.row = recipients[i].row;
    row.chunk = number;
    row.index = static_cast<std::uint32_t>(i);
    row.address = recipients[i].address;
    row.state = state;
    if (const auto at = replies.find(row.index); at != replies.end()) {
      row.reply = at->second.text;
      row.reply_at = at->second.at_seconds;
      row.attempts = at->second.attempts;
    }
    if (!recipients[i].refusal.empty()) row.reply = recipients[i].refusal;
    // "due first attempts": newer than the log for recipients whose last attempt left no reply.
    if (const redis::Reply* wait = parts.waits->find(std::to_string(i))) {
      const std::string_view text = wait->text();
      int attempts = 0;
      const auto blank = text.rfind(' ');
      if (blank != std::string_view::npos)
        std::from_chars(text.data() + blank + 1, text.data() + text.size(), attempts);
      row.attempts = std::max(row.attempts, attempts);
    }
    if (parts.late != nullptr) row.late = late_marks_of(*parts.late, row.index);
    row.opened = opened(parts.opens, i);
    row.clicks = clicked(parts.clicks, i);
    if (!take(row)) return false;
  }
  return true;
}

}  // namespace

std::string_view state_name(char state) {
  const auto at = std::ranges::find(kStates, state, &std::pair<char, std::string_view>::first);
  return at == kStates.end() ? "?" : at->second;
}

std::string state_bytes(std::string_view name) {
  std::string bytes;
  for (const auto& [byte, state] : kStates)
    if (state == name) bytes += byte;
  return bytes;
}

Result<void> each_recipient(Session& session, const std::string& id, std::uint64_t chunks,
                            std::string_view wanted,
                            const std::function<bool(const RecipientRow&)>& take, bool tracked) {
  const auto came_back = session.call(Command("HLEN").arg(store::keys::late(id)));
  if (!came_back) return std::unexpected(came_back.error());
  const std::size_t keys = tracked ? 5 : 3;
  for (std::uint64_t first = 0; first < chunks; first += kChunksATrip) {
    const std::uint64_t last = std::min(first + kChunksATrip, chunks);
    std::vector<Command> commands;
    for (std::uint64_t n = first; n < last; ++n)
      commands.push_back(Command("GET").arg(store::keys::states(id, n)));
    auto states = session.pipeline(std::move(commands));
    if (!states) return std::unexpected(states.error());

    commands.clear();
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t n = first; n < last; ++n) {
      const std::string_view bytes = (*states)[n - first].text();
      if (bytes.empty() ||
          (!wanted.empty() && bytes.find_first_of(wanted) == std::string_view::npos))
        continue;
      numbers.push_back(n);
      commands.push_back(Command("GET").arg(store::keys::chunk(id, n)));
      commands.push_back(Command("GET").arg(store::keys::replies(id, n)));
      commands.push_back(Command("HGETALL").arg(store::keys::waits(id, n)));
      if (!tracked) continue;
      commands.push_back(Command("GET").arg(store::keys::opens(id, n)));
      commands.push_back(Command("GET").arg(store::keys::clicks(id, n)));
    }
    if (numbers.empty()) continue;
    auto parts = session.pipeline(std::move(commands));
    if (!parts) return std::unexpected(parts.error());
    std::vector<redis::Reply> late;
    if (came_back->integer() > 0) {
      commands.clear();
      for (const std::uint64_t n : numbers)
        commands.push_back(ask_late_marks(id, n, 0, (*states)[n - first].text().size()));
      auto marks = session.pipeline(std::move(commands));
      if (!marks) return std::unexpected(marks.error());
      late = std::move(*marks);
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::string_view data = (*parts)[keys * i].text();
      if (data.empty()) continue;  // removed meanwhile
      auto chunk = engine::Chunk::unpack(data);
      if (!chunk) {
        chunk.error().detail = "chunk " + std::to_string(numbers[i]) + ": " + chunk.error().detail;
        return std::unexpected(chunk.error());
      }
      Parts one{data, (*states)[numbers[i] - first].text(), (*parts)[keys * i + 1].text(),
                &(*parts)[keys * i + 2], late.empty() ? nullptr : &late[i]};
      if (tracked) {
        one.opens = (*parts)[keys * i + 3].text();
        one.clicks = (*parts)[keys * i + 4].text();
      }
      if (!put_chunk(numbers[i], one, *chunk, wanted, take)) return {};
    }
  }
  return {};
}

namespace {

std::string pmta_time(std::int64_t seconds) {
  std::string text = when(seconds * 1000);
  if (text.ends_with('Z')) text.replace(text.size() - 1, 1, "+0000");
  return text;
}

// "5.1.1" of "550 5.1.1 no such user"; else the class from the code, else ours.
std::string dsn_status(const RecipientRow& row) {
  const std::string_view reply = row.reply;
  const bool coded = reply.size() >= 3 && std::ranges::all_of(reply.substr(0, 3), [](char c) {
                       return c >= '0' && c <= '9';
                     });
  if (coded && reply.size() > 4) {
    const auto word = reply.substr(4, reply.find(' ', 4) - 4);
    if (word.size() >= 5 && word[1] == '.' &&
        word.find_first_not_of("0123456789.") == std::string_view::npos)
      return std::string(word);
  }
  if (row.state == 'X') return "4.4.7";
  if (coded) return std::string(1, reply[0]) + ".0.0";
  return row.state == 'D' ? "2.0.0" : row.state == 'B' ? "5.0.0" : "4.0.0";
}

}  // namespace

std::string pmta_line(const RecipientRow& row, const PmtaJob& job) {
  const char* type = nullptr;
  const char* action = nullptr;
  if (row.state == 'D') {
    type = "d";
    action = "relayed";
  } else if (row.state == 'B' || row.state == 'X') {
    type = "b";
    action = "failed";
  } else if (row.attempts > 0) {
    type = "t";
    action = "delayed";
  } else {
    return {};
  }
  const auto line = [&](std::string_view kind, std::int64_t at, std::string_view what,
                        const std::string& status, const std::string& words) {
    std::string text(kind);
    for (const std::string& cell :
         {pmta_time(at), pmta_time(job.created_ms / 1000), job.orig, std::string(row.address),
          std::string(what), status, words, std::string("smtp"), job.channel, job.id,
          std::string(row.address.substr(row.address.rfind('@') + 1)) + "/" + job.channel})
      text += "," + csv_cell(escape_control(cell));
    return text;
  };
  std::string lines = line(type, row.reply_at, action, dsn_status(row),
                           row.reply.empty() ? std::string() : "smtp;" + row.reply);
  for (const LateMark& mark : row.late)
    if (mark.kind == "bounce")
      lines += "\n" + line("rb", mark.at_ms / 1000, "failed",
                           mark.status.empty() ? "5.0.0" : mark.status, {});
  return lines;
}

}  // namespace hongyan::cli
