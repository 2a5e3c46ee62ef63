#include "cli/submit_list.h"

#include "engine/job/job.h"
#include "engine/list/block.h"

namespace hongyan::cli {
namespace {

constexpr std::size_t kRead = 256 * 1024;
constexpr std::size_t kMostRefusals = 5;

}  // namespace

ListSource::ListSource(std::istream& in, const list::ListOptions& options)
    : in_(in), reader_(options), buffer_(kRead, '\0') {}

bool ListSource::next() {
  for (;;) {
    if (reader_.next(row_)) return true;
    if (over_ || reader_.fault()) return false;
    in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    reader_.feed(std::string_view(buffer_).substr(0, static_cast<std::size_t>(in_.gcount())));
    if (!in_) {
      over_ = true;
      reader_.finish();
    }
  }
}

Result<void> ListSource::trouble() const {
  if (in_.bad()) return fail(Scope::kJob, "list", "the list cannot be read");
  if (!reader_.fault()) return {};
  const Fault& fault = *reader_.fault();
  return fail(Scope::kJob, "list", fault.where == "row 0" ? fault.what : fault.sentence());
}

Result<void> ListSource::begin() {
  has_row_ = next();
  if (auto fine = trouble(); !fine) return fine;
  if (!has_row_) return fail(Scope::kJob, "list", "the list has no recipients");
  return {};
}

Result<ListCounts> ListSource::read(const std::function<Result<void>(const list::Row&)>& each) {
  ListCounts counts;
  while (has_row_ || next()) {
    has_row_ = false;
    ++counts.rows;
    if (row_.refused() && ++counts.refused <= kMostRefusals)
      counts.first_refusals.push_back("row " + std::to_string(row_.number) + ": " + row_.to + ": " +
                                      row_.address.error().detail);
    if (auto taken = each(row_); !taken) return std::unexpected(taken.error());
  }
  if (auto fine = trouble(); !fine) return std::unexpected(fine.error());
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
