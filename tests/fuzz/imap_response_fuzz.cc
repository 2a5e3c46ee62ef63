// A server of IMAP that says anything: what is held stays within the limits, the same responses
// come out however the bytes are torn, and names of folders survive the way there and back.
#include "mailbox/imap/folder_name.h"
#include "mailbox/imap/response.h"
#include "mailbox/imap/response_reader.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace hongyan::imap;  // NOLINT(google-build-using-namespace): one file, one subject

constexpr Limits kLimits{.line = 500, .literal = 300, .response = 1000, .depth = 5, .values = 100};

std::vector<std::string> cut(std::string_view bytes, std::size_t step) {
  ResponseReader reader(kLimits);
  std::vector<std::string> responses;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    std::string_view piece = bytes.substr(at, step);
    while (!piece.empty()) {
      const auto status = reader.read(piece);
      if (reader.response().size() > kLimits.response) std::abort();
      if (status == ResponseReader::Status::kNeedMore) continue;
      if (status != ResponseReader::Status::kResponse) return responses;
      responses.emplace_back(reader.response());
    }
  }
  return responses;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto responses = cut(bytes, 1U + data[0]);
  if (responses != cut(bytes, size)) std::abort();
  for (const std::string& one : responses) {
    const auto response = parse_response(one, kLimits);
    if (!response) continue;
    const auto* entry = std::get_if<ListEntry>(&*response);
    if (entry == nullptr || entry->name == entry->wire_name) continue;
    if (decode_folder_name(encode_folder_name(entry->name)) != entry->name) std::abort();
  }
  return 0;
}
