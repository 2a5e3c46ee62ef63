#include "mailbox/office/sent_copy.h"

#include "mailbox/imap/folders.h"

#include <algorithm>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using async::Task;

// A provider that keeps copies does so within this.
constexpr auto kPatience = 5s;
constexpr std::uint32_t kLookedAt = 20;  // of the newest messages

// Whether it lies among the newest messages of the folder.
Task<imap::Outcome<bool>> is_there(imap::Client& client, std::string folder, std::string id) {
  const auto opened = co_await client.examine(std::move(folder));
  if (!opened) co_return std::unexpected(opened.error());
  const std::uint32_t next = opened->uid_next;
  const auto uids = co_await client.uids_from(next > kLookedAt ? next - kLookedAt : 1);
  if (!uids) co_return std::unexpected(uids.error());
  if (uids->empty()) co_return false;
  const auto heads = co_await client.fetch(*uids);
  if (!heads) co_return std::unexpected(heads.error());
  co_return std::ranges::any_of(
      *heads, [&](const imap::MessageHead& head) { return head.message_id == id; });
}

}  // namespace

Task<LoginResult<std::string_view>> keep_copy(LoginDesk& logins, SentCopy copy) {
  const Account& account = copy.account;
  if (copy.provider_does == SavesSent::kYes) co_return "there";
  if (!account.servers.imap) co_return "no-folder";
  if (copy.provider_does == SavesSent::kUnsure) co_await async::sleep_for(kPatience);
  const Server server = *account.servers.imap;
  auto client = co_await logins.open_imap(account, copy.always_identify);
  if (!client) co_return std::unexpected(client.error());
  const auto failed = [&](const imap::Failure& failure) {
    return std::unexpected(LoginDesk::failure_in(server, failure));
  };
  const auto folders = co_await (*client)->folders();
  if (!folders) co_return failed(folders.error());
  const imap::ListEntry* sent = imap::find_sent(*folders);
  if (sent == nullptr) {
    co_await (*client)->logout();
    co_return "no-folder";
  }
  if (copy.provider_does == SavesSent::kUnsure) {
    const auto there = co_await is_there(**client, sent->wire_name, copy.message_id);
    if (!there) co_return failed(there.error());
    if (*there) {
      co_await (*client)->logout();
      co_return "there";
    }
  }
  const auto appended =
      co_await (*client)->append(sent->wire_name, std::move(copy.message), SystemClock().wall());
  co_await (*client)->logout();
  if (!appended) co_return failed(appended.error());
  co_return "appended";
}

}  // namespace hongyan::mailbox
