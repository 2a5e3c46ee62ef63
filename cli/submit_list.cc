#include "cli/submit_list.h"

#include "engine/job/job.h"
#include "engine/list/block.h"

namespace hongyan::cli {
namespace {

constexpr std::size_t kRead = 256 * 1024;
constexpr std::size_t kMostRefusals = 5;

}  // namespace

Result<ListCounts> read_list(std::istream& in, const list::ListOptions& options,
                             const std::function<Result<void>(const list::Row&)>& each) {
  list::ListReader reader(options);
  ListCounts counts;
  list::Row row;
  std::string buffer(kRead, '\0');
  const auto drain = [&]() -> Result<void> {
    while (reader.next(row)) {
      ++counts.rows;
      if (row.refused() && ++counts.refused <= kMostRefusals)
        counts.first_refusals.push_back("row " + std::to_string(row.number) + ": " + row.to + ": " +
                                        row.address.error().detail);
      if (auto taken = each(row); !taken) return taken;
    }
    return {};
  };
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    reader.feed(std::string_view(buffer).substr(0, static_cast<std::size_t>(in.gcount())));
    if (auto drained = drain(); !drained) return std::unexpected(drained.error());
  }
  if (in.bad()) return fail(Scope::kJob, "list", "the list cannot be read to its end");
  reader.finish();
  if (auto drained = drain(); !drained) return std::unexpected(drained.error());
  if (reader.fault()) return fail(Scope::kJob, "list", reader.fault()->sentence());
  return counts;
}

struct BlockPusher::Impl {
  Session& session;
  std::string id;
  std::string key;
  list::BlockWriter writer{};

  Result<void> push(const std::string& item) {
    auto pushed = session.call(redis::Command("RPUSH").arg(key).arg(item));
    if (!pushed) return std::unexpected(pushed.error());
    return {};
  }
};

BlockPusher::BlockPusher(Session& session, std::string id)
    : impl_(new Impl{session, id, job::recipients_key(id)}) {}
BlockPusher::~BlockPusher() = default;

Result<void> BlockPusher::add(const list::Row& row) {
  if (const auto block = impl_->writer.add(row)) return impl_->push(*block);
  return {};
}

Result<void> BlockPusher::finish() {
  if (const auto block = impl_->writer.flush())
    if (auto pushed = impl_->push(*block); !pushed) return pushed;
  if (auto pushed = impl_->push(impl_->writer.end_item()); !pushed) return pushed;
  // A list without a job goes after 7 days; intake makes it stay.
  auto known = impl_->session.load_job(impl_->id);
  if (!known) return std::unexpected(known.error());
  if (known->exists()) return {};
  auto expiring = impl_->session.call(redis::Command("EXPIRE").arg(impl_->key).arg(7 * 24 * 3600));
  if (!expiring) return std::unexpected(expiring.error());
  return {};
}

}  // namespace hongyan::cli
