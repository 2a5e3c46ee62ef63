#include "cli/warmups.h"

#include "base/time_text.h"
#include "cli/output.h"
#include "cli/published.h"
#include "store/warmup_store.h"

#include <fmt/format.h>

namespace hongyan::cli {
namespace {

std::string date_of(const store::WarmupStore::Record& record) {
  const auto start = parse_date(record.start);
  if (!start) return {};
  const std::chrono::year_month_day on{*start + std::chrono::days(record.date - 1)};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(on.year()),
                     static_cast<unsigned>(on.month()), static_cast<unsigned>(on.day()));
}

}  // namespace

Result<std::vector<WarmupRow>> load_warmups(Session& session) {
  std::vector<WarmupRow> rows;
  auto fleet = published_fleet(session);
  if (!fleet) return std::unexpected(fleet.error());
  if (!*fleet) return rows;
  store::WarmupStore store(session.jobs());
  for (const auto& [name, source] : (*fleet)->sources) {
    if (source.warmup_start.empty()) continue;
    auto records = session.run(store.load(name));
    if (!records && is_denied(records.error())) return std::vector<WarmupRow>{};
    if (!records) return std::unexpected(records.error());
    const std::size_t before = rows.size();
    for (const auto& [provider, record] : *records)
      if (record.start == source.warmup_start)
        rows.push_back({name, provider, record.start, date_of(record), record.day});
    if (rows.size() == before) rows.push_back({name, "", source.warmup_start, "", {}});
  }
  return rows;
}

}  // namespace hongyan::cli
