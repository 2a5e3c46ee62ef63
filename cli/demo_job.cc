#include "cli/demo_job.h"

#include "embedded/demo.h"
#include "engine/job/campaign.h"
#include "engine/job/job.h"
#include "engine/list/block.h"
#include "engine/list/list_reader.h"
#include "store/keys.h"

#include <algorithm>

namespace hongyan::cli::demo {
namespace {

constexpr std::size_t kNamesShown = 4;

Result<std::string> embedded_file(const std::string& path) {
  for (const embedded::File& file : embedded::demo_files())
    if (file.path == path) return std::string(file.text);
  return fail(Scope::kProcess, "demo", path + " is not in the program");
}

Result<std::string> document(const Script& script) {
  const std::string file = "examples/" + std::string(script.campaign);
  auto text = embedded_file(file);
  if (!text) return text;
  auto campaign = job::parse_campaign(
      *text, file, [](const std::string& path) { return embedded_file("examples/" + path); });
  if (!campaign) return fail(Scope::kJob, "demo", campaign.error().front().sentence());
  campaign->document.set("id", Json::string(script.id));
  campaign->document.set("recipients",
                         Json::object({{"key", Json::string(job::recipients_key(script.id))}}));
  return campaign->json();
}

// Another person with the same script: what stands behind a + is a receiver's business.
void rename(list::Row& row, std::uint64_t round) {
  if (round == 0 || row.refused()) return;
  row.address->local += "+again" + std::to_string(round);
  row.to = row.address->normalised();
}

// Feeds the first script.rows rows to `use`, from the top again when the list is too short.
template <class Use>
Result<void> read_rows(std::string_view csv, std::uint64_t wanted, Use use) {
  std::uint64_t taken = 0;
  for (std::uint64_t round = 0; taken < wanted; ++round) {
    list::ListReader reader;
    reader.feed(csv);
    reader.finish();
    list::Row row;
    const std::uint64_t before = taken;
    while (taken < wanted && reader.next(row)) {
      rename(row, round);
      row.number = ++taken;
      if (auto used = use(row); !used) return used;
    }
    if (reader.fault()) return fail(Scope::kJob, "demo", reader.fault()->sentence());
    if (taken == before) return fail(Scope::kJob, "demo", "the list is empty");
  }
  return {};
}

}  // namespace

Result<Submitted> submit(Session& session, const Script& script) {
  const auto begun = std::chrono::steady_clock::now();
  const auto job = document(script);
  const auto csv = embedded_file("examples/" + std::string(script.list));
  if (!job || !csv) return std::unexpected(job ? csv.error() : job.error());

  Submitted submitted;
  list::BlockWriter blocks;
  const std::string key = job::recipients_key(script.id);
  const auto push = [&](const std::string& item) -> Result<void> {
    auto pushed = session.call(redis::Command("RPUSH").arg(key).arg(item));
    if (!pushed) return std::unexpected(pushed.error());
    return {};
  };
  auto read = read_rows(*csv, script.rows, [&](const list::Row& row) -> Result<void> {
    const auto name =
        std::ranges::find(row.vars, "name", &std::pair<std::string, std::string>::first);
    if (submitted.names.size() < kNamesShown && name != row.vars.end())
      submitted.names.push_back(name->second);
    if (const auto full = blocks.add(row)) return push(*full);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (const auto last = blocks.flush())
    if (auto pushed = push(*last); !pushed) return std::unexpected(pushed.error());
  if (auto pushed = push(blocks.end_item()); !pushed) return std::unexpected(pushed.error());
  auto added =
      session.call(redis::Command("XADD").arg(store::keys::kJobs).arg("*").arg("job").arg(*job));
  if (!added) return std::unexpected(added.error());

  submitted.rows = blocks.count();
  submitted.blocks = blocks.blocks();
  submitted.took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - begun);
  return submitted;
}

}  // namespace hongyan::cli::demo
