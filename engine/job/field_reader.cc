#include "engine/job/field_reader.h"

#include "base/text.h"
#include "engine/job/base64.h"
#include "engine/job/schema.h"

#include <algorithm>

namespace hongyan::job {

std::string shown(std::string_view text) {
  return "`" + escape_control(text.substr(0, 128)) + "`";
}

FieldReader::FieldReader(const Json& document, Faults faults)
    : document_(document), faults_(std::move(faults)) {
  for (const Fault& one : faults_) faulty_.insert(one.where);
}

void FieldReader::fault(const std::string& where, std::string what, std::string hint) {
  if (faulty_.insert(where).second) faults_.push_back({where, std::move(what), std::move(hint)});
}

const std::string* FieldReader::text(const Json& parent, const std::string& key,
                                     std::string_view path) const {
  const Json* member = parent.find(key);
  return member != nullptr && member->is(Json::Kind::kString) && !is_faulty(join_path(path, key))
             ? &member->text()
             : nullptr;
}

std::string FieldReader::text(const std::string& key) const {
  const std::string* value = text(document_, key);
  return value == nullptr ? std::string() : *value;
}

std::string FieldReader::header_text(const Json& parent, const std::string& key,
                                     std::string_view path) {
  const std::string* value = text(parent, key, path);
  if (value == nullptr) return {};
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
  };
  if (std::ranges::any_of(*value, is_control))
    fault(join_path(path, key), "has a line break or control character; it becomes a header");
  return *value;
}

std::vector<Attachment> FieldReader::attachments(const std::string& id) {
  std::vector<Attachment> found;
  const Json* list = document_.find("attachments");
  if (list == nullptr) return found;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->items().size(); ++i) {
    const Json& json = list->items()[i];
    const std::string path = "attachments[" + std::to_string(i) + "]";
    Attachment attachment;
    attachment.name = header_text(json, "name", path);
    if (!attachment.name.empty() && !names.insert(attachment.name).second)
      fault(path + ".name", "is the name of another attachment");
    const std::string* type = text(json, "content_type", path);
    attachment.content_type = type != nullptr ? *type : "application/octet-stream";
    attachment.content_id = header_text(json, "cid", path);
    if (const std::string* data = text(json, "data", path)) {
      if (auto decoded = decode_base64(*data))
        attachment.data = std::move(*decoded);
      else
        fault(path + ".data", "is no base64 (RFC 4648)");
    }
    if (const std::string* key = text(json, "key", path)) {
      attachment.key = *key;
      const std::string wanted = "hongyan:{" + id + "}:blob:" + attachment.name;
      if (!id.empty() && *key != wanted)
        fault(path + ".key", "is " + shown(*key), "it must be exactly " + wanted);
    }
    found.push_back(std::move(attachment));
  }
  return found;
}

}  // namespace hongyan::job
