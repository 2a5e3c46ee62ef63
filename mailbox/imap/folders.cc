#include "mailbox/imap/folders.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace hongyan::imap {
namespace {

// As web mails and mail programs name it; the more usual first.
constexpr std::array<std::string_view, 8> kSentNames = {
    "Sent",   "Sent Messages", "Sent Items",   "Sent Mail",
    "已发送", "已发送邮件",    "已发送的邮件", "寄件備份"};

std::string_view last_part(const ListEntry& entry) {
  const std::string_view name = entry.name;
  if (entry.delimiter.empty()) return name;
  const std::size_t at = name.rfind(entry.delimiter);
  return at == std::string_view::npos ? name : name.substr(at + entry.delimiter.size());
}

bool is_usable(const ListEntry& entry) {
  return !entry.has("\\Noselect") && !entry.has("\\NonExistent");
}

}  // namespace

const ListEntry* find_sent(const std::vector<ListEntry>& folders) {
  const auto marked = std::ranges::find_if(
      folders, [](const ListEntry& one) { return one.has("\\Sent") && is_usable(one); });
  if (marked != folders.end()) return &*marked;
  for (const std::string_view name : kSentNames)
    for (const ListEntry& one : folders)
      if (is_usable(one) && ascii_iequals(last_part(one), name)) return &one;
  return nullptr;
}

}  // namespace hongyan::imap
